// [data-list-keys]: arrows (and J, K) move over rows or [data-row] entries, Enter opens data-href, X or Space selects.
(() => {
  const rows = (list) => [...list.querySelectorAll(":scope tbody > tr, :scope [data-row]")];
  const single = () => localStorage.getItem("yidang.singleKeys") !== "off";
  const make = (list, row) => {
    rows(list).forEach((other) => {
      const now = other === row;
      other.tabIndex = now ? 0 : -1;
      if (other.matches("[data-row]")) other.toggleAttribute("aria-current", now);
      if (now && other.matches("[data-row]")) other.setAttribute("aria-current", "true");
      other.classList.toggle("cur", now);
    });
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    row.dispatchEvent(new CustomEvent("ui:row", { bubbles: true }));
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || window.yidang.typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    // A part that scrolls by itself keeps its arrows; only from the page at large do they go to the first list.
    const atLarge = event.target === document.body || event.target.id === "main";
    const list = atLarge ? document.querySelector("main [data-list-keys]") : event.target.closest && event.target.closest("[data-list-keys]");
    if (!list) return;
    const all = rows(list);
    if (all.length === 0) return;
    const row = (event.target.closest && event.target.closest("tr, [data-row]")) || list.querySelector(".cur");
    const at = all.indexOf(row);
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (step && (event.key.length > 1 || single())) {
      if (event.target.closest && event.target.closest("[role=tablist], .thumbs, details[open], .seg")) return;
      event.preventDefault();
      make(list, all[Math.min(Math.max(at + step, 0), all.length - 1)]);
    } else if (event.key === "Enter" && at >= 0 && event.target === row) {
      const link = row.dataset.href ? null : row.querySelector("a[href]");
      if (row.dataset.href) window.location.assign(row.dataset.href);
      else if (link) link.click();
    } else if (event.key.toLowerCase() === "x" && at >= 0 && single()) {
      const box = row.querySelector("input[type=checkbox]");
      if (box && !box.disabled) { event.preventDefault(); box.click(); }
    }
  });
  document.addEventListener("dblclick", (event) => {
    const row = event.target.closest("[data-list-keys] tr[data-href]");
    if (row && !event.target.closest("a, button, input, label")) window.location.assign(row.dataset.href);
  });
  const start = (root) => root.querySelectorAll("[data-list-keys]").forEach((list) => {
    const all = rows(list);
    all.forEach((row, at) => { row.tabIndex = at === 0 ? 0 : -1; });
  });
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
  start(document);
})();
