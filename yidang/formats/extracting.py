"""The text of a file, page by page. Runs inside the cage; Office files come here as the PDF that LibreOffice made."""

import email
import email.message
import email.policy
import json
import re
from typing import Any

from lxml import etree, html

from yidang.formats import pdf, xml_reader
from yidang.formats.findings import finding
from yidang.formats.lines import join_lines
from yidang.formats.source import Source
from yidang.formats.text_formats import decode
from yidang.formats.types import Format, PageText, ReadingFailed

# A page of text is about what fits on A4; hits then say where they are.
PAGE_LINES, PAGE_WIDTH = 46, 84
_SILENT = ("script", "style", "template", "noscript", "iframe", "object", "head")
_BLOCKS = {
    "p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article", "header", "footer",
    "ul", "ol", "dl", "dt", "dd", "pre", "blockquote", "hr", "caption", "title", "form",
}  # fmt: skip
_MOST = 64 << 20


def extract(sources: list[Source], format: dict[str, Any], first: int = 1, most: int = 2000) -> tuple[Any, bytes]:
    """The deed: the text of some pages of one file.

    :param first: the first page wanted
    :param most: the most pages in one answer
    """
    source, known = sources[0], Format.from_json(format)
    if known.kind == "pdf":
        pages = _of_pdf(source, first, most)
    elif known.kind == "ofd":
        from yidang.formats import ofd

        pages = ofd.text(source)[first - 1 : first - 1 + most]
    elif known.kind == "image":
        from yidang.formats import images
        from yidang.formats.image_checks import Image

        pages = [PageText(page, "", "none") for page in range(1, images.count(Image.open(source.file()), 20_000) + 1)]
        pages = pages[first - 1 : first - 1 + most]
    elif known.kind in ("text", "html", "xml", "json", "email"):
        if source.size > _MOST:
            raise ReadingFailed(finding("reader_memory"))
        pages = of_markup(source.data, known)[first - 1 : first - 1 + most]
    else:
        pages = []
    return [[page.page, page.text, page.source] for page in pages], b""


def extract_each(sources: list[Source], formats: list[dict[str, Any]], most: int) -> tuple[Any, bytes]:
    """The deed: the first pages of several small files; a file that does not open is told as its finding."""
    return [_one_of_several(source, known, most) for source, known in zip(sources, formats, strict=True)], b""


def _one_of_several(source: Source, known: dict[str, Any], most: int) -> dict[str, Any]:
    try:
        return {"pages": extract([source], known, 1, most)[0]}
    except ReadingFailed as failed:
        return {"finding": failed.finding.to_json()}


def _of_pdf(source: Source, first: int, most: int) -> list[PageText]:
    pages = []
    with pdf.opened(source) as document:
        for index in range(first - 1, min(len(document), first - 1 + most)):
            try:
                page = document[index]
                text = join_lines(pdf.page_text(page))
                silent = not text.strip() and pdf.draws_anything(page)
                page.close()
            except pdf.pdfium.PdfiumError:
                text, silent = "", False
            pages.append(PageText(index + 1, text, "none" if silent else "text"))
    return pages


def of_markup(data: bytes, known: Format, *, limit: int = 0) -> list[PageText]:
    """The text of a file of characters, cut into pages; with a limit, only so many characters."""
    if limit and known.kind in ("text", "json"):
        data = data[: limit * 8]
    text = {"html": _html, "xml": _xml, "json": _json, "email": _mail}.get(known.kind, _plain)(data)
    return pages_of(text[:limit] if limit else text)


def _plain(data: bytes) -> str:
    return decode(data)


