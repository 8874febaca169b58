// Runs before the first paint: where nobody has chosen, the page follows the system.
(function () {
  "use strict";
  var root = document.documentElement;
  if (root.dataset.themeFollows === "system") {
    var dark = window.matchMedia("(prefers-color-scheme: dark)");
    root.dataset.theme = dark.matches ? "dark" : "light";
    dark.addEventListener("change", function (event) {
      if (root.dataset.themeFollows === "system") root.dataset.theme = event.matches ? "dark" : "light";
    });
  }
})();
