// data-copy="text", or data-copy-from="#id": to the clipboard, said in a toast; works without HTTPS too.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  const text = source ? source.value || source.textContent.trim() : button.dataset.copy;
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch (refused) {
    // The hospital's network is often plain HTTP, where the clipboard interface does not exist.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "sr";
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  window.yidang.toast(window.yidang.text(done ? "copied" : "copyFailed"), done ? "ok" : "warn");
});
