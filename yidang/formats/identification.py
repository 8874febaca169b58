"""What a file is: containers by what they hold, then PRONOM's signatures, then text by how it reads.

Runs inside the cage. The order matters: a docx is a zip for PRONOM, an OFD is nothing at all.
"""

import re
from typing import Any

from yidang.formats import container_formats, pdf_formats, text_formats
from yidang.formats.findings import Finding, finding
from yidang.formats.pronom import HEAD, TAIL, Entry, registry
from yidang.formats.source import Source
from yidang.formats.types import UNKNOWN, Format

# What a browser or a reader calls it, where the registry names none or an outdated one; and which reader it gets.
_BY_PREFIX: list[tuple[re.Pattern[str], str, str]] = [
    (re.compile(r"^(Acrobat PDF|PDF\b)"), "application/pdf", "pdf"),
    (re.compile(r"^(Raw )?JPEG|^Exchangeable Image File Format \(Compressed"), "image/jpeg", "image"),
    (re.compile(r"^JP2|^JPEG 2000"), "image/jp2", "image"),
    (re.compile(r"^Portable Network Graphics"), "image/png", "image"),
    (re.compile(r"^Tagged Image File Format|TIFF"), "image/tiff", "image"),
    (re.compile(r"^Windows Bitmap|^OS/2 Bitmap"), "image/bmp", "image"),
    (re.compile(r"^Graphics Interchange"), "image/gif", "image"),
    (re.compile(r"^WebP"), "image/webp", "image"),
    (re.compile(r"^Rich Text Format"), "application/rtf", "office"),
    (re.compile(r"^Microsoft Word"), "application/msword", "office"),
    (re.compile(r"^Microsoft Excel"), "application/vnd.ms-excel", "office"),
    (re.compile(r"^Microsoft PowerPoint|^Microsoft Powerpoint"), "application/vnd.ms-powerpoint", "office"),
    (re.compile(r"^Digital Imaging and Communications"), "application/dicom", "dicom"),
    (re.compile(r"^MPEG 1/2 Audio Layer 3"), "audio/mpeg", "audio"),
    (re.compile(r"^(Waveform|Broadcast WAVE|RIFF|WAVE)"), "audio/wav", "audio"),
    (re.compile(r"^Free Lossless Audio"), "audio/flac", "audio"),
    (re.compile(r"^(MPEG-4 Media|Quicktime|MPEG-1|MPEG-2|Audio/Video Interleaved|Matroska|WebM)"), "", "video"),
    (re.compile(r"^(TAR|Tape Archive|GZIP|BZIP2|XZ|7Zip|7-Zip|RAR|ZIP Format|Microsoft Cabinet)", re.I), "", "archive"),
    (re.compile(r"^(Internet Message|Email|MIME Email)"), "message/rfc822", "email"),
]  # fmt: skip
_TAR = Format("x-fmt/265", "application/x-tar", "Tape Archive Format", ("tar",), kind="archive")
_MP4 = Format("fmt/199", "video/mp4", "MPEG-4 Media File", ("mp4", "m4v", "mov", "m4a"), kind="video")
_DICOM = Format("fmt/574", "application/dicom", "DICOM", ("dcm", "dicom"), kind="dicom")
_MP3 = Format("fmt/134", "audio/mpeg", "MPEG 1/2 Audio Layer 3", ("mp3",), kind="audio")
# Signatures that need an intact end of the file miss one that is cut; what it was meant to be is still to be told.
_BEGINNINGS = [
    (b"\xff\xd8\xff", Format("fmt/43", "image/jpeg", "JPEG File Interchange Format", ("jpg", "jpeg"), kind="image")),
    (b"\x89PNG\r\n\x1a\n", Format("fmt/11", "image/png", "Portable Network Graphics", ("png",), kind="image")),
    (b"GIF8", Format("fmt/4", "image/gif", "Graphics Interchange Format", ("gif",), kind="image")),
    (b"II*\x00", Format("fmt/353", "image/tiff", "Tagged Image File Format", ("tif", "tiff"), kind="image")),
    (b"MM\x00*", Format("fmt/353", "image/tiff", "Tagged Image File Format", ("tif", "tiff"), kind="image")),
    (b"BM", Format("fmt/116", "image/bmp", "Windows Bitmap", ("bmp",), kind="image")),
    (b"7z\xbc\xaf'\x1c", Format("fmt/484", "application/x-7z-compressed", "7Zip format", ("7z",), kind="archive")),
    (b"Rar!", Format("x-fmt/264", "application/vnd.rar", "RAR Archive", ("rar",), kind="archive")),
    (b"\x1f\x8b", Format("x-fmt/266", "application/gzip", "GZIP Format", ("gz", "tgz"), kind="archive")),
    (b"RIFF", Format("fmt/6", "audio/wav", "Waveform Audio", ("wav",), kind="audio")),
]  # fmt: skip

