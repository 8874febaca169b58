// data-toggle-class="open" data-target="#facets": shows what a phone hides; data-autosubmit sends a form when a choice changes.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle-class]");
  if (!button) return;
  const target = document.querySelector(button.dataset.target);
  const on = target.classList.toggle(button.dataset.toggleClass);
  button.setAttribute("aria-expanded", String(on));
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
});
