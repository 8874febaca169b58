"""Another format beside an original: making it, comparing the two, checking what was made. Each is a call into the cage."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yidang.formats import cage, deeds
from yidang.formats.types import Format, Limits

PDFA, TIFF = "pdfa", "tiff"
PDFA_FORMAT = Format("fmt/477", "application/pdf", "Acrobat PDF/A 2b", ("pdf",), "signature", "pdf")
TIFF_FORMAT = Format("fmt/353", "image/tiff", "TIFF", ("tif", "tiff"), "signature", "image")
# PDF/A by its PRONOM ids, and TIFF: nothing to do.
KEPT_PUIDS = frozenset(
    "fmt/95 fmt/354 fmt/476 fmt/477 fmt/478 fmt/479 fmt/480 fmt/481 fmt/1910 fmt/1911 fmt/1912 fmt/353".split()
)
MAKING = Limits(seconds=120, memory=4 << 30, output=1 << 30)
_AT_ONCE = 25
# How alike is alike enough. LibreOffice draws both sides the same way, so that little is left to excuse.
TEXT_LEAST, MEAN_MOST, SEEN_MOST, COVERED_LEAST = 0.98, 0.01, 0.02, 0.95


@dataclass(frozen=True)
class Made:
    """What a conversion gave: a file where nothing stood in its way, else the obstacles by their codes."""

    path: Path | None
    obstacles: list[dict[str, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """How two files compare: facts for people, and the codes of what is not alike enough; none: it may stand beside."""

    facts: dict[str, Any]
    failures: tuple[str, ...]


def target_of(puid: str, mime: str, kind: str) -> str:
    """What a format is converted to; empty where it is one for keeping, or nothing here converts it."""
    if puid in KEPT_PUIDS or mime == "image/tiff":
        return ""
    return {"office": PDFA, "pdf": PDFA, "image": TIFF}.get(kind, "")


def make(path: Path, format: Format, target: str, into: Path) -> Made:
    """Make the other format of a file in a folder.

    :raises ReadingFailed: it does not open, the converter is absent, or it took too long
    """
    if target == TIFF:
        return _written("to_tiff", path, into / "made.tif")
    if format.kind == "office":
        return Made(deeds.convert(path, format, into / "made.pdf", pdfa=True))
    return _written("declare_pdfa", path, into / "made.pdf")


def _written(deed: str, path: Path, place: Path) -> Made:
    said, content = cage.READ.call(deed, [(path, "")], within=MAKING)
    if said["obstacles"]:
        return Made(None, said["obstacles"])
    handle, part = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    return Made(Path(part).replace(place), removed=said["removed"])


def compare(path: Path, format: Format, made: Path, target: str, into: Path) -> Comparison:
    """Compare what was made with its original.

    An Office file is drawn by LibreOffice on both sides; its words are also read from its own XML, where it has one.

    :raises ReadingFailed: one of the two does not open
    """
    if target == TIFF:
        facts, _none = cage.READ.call("compare_images", [(path, ""), (made, "")], within=MAKING)
        failures = [name for name in ("pixels_same", "profile_same") if not facts[name]]
        return Comparison(facts, tuple(failures))
    original = deeds.convert(path, format, into / "original.pdf") if format.kind == "office" else path
    facts = _pages(original, made)
    failures = []
    if facts["pages"][0] != facts["pages"][1]:
        failures.append("pages")
    if facts["text_least"] < TEXT_LEAST:
        failures.append("text")
    if facts["mean_most"] > MEAN_MOST or facts["seen_most"] > SEEN_MOST:
        failures.append("looks")
    if format.kind == "office":
        said, _none = cage.READ.call("compare_words", [(path, ""), (made, "")], within=MAKING)
        facts["words_covered"] = said["covered"]
        if said["covered"] is not None and said["covered"] < COVERED_LEAST:
            failures.append("words")
    return Comparison(facts, tuple(failures))


def _pages(original: Path, made: Path) -> dict[str, Any]:
    counts, pages, first = [0, 0], list[list[float]](), 1
    while True:
        said, _none = cage.READ.call(
            "compare_pages", [(original, ""), (made, "")], within=MAKING, first=first, most=_AT_ONCE
        )
        counts, pages, first = said["counts"], pages + said["pages"], first + _AT_ONCE
        if first > min(counts):
            break
    return {
        "pages": counts, "text_least": min((one[1] for one in pages), default=0.0),
        "mean_most": max((one[2] for one in pages), default=1.0), "seen_most": max((one[3] for one in pages), default=1.0),
        "differing": [int(one[0]) for one in pages if one[1] < TEXT_LEAST or one[2] > MEAN_MOST or one[3] > SEEN_MOST][:20],
    }  # fmt: skip


def check_pdfa(path: Path) -> dict[str, Any]:
    """Our checks of a PDF/A: ``checks`` (code, well, said), ``pages``, ``producer``. No certificate of conformance.

    :raises ReadingFailed: it does not open
    """
    said, _none = cage.READ.call("check_pdfa", [(path, "")], within=MAKING)
    return dict(said)
