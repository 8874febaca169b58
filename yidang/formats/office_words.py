"""The words of an Office file as its own XML holds them, without LibreOffice: a second witness for a conversion."""

import re
import zipfile

from yidang.formats import xml_reader
from yidang.formats.source import Source

# What stands on pages: the body, the slides, the cells. Notes, comments and hidden names do not.
_PARTS = re.compile(r"word/document\.xml|ppt/slides/slide\d+\.xml|xl/sharedStrings\.xml|content\.xml")
# Elements whose characters are shown: runs of Word and PowerPoint, strings of Excel, everything in OpenDocument's body.
_RUNS = {"t"}
_MOST_BYTES = 64 << 20


def words_of(source: Source) -> str | None:
    """The words, or nothing for a file that is no zip of XML (the old binary Office, RTF)."""
    try:
        with zipfile.ZipFile(source.file()) as archive:  # type: ignore[arg-type]
            infos = [info for info in archive.infolist() if _PARTS.fullmatch(info.filename)]
            if not infos or sum(info.file_size for info in infos) > _MOST_BYTES:
                return None
            return "".join(_words(info.filename, archive.read(info)) for info in infos)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return None


def _words(name: str, data: bytes) -> str:
    root = xml_reader.parse(data)
    if name == "content.xml":
        body = next((one for one in root if xml_reader.local(one) == "body"), root)
        return xml_reader.text_of(body)
    return "".join(one.text or "" for one in root.iter() if xml_reader.local(one) in _RUNS)
