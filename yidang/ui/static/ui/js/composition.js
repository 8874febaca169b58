// While an input method composes, Enter chooses a word: it never submits, anywhere, and no shortcut sees the key.
(() => {
  let composing = false;
  let ended = 0;
  document.addEventListener("compositionstart", () => { composing = true; }, true);
  document.addEventListener("compositionend", (event) => { composing = false; ended = event.timeStamp; }, true);
  const chooses = (event) => event.isComposing || event.keyCode === 229 || composing;
  for (const type of ["keydown", "keypress"]) {
    document.addEventListener(type, (event) => {
      // Some browsers end the composition first and send the Enter that ended it afterwards.
      const justEnded = event.key === "Enter" && ended && event.timeStamp - ended < 30;
      if (!chooses(event) && !justEnded) return;
      event.stopImmediatePropagation();
      if (event.key === "Enter") event.preventDefault();
    }, true);
  }
  document.addEventListener("submit", (event) => {
    if (composing) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
})();
