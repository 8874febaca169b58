// The pane shows the page of the chosen hit, Space goes through its hits; the box suggests while one types.
(() => {
  const single = () => localStorage.getItem("yidang.singleKeys") !== "off";
  const pane = () => document.getElementById("peek");
  const shownPane = () => pane() && getComputedStyle(pane()).display !== "none";

  // --- the pane
  let waiting = 0;
  document.addEventListener("ui:row", (event) => {
    const address = event.target.dataset.preview;
    if (!address || !shownPane()) return;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => window.htmx.ajax("GET", address, { target: "#peek", swap: "innerHTML" }), 180);
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest(".hit[data-preview]");
    if (!row || event.target.closest("a, button, input, label") || !shownPane()) return;
    document.querySelectorAll(".hit[aria-current]").forEach((other) => { other.removeAttribute("aria-current"); other.classList.remove("cur"); other.tabIndex = -1; });
    row.setAttribute("aria-current", "true");
    row.classList.add("cur");
    row.tabIndex = 0;
    row.focus({ preventScroll: true });
    row.dispatchEvent(new CustomEvent("ui:row", { bubbles: true }));
  });
  const nextSpot = () => {
    const spots = [...document.querySelectorAll("#peek [data-spot]")];
    if (spots.length < 2) return;
    const at = spots.findIndex((spot) => !spot.hidden);
    const next = (at + 1) % spots.length;
    spots[at].hidden = true;
    spots[next].hidden = false;
    const image = spots[next].querySelector("img[data-src]");
    if (image) { image.src = image.dataset.src; image.removeAttribute("data-src"); }
    const count = document.querySelector("[data-peek-now]");
    if (count) count.textContent = String(next + 1);
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (window.yidang.typing(event.target) || document.querySelector("dialog[open]")) return;
    const row = event.target.closest && event.target.closest(".hit");
    if (event.key === " " && row) { event.preventDefault(); nextSpot(); return; }
    if (event.key === "Escape" && event.target.closest && event.target.closest("#peek, #facets")) {
      const current = document.querySelector(".hit.cur") || document.querySelector(".hit");
      if (current) current.focus();
      return;
    }
    if (event.key.toLowerCase() === "f" && single()) {
      const facets = document.getElementById("facets");
      if (!facets) return;
      event.preventDefault();
      facets.classList.add("open");
      (facets.querySelector("a") || facets).focus();
    }
  });

  // --- suggestions under the box
  const box = document.querySelector("[data-find]");
  const source = document.querySelector("[data-suggest]");
  if (!box || !source) return;
  const form = box.form;
  let timer = 0;
  let asked = "";
  const list = () => form.querySelector(".suggest");
  const options = () => [...form.querySelectorAll(".suggest [role=option]")];
  const close = () => { if (list()) list().remove(); box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); };
  const choose = (at) => {
    options().forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    if (options()[at]) box.setAttribute("aria-activedescendant", options()[at].id); else box.removeAttribute("aria-activedescendant");
  };
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", "suggest");
  box.setAttribute("aria-expanded", "false");
  const look = async () => {
    const text = box.value.trim();
    asked = text;
    if (!text) { close(); return; }
    const answer = await fetch(`${source.dataset.suggest}?q=${encodeURIComponent(text)}`, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || asked !== text || document.activeElement !== box) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".suggest");
    close();
    if (part) { form.append(part); box.setAttribute("aria-expanded", "true"); }
  };
  box.addEventListener("input", (event) => {
    window.clearTimeout(timer);
    if (!event.isComposing) timer = window.setTimeout(look, 160);
  });
  box.addEventListener("compositionend", () => { window.clearTimeout(timer); timer = window.setTimeout(look, 160); });
  box.addEventListener("blur", () => window.setTimeout(close, 200));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || !list()) return;
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") { event.preventDefault(); choose((at + 1) % all.length); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose((at - 1 + all.length) % all.length); }
    else if (event.key === "Enter" && at >= 0) { event.preventDefault(); all[at].querySelector("a").click(); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
  });
})();
