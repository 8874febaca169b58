/* 医档一键归档 · Yidang filing button.
 *
 * <script src="https://archive.hospital/filing-button.js" data-source="oa"></script>
 * <yidang-file source-id="2026-000123" ticket-url="/archive-ticket?id=2026-000123">
 *   <script type="application/json">{"title": "…", "documents": [{"url": "/files/1.pdf", "file": "正文.pdf", "role": "正本"}]}</script>
 * </yidang-file>
 *
 * The page of documentation: docs/developer/oa-button.md. Events: yidang-filed (detail: receipt), yidang-refused (detail: problem).
 */
(function () {
  'use strict';
  var script = document.currentScript;
  var SOURCE = (script && script.dataset.source) || 'oa';
  var SERVER = (script && script.dataset.server) || (script ? new URL(script.src).origin : location.origin);
  var RETRY = [1000, 2000, 4000, 8000, 15000, 30000];
  var WORDS = {
    zh: {
      file: '一键归档', checking: '正在查询…', collecting: '正在取文件 {n}/{m}', sending: '正在上传 {p}%', keeping: '正在保管…',
      waiting: '网络断开，{s} 秒后用同一编号再试，不会重复归档', filed: '已接收', archived: '已归档', accession: '接收登记号',
      finalCode: '档号', provisional: '预编档号', noCode: '档号在年度整理时编定', again: '再试一次', refused: '未能归档',
      quarantined: '检测未过，在档案室等候处理', returned: '已退回，请按原因修改后再归档', copy: '复制', copied: '已复制'
    },
    en: {
      file: 'File in archive', checking: 'Checking…', collecting: 'Fetching file {n} of {m}', sending: 'Uploading {p}%',
      keeping: 'Being kept…', waiting: 'Connection lost; trying again with the same id in {s} s, it will not be filed twice',
      filed: 'Received', archived: 'Archived', accession: 'Accession number', finalCode: 'Archival code',
      provisional: 'Provisional code', noCode: 'The archival code is given at the yearly arrangement', again: 'Try again',
      refused: 'Not filed', quarantined: 'A check failed; it waits in the archive room',
      returned: 'Returned; mend what is named and file again', copy: 'Copy', copied: 'Copied'
    }
  };
  var STYLE = ':host{display:inline-block;font:14px/22px system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}' +
    'button{font:inherit;cursor:pointer;border-radius:4px;border:1px solid #2a52a3;padding:4px 14px;min-height:32px}' +
    '.go{background:#2a52a3;color:#fff}.go[disabled]{background:#dfe5f0;color:#3b4660;border-color:#b8c3da;cursor:default}' +
    '.small{background:#fff;color:#2a52a3;min-height:24px;padding:0 8px;font-size:12px}' +
    '.box{display:inline-block;border:1px solid #c9cdc5;border-left:4px solid #1c7a3d;border-radius:4px;padding:6px 12px;' +
    'background:#fff;color:#1f2430;max-width:34em}.box.bad{border-left-color:#b3261e}.box b{font-variant-numeric:tabular-nums}' +
    'progress{display:block;width:100%;height:6px;margin-top:4px;accent-color:#2a52a3}.note{color:#55607a;font-size:12px}';

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, function (_, key) { return values[key]; });
  }
  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function pause(milliseconds) {
    return new Promise(function (resolve) {
      var timer = setTimeout(done, milliseconds);
      function done() { clearTimeout(timer); removeEventListener('online', done); resolve(); }
      addEventListener('online', done);
    });
  }
  /* A refusal is an answer: it is shown, not tried again. Anything else may have been a lost network. */
  function Refusal(problem, status) { this.problem = problem || {}; this.status = status; }

  class FilingButton extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.busy = false;
      this.ticket = null;
      this.words = WORDS[(this.getAttribute('lang') || document.documentElement.lang || 'zh').slice(0, 2)] || WORDS.zh;
      var root = this.attachShadow({ mode: 'open' });
      if ('adoptedStyleSheets' in Document.prototype) {
        var sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
      } else {
        root.append(element('style', '', STYLE));
      }
      this.stage = element('span');
      this.stage.setAttribute('role', 'status');
      this.stage.setAttribute('aria-live', 'polite');
      root.append(this.stage);
      this.showButton(this.words.file);
      /* The inner JSON is not parsed yet while the page still loads. */
      if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', this.look.bind(this), { once: true });
      } else {
        this.look();
      }
    }

    get sourceId() { return this.getAttribute('source-id') || ''; }
    get server() { return this.getAttribute('server') || SERVER; }

    /* What the page said: the element's property `submission`, or the JSON inside it. */
    get submission() {
      if (this._submission) return this._submission;
      var inner = this.querySelector('script[type="application/json"]');
      return inner ? JSON.parse(inner.textContent) : {};
    }
    set submission(value) { this._submission = value; }

    /* A page that was closed half-way learns here what became of its filing. */
    async look() {
      if (this.hasAttribute('no-check') || !this.sourceId) return;
      try {
        var found = await this.ask();
        if (found && found.receipt) this.showReceipt(found.receipt, found.state);
        else if (found && (found.state === 'returned' || found.state === 'quarantined')) this.showRefusal(found, found.state);
      } catch (error) {
        /* Not reachable now: the button stays, and a click asks again. */
        this.showButton(this.words.file);
      }
    }

    async authorization() {
      if (this.hasAttribute('token')) return 'Bearer ' + this.getAttribute('token');
      if (!this.ticket) {
        var answer = await fetch(this.getAttribute('ticket-url'), { credentials: 'same-origin', cache: 'no-store' });
        if (!answer.ok) throw new Refusal({ title: this.words.refused, detail: 'ticket: HTTP ' + answer.status }, answer.status);
        this.ticket = (await answer.json()).ticket;
      }
      return 'Ticket ' + this.ticket;
    }

    async ask() {
      var query = new URLSearchParams({ source_system: SOURCE, source_id: this.sourceId });
      var answer = await fetch(this.server + '/api/v1/filings?' + query, {
        headers: { Authorization: await this.authorization(), 'Accept-Language': document.documentElement.lang || 'zh' }, cache: 'no-store'
      });
      /* Read in any case: an answer that nobody reads keeps its connection. */
      var text = await answer.text();
      if (answer.status === 404) return null;
      if (!answer.ok) throw new Error('HTTP ' + answer.status);
      return JSON.parse(text);
    }

    async start() {
      if (this.busy) return;
      this.busy = true;
      try {
        var form = await this.collect();
        for (var attempt = 0; ; attempt++) {
          try {
            var receipt = await this.send(form);
            this.showReceipt(receipt, 'received');
            this.tell('yidang-filed', receipt);
            return;
          } catch (error) {
            if (error instanceof Refusal && error.status === 401 && !this.hasAttribute('token') && attempt < 2) {
              this.ticket = null;
              continue;
            }
            if (error instanceof Refusal && error.status !== 503 && error.status !== 502 && error.status !== 429) throw error;
            var delay = RETRY[Math.min(attempt, RETRY.length - 1)];
            this.showProgress(fill(this.words.waiting, { s: delay / 1000 }));
            await pause(delay);
          }
        }
      } catch (error) {
        var problem = error instanceof Refusal ? error.problem : { detail: String(error.message || error) };
        this.showRefusal(problem);
        this.tell('yidang-refused', problem);
      } finally {
        this.busy = false;
      }
    }

    async collect() {
      var submission = Object.assign({}, this.submission, { source_system: SOURCE, source_id: this.sourceId });
      var form = new FormData();
      var listed = submission.documents || [];
      var documents = [];
      for (var index = 0; index < listed.length; index++) {
        var item = listed[index];
        this.showProgress(fill(this.words.collecting, { n: index + 1, m: listed.length }));
        var content = item.content;
        if (!content) {
          var answer = await fetch(item.url, { credentials: 'same-origin' });
          if (!answer.ok) throw new Error(item.file + ': HTTP ' + answer.status);
          content = await answer.blob();
        }
        documents.push({ file: item.file, role: item.role, sha256: item.sha256 });
        form.append('files', content, item.file);
      }
      submission.documents = documents;
      form.append('submission', JSON.stringify(submission));
      return form;
    }

    async send(form) {
      var authorization = await this.authorization();
      var self = this;
      return new Promise(function (resolve, reject) {
        var request = new XMLHttpRequest();
        request.open('POST', self.server + '/api/v1/filings');
        request.setRequestHeader('Authorization', authorization);
        request.setRequestHeader('X-Yidang-Channel', 'button');
        request.setRequestHeader('Accept-Language', document.documentElement.lang || 'zh');
        request.upload.onprogress = function (event) {
          if (!event.lengthComputable) return;
          var share = Math.floor(100 * event.loaded / event.total);
          self.showProgress(share < 100 ? fill(self.words.sending, { p: share }) : self.words.keeping, share);
        };
        request.onerror = request.ontimeout = request.onabort = function () { reject(new Error('network')); };
        request.timeout = 600000;
        request.onload = function () {
          var body = null;
          try { body = JSON.parse(request.responseText); } catch (error) { body = { detail: 'HTTP ' + request.status }; }
          if (request.status === 200 || request.status === 201) resolve(body);
          else reject(new Refusal(body, request.status));
        };
        request.send(form);
      });
    }

    showButton(text) {
      var button = element('button', 'go', text);
      button.type = 'button';
      button.addEventListener('click', this.start.bind(this));
      this.stage.replaceChildren(button);
    }

    showProgress(text, share) {
      var button = element('button', 'go', text);
      button.type = 'button';
      button.disabled = true;
      this.stage.replaceChildren(button);
      if (share !== undefined) {
        var bar = element('progress');
        bar.max = 100;
        bar.value = share;
        bar.setAttribute('aria-label', text);
        this.stage.append(bar);
      }
    }

    showReceipt(receipt, state) {
      var words = this.words;
      var box = element('span', 'box');
      box.append(element('span', '', '✓ ' + (state === 'archived' ? words.archived : words.filed) + ' · ' + words.accession + ' '));
      box.append(element('b', '', receipt.accession_number));
      box.append(element('br'));
      if (receipt.code) {
        box.append(element('span', '', (receipt.code_state === 'final' ? words.finalCode : words.provisional) + ' '));
        box.append(element('b', '', receipt.code));
      } else {
        box.append(element('span', 'note', words.noCode));
      }
      var copy = element('button', 'small', words.copy);
      copy.type = 'button';
      copy.addEventListener('click', function () {
        if (!navigator.clipboard) return;
        navigator.clipboard.writeText(receipt.code || receipt.accession_number).then(function () { copy.textContent = words.copied; });
      });
      if (navigator.clipboard) box.append(' ', copy);
      this.stage.replaceChildren(box);
    }

    showRefusal(problem, state) {
      var box = element('span', 'box bad');
      var heading = state ? this.words[state] : this.words.refused;
      box.append(element('span', '', heading + (problem.detail ? '：' + problem.detail : '')));
      var causes = (problem.findings || []).filter(function (found) { return found.level === 'fail'; });
      var reasons = (problem.returns || []).map(function (row) { return { what: row.reason, remedy: '' }; });
      causes.concat(reasons).slice(0, 5).forEach(function (found) {
        box.append(element('br'), element('span', 'note', found.what + ' ' + found.remedy));
      });
      if (problem.remedy) box.append(element('br'), element('span', 'note', problem.remedy));
      box.append(element('br'));
      var again = element('button', 'small', this.words.again);
      again.type = 'button';
      again.addEventListener('click', this.start.bind(this));
      box.append(again);
      this.stage.replaceChildren(box);
    }

    tell(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { detail: detail, bubbles: true }));
    }
  }
  if (!customElements.get('yidang-file')) customElements.define('yidang-file', FilingButton);
})();