# Programs: nobody archives them as documents, and some pretend to be one.
_PROGRAMS = (
    (b"MZ", "Windows"),
    (b"\x7fELF", "Linux"),
    (b"\xcf\xfa\xed\xfe", "macOS"),
    (b"\xca\xfe\xba\xbe", "Java/macOS"),
)
_PROGRAM_ENDINGS = {
    "exe",
    "dll",
    "scr",
    "com",
    "bat",
    "cmd",
    "ps1",
    "vbs",
    "js",
    "jar",
    "msi",
    "hta",
    "lnk",
    "sh",
    "wsf",
}
# Endings that mean the same thing, or so little that any content may carry them.
_SAME = [
    {"jpg", "jpeg", "jpe", "jfif"}, {"tif", "tiff"}, {"htm", "html", "xhtml"}, {"mp4", "m4v", "m4a", "mov"},
    {"doc", "dot", "wps"}, {"xls", "xlt", "et"}, {"ppt", "pps", "pot", "dps"}, {"doc", "rtf"},
    {"docx", "dotx", "wps"}, {"xlsx", "xltx", "et"}, {"pptx", "ppsx", "potx", "dps"},
    {"txt", "md", "csv", "log", "text", "tsv", "ini", "yaml", "yml", "json", "py", "sql", "srt"},
    {"xml", "xsd", "rng", "xsl", "cda", "xbrl", "svg", "xhtml", "ead"}, {"xml", "html", "htm"},
    {"eml", "mht", "mhtml", "txt"}, {"gz", "tgz"}, {"dcm", "dicom", ""},
]  # fmt: skip
_VAGUE = {"", "bin", "dat", "tmp", "bak", "old"}


def look(source: Source) -> Format:
    """The format of a file; ``UNKNOWN`` if nothing tells."""
    head = source.head(HEAD)
    if not head:
        return UNKNOWN
    if head.startswith(b"%PDF-"):
        return pdf_formats.look(source, head)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return container_formats.of_zip(source)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        found = container_formats.of_ole(source)
        if found:
            return found
    text = text_formats.look(source, head)
    if text is not None and text.basis == "xml":
        return text
    entries = registry().match(head, source.tail(TAIL), wide=text is None)
    if entries:
        return _best(entries, source, text)
    return _by_own_rules(source, head) or text or UNKNOWN


def _by_own_rules(source: Source, head: bytes) -> Format | None:
    """What the registry's signatures miss, or are too strict for."""
    if source.size > 132 and head[128:132] == b"DICM":
        return _DICOM
    if head[4:8] == b"ftyp":
        return _MP4
    if head[257:262] == b"ustar":
        return _TAR
    if head[:3] == b"ID3" or (head[0] == 0xFF and head[1:2] in (b"\xfb", b"\xf3", b"\xf2")):
        return _MP3
    if b"%PDF-" in head[:1024]:
        return pdf_formats.UNVERSIONED
    return next((known for beginning, known in _BEGINNINGS if head.startswith(beginning)), None)


def _best(entries: list[Entry], source: Source, text: Format | None) -> Format:
    """The one of several matches whose usual ending is the file's, else the first that has a reader."""
    formats = [_to_format(entry) for entry in entries]
    if text is not None:
        strong = [known for known in formats if known.kind in ("pdf", "office", "email")]
        return strong[0] if strong else text
    for known in formats:
        if source.ending in known.extensions:
            return known
    return next((known for known in formats if known.kind != "other"), formats[0])


