// htmx: our token with every request, a toast where the server does not answer.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = window.yidang.csrf();
  if (event.detail.elt.closest("[data-errors-in-place]")) event.detail.headers["X-Errors-In-Place"] = "1";
});
document.addEventListener("htmx:sendError", () => window.yidang.toast(window.yidang.text("offline"), "bad"));
document.addEventListener("toast", (event) => {
  if (event.detail && event.detail.text) window.yidang.toast(event.detail.text, event.detail.kind);
});
