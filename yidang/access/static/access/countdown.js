// What is left of a permission counts down; the server decides, this only shows.
(function () {
  "use strict";
  var zh = document.documentElement.lang.toLowerCase().indexOf("zh") === 0;
  function words(seconds) {
    var days = Math.floor(seconds / 86400);
    var hours = Math.floor(seconds % 86400 / 3600);
    var minutes = Math.floor(seconds % 3600 / 60);
    if (days) { return zh ? days + " 天 " + hours + " 小时" : days + " d " + hours + " h"; }
    if (hours) { return zh ? hours + " 小时 " + minutes + " 分" : hours + " h " + minutes + " min"; }
    return zh ? minutes + " 分 " + Math.floor(seconds % 60) + " 秒" : minutes + " min " + Math.floor(seconds % 60) + " s";
  }
  function tick() {
    document.querySelectorAll("[data-until]").forEach(function (place) {
      var left = (Date.parse(place.dataset.until) - Date.now()) / 1000;
      if (left <= 0) { location.reload(); } else { place.textContent = words(left); }
    });
  }
  if (document.querySelector("[data-until]")) { setInterval(tick, 1000); }
})();
