// yidang.toast(text, kind): ok and info leave by themselves, warn and bad stay until closed.
(() => {
  const leaves = (toast) => !toast.matches(".bad, .warn");
  const later = (toast) => {
    let timer = setTimeout(() => toast.remove(), 6000);
    const hold = () => { clearTimeout(timer); };
    const go = () => { timer = setTimeout(() => toast.remove(), 2500); };
    toast.addEventListener("mouseenter", hold); toast.addEventListener("focusin", hold);
    toast.addEventListener("mouseleave", go); toast.addEventListener("focusout", go);
  };
  // An open dialog lies above everything else on the page, so the toasts go into it while it is open.
  const place = () => {
    const box = document.getElementById("toasts");
    const dialogs = document.querySelectorAll("dialog[open]");
    const home = dialogs.length > 0 ? dialogs[dialogs.length - 1] : document.body;
    if (box.parentElement !== home) home.append(box);
    return box;
  };
  document.addEventListener("close", place, true);
  window.yidang.toast = (text, kind = "ok") => {
    const toast = document.createElement("div");
    toast.className = `toast ${kind}`;
    toast.dataset.toast = "";
    const words = document.createElement("span");
    words.className = "x";
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button"; close.className = "xbtn"; close.dataset.dismiss = ""; close.textContent = "×";
    close.setAttribute("aria-label", window.yidang.text("close"));
    toast.append(words, close);
    place().append(toast);
    if (leaves(toast)) later(toast);
    return toast;
  };
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-dismiss]");
    if (close) (close.closest("[data-toast], .note") || close).remove();
  });
  document.querySelectorAll("[data-toast]").forEach((toast) => { if (leaves(toast)) later(toast); });
})();
