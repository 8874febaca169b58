// The record's page: zoom, turn, and stepping through the hits of a word inside the record.
(() => {
  const bar = document.querySelector("[data-viewer]");
  if (!bar) return;
  const area = document.querySelector(".vpage");
  const image = area.querySelector("img.sheet");
  const ZOOMS = ["fit", "50", "75", "100", "150", "200", "300"];
  const label = bar.querySelector("[data-zoom-label]");
  const fitWord = label.textContent;

  const zoom = (step) => {
    const at = Math.min(Math.max(ZOOMS.indexOf(area.dataset.zoom) + step, 0), ZOOMS.length - 1);
    area.dataset.zoom = ZOOMS[at];
    label.textContent = ZOOMS[at] === "fit" ? fitWord : ZOOMS[at] + "%";
    // A closer look asks the server for the sharper raster once.
    if (Number(ZOOMS[at]) >= 200 && !image.src.includes("width=2000")) image.src = image.src.replace("width=1240", "width=2000");
  };
  bar.querySelectorAll("[data-zoom-step]").forEach((button) => button.addEventListener("click", () => zoom(Number(button.dataset.zoomStep))));
  bar.querySelector("[data-turn-step]").addEventListener("click", () => { area.dataset.turn = String((Number(area.dataset.turn) + 90) % 360); });

  const form = bar.querySelector("[data-hits-form]");
  const box = form.querySelector("input[type=search]");
  const count = bar.querySelector("[data-hits-count]");
  const steps = bar.querySelectorAll("[data-hit-step]");
  let hits = [];
  const here = () => hits.findIndex((hit) => String(hit.document) === bar.dataset.document && String(hit.page) === bar.dataset.page);
  const go = (hit) => { location.search = new URLSearchParams({ document: hit.document, page: hit.page, q: box.value }); };
  const load = async (jump) => {
    if (!box.value.trim()) { hits = []; count.textContent = ""; steps.forEach((button) => { button.disabled = true; }); return; }
    const answer = await fetch(bar.dataset.hitsUrl + "?" + new URLSearchParams({ q: box.value }), { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    hits = (await answer.json()).hits;
    count.textContent = (here() + 1) + " / " + hits.length;
    steps.forEach((button) => { button.disabled = hits.length === 0; });
    if (jump && hits.length && here() < 0) go(hits[0]);
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); load(true); });
  steps.forEach((button) => button.addEventListener("click", () => {
    if (!hits.length) return;
    const step = Number(button.dataset.hitStep);
    const at = here();
    go(hits[at < 0 ? 0 : (at + step + hits.length) % hits.length]);
  }));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "f") { event.preventDefault(); box.focus(); box.select(); }
  });
  if (box.value) load(false);
})();
