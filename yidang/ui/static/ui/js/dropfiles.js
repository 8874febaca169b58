// Files dropped anywhere on a page with [data-dropzone], chosen there, or pasted: one event «ui:files» on the drop zone, detail = File[].
(() => {
  const zone = () => document.querySelector("[data-dropzone]");
  let depth = 0;
  let veil = null;
  const carriesFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const cover = (on) => {
    document.documentElement.classList.toggle("dropping", on);
    if (on && !veil) {
      veil = document.createElement("div");
      veil.className = "dropveil";
      veil.textContent = window.yidang.text("drop");
      document.body.append(veil);
    } else if (!on && veil) { veil.remove(); veil = null; }
  };
  const give = (files) => {
    if (files.length > 0 && zone()) zone().dispatchEvent(new CustomEvent("ui:files", { bubbles: true, detail: files }));
  };
  // A folder that is dropped is walked: what it holds is handed over like files, with their path in `relativePath`.
  const walk = async (entry, path) => {
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      if (path) Object.defineProperty(file, "relativePath", { value: path + file.name });
      return [file];
    }
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (some.length === 0) return found;
      for (const child of some) found.push(...await walk(child, path + entry.name + "/"));
    }
  };
  const filesOf = async (transfer) => {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (entries.length === 0) return [...transfer.files];
    const all = [];
    for (const entry of entries) all.push(...await walk(entry, ""));
    return all;
  };
  document.addEventListener("dragenter", (event) => { if (zone() && carriesFiles(event)) { depth += 1; cover(true); event.preventDefault(); } });
  document.addEventListener("dragover", (event) => { if (zone() && carriesFiles(event)) event.preventDefault(); });
  document.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (depth === 0) cover(false); });
  document.addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault(); // a file that misses the zone must not replace the page
    depth = 0;
    cover(false);
    give(await filesOf(event.dataTransfer));
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData ? event.clipboardData.files : [])];
    if (zone() && files.length > 0) { event.preventDefault(); give(files); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-dropzone] input[type=file]") && event.target.dataset.plain === undefined) {
      give([...event.target.files]);
      event.target.value = "";
    }
  });
})();
