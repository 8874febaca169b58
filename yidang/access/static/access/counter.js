// The counter: Enter goes on to the next field, from the last one it registers. A card reader types fast: its tabs and new
// lines stay in the field of the card, and what it typed is shared out to number, name and address.
(() => {
  const form = document.querySelector("[data-counter]");
  if (!form) return;
  const fields = () => [...form.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea, select")].filter((field) => field.offsetParent && field.tabIndex >= 0);
  const card = form.querySelector("[data-card]");
  const FAST = 60; // milliseconds between two keys of a reader; nobody types so
  let last = 0;
  let resting = 0;
  const value = (name, text) => { const field = form.querySelector(`[name=${name}]`); if (field && text) field.value = text; };
  const share = async () => {
    const answer = await fetch(form.dataset.cardUrl, {
      method: "POST", body: new URLSearchParams({ card: card.value }),
      headers: { "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value, Accept: "application/json" },
    });
    if (!answer.ok) return;
    const read = await answer.json();
    if (!read.number) return;
    value("id_number", read.number);
    value("name", read.name);
    value("address", read.address);
    const next = form.querySelector("[name=record]");
    if (next && document.activeElement === card) next.focus();
  };
  const goOn = (field) => {
    const all = fields();
    const next = all[all.indexOf(field) + 1];
    next?.focus();
    next?.select?.();
  };
  if (card) {
    // A fast Enter or Tab waits for what follows: another fast key, and a reader types its block; nothing, and the field is done.
    let held = 0;
    card.addEventListener("keydown", (event) => {
      const fast = event.timeStamp - last < FAST;
      last = event.timeStamp;
      if (held) {
        clearTimeout(held);
        held = 0;
        card.setRangeText("|", card.selectionStart, card.selectionEnd, "end");
        card.dispatchEvent(new Event("input"));
      }
      if (!fast || event.ctrlKey || card.value === "" || (event.key !== "Tab" && event.key !== "Enter")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      held = setTimeout(() => {
        held = 0;
        if (!card.value.includes("|") && document.activeElement === card) goOn(card);
      }, FAST);
    });
    card.addEventListener("input", () => {
      clearTimeout(resting);
      if (/[\t\n|^;；,，]/.test(card.value)) resting = setTimeout(share, 250);
    });
  }
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    const all = fields();
    const at = all.indexOf(event.target);
    if (at < 0) return;
    if (event.ctrlKey || at === all.length - 1) { event.preventDefault(); form.requestSubmit(); return; }
    event.preventDefault();
    goOn(event.target);
  });
  // Whether name and number belong together is asked once; what is typed afterwards was not asked about.
  const identity = form.querySelector("[data-identity]");
  if (identity) {
    const told = identity.querySelector("[data-told]");
    const ticket = identity.querySelector("[name=checked]");
    const tell = (kind, word, kept) => {
      told.className = kind ? `st ${kind}` : "";
      told.textContent = word;
      ticket.value = kept;
    };
    identity.querySelector("button").addEventListener("click", async (event) => {
      const button = event.currentTarget;
      const said = (name) => form.querySelector(`[name=${name}]`).value;
      button.disabled = true;
      try {
        const answer = await fetch(identity.dataset.url, {
          method: "POST", body: new URLSearchParams({ name: said("name"), id_number: said("id_number") }),
          headers: { "X-CSRFToken": said("csrfmiddlewaretoken"), Accept: "application/json" },
        });
        const read = answer.ok ? await answer.json() : null;
        tell(read ? read.kind : "warn", read ? read.word : button.dataset.failed, read?.ticket ?? "");
      } finally {
        button.disabled = false;
      }
    });
    ["name", "id_number"].forEach((name) => form.querySelector(`[name=${name}]`).addEventListener("input", () => tell("", "", "")));
  }
  // A call from the house becomes a request; at the counter there is no caller.
  const account = form.querySelector("[data-account]");
  const kinds = form.querySelectorAll("[name=kind]");
  const calls = () => { if (account) account.hidden = form.querySelector("[name=kind]:checked")?.value === "counter"; };
  kinds.forEach((kind) => kind.addEventListener("change", calls));
  calls();
  // A reason is asked only where paper leaves, a signed request only where it leaves the room.
  const paper = form.querySelector("[data-paper]");
  const borrowed = form.querySelector("[data-borrowed]");
  if (!paper || !borrowed) return;
  const show = () => {
    form.querySelector("[data-paper-reason]").hidden = !paper.checked && !borrowed.checked;
    form.querySelector("[data-under]").hidden = !borrowed.checked;
  };
  [paper, borrowed].forEach((box) => box.addEventListener("change", show));
  show();
})();
