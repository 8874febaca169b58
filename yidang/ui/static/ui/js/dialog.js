// data-open="id" opens a dialog or drawer, data-close closes it; a fragment of htmx that holds one opens it at once (data-open-now).
(() => {
  const show = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) { show(document.getElementById(opener.dataset.open)); return; }
    const closer = event.target.closest("[data-close]");
    if (closer) { closer.closest("dialog").close(); return; }
    if (event.target.matches("dialog[open]") && event.target.dataset.guarded === undefined) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
  });
  const openNew = (root) => root.querySelectorAll("dialog[data-open-now]").forEach(show);
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.matches("dialog[data-open-now]")) show(event.detail.elt);
    openNew(event.detail.elt);
  });
  document.addEventListener("ui:close", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));
  openNew(document);
})();
