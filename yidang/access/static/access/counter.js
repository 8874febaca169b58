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
  // A call from the house becomes a request; at the counter there is no caller.
  const account = form.querySelector("[data-account]");
  const kinds = form.querySelectorAll("[name=kind]");
  const calls = () => { if (account) account.hidden = form.querySelector("[name=kind]:checked")?.value === "counter"; };
  kinds.forEach((kind) => kind.addEventListener("change", calls));
  calls();
  // A reason is asked only where paper leaves, a signed request only where it leaves the room.
  const paper = form.querySelector("[data-paper]");
  const borrowed = form.querySelector("[data-borrowed]");
  if (!paper || !borrowed) return;
  const show = () => {
    form.querySelector("[data-paper-reason]").hidden = !paper.checked && !borrowed.checked;
    form.querySelector("[data-under]").hidden = !borrowed.checked;
  };
  [paper, borrowed].forEach((box) => box.addEventListener("change", show));
  show();
})();
