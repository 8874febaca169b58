"""XML, read so that nothing outside is opened and nothing grows without end. The one place that parses foreign XML."""

import re

from lxml import etree

from yidang.formats.findings import Finding, finding
from yidang.formats.types import ReadingFailed

MOST_BYTES = 64 << 20
_HEAD = 256 * 1024


def dangers(data: bytes) -> list[Finding]:
    """A document type, entities: what a careless reader would follow."""
    head = _ascii(data[:_HEAD])
    found = re.search(rb"<!DOCTYPE", head, re.I)
    if not found:
        return []
    if re.search(rb"<!ENTITY", head[found.start() :], re.I):
        return [finding("xml_entities")]
    return [finding("xml_doctype")]


def _ascii(data: bytes) -> bytes:
    """UTF-16 and UTF-32 without their zeros, so that nobody hides an entity in another encoding."""
    return data.replace(b"\x00", b"") if b"\x00" in data[:64] or data[:2] in (b"\xff\xfe", b"\xfe\xff") else data


def parse(data: bytes, *, forgiving: bool = False) -> etree._Element:
    """The root of a document; entities stay unexpanded, no type definition is loaded, no network is used.

    :param forgiving: read over errors where that is possible
    :raises ReadingFailed: it is not well-formed, too large, or defines entities
    """
    if len(data) > MOST_BYTES:
        raise ReadingFailed(finding("reader_memory"))
    for danger in dangers(data):
        if danger.level == "fail":
            raise ReadingFailed(danger)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False, recover=forgiving,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise ReadingFailed(finding("broken", reason=str(error)[:120])) from error
    if root is None:
        raise ReadingFailed(finding("broken", reason="no root element"))
    return root


def local(element: etree._Element) -> str:
    """An element's name without its namespace; empty for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def text_of(root: etree._Element) -> str:
    """All characters, a line per element that holds some."""
    parts = [" ".join(part.split()) for part in root.itertext() if part and part.strip()]
    return "\n".join(parts)
