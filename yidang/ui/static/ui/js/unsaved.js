// form[data-guard]: what was changed and not sent is not lost by leaving. The form is clean again when sent, or after «ui:saved».
(() => {
  const dirty = new Set();
  const guarded = (element) => element.closest && element.closest("form[data-guard]");
  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => { const form = guarded(event.target); if (form) dirty.add(form); });
  }
  for (const type of ["submit", "reset", "ui:saved"]) {
    document.addEventListener(type, (event) => { const form = guarded(event.target); if (form) dirty.delete(form); });
  }
  // htmx keeps the page: after a refusal the form is still unsaved.
  document.addEventListener("htmx:responseError", (event) => { const form = guarded(event.target); if (form) dirty.add(form); });
  window.addEventListener("beforeunload", (event) => {
    dirty.forEach((form) => { if (!document.contains(form)) dirty.delete(form); });
    if (dirty.size > 0) { event.preventDefault(); event.returnValue = window.yidang.text("unsaved"); }
  });
  document.addEventListener("click", (event) => {
    const switcher = event.target.closest("form[data-unguarded] button");
    if (switcher && dirty.size === 0) return;
    if (switcher && !window.confirm(window.yidang.text("unsaved"))) event.preventDefault();
    else if (switcher) dirty.clear();
  });
})();