def pages_of(text: str) -> list[PageText]:
    """Text in pages, each line wrapped to the width of a page; a form feed begins a page."""
    pages: list[list[str]] = [[]]
    lines = 0
    for sheet_number, sheet in enumerate(text.split("\f")):
        if sheet_number:
            pages.append([])
            lines = 0
        for line in sheet.split("\n"):
            needed = max(1, -(-sum(2 if ord(char) > 0x2E80 else 1 for char in line) // PAGE_WIDTH))
            if lines and lines + needed > PAGE_LINES:
                pages.append([])
                lines = 0
            pages[-1].append(line)
            lines += needed
    return [PageText(number, "\n".join(page).strip("\n")) for number, page in enumerate(pages, 1)]


def _html(data: bytes) -> str:
    try:
        parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True)
        root = html.document_fromstring(decode(data).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return re.sub(r"<[^>]*>", " ", decode(data))
    title = " ".join((root.findtext(".//title") or "").split())
    for name in _SILENT:
        for element in list(root.iter(name)):
            element.drop_tree()
    parts: list[str] = [title, "\n"] if title else []
    _flow(root, parts)
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in "".join(parts).split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def _flow(root: etree._Element, parts: list[str]) -> None:
    """Walk without recursion: pages of mail are nested thousands deep."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if name in _BLOCKS:
                parts.append("\n")
            elif name in ("td", "th"):
                parts.append(" ")
            if name and element.text:
                parts.append(_spaces(element.text))
        else:
            if name in _BLOCKS and name != "br":
                parts.append("\n")
            if element.tail:
                parts.append(_spaces(element.tail))


def _spaces(text: str) -> str:
    """Line ends of the source are no line ends of the page; between Chinese characters they are nothing."""
    return (
        re.sub(r"\s*\n\s*", " ", text)
        if not re.search(r"[\u3000-\u9fff]\s*\n\s*[\u3000-\u9fff]", text)
        else re.sub(r"(?<=[\u3000-\u9fff])\s*\n\s*(?=[\u3000-\u9fff])", "", text).replace("\n", " ")
    )


def _xml(data: bytes) -> str:
    """Characters, and the names that only attributes carry (FHIR XML, CDA codes)."""
    root = xml_reader.parse(data, forgiving=True)
    parts: list[str] = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for key in ("displayName", "value", "title"):
            value = element.get(key)
            if value and re.search(r"[^\W\d_]{2}", value) and len(value) < 2000:
                parts.append(value)
        if element.text and element.text.strip():
            parts.append(" ".join(element.text.split()))
        if element.tail and element.tail.strip():
            parts.append(" ".join(element.tail.split()))
    return "\n".join(dict.fromkeys(parts)) if len(parts) < 200_000 else "\n".join(parts)


def _json(data: bytes) -> str:
    try:
        loaded = json.loads(decode(data))
    except (ValueError, RecursionError):
        return decode(data)
    parts: list[str] = []
    waiting = [loaded]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, dict):
            waiting.extend(reversed(thing.values()))
        elif isinstance(thing, list):
            waiting.extend(reversed(thing))
        elif isinstance(thing, str) and thing.strip():
            # FHIR carries its narrative as a fragment of XHTML.
            parts.append(_html(thing.encode()) if thing.lstrip().startswith("<div") else thing)
        elif thing is not None and not isinstance(thing, bool):
            parts.append(str(thing))
    return "\n".join(parts)


def _mail(data: bytes) -> str:
    message = email.message_from_bytes(data, policy=email.policy.default)
    parts = [f"{name}: {_header(message, name)}" for name in ("From", "To", "Cc", "Date", "Subject") if message[name]]
    body = message.get_body(("plain", "html")) if isinstance(message, email.message.EmailMessage) else None
    if body is not None:
        content = body.get_payload(decode=True)
        raw = content if isinstance(content, bytes) else b""
        charset = body.get_content_charset("")
        try:
            text = raw.decode("gb18030" if charset in ("gb2312", "gbk") else charset) if charset else decode(raw)
        except (LookupError, UnicodeDecodeError):
            text = decode(raw)
        parts += ["", _html(text.encode()) if body.get_content_type() == "text/html" else text.replace("\r\n", "\n")]
    names = mail_attachments(data)
    return "\n".join([*parts, *([""] if names else []), *names])


def _header(message: Any, name: str) -> str:
    try:
        return str(message[name])
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""  # the standard library trips over some broken headers; the rest of the message still reads


def mail_attachments(data: bytes) -> list[str]:
    """The names of a message's attachments."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        return [str(part.get_filename() or "") for part in message.walk() if part.get_filename()][:100]
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return []
