"""The office system's pages. What a vendor needs is in ``finished``: one script tag and one element."""

import json
from html import escape

from documents import STEPS, Document

STYLE = """body{font:15px/1.7 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:56em;margin:2em auto;padding:0 1em;color:#222}
h1{font-size:22px}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:6px 8px;text-align:left}
input,textarea{font:inherit;width:100%;box-sizing:border-box;padding:6px}button.oa{font:inherit;padding:6px 16px}.dim{color:#5a5a5a}
.steps{display:flex;gap:1em;list-style:none;padding:0}.steps .done{color:#1c7a3d}"""


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        f'<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)} · 示例 OA</title><link rel="stylesheet" href="/style.css"></head>'
        f'<body><p><a href="/">示例 OA</a></p><h1>{escape(title)}</h1>{body}</body></html>'
    )


def home(documents: list[Document]) -> str:
    """The list, and the form for a draft."""
    rows = "".join(
        f'<tr><td><a href="/documents/{item.id}">{escape(item.title)}</a></td><td>{escape(item.number)}</td>'
        f"<td>{'已办结' if item.is_finished else '待' + item.next_step}</td></tr>"
        for item in documents
    )
    return page(
        "发文",
        f"<table><thead><tr><th>标题</th><th>文号</th><th>状态</th></tr></thead><tbody>{rows}</tbody></table>"
        '<h2>拟稿</h2><form method="post" action="/documents" enctype="multipart/form-data">'
        '<p><label>标题<input name="title" required></label></p><p><label>正文<textarea name="body" rows="6" required></textarea></label></p>'
        '<p><label>附件<input type="file" name="attachments" multiple></label></p><button class="oa">提交</button></form>',
    )


def steps(document: Document) -> str:
    """Where the document stands."""
    marks = "".join(
        f'<li class="{"done" if index < document.step else ""}">{"✓ " if index < document.step else ""}{name}</li>'
        for index, name in enumerate(STEPS)
    )
    return f'<ul class="steps">{marks}</ul>'


def unfinished(document: Document) -> str:
    """A document on its way, with the form of its next step."""
    return page(
        document.title,
        steps(document) + f"<p>{escape(document.body)}</p>"
        f'<form method="post" action="/documents/{document.id}/advance"><p><label>意见<input name="opinion" value="同意。"></label></p>'
        f'<button class="oa">{document.next_step}</button></form>',
    )


def submission(document: Document) -> dict[str, object]:
    """What the filing button hands over: description, steps, and where the page can fetch each file."""
    base = f"/documents/{document.id}"
    return {
        "title": document.title,
        "document_number": document.number,
        "creator": "院长办公室",
        "department": "YB",
        "class": "WS",
        "date": document.history[-1]["at"][:10],
        "workflow": document.history,
        "documents": [
            {"file": "正文.pdf", "role": "正本", "url": f"{base}/finished.pdf"},
            {"file": "发文处理单.pdf", "role": "处理单", "url": f"{base}/slip.pdf"},
            *[
                {"file": name, "role": "附件", "url": f"{base}/attachments/{index}"}
                for index, name in enumerate(document.attachments)
            ],
        ],
    }


def finished(document: Document, archive: str) -> str:
    """A finished document: the filing button is the script tag and the element below it."""
    # «</» inside a script element would end it.
    handed_over = json.dumps(submission(document), ensure_ascii=False).replace("</", "<\\/")
    return page(
        document.title,
        steps(document)
        + f'<p class="dim">{escape(document.number)}</p><p>{escape(document.body)}</p>'
        + f'<p><a href="/documents/{document.id}/finished.pdf">正文.pdf</a> · <a href="/documents/{document.id}/slip.pdf">发文处理单.pdf</a></p>'
        + f'<yidang-file source-id="{escape(document.source_id)}" ticket-url="/archive-ticket?id={document.id}">'
        + f'<script type="application/json">{handed_over}</script></yidang-file>'
        + f'<script src="{escape(archive)}/filing-button.js" data-source="oa"></script>',
    )
