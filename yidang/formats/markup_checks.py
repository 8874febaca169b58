"""Text, HTML, XML, JSON and e-mail at the door."""

import json
import re

from yidang.formats import extracting, xml_reader
from yidang.formats.looking import Look
from yidang.formats.source import Source
from yidang.formats.text_formats import decode
from yidang.formats.types import Format

_ALL = 8 << 20
_SCRIPT = re.compile(rb"<script\b|\son\w+\s*=|javascript:", re.I)
_OUTSIDE = re.compile(
    rb"<(?:img|link|iframe|script|object|embed)\b[^>]*(?:src|href|data)\s*=\s*[\"']?(https?:[^\"'\s>]*)", re.I
)


def check(source: Source, known: Format, look: Look) -> None:
    """Well-formed, and free of what would act by itself."""
    data = source.head(_ALL)
    whole = len(data) == source.size
    if known.kind == "xml":
        look.findings += xml_reader.dangers(data)
        if look.failed:
            return
        if source.size <= xml_reader.MOST_BYTES:
            xml_reader.parse(source.data)
    elif known.kind == "json" and whole:
        try:
            json.loads(decode(data))
        except (ValueError, RecursionError) as error:
            look.add("broken", reason=str(error)[:120])
            return
    elif known.kind == "html":
        _html(data, look)
    elif known.kind == "email":
        _attachments(data, look)
    look.opened = True
    look.pages = None
    pages = extracting.of_markup(data, known, limit=look.limits.sample_characters)
    look.sample = "\n\n".join(page.text for page in pages)


def _html(data: bytes, look: Look) -> None:
    if _SCRIPT.search(data):
        look.add("html_script")
    outside = _OUTSIDE.findall(data)
    if outside:
        look.add("external_links", count=len(outside), first=outside[0].decode("utf-8", "replace")[:100])


def _attachments(data: bytes, look: Look) -> None:
    names = [name for name in extracting.mail_attachments(data) if name]
    if names:
        look.add("embedded_files", names=names[:10])
