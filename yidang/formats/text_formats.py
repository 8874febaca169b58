"""Formats made of characters: which encoding, and whether plain, marked up, structured or a message."""

import json
import re

from yidang.formats.source import Source
from yidang.formats.types import Format

_BOMS = [
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
]  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_COMMON = re.compile(
    r"[的一是不了在人有我他这中大来上个国和地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里年月日，。、：；的為個這國學會們來說時對]"
)
_MAIL = re.compile(r"\A(?:[A-Za-z][\w-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){3,}", re.MULTILINE)
_MAIL_NAMES = re.compile(
    r"^(?:From|To|Subject|Date|Message-ID|MIME-Version|Received|Return-Path):", re.MULTILINE | re.I
)
_ROOT = re.compile(
    r"\A\s*(?:<\?xml[^>]*\?>)?(?:\s|<!--.*?-->|<\?[^>]*\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*<([\w.:-]+)([^>]*)",
    re.DOTALL,
)


def encoding_of(data: bytes, *, whole: bool = False) -> str:
    """The encoding that the bytes read well in; empty if they are no text.

    :param whole: the data is the whole file; otherwise its last character may be cut
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    if b"\x00" in data:
        return _utf16(data)
    if _reads(data, "utf-8", whole=whole):
        return "utf-8"
    declared = re.search(rb"(?:encoding|charset)\s*=\s*[\"']?([\w-]+)", data[:1024])
    if declared and declared[1].lower() in (
        b"big5",
        b"shift_jis",
        b"euc-jp",
        b"euc-kr",
        b"iso-8859-1",
        b"windows-1252",
    ):
        return declared[1].decode().lower()
    ranked = [(_likely(data, name), name) for name in ("gb18030", "big5") if _reads(data, name, whole=whole)]
    if ranked and max(ranked)[0] > 0.02:
        return max(ranked)[1]
    if declared and _reads(data, "gb18030", whole=whole):
        return "gb18030"
    high = sum(byte > 0x7F for byte in data[:4096])
    if high * 4 < len(data[:4096]) and not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", data):
        return ranked[0][1] if ranked and high > 8 else "latin-1"
    return ""


def _utf16(data: bytes) -> str:
    """UTF-16 without a mark: half of the bytes of western text are zero, on the same side."""
    even, odd = data[:2000:2].count(0), data[1:2000:2].count(0)
    half = max(1, len(data[:2000]) // 2)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _reads(data: bytes, encoding: str, *, whole: bool) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if whole or error.start < len(data) - 4:
            return False
        text = data[: error.start].decode(encoding, "replace")
    return len(_CONTROL.findall(text[:8192])) * 200 <= len(text[:8192])


def _likely(data: bytes, encoding: str) -> float:
    """How much of the text is everyday Chinese."""
    text = data[:8192].decode(encoding, "ignore")
    return len(_COMMON.findall(text)) / max(1, len(text))


def decode(data: bytes) -> str:
    """The characters of a text file, whatever its encoding."""
    encoding = encoding_of(data, whole=True) or encoding_of(data[:65536]) or "utf-8"
    return data.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _text(name: str, mime: str, kind: str, puid: str, *endings: str, basis: str = "text") -> Format:
    return Format(puid, mime, name, endings, basis, kind)


_NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030", "big5": "Big5", "utf-16": "UTF-16",
    "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32": "UTF-32", "latin-1": "ISO 8859-1",
}  # fmt: skip
_TEXT_ENDINGS = {"md": ("fmt/1149", "Markdown", "text/markdown"), "csv": ("x-fmt/18", "CSV", "text/csv")}


def look(source: Source, head: bytes) -> Format | None:
    """The format of a file of characters; nothing if it is not one."""
    encoding = encoding_of(head, whole=len(head) == source.size)
    if not encoding:
        return None
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    start = text.lstrip()[:4096]
    if start.startswith("<"):
        marked = _marked_up(text)
        if marked:
            return marked
    if start.startswith(("{", "[")):
        structured = _json(source, text, encoding)
        if structured:
            return structured
    if _MAIL.match(start) and len(_MAIL_NAMES.findall(start)) >= 2:
        return _text("E-mail (RFC 5322)", "message/rfc822", "email", "fmt/278", "eml")
    if start.startswith(r"{\rtf") or text.startswith("%PDF-"):
        return None
    puid, name, mime = _TEXT_ENDINGS.get(source.ending, ("x-fmt/111", "Plain text", "text/plain"))
    endings = (source.ending, "txt") if source.ending in _TEXT_ENDINGS else ("txt",)
    return _text(f"{name}, {_NAMES.get(encoding, encoding)}", mime, "text", puid, *endings)


def _marked_up(text: str) -> Format | None:
    html = re.match(
        r"\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", text, re.I | re.S
    )
    if html:
        return _text("HTML", "text/html", "html", "fmt/96", "html", "htm", basis="xml")
    root = _ROOT.match(text)
    if not root:
        return _xml("XML", "fmt/101", "xml") if text.lstrip().startswith("<?xml") else None
    name, attributes = root[1].rpartition(":")[2], root[2]
    if name == "ClinicalDocument" and "urn:hl7-org:v3" in attributes:
        return _xml("HL7 CDA", "yidang/cda", "xml", "cda")
    if "http://hl7.org/fhir" in attributes:
        return _xml("HL7 FHIR XML", "yidang/fhir-xml", "xml")
    if name == "svg":
        return Format("fmt/92", "image/svg+xml", "Scalable Vector Graphics", ("svg",), "xml", "xml")
    if name == "ead":
        return _xml("EAD", "yidang/ead", "xml", "ead")
    if name == "xbrl":
        return _xml("XBRL", "yidang/xbrl", "xml", "xbrl")
    return _xml("XML", "fmt/101", "xml", "xsd", "rng", "xsl")


def _xml(name: str, puid: str, *endings: str) -> Format:
    return _text(name, "application/xml", "xml", puid, *endings, basis="xml")


def _json(source: Source, text: str, encoding: str) -> Format | None:
    if len(text.encode(encoding, "replace")) >= source.size - 3:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return None
    elif not re.match(r"\s*(?:\{\s*\"|\[\s*[\[{\"\d])", text):
        return None
    if re.search(r"\"resourceType\"\s*:\s*\"[A-Z]\w+\"", text):
        return _text("HL7 FHIR JSON", "application/fhir+json", "json", "yidang/fhir-json", "json", basis="text")
    return _text("JSON", "application/json", "json", "fmt/817", "json", basis="text")
