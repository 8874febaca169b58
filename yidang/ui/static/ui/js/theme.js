// data-theme-switch: light or dark, remembered in a cookie so that the server writes it into the next page.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const root = document.documentElement;
  const theme = root.dataset.theme === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  delete root.dataset.themeFollows;
  document.cookie = `yidang_theme=${theme};path=/;max-age=31536000;samesite=lax`;
  document.dispatchEvent(new CustomEvent("ui:theme", { detail: theme }));
});
