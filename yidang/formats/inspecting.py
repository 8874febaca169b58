"""The checks at the door: format, structure, first page, dangers; each reader adds its findings.

Runs inside the cage. The order is from cheap to dear, and what already fails is not rendered.
"""

import importlib
from collections.abc import Callable
from typing import Any

from yidang.formats import identification
from yidang.formats.findings import Finding, finding
from yidang.formats.looking import Look
from yidang.formats.source import Source
from yidang.formats.types import Format, Limits, ReadingFailed

# Which module checks which kind; each has ``look(source, known, look)`` and says how many pages and what first text.
_CHECKERS = {
    "pdf": "pdf_checks",
    "image": "image_checks",
    "ofd": "ofd_checks",
    "office": "office_checks",
    "archive": "archive_checks",
    "text": "markup_checks",
    "html": "markup_checks",
    "xml": "markup_checks",
    "json": "markup_checks",
    "email": "markup_checks",
}
_MAGNITUDES = ("B", "kB", "MB", "GB", "TB")


def in_words(size: int) -> str:
    """A size as people write it."""
    amount, magnitude = float(size), 0
    while amount >= 1000 and magnitude < len(_MAGNITUDES) - 1:
        amount, magnitude = amount / 1000, magnitude + 1
    return f"{amount:.3g} {_MAGNITUDES[magnitude]}"


def _check(source: Source, limits: Limits, *, fully: bool) -> tuple[Format, Look]:
    look = Look(limits, fully=fully)
    known = identification.look(source)
    if not source.size:
        look.add("empty_file")
        return known, look
    if source.size > limits.most_bytes:
        look.add("too_large", size=in_words(source.size), limit=in_words(limits.most_bytes))
        return known, look
    look.findings += identification.agreement(source, known)
    checker = _CHECKERS.get(known.kind)
    if checker:
        check: Callable[[Source, Format, Look], None] = importlib.import_module(f"yidang.formats.{checker}").check
        try:
            check(source, known, look)
        except ReadingFailed as failed:
            look.findings.append(failed.finding)
        except MemoryError:
            look.add("reader_memory")
        except RecursionError:
            look.add("broken", reason="too deep")
    if look.opened and not look.failed:
        look.add("opens")
    return known, look


def _result(source: Source, known: Format, look: Look) -> dict[str, Any]:
    findings = [Finding(f.code, f.level, f.property, f.check, f.params, source.name) for f in look.findings]
    return {
        "format": known.to_json(),
        "findings": [found.to_json() for found in findings],
        "page_count": look.pages,
        "text_sample": look.sample[: look.limits.sample_characters],
        "needs_later": sorted(look.later),
    }


def inspect(sources: list[Source], limits: dict[str, Any]) -> tuple[Any, bytes]:
    """The deed: the checks at the door for some files of one filing."""
    bounds = Limits(**limits)
    return [_result(source, *_check(source, bounds, fully=False)) for source in sources], b""


def check_fully(sources: list[Source], limits: dict[str, Any]) -> tuple[Any, bytes]:
    """The deed: every page rendered, every annotation looked at."""
    bounds = Limits(**limits)
    return [_result(source, *_check(source, bounds, fully=True)) for source in sources], b""


def warm() -> None:
    """Load every checker, and let each do one small thing, so that children find it warm."""
    for name in set(_CHECKERS.values()):
        loaded = importlib.import_module(f"yidang.formats.{name}")
        getattr(loaded, "warm", lambda: None)()


def broken(reason: object) -> ReadingFailed:
    """The failure of a reader that could not make sense of a file."""
    return ReadingFailed(finding("broken", reason=str(reason)[:120]))
