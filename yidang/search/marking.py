"""Where and why a record matched: found again in our own texts, marked, and made safe for a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from yidang.search.normal import BLANK, Mapped, mapped, normalise
from yidang.search.numbers import number_keys
from yidang.search.terms import ANYWHERE, BODY, Term

BEFORE, WINDOW = 36, 120  # characters of a snippet before the first mark, and in all


@dataclass(frozen=True, slots=True)
class Spot:
    """A marked passage; ``snippet`` is safe markup with ``<mark>``, ``count`` the hits on that page."""

    document: int
    page: int
    snippet: SafeString
    count: int


def needles(terms: Iterable[Term], *, in_text: bool = True) -> list[str]:
    """The normal strings to mark for these terms; longer ones first."""
    wanted = {term.text for term in terms if not term.excluded and (term.field in {ANYWHERE, BODY} or not in_text)}
    return sorted(wanted, key=lambda text: (-len(text), text))


def grams(terms: Iterable[Term]) -> list[str]:
    """The pairs of a question that was answered with similar texts."""
    return list(
        dict.fromkeys(term.text[at : at + 2] for term in terms if not term.excluded for at in range(len(term.text) - 1))
    )


def spans(text: Mapped, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """The parts of the original to mark, joined where they touch."""
    found: list[tuple[int, int]] = []
    for needle in wanted:
        at = text.text.find(needle)
        while at >= 0:
            found.append(text.span(at, len(needle)))
            at = text.text.find(needle, at + 1)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def marked(text: str, wanted: Sequence[str]) -> SafeString:
    """The whole text with its marks."""
    normal = normalise(text)
    if not any(needle in normal for needle in wanted):
        return escape(text)
    return _render(text, spans(mapped(text), wanted), 0, len(text))


def snippet(text: str, wanted: Sequence[str]) -> tuple[SafeString, int]:
    """A window of the text around its best place, and how many marks the whole text has."""
    found = spans(mapped(text), wanted)
    if not found:
        return _render(text, [], 0, min(len(text), WINDOW)), 0
    best = max(range(len(found)), key=lambda at: (_covered(found, at), -at))
    start = max(0, found[best][0] - BEFORE)
    end = min(len(text), max(start + WINDOW, found[best][1]))
    end = min(end, start + 4 * WINDOW)
    return _render(text, found, start, end), len(found)


def _covered(found: list[tuple[int, int]], at: int) -> int:
    """How much is marked in the window that begins at a mark."""
    border = found[at][0] + WINDOW - BEFORE
    total = 0
    for start, end in found[at : at + 40]:
        if start >= border:
            break
        total += end - start
    return total


def _render(text: str, found: Iterable[tuple[int, int]], start: int, end: int) -> SafeString:
    pieces: list[str] = ["…"] if start > 0 else []
    at = start
    for first, last in found:
        if last <= start or first >= end:
            continue
        first, last = max(first, start), min(last, end)
        pieces += [_plain(text[at:first]), format_html("<mark>{}</mark>", _plain(text[first:last]))]
        at = last
    pieces.append(_plain(text[at:end]))
    if end < len(text):
        pieces.append("…")
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _plain(text: str) -> str:
    return " ".join(text.split()) if "\n" in text else text


def spots(pages_of: dict[int, list[str]], wanted: Sequence[str], *, most: int = 3) -> tuple[list[Spot], int]:
    """The first pages where something of the question stands, and how many pages there are; best pages first."""
    hits: list[tuple[int, int, int, str]] = []
    for document, pages in sorted(pages_of.items()):
        for number, text in enumerate(pages, start=1):
            normal = normalise(text)
            different = sum(needle in normal for needle in wanted)
            if different:
                hits.append((-different, document, number, text))
    hits.sort(key=lambda hit: hit[:3])
    found = []
    for _different, document, number, text in hits[:most]:
        shown, count = snippet(text, wanted)
        found.append(Spot(document, number, shown, count))
    return found, len(hits)


def has_term(term: Term, described: dict[str, list[str]], bodies: Sequence[str]) -> bool:
    """Whether normal texts have a term: the index's answer, for the few records that it may not answer for.

    :param described: the normal texts of the catalogue entry by part
    :param bodies: the normal texts of the pages, empty when they may not be viewed
    """
    if term.field == BODY:
        return any(term.text in body for body in bodies)
    parts = described if term.field == ANYWHERE else {term.field: described.get(term.field, [])}
    if any(term.text in text for texts in parts.values() for text in texts):
        return True
    if term.number and term.number in {key for text in described.get("numbers", []) for key in number_keys(text)}:
        return True
    return term.field == ANYWHERE and any(term.text in body for body in bodies)


def tidy(text: str) -> str:
    """A normal text for people: its counted blanks are blanks again."""
    return text.replace(BLANK, " ")
