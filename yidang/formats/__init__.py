"""Foreign files: what they are, whether they open, their text and their pages, always read in a cage.

Leans on nothing but the standard library and the readers of each format; no tables, no settings, no people.
"""

from yidang.formats.deeds import (
    check_fully,
    convert,
    extract_text,
    extract_texts,
    identify,
    inspect,
    inspect_many,
    locate,
    page_count,
    recognise_page,
    render_page,
    thumbnail,
    under,
)
from yidang.formats.findings import Finding, describe
from yidang.formats.types import Format, Inspection, Limits, PageText, ReadingFailed

__all__ = [
    "Finding",
    "Format",
    "Inspection",
    "Limits",
    "PageText",
    "ReadingFailed",
    "check_fully",
    "convert",
    "describe",
    "extract_text",
    "extract_texts",
    "identify",
    "inspect",
    "inspect_many",
    "locate",
    "page_count",
    "recognise_page",
    "render_page",
    "thumbnail",
    "under",
]
