"""Which PDF it is: version and archival profile, by the same marks as PRONOM's signatures, without trying them all."""

import re

from yidang.formats.source import Source
from yidang.formats.types import Format

_HEADER = re.compile(rb"%PDF-(\d\.\d)")
_PART = re.compile(rb"pdfaid:part(?:>|\s*=\s*[\"'])\s*(\d)")
_CONFORMANCE = re.compile(rb"pdfaid:conformance(?:>|\s*=\s*[\"'])\s*([A-Za-z])")
_VERSIONS = {
    "1.0": "fmt/14", "1.1": "fmt/15", "1.2": "fmt/16", "1.3": "fmt/17", "1.4": "fmt/18", "1.5": "fmt/19", "1.6": "fmt/20",
    "1.7": "fmt/276", "2.0": "fmt/1129",
}  # fmt: skip
_ARCHIVAL = {
    "1a": "fmt/95", "1b": "fmt/354", "2a": "fmt/476", "2b": "fmt/477", "2u": "fmt/478", "3a": "fmt/479", "3b": "fmt/480",
    "3u": "fmt/481",
}  # fmt: skip
_METADATA_WITHIN = 4 << 20


def _format(puid: str, name: str) -> Format:
    return Format(puid, "application/pdf", name, ("pdf",), "signature", "pdf")


UNVERSIONED = _format("fmt/276", "PDF")


def look(source: Source, head: bytes) -> Format:
    """The format of a file that begins as a PDF."""
    version = _HEADER.match(head)
    number = version[1].decode() if version else ""
    # The profile stands in metadata that is never compressed; it is near one of the ends of most files.
    places = (
        [source.head(_METADATA_WITHIN), source.tail(_METADATA_WITHIN)]
        if source.size > _METADATA_WITHIN
        else [source.data]
    )
    for place in places:
        part = _PART.search(place)
        if part:
            conformance = _CONFORMANCE.search(place)
            profile = part[1].decode() + (conformance[1].decode().lower() if conformance else "")
            if profile in _ARCHIVAL:
                return _format(_ARCHIVAL[profile], f"PDF/A-{profile}")
    return _format(_VERSIONS[number], f"PDF {number}") if number in _VERSIONS else UNVERSIONED
