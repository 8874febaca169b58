"""Office files at the door: password, macros, links to outside, embedded objects, and a first text without LibreOffice."""

import io
import re
import zipfile

import olefile

from yidang.formats import archive_checks, xml_reader
from yidang.formats.lines import join_lines
from yidang.formats.looking import Look
from yidang.formats.source import Source
from yidang.formats.types import Format, ReadingFailed

_MACRO_STREAMS = ("macros/vba", "_vba_project_cur", "vba/dir", "_vba_project")
_MACRO_MEMBERS = re.compile(r"(?:^|/)(?:vbaProject\.bin|vbaData\.xml)$|(?:^|/)macrosheets/|^Basic/|^Scripts/", re.I)
_TEXT_MEMBERS = re.compile(r"^(?:word/document\.xml|ppt/slides/slide\d+\.xml|xl/sharedStrings\.xml|content\.xml)$")
_TARGET = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>")
_HREF = re.compile(rb"Target\s*=\s*[\"']([^\"']*)")
_READ_MOST = 8 << 20
_BREAKS = {"p", "tr", "br", "si", "h"}


def check(source: Source, known: Format, look: Look) -> None:
    """Find what LibreOffice need not be started for."""
    look.later.add("office")
    head = source.head(8)
    if head.startswith(b"PK"):
        _zipped(source, look)
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        _ole(source, known, look)
    else:
        look.opened = True
        if known.mime == "application/rtf":
            _rtf(source, look)


def _zipped(source: Source, look: Look) -> None:
    archive_checks.check_zip(source.file(), look, 1, inside="office")
    if not look.opened or look.failed:
        return
    try:
        with zipfile.ZipFile(source.file()) as archive:
            _members(archive, look)
    except ReadingFailed as failed:
        look.findings.append(failed.finding)
        look.opened = False
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, KeyError) as error:
        look.add("broken", reason=str(error)[:120])
        look.opened = False


def _members(archive: zipfile.ZipFile, look: Look) -> None:
    texts: list[str] = []
    links: list[str] = []
    embedded = 0
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")
        if _MACRO_MEMBERS.search(name):
            look.add("macros", where=name)
        embedded += "/embeddings/" in name.lower()
        if info.file_size > _READ_MOST:
            continue
        if name.endswith(".rels"):
            links += _outside(archive.read(info))
        elif name.endswith((".xml", ".rdf")):
            _member_xml(archive.read(info), name, look, texts)
    if links:
        look.add("external_links", count=len(links), first=links[0][:100])
    if embedded:
        look.add("embedded_objects", count=embedded)
    look.sample = join_lines("\n\n".join(texts))


def _member_xml(data: bytes, name: str, look: Look, texts: list[str]) -> None:
    for danger in xml_reader.dangers(data):
        look.add(danger.code)
    if look.failed:
        return
    if b"<manifest:encryption-data" in data:
        look.add("encrypted")
    if _TEXT_MEMBERS.match(name) and sum(map(len, texts)) < look.limits.sample_characters:
        texts.append(paragraphs(data))


def _outside(data: bytes) -> list[str]:
    """Targets that are fetched when the document opens; a hyperlink that waits for a click is none."""
    found = []
    for relation in _TARGET.findall(data):
        target = _HREF.search(relation)
        if target and b"/hyperlink" not in relation:
            found.append(target[1].decode("utf-8", "replace"))
    return found


def paragraphs(data: bytes) -> str:
    """The characters of an OOXML or ODF part, a line per paragraph."""
    parts: list[str] = []
    for element in xml_reader.parse(data).iter():
        name = xml_reader.local(element)
        if name in _BREAKS and parts and parts[-1] != "\n\n":
            parts.append("\n\n")
        elif name == "tab":
            parts.append("\t")
        if element.text and (name in ("t", "p", "span", "h", "a") or element.text.strip()) and name != "instrText":
            parts.append(element.text)
        if element.tail and element.tail.strip():
            parts.append(element.tail)
    return "".join(parts)


