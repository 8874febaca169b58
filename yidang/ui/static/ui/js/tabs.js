// [role=tablist] with [role=tab][aria-controls]: arrows move, the panel follows; data-remember keeps the choice for this page's kind.
(() => {
  const choose = (tab, focus) => {
    const list = tab.closest("[role=tablist]");
    list.querySelectorAll("[role=tab]").forEach((other) => {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls"));
      if (panel) panel.hidden = !on;
    });
    if (focus) tab.focus();
    if (list.dataset.remember) sessionStorage.setItem("tab:" + list.dataset.remember, tab.id);
    tab.dispatchEvent(new CustomEvent("ui:tab", { bubbles: true }));
  };
  const start = (root) => root.querySelectorAll("[role=tablist]").forEach((list) => {
    const kept = list.dataset.remember && document.getElementById(sessionStorage.getItem("tab:" + list.dataset.remember) || "");
    const tab = (kept && list.contains(kept) && kept) || list.querySelector("[role=tab][aria-selected=true]") || list.querySelector("[role=tab]");
    if (tab) choose(tab, false);
  });
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab && tab.getAttribute("aria-controls")) { event.preventDefault(); choose(tab, false); }
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest && event.target.closest("[role=tab]");
    if (!tab) return;
    const tabs = [...tab.closest("[role=tablist]").querySelectorAll("[role=tab]")];
    const at = tabs.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(tabs[(to + tabs.length) % tabs.length], true);
  });
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
  start(document);
})();
