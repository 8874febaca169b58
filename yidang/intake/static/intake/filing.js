// The filing form: files go up as they are dropped, each answer brings the list and what was proposed from them.
(() => {
  const root = document.querySelector("[data-filing]");
  if (!root) return;
  const form = document.getElementById("filing-form");
  const list = root.querySelector("[data-file-list]");
  const fields = root.querySelector("[data-fields]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const draftField = root.querySelector("[data-draft-field]");
  const typed = new Set();
  let waiting = Promise.resolve();
  let shown = null;

  // A value that a person typed is never overwritten by a proposal.
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-proposable]")) { typed.add(event.target.name); sources.delete(event.target.name); }
    explain();
  });

  const say = (text, kind) => (window.yidang && window.yidang.toast ? window.yidang.toast(text, kind) : undefined);
  // What stands in a field because it was proposed, and in words from where; asked again when the fields are drawn anew.
  const sources = new Map();
  const missing = root.querySelector("[data-missing]");
  const explain = () => {
    sources.forEach((why, name) => {
      const place = fields.querySelector(`[data-why="${name}"]`);
      if (place) place.textContent = why;
    });
    const open = [...form.querySelectorAll("[required]")].filter((control) => !control.value.trim()).length;
    missing.hidden = open === 0;
    missing.textContent = missing.dataset.missing.replace("{n}", open);
  };
  const propose = (proposals) => {
    const before = form.elements["class"].value;
    Object.entries(proposals).forEach(([name, proposal]) => {
      const control = form.elements[name];
      if (!control || typed.has(name)) return;
      if (proposal.value) control.value = proposal.value;
      sources.set(name, proposal.why);
    });
    if (form.elements["class"].value !== before) redraw(false);
    explain();
  };
  const take = (answer) => {
    draftField.value = answer.draft;
    list.innerHTML = answer.files;
    propose(answer.proposals);
    const first = list.querySelector("[data-file]");
    if (first && !shown) show(first, 1);
  };
  const send = (body) => {
    body.append("csrfmiddlewaretoken", token);
    body.append("draft", draftField.value);
    return fetch(root.dataset.filesUrl, { method: "POST", body, headers: { Accept: "application/json" } }).then(async (response) => {
      const answer = await response.json();
      if (!response.ok) throw new Error([answer.detail, answer.remedy].filter(Boolean).join(" "));
      take(answer);
    });
  };
  // One after the other: the first file makes the draft that the others join.
  const queue = (body) => {
    waiting = waiting.then(() => send(body)).catch((error) => say(error.message, "bad"));
    return waiting;
  };
  root.addEventListener("ui:files", (event) => {
    event.detail.forEach((file) => {
      const body = new FormData();
      body.append("file", file, file.name);
      queue(body);
    });
  });
  list.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove-file]");
    if (remove) {
      const body = new FormData();
      body.append("remove", remove.dataset.removeFile);
      shown = null;
      queue(body);
      return;
    }
    const open = event.target.closest("[data-show-file]");
    if (open) show(open.closest("[data-file]"), 1);
  });

  // The class decides which fields there are; a period proposed for another class is proposed anew when it is filed.
  const redraw = (byHand) => {
    if (byHand && !typed.has("retention")) { form.elements.retention.value = ""; sources.delete("retention"); }
    const body = new FormData(form);
    body.append("fields", "1");
    fetch(root.dataset.filesUrl, { method: "POST", body, headers: { Accept: "text/html" } })
      .then((response) => (response.ok ? response.text() : Promise.reject(new Error(response.statusText))))
      .then((html) => {
        fields.innerHTML = html;
        explain();
        if (byHand) form.elements["class"].focus();
      })
      .catch((error) => say(error.message, "bad"));
  };
  form.addEventListener("change", (event) => { if (event.target.matches("[data-reloads]")) redraw(true); });

  const box = root.querySelector("[data-preview-box]");
  const at = root.querySelector("[data-preview-at]");
  const steps = root.querySelectorAll("[data-preview-step]");
  const show = (row, page) => {
    const pages = Number(row.dataset.pages);
    shown = { row, page };
    root.querySelector("[data-preview-name]").textContent = row.dataset.name;
    at.textContent = page + " / " + pages;
    steps.forEach((button) => { button.disabled = page + Number(button.dataset.previewStep) < 1 || page + Number(button.dataset.previewStep) > pages; });
    const image = document.createElement("img");
    image.className = "sheet";
    image.alt = row.dataset.name;
    image.src = row.dataset.previewUrl.replace(/\/1\/$/, "/" + page + "/");
    box.replaceChildren(image);
  };
  steps.forEach((button) => button.addEventListener("click", () => { if (shown) show(shown.row, shown.page + Number(button.dataset.previewStep)); }));
  const first = list.querySelector("[data-file]");
  if (first) show(first, 1);
  explain();

  // Enter in a one-line field files; while an input method composes it belongs to the input method.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    setTimeout(() => { delete form.dataset.sending; }, 15000);
  });
})();
