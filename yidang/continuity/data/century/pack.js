// 百年包检索 / Search of a century pack. Plain script, no network: the records stand in data/*.js beside this file.
"use strict";
window.pack = window.pack || [];
(function () {
  const SHOWN = 200;
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const field = document.getElementById("words");
  const list = document.getElementById("hits");
  const count = document.getElementById("count");
  let all = [];

  function row(one) {
    const line = document.createElement("tr");
    const cell = (text) => {
      const made = document.createElement("td");
      made.textContent = text;
      line.append(made);
      return made;
    };
    cell(one.code);
    const title = cell("");
    const link = document.createElement("a");
    link.href = one.href;
    link.textContent = one.title;
    title.append(link);
    cell(one.date);
    cell(one.creator);
    cell(String(one.files));
    return line;
  }

  function show() {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    const hits = all.filter((one) => words.every((word) => one.text.includes(word)));
    list.replaceChildren(...hits.slice(0, SHOWN).map(row));
    count.textContent = hits.length > SHOWN
      ? `${hits.length} 份，列出前 ${SHOWN} 份，请再加一个词 / ${hits.length} records, the first ${SHOWN} listed`
      : `${hits.length} 份 / ${hits.length} records`;
  }

  window.addEventListener("load", () => {
    all = window.pack.flat();
    for (const one of all) one.text = plain([one.code, one.title, one.date, one.creator, one.words].join(" "));
    field.addEventListener("input", (event) => { if (!event.isComposing) show(); });
    field.addEventListener("compositionend", show);
    show();
    field.focus();
  });
})();
