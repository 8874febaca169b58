"""What other packages ask for; each is one call into the cage."""

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from yidang.formats import cage, findings
from yidang.formats.findings import Finding, finding
from yidang.formats.types import UNKNOWN, Format, Inspection, Limits, PageText, ReadingFailed

AT_THE_DOOR = Limits()
# A scan of several hundred megabytes may take longer when every page is read; office files start a whole program.
LATER = Limits(seconds=60, memory=2 << 30, output=256 << 20)
CONVERSION = Limits(seconds=90, memory=12 << 30, output=256 << 20)
PAGE = Limits(seconds=10, memory=2 << 30, output=64 << 20)
# A dense page takes ten seconds of a processor; on a busy machine that is minutes, and nobody waits for it.
RECOGNITION = Limits(seconds=300, memory=4 << 30, output=64 << 20)
_AT_ONCE = 16
# Bytes of a file that may share a child of the cage with others.
_SMALL = 2 << 20
_TEXT_PAGES = 200


def identify(path: Path, name: str) -> Format:
    """The format of a file by its content.

    :raises ReadingFailed: the cage does not start
    """
    try:
        answer, _blob = cage.READ.call("identify", [(path, name)], within=AT_THE_DOOR)
    except ReadingFailed as failed:
        if failed.finding.code == "reader_absent":
            raise
        return UNKNOWN
    return Format.from_json(answer[0])


def inspect(path: Path, name: str, limits: Limits = AT_THE_DOOR) -> Inspection:
    """The checks at the door for one file; a reader that crashes or takes too long is a finding, never an error."""
    return inspect_many([(path, name)], limits)[0]


def inspect_many(files: Sequence[tuple[Path, str]], limits: Limits = AT_THE_DOOR) -> list[Inspection]:
    """The checks at the door for files that come together; they share a child of the cage until one misbehaves."""
    return _inspections("inspect", files, limits)


def check_fully(path: Path, name: str, format: Format, *, derived: Path | None = None) -> list[Finding]:
    """Every page rendered, every object looked at; Office files converted by LibreOffice. For later work.

    :param derived: where the PDF of an Office file stands or is put, to be used again
    """
    try:
        if format.kind == "office":
            with _AsPdf(path, format, derived) as pdf:
                found = _inspections("check_fully", [(pdf, "converted.pdf")], LATER)[0].findings
                kept = [one for one in found if one.check == "GD-3-4"]
                return [replace(one, document=name) for one in kept]
        return _inspections("check_fully", [(path, name)], LATER)[0].findings
    except ReadingFailed as failed:
        return [replace(failed.finding, document=name)]


def _inspections(deed: str, files: Sequence[tuple[Path, str]], limits: Limits) -> list[Inspection]:
    found: list[Inspection] = []
    for start in range(0, len(files), _AT_ONCE):
        part = files[start : start + _AT_ONCE]
        try:
            answer, _blob = cage.READ.call(deed, part, within=limits, limits=asdict(limits))
            found += [_inspection(data) for data in answer]
        except ReadingFailed as failed:
            if len(part) == 1:
                known = identify(*part[0]) if failed.finding.code != "reader_absent" else UNKNOWN
                found.append(Inspection(known, [replace(failed.finding, document=part[0][1])]))
            else:
                found += [_inspections(deed, [one], limits)[0] for one in part]
    return found


def _inspection(data: dict) -> Inspection:
    known = Format.from_json(data["format"])
    listed = [findings.from_json(one) for one in data["findings"]]
    return Inspection(known, listed, data["page_count"], data["text_sample"], tuple(data["needs_later"]))


def page_count(path: Path, format: Format, *, derived: Path | None = None) -> int | None:
    """How many pages a file has; nothing if it has none that could be shown.

    :raises ReadingFailed: it does not open
    """
    if format.kind == "office":
        with _AsPdf(path, format, derived) as pdf:
            return page_count(pdf, _PDF)
    answer, _blob = cage.READ.call("pages", [(path, "")], within=PAGE, format=format.to_json())
    return answer


def render_page(
    path: Path, format: Format, page: int, width: int, *, derived: Path | None = None, encoding: str = "webp"
) -> bytes:
    """One page as an image so many pixels wide; pages from 1.

    :param derived: where the PDF of an Office file stands or is put, to be used again
    :param encoding: ``webp``, ``jpeg`` or ``png``
    :raises ReadingFailed: it does not open, or has no such page
    """
    if format.kind == "office":
        with _AsPdf(path, format, derived) as pdf:
            return render_page(pdf, _PDF, page, width, encoding=encoding)
    facts = {"format": format.to_json(), "page": page, "width": width, "encoding": encoding}
    return cage.READ.call("render", [(path, "")], within=PAGE, **facts)[1]


def thumbnail(path: Path, format: Format, *, derived: Path | None = None) -> bytes:
    """The first page, small."""
    return render_page(path, format, 1, 320, derived=derived)


def extract_text(path: Path, format: Format, *, ocr: bool = False, derived: Path | None = None) -> list[PageText]:
    """The text of every page.

    :param ocr: recognise the pages that have no text of their own; without it they come with source ``none``
    :param derived: where the PDF of an Office file stands or is put, to be used again
    :raises ReadingFailed: it does not open
    """
    if format.kind == "office":
        with _AsPdf(path, format, derived) as pdf:
            return extract_text(pdf, _PDF, ocr=ocr)
    pages: list[PageText] = []
    while True:
        facts = {"format": format.to_json(), "first": len(pages) + 1, "most": _TEXT_PAGES}
        answer, _blob = cage.READ.call("extract", [(path, "")], within=LATER, **facts)
        pages += [PageText(*page) for page in answer]
        if len(answer) < _TEXT_PAGES:
            break
    return [recognise_page(path, format, page.page) if ocr and page.needs_ocr else page for page in pages]


