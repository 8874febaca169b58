"""Formats that live inside a zip or an OLE file, told by their members."""

import zipfile

import olefile

from yidang.formats.source import Source
from yidang.formats.types import Format

_X = "application/vnd.openxmlformats-officedocument."
_ZIP = Format("x-fmt/263", "application/zip", "ZIP Format", ("zip",), "signature", "archive")
_OLE = Format("fmt/111", "application/x-ole-storage", "OLE2 Compound Document", (), "signature", "other")
OFD = Format("yidang/ofd", "application/ofd", "OFD (GB/T 33190)", ("ofd",), "container", "ofd")


def _office(puid: str, mime: str, name: str, *endings: str) -> Format:
    return Format(puid, mime, name, endings, "container", "office")


_BY_FOLDER = {
    "word/": _office("fmt/412", f"{_X}wordprocessingml.document", "Microsoft Word 2007 onwards", "docx"),
    "xl/": _office("fmt/214", f"{_X}spreadsheetml.sheet", "Microsoft Excel 2007 onwards", "xlsx"),
    "ppt/": _office("fmt/215", f"{_X}presentationml.presentation", "Microsoft PowerPoint 2007 onwards", "pptx"),
}
# The same with macros allowed; whether there are any is a finding of its own.
_WITH_MACROS = {
    "word/": _office("fmt/523", "application/vnd.ms-word.document.macroEnabled.12", "Microsoft Word, macros", "docm"),
    "xl/": _office("fmt/445", "application/vnd.ms-excel.sheet.macroEnabled.12", "Microsoft Excel, macros", "xlsm"),
    "ppt/": _office(
        "fmt/487", "application/vnd.ms-powerpoint.presentation.macroEnabled.12", "PowerPoint, macros", "pptm"
    ),
}
_XLSB = _office("fmt/595", "application/vnd.ms-excel.sheet.binary.macroEnabled.12", "Excel binary workbook", "xlsb")
_BY_MIMETYPE = {
    "application/vnd.oasis.opendocument.text": ("fmt/291", "OpenDocument Text", "odt", "office"),
    "application/vnd.oasis.opendocument.spreadsheet": ("fmt/295", "OpenDocument Spreadsheet", "ods", "office"),
    "application/vnd.oasis.opendocument.presentation": ("fmt/293", "OpenDocument Presentation", "odp", "office"),
    "application/vnd.oasis.opendocument.graphics": ("fmt/297", "OpenDocument Drawing", "odg", "office"),
    "application/epub+zip": ("fmt/483", "ePub", "epub", "other"),
}


def of_zip(source: Source) -> Format:
    """What a zip is; a plain zip if nothing tells."""
    try:
        with zipfile.ZipFile(source.file()) as archive:
            members = archive.namelist()[:20_000]
            return _of_members(archive, members) or _ZIP
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, UnicodeDecodeError):
        head = source.head(4096)
        for folder, known in _BY_FOLDER.items():
            if b"[Content_Types].xml" in head and folder.encode() in head:
                return known
        return OFD if b"OFD.xml" in head else _ZIP


def _of_members(archive: zipfile.ZipFile, members: list[str]) -> Format | None:
    names = {name.replace("\\", "/").lstrip("/") for name in members}
    if "OFD.xml" in names:
        return OFD
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        mime = archive.read("mimetype").decode("ascii", "replace").strip()
        if mime in _BY_MIMETYPE:
            puid, name, ending, kind = _BY_MIMETYPE[mime]
            return Format(puid, mime, name, (ending,), "container", kind)
    if "[Content_Types].xml" in names:
        types = b""
        if "[Content_Types].xml" in members and archive.getinfo("[Content_Types].xml").file_size < 1 << 20:
            types = archive.read("[Content_Types].xml")
        for folder, known in _BY_FOLDER.items():
            if any(name.startswith(folder) for name in names):
                if b"sheet.binary" in types:
                    return _XLSB
                return _WITH_MACROS[folder] if b"macroEnabled" in types else known
    if "META-INF/MANIFEST.MF" in names:
        return Format("x-fmt/412", "application/java-archive", "Java Archive", ("jar",), "container", "other")
    return None


_OLE_STREAMS = [
    ("WordDocument", _office("fmt/40", "application/msword", "Microsoft Word 97-2003", "doc", "wps", "dot")),
    ("Workbook", _office("fmt/61", "application/vnd.ms-excel", "Microsoft Excel 97-2003", "xls", "et", "xlt")),
    ("Book", _office("fmt/59", "application/vnd.ms-excel", "Microsoft Excel 5.0/95", "xls")),
    ("PowerPoint Document",
     _office("fmt/126", "application/vnd.ms-powerpoint", "Microsoft PowerPoint 97-2003", "ppt", "dps", "pps")),
    ("EncryptedPackage", _office("fmt/494", "application/encrypted", "Encrypted Office Document", "docx", "xlsx", "pptx")),
    ("__properties_version1.0",
     Format("x-fmt/430", "application/vnd.ms-outlook", "Outlook Message", ("msg",), "container", "email")),
    ("VisioDocument", Format("x-fmt/258", "application/vnd.visio", "Microsoft Visio", ("vsd",), "container", "other")),
]  # fmt: skip


def of_ole(source: Source) -> Format | None:
    """What an OLE file is; nothing if it cannot even be listed."""
    try:
        with olefile.OleFileIO(source.file()) as ole:
            names = {"/".join(path) for path in ole.listdir()}
    except (OSError, ValueError, IndexError, KeyError, AttributeError, RecursionError):
        return None
    for stream, known in _OLE_STREAMS:
        if stream.lower() in {name.lower() for name in names}:
            return known
    return _OLE