def _to_format(entry: Entry) -> Format:
    for pattern, mime, kind in _BY_PREFIX:
        if pattern.search(entry.name):
            usual = {"image/jpeg": "jpg", "image/tiff": "tif"}.get(mime)
            endings = (usual, *entry.extensions) if usual else entry.extensions
            mime = (
                mime or entry.mime.split(",")[0].strip() or f"{kind}/octet-stream".replace("archive/", "application/")
            )
            return Format(entry.puid, mime, entry.name, tuple(dict.fromkeys(endings)), "signature", kind)
    mime = entry.mime.split(",")[0].strip() or "application/octet-stream"
    kind = mime.split("/")[0] if mime.startswith(("audio/", "video/")) else "other"
    return Format(entry.puid, mime, entry.name, entry.extensions, "signature", kind)


def same_kind(ending: str, known: Format) -> bool:
    """Whether a file of this format may carry this ending."""
    return ending in known.extensions or any(
        ending in group and group.intersection(known.extensions) for group in _SAME
    )


def agreement(source: Source, known: Format) -> list[Finding]:
    """Whether name and content agree, and whether the content is only one thing."""
    findings = [*_program(source, known), *_polyglot(source, known)]
    ending = source.ending
    if not known.puid:
        return [*findings, finding("format_unknown")]
    if findings:
        return findings
    facts = {"extension": ending, "name": known.name, "expected": known.extension}
    if not ending:
        findings.append(finding("extension_missing", **facts))
    elif not same_kind(ending, known) and known.extensions:
        claims = ending in _claimed()
        findings.append(
            finding("extension_differs" if claims and ending not in _VAGUE else "extension_unusual", **facts)
        )
    findings.append(finding("format_identified", name=known.name, puid=known.puid))
    return findings


def _claimed() -> frozenset[str]:
    """Endings that promise a certain content to whoever opens the file."""
    return _CLAIMED


_CLAIMED = frozenset(
    "pdf ofd doc docx xls xlsx ppt pptx rtf odt ods odp wps et dps jpg jpeg png gif bmp tif tiff webp jp2 xml html htm "
    "json eml msg zip tar gz 7z rar mp3 wav mp4 mov avi mkv dcm csv txt".split()
)


def _program(source: Source, known: Format) -> list[Finding]:
    head = source.head(64)
    for magic, system in _PROGRAMS:
        if head.startswith(magic) and known.kind in ("other", "text"):
            return [finding("program_file", name=known.name if known.puid else system)]
    if source.ending in _PROGRAM_ENDINGS:
        return [finding("program_file", name=f".{source.ending}")]
    return []


def _polyglot(source: Source, known: Format) -> list[Finding]:
    """Two formats in one file: the trick that lets a harmless look carry something else."""
    other = ""
    head, tail = source.head(1024), source.tail(66_000)
    zipped = b"PK\x05\x06" in tail and b"PK\x01\x02" in tail
    if known.kind != "archive" and known.basis == "signature" and zipped and known.kind in ("pdf", "image", "audio"):
        # A PDF that embeds a zip also has these bytes; only one whose directory runs to the very end is a zip itself.
        end = tail.rfind(b"PK\x05\x06")
        comment = int.from_bytes(tail[end + 20 : end + 22], "little")
        other = "ZIP" if len(tail) - end - 22 in range(comment, comment + 4) else ""
    if known.kind != "pdf" and b"%PDF-" in head and known.kind not in ("text", "html", "xml", "json", "email"):
        other = "PDF"
    if known.kind == "pdf" and not head.startswith(b"%PDF-"):
        before = head.split(b"%PDF-")[0]
        if re.search(rb"<html|<script|^MZ|\x7fELF|^GIF8|^\xff\xd8\xff|^PK", before, re.I):
            other = "HTML" if b"<" in before[:64] else "?"
    if known.kind == "image" and re.search(rb"<script|<\?php", source.head(4096) + tail[-4096:], re.I):
        other = "HTML"
    return [finding("polyglot", name=known.name, other=other)] if other else []


def identify(sources: list[Source]) -> tuple[Any, bytes]:
    """The deed: the formats of some files."""
    return [look(source).to_json() for source in sources], b""


def warm() -> None:
    """Read the registry, so that children have it."""
    registry()
