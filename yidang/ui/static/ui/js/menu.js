// details[data-menu]: closes on Escape, on a click elsewhere, and when another opens.
(() => {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    open().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
      return;
    }
    const menu = event.target.closest && event.target.closest("details[data-menu][open]");
    if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const entries = [...menu.querySelectorAll(".drop a, .drop button, .drop input:not([type=hidden])")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = entries.indexOf(document.activeElement);
    entries[(at + step + entries.length) % entries.length].focus();
    event.preventDefault();
    event.stopPropagation();
  });
})();
