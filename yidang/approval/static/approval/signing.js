// The decision screen: phrases into the opinion, J and K through the queue, A to agree, boxes for a batch.
(function () {
  "use strict";
  var note = document.getElementById("note");
  document.querySelectorAll("[data-phrase]").forEach(function (chip) {
    chip.addEventListener("click", function () {
      note.value = note.value ? note.value + " " + chip.dataset.phrase : chip.dataset.phrase;
      note.focus();
    });
  });
  var bar = document.querySelector("[data-batch-bar]");
  var boxes = Array.prototype.slice.call(document.querySelectorAll("[data-batch]"));
  function count() {
    var chosen = boxes.filter(function (box) { return box.checked; }).length;
    bar.hidden = chosen === 0;
    bar.querySelector("[data-batch-count]").textContent = String(chosen);
  }
  boxes.forEach(function (box) { box.addEventListener("change", count); });
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing) { return; }
    if (event.key === "a" || event.key === "A") {
      var agree = document.querySelector("[data-decision] [value='approve']");
      if (agree) { event.preventDefault(); agree.focus(); }
    }
    if (event.key === "j" || event.key === "k") {
      var rows = Array.prototype.slice.call(document.querySelectorAll(".queue li"));
      var here = rows.findIndex(function (row) { return row.hasAttribute("aria-current"); });
      var next = rows[here + (event.key === "j" ? 1 : -1)];
      if (next) { next.querySelector("a").click(); }
    }
  });
})();
