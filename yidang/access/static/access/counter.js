// The counter: a card reader types the number and Enter, so Enter goes on to the next field; from the last one it registers.
(() => {
  const form = document.querySelector("[data-counter]");
  if (!form) return;
  const fields = () => [...form.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select")].filter((field) => field.offsetParent);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    const all = fields();
    const at = all.indexOf(event.target);
    if (at < 0) return;
    if (event.ctrlKey || at === all.length - 1) { event.preventDefault(); form.requestSubmit(); return; }
    event.preventDefault();
    all[at + 1].focus();
    all[at + 1].select?.();
  });
  // A reason is asked only where paper leaves.
  const paper = form.querySelector("[data-paper]");
  const reason = form.querySelector("[data-paper-reason]");
  if (!paper) return;
  const show = () => { reason.hidden = !paper.checked; };
  paper.addEventListener("change", show);
  show();
})();
