// Sentences that scripts show come from the page, in its language; window.yidang is what small scripts share.
window.yidang = {
  text(name) {
    const texts = document.getElementById("ui-texts");
    return (texts && texts.dataset[name]) || "";
  },
  csrf() {
    const meta = document.querySelector('meta[name="csrf-token"]');
    return meta ? meta.content : "";
  },
  typing(element) {
    return Boolean(element && element.closest && element.closest("input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]"));
  },
};
