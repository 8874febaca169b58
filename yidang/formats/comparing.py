"""Two PDFs side by side: pages, words, and what each page looks like. Runs inside the cage."""

from collections import Counter
from typing import Any

from PIL import Image, ImageChops, ImageStat

from yidang.formats import pdf
from yidang.formats.office_words import words_of
from yidang.formats.source import Source

WIDTH = 500
_SEEN = 48  # of 255: a difference of grey that an eye notices on paper


def letters(text: str) -> str:
    """The characters that carry meaning: spaces, and how lines are broken, are left out."""
    return "".join(text.split())


def likeness(first: str, second: str) -> float:
    """How alike two texts are by pairs of neighbouring characters, 0 to 1; two empty ones are the same."""
    one, two = (_pairs(letters(text)) for text in (first, second))
    total = sum(one.values()) + sum(two.values())
    return 1.0 if not total else 2 * sum((one & two).values()) / total


def covered(words: str, by: str) -> float:
    """The share of the characters of one text that stand in another as often."""
    wanted, there = Counter(letters(words)), Counter(letters(by))
    return 1.0 if not wanted else sum((wanted & there).values()) / sum(wanted.values())


def _pairs(text: str) -> Counter[str]:
    return (
        Counter(text[at : at + 2] for at in range(len(text) - 1)) if len(text) > 1 else Counter([text] if text else [])
    )


def compare_pages(sources: list[Source], first: int, most: int) -> tuple[Any, bytes]:
    """The deed: pages ``first`` … of two PDFs: likeness of words, mean difference of grey, share of it that is seen."""
    found = []
    with pdf.opened(sources[0]) as one, pdf.opened(sources[1]) as two:
        counts = [len(one), len(two)]
        for number in range(first, min(first + most, *(count + 1 for count in counts))):
            texts = [pdf.page_text(pdf.loaded(document, number)) for document in (one, two)]
            pictures = [pdf.page_image(document, number, WIDTH).convert("L") for document in (one, two)]
            mean, share = _difference(*pictures)
            found.append([number, round(likeness(*texts), 4), round(mean, 5), round(share, 5)])
    return {"counts": counts, "pages": found}, b""


def _difference(one: Image.Image, two: Image.Image) -> tuple[float, float]:
    if abs(one.height - two.height) > 2:
        return 1.0, 1.0
    if one.size != two.size:
        two = two.resize(one.size)
    difference = ImageChops.difference(one, two)
    seen = sum(difference.histogram()[_SEEN:])
    return ImageStat.Stat(difference).mean[0] / 255, seen / (one.width * one.height)


def compare_words(sources: list[Source]) -> tuple[Any, bytes]:
    """The deed: the share of an Office file's own words that stand in a PDF; nothing where its words cannot be read."""
    words = words_of(sources[0])
    if words is None:
        return {"covered": None}, b""
    with pdf.opened(sources[1]) as document:
        there = "".join(pdf.page_text(pdf.loaded(document, number)) for number in range(1, len(document) + 1))
    return {"covered": round(covered(words, there), 4), "letters": len(letters(words))}, b""
