// table[data-select]: check boxes, Shift for a range, «select all», and the bar [data-chosen] with the count in the same form or panel.
(() => {
  const boxes = (table) => [...table.querySelectorAll("tbody input[type=checkbox][name]")].filter((box) => !box.disabled);
  const refresh = (table) => {
    const all = boxes(table);
    const chosen = all.filter((box) => box.checked);
    all.forEach((box) => box.closest("tr").classList.toggle("chosen", box.checked));
    const head = table.querySelector("[data-select-all]");
    if (head) { head.checked = all.length > 0 && chosen.length === all.length; head.indeterminate = chosen.length > 0 && chosen.length < all.length; }
    const bar = (table.closest("form, .panel") || document).querySelector("[data-chosen]");
    if (bar) { bar.hidden = chosen.length === 0; bar.querySelector("[data-chosen-count]").textContent = chosen.length; }
    table.dispatchEvent(new CustomEvent("ui:selection", { bubbles: true, detail: chosen.map((box) => box.value) }));
  };
  let last = null;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-select-none]")) {
      const table = (event.target.closest("form, .panel") || document).querySelector("table[data-select]");
      if (table) { boxes(table).forEach((box) => { box.checked = false; }); refresh(table); }
      return;
    }
    const box = event.target.closest("table[data-select] tbody input[type=checkbox]");
    if (!box) return;
    const table = box.closest("table");
    const all = boxes(table);
    if (event.shiftKey && last && table.contains(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = box;
  });
  document.addEventListener("change", (event) => {
    const table = event.target.closest("table[data-select]");
    if (!table) return;
    if (event.target.matches("[data-select-all]")) boxes(table).forEach((box) => { box.checked = event.target.checked; });
    refresh(table);
  });
  const start = (root) => root.querySelectorAll("table[data-select]").forEach(refresh);
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
  start(document);
})();