def _ole(source: Source, known: Format, look: Look) -> None:
    try:
        with olefile.OleFileIO(source.file()) as ole:
            names = ["/".join(path) for path in ole.listdir()]
            lowered = [name.lower() for name in names]
            if "encryptedpackage" in lowered or "encryptioninfo" in lowered:
                look.add("encrypted")
                return
            for name in lowered:
                if name.endswith("vba/dir") or any(name.startswith(part) for part in _MACRO_STREAMS):
                    look.add("macros", where=name)
            if any(name.startswith("objectpool/") for name in lowered):
                look.add(
                    "embedded_objects",
                    count=len({name.split("/")[1] for name in lowered if name.startswith("objectpool/")}),
                )
            _ole_main(ole, names, look)
            look.opened = not look.failed
    except (OSError, ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        look.add("broken", reason=f"{type(error).__name__}: {error}"[:120])


def _ole_main(ole: olefile.OleFileIO, names: list[str], look: Look) -> None:
    for name in names:
        if name == "WordDocument":
            stream = ole.openstream(name).read(_READ_MOST)
            if len(stream) > 12 and stream[11] & 1:
                look.add("encrypted")
                return
            look.sample = _runs(stream)
        elif name in ("Workbook", "Book"):
            stream = ole.openstream(name).read(_READ_MOST)
            # FILEPASS stands among the first records of an encrypted workbook.
            if _has_record(stream, 0x2F):
                look.add("encrypted")
                return
            look.sample = _runs(stream)
        elif name == "PowerPoint Document":
            look.sample = _runs(ole.openstream(name).read(_READ_MOST))
    if any("encryptedsummary" in name.lower() for name in names):
        look.add("encrypted")


def _has_record(stream: bytes, wanted: int) -> bool:
    position = 0
    for _count in range(64):
        if position + 4 > len(stream):
            return False
        kind = int.from_bytes(stream[position : position + 2], "little")
        if kind == wanted:
            return True
        position += 4 + int.from_bytes(stream[position + 2 : position + 4], "little")
    return False


_WIDE = re.compile(rb"(?:[\x20-\x7e\r\n\t]\x00|[\x00-\xff][\x4e-\x9f]|[\x00-\x1f]\x30|[\x00-\xef]\xff){4,}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _runs(stream: bytes) -> str:
    """Runs of UTF-16 characters: enough for a title and a mark of secrecy; the whole text comes by LibreOffice."""
    found: list[str] = []
    for shift in (0, 1):
        for run in _WIDE.finditer(stream[shift : 1 << 20]):
            if run.start() % 2:
                continue
            text = run.group().decode("utf-16-le", "ignore")
            rare = sum(not _plain(char) for char in text)
            if rare * 5 <= len(text) and len(text) > 3:
                found.append(text.replace("\r", "\n"))
    return "\n".join(found)[:20_000]


def _plain(char: str) -> bool:
    if char.isascii():
        return True
    try:
        return char.encode("gb2312") != b""
    except UnicodeEncodeError:
        return False


def _rtf(source: Source, look: Look) -> None:
    data = source.head(_READ_MOST)
    if re.search(rb"\\obj(?:ect|data|emb)", data):
        look.add("embedded_objects", count=len(re.findall(rb"\\objdata", data)))
    if re.search(rb"\\\*\\template\s+https?:|INCLUDEPICTURE\s+\\?\"?https?:", data):
        look.add("external_links", count=1, first="template")
    look.sample = rtf_text(data)


def rtf_text(data: bytes) -> str:
    """The characters of an RTF, good enough for a sample."""
    text = data.decode("latin-1")
    text = re.sub(r"\{\\\*?\\?(?:fonttbl|colortbl|stylesheet|info|\*)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "", text)
    text = re.sub(r"\\u(-?\d+)\s?(?:\\'[0-9a-fA-F]{2}|\?)?", lambda m: chr(int(m[1]) % 65536), text)
    text = re.sub(
        r"(?:\\'[0-9a-fA-F]{2})+", lambda m: bytes.fromhex(m[0].replace("\\'", "")).decode("gb18030", "ignore"), text
    )
    text = re.sub(r"\\(?:par|line|row|cell)\b\s?", "\n", text)
    return re.sub(r"\\[a-z]+-?\d*\s?|[{}]|\\\*", "", text).encode("utf-8", "ignore").decode().strip()


def warm() -> None:
    """Touch what every Office file needs."""
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", "<p>文</p>")