def extract_texts(files: Sequence[tuple[Path, Format, Path | None]]) -> list[list[PageText] | ReadingFailed]:
    """The texts of several files, small ones with one call to the cage; what does not open is answered, not raised.

    :param files: path, format, and where the PDF of an Office file stands or is put
    """
    found: dict[int, list[PageText] | ReadingFailed] = {}
    small = [
        at for at, (path, known, _) in enumerate(files) if known.kind != "office" and path.stat().st_size <= _SMALL
    ]
    for start in range(0, len(small), _AT_ONCE):
        part = small[start : start + _AT_ONCE]
        facts = {"formats": [files[at][1].to_json() for at in part], "most": _TEXT_PAGES}
        try:
            answers, _blob = cage.READ.call("extract_each", [(files[at][0], "") for at in part], within=LATER, **facts)
        except ReadingFailed:
            continue  # one of them misbehaved: each is read alone
        for at, answer in zip(part, answers, strict=True):
            if "finding" in answer:
                found[at] = ReadingFailed(findings.from_json(answer["finding"]))
            elif len(answer["pages"]) < _TEXT_PAGES:
                found[at] = [PageText(*page) for page in answer["pages"]]
    return [found[at] if at in found else _text_or_failure(*one) for at, one in enumerate(files)]


def _text_or_failure(path: Path, known: Format, derived: Path | None) -> list[PageText] | ReadingFailed:
    try:
        return extract_text(path, known, derived=derived)
    except ReadingFailed as failed:
        return failed


def recognise_page(path: Path, format: Format, page: int) -> PageText:
    """The text of one page by recognition; empty if nothing could be read.

    :raises ReadingFailed: it does not open, or took too long
    """
    answer, _blob = cage.OCR.call("recognise", [(path, "")], within=RECOGNITION, format=format.to_json(), page=page)
    return PageText(page, answer["text"], "ocr")


def locate(
    path: Path, format: Format, page: int, patterns: Sequence[str], *, derived: Path | None = None
) -> list[list[float]] | None:
    """Where patterns match on one page: left, top, right, bottom as parts of it; nothing where places are not known.

    A scan is recognised, and the whole line of a match is its place.

    :param patterns: regular expressions of ours, never a reader's
    :raises ReadingFailed: it does not open
    """
    if format.kind == "office":
        with _AsPdf(path, format, derived) as converted:
            return locate(converted, _PDF, page, patterns)
    if format.kind == "pdf":
        found, _blob = cage.READ.call("locate", [(path, "")], within=PAGE, page=page, patterns=list(patterns))
        if found or not _is_silent(path, format, page):
            return found
    if format.kind in {"pdf", "image"}:
        answer, _blob = cage.OCR.call("recognise", [(path, "")], within=RECOGNITION, format=format.to_json(), page=page)
        wanted = [re.compile(pattern) for pattern in patterns]
        return [line["box"] for line in answer["lines"] if any(one.search(line["text"]) for one in wanted)]
    return None


def under(
    path: Path, format: Format, page: int, places: Sequence[Sequence[float]], *, derived: Path | None = None
) -> list[str] | None:
    """The text that stands at places of one page, as its file says it; nothing where the file says no places, as a scan.

    :raises ReadingFailed: it does not open
    """
    if format.kind == "office":
        with _AsPdf(path, format, derived) as converted:
            return under(converted, _PDF, page, places)
    if format.kind != "pdf":
        return None
    told = [list(place) for place in places]
    found, _blob = cage.READ.call("under", [(path, "")], within=PAGE, page=page, places=told)
    return [str(text) for text in found]


def _is_silent(path: Path, format: Format, page: int) -> bool:
    facts = {"format": format.to_json(), "first": page, "most": 1}
    answer, _blob = cage.READ.call("extract", [(path, "")], within=PAGE, **facts)
    return bool(answer) and PageText(*answer[0]).needs_ocr


def convert(path: Path, format: Format, target: Path, *, pdfa: bool = False) -> Path:
    """An Office file as PDF at ``target``; what stands there already is used again.

    :param pdfa: as PDF/A-2b, with its fonts in it
    :raises ReadingFailed: LibreOffice is absent, refused the file or took too long
    """
    if target.exists():
        return target
    facts = {"format": format.to_json(), "seconds": CONVERSION.seconds - 5, "pdfa": pdfa}
    ending = format.extension
    _none, content = cage.OFFICE.call("convert", [(path, f"in.{ending}")], within=CONVERSION, **facts)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.replace(part, target)  # noqa: PTH105 — in one step, so that nobody reads half of it
    except OSError as error:
        Path(part).unlink(missing_ok=True)
        raise ReadingFailed(finding("reader_output")) from error
    return target


class _AsPdf:
    """The PDF of an Office file for as long as it is needed: kept at ``derived``, or thrown away afterwards."""

    def __init__(self, path: Path, format: Format, derived: Path | None) -> None:
        self.path, self.format, self.derived = path, format, derived
        self.folder: tempfile.TemporaryDirectory | None = None

    def __enter__(self) -> Path:
        if self.derived is not None:
            return convert(self.path, self.format, self.derived)
        self.folder = tempfile.TemporaryDirectory()
        try:
            return convert(self.path, self.format, Path(self.folder.name) / "converted.pdf")
        except BaseException:
            self.folder.cleanup()
            raise

    def __exit__(self, *_error: object) -> None:
        if self.folder is not None:
            self.folder.cleanup()


_PDF = Format("fmt/276", "application/pdf", "PDF", ("pdf",), "signature", "pdf")
