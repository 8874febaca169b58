"""The words of this package: a format, an inspection, a page's text, the limits of a reading."""

from dataclasses import asdict, dataclass, field
from typing import Any

from yidang.formats.findings import Finding

WIDTHS = (320, 800, 1240, 2000)


@dataclass(frozen=True, slots=True)
class Format:
    """What a file is, decided by its content.

    :param puid: PRONOM's identifier, or one of our own beginning with ``yidang/``; empty if unknown
    :param extensions: the usual endings without dot, the most usual first
    :param basis: ``container``, ``signature``, ``text``, ``xml`` or ``unknown``
    :param kind: which reader it gets: pdf, image, ofd, office, text, html, xml, json, email, archive, audio, video,
        dicom, other
    """

    puid: str
    mime: str
    name: str
    extensions: tuple[str, ...] = ()
    basis: str = "signature"
    kind: str = "other"

    @property
    def extension(self) -> str:
        """The most usual ending, without dot."""
        return self.extensions[0] if self.extensions else ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Format":
        """Back from what the cage sent."""
        return cls(**{**data, "extensions": tuple(data["extensions"])})

    def to_json(self) -> dict[str, Any]:
        """As the cage sends it."""
        return asdict(self)


UNKNOWN = Format("", "application/octet-stream", "Unknown", (), "unknown")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may cost and hold."""

    seconds: float = 2.0
    memory: int = 1 << 30
    output: int = 64 << 20
    most_bytes: int = 2 << 30
    pixels: int = 250_000_000
    pages: int = 20_000
    archive_members: int = 10_000
    archive_bytes: int = 4 << 30
    archive_ratio: int = 200
    archive_depth: int = 3
    sample_characters: int = 6_000


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page, its lines joined to paragraphs.

    :param source: ``text`` (in the file), ``ocr`` (recognised), ``none`` (the page has no text of its own)
    """

    page: int
    text: str
    source: str = "text"

    @property
    def needs_ocr(self) -> bool:
        """Whether the page shows something but says nothing."""
        return self.source == "none"


@dataclass(frozen=True)
class Inspection:
    """What the checks at the door found in one file.

    :param needs_later: what must follow as later work: ``pages``, ``office``, ``ocr``
    """

    format: Format
    findings: list[Finding] = field(default_factory=list)
    page_count: int | None = None
    text_sample: str = ""
    needs_later: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the file must wait in quarantine."""
        return any(finding.level == "fail" for finding in self.findings)


class ReadingFailed(Exception):
    """A file could not be read in the cage; ``finding`` says why, in words for people by ``describe``."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.code)
