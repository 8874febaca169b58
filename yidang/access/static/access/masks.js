// Drawing what is to be covered: with the mouse or a finger, or with keys (N new, arrows move, Shift+arrows size, Delete removes).
(() => {
  const sheet = document.querySelector("[data-masks]");
  if (!sheet) return;
  const field = document.querySelector("[data-mask-places]");
  const SPACE = "http://www.w3.org/2000/svg";
  const drawn = [];
  const keep = () => {
    field.value = JSON.stringify(drawn.map((rect) => {
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
      return [x, y, x + width, y + height].map((value) => Math.round(value * 10) / 10);
    }));
  };
  const put = (rect, x, y, width, height) => {
    const left = Math.min(Math.max(x, 0), 999), top = Math.min(Math.max(y, 0), 999);
    rect.setAttribute("x", left); rect.setAttribute("y", top);
    rect.setAttribute("width", Math.min(Math.max(width, 1), 1000 - left));
    rect.setAttribute("height", Math.min(Math.max(height, 1), 1000 - top));
    keep();
  };
  const read = (rect) => ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  const add = (x, y, width, height) => {
    const rect = document.createElementNS(SPACE, "rect");
    rect.setAttribute("class", "new"); rect.setAttribute("tabindex", "0"); rect.setAttribute("role", "img");
    rect.setAttribute("aria-label", sheet.dataset.word);
    sheet.append(rect); drawn.push(rect); put(rect, x, y, width, height);
    return rect;
  };
  const remove = (rect) => { drawn.splice(drawn.indexOf(rect), 1); rect.remove(); keep(); };
  const at = (event) => {
    const box = sheet.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * 1000, (event.clientY - box.top) / box.height * 1000];
  };
  let start = null, current = null;
  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = at(event); current = add(start[0], start[1], 1, 1);
    sheet.setPointerCapture(event.pointerId); event.preventDefault();
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!current) return;
    const here = at(event);
    put(current, Math.min(start[0], here[0]), Math.min(start[1], here[1]), Math.abs(here[0] - start[0]), Math.abs(here[1] - start[1]));
  });
  const finish = () => {
    if (!current) return;
    const [, , width, height] = read(current);
    if (width < 4 && height < 4) remove(current); else current.focus();
    current = null;
  };
  sheet.addEventListener("pointerup", finish);
  sheet.addEventListener("pointercancel", finish);
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const rect = document.activeElement;
    if (drawn.includes(rect)) {
      const [x, y, width, height] = read(rect);
      const step = { ArrowLeft: [-5, 0], ArrowRight: [5, 0], ArrowUp: [0, -5], ArrowDown: [0, 5] }[event.key];
      if (step) {
        event.preventDefault();
        if (event.shiftKey) put(rect, x, y, width + step[0], height + step[1]); else put(rect, x + step[0], y + step[1], width, height);
        return;
      }
      if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); remove(rect); return; }
    }
    if (event.key.toLowerCase() === "n" && !/^(INPUT|TEXTAREA|SELECT)$/.test(rect?.tagName || "")) {
      event.preventDefault(); add(350, 450, 300, 40).focus();
    }
  });
  document.querySelector("[data-mask-new]").addEventListener("click", () => add(350, 450, 300, 40).focus());
})();
