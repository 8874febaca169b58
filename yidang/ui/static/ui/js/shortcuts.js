// «/» into the search box, «?» all keys, Ctrl+S saves form[data-save], data-key="A" or "Ctrl+Enter" presses that button.
// Single keys are off while a field has the focus, and for those who switched them off.
(() => {
  const KEEP = "yidang.singleKeys";
  const single = () => localStorage.getItem(KEEP) !== "off";
  const box = document.querySelector("[data-single-keys]");
  if (box) {
    box.checked = single();
    box.addEventListener("change", () => localStorage.setItem(KEEP, box.checked ? "on" : "off"));
  }
  const visible = (element) => element.getClientRects().length > 0 && !element.disabled;
  const named = (event) => (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const press = (name) => {
    const scope = document.querySelector("dialog[open]") || document;
    const button = [...scope.querySelectorAll("[data-key]")].find((element) => element.dataset.key === name && visible(element));
    if (button) button.click();
    return Boolean(button);
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const modified = event.ctrlKey || event.metaKey;
    if (modified && event.key.toLowerCase() === "s") {
      const form = (event.target.form && event.target.form.matches("[data-save]") && event.target.form) || document.querySelector("form[data-save]");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("[data-save-button]") || undefined); return; }
    }
    const find = document.querySelector("[data-find]");
    if (event.key === "Escape" && find && event.target === find) {
      if (find.value) find.value = ""; else find.blur();
      return;
    }
    if (!modified && (window.yidang.typing(event.target) || !single())) return;
    if (!modified && event.key === "/" && find && !document.querySelector("dialog[open]")) { event.preventDefault(); find.focus(); find.select(); return; }
    if (!modified && event.key === "?") {
      const dialog = document.getElementById("keys-dialog");
      if (dialog && !dialog.open) { event.preventDefault(); dialog.showModal(); }
      return;
    }
    if (press(named(event))) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-back]")) window.history.back();
    if (event.target.closest("[data-print]")) window.print();
  });
})();
