"""One spelling for texts and for questions, so that a part of a text is found whatever way it was typed.

Width, case, accents, traditional forms, kinds of dashes and brackets no longer differ; blanks and line ends beside Chinese
characters vanish, so that a word cut by a line end is whole again; an empty line stays a border. Each character is mapped by
itself, so every place in the normal text leads back to its place in the original.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

BLANK = "▁"  # stands for a blank that counts, because the index parts its tokens at real ones
END = "⌟"  # follows the last character of a value

_CJK = (
    "\u2e80-\u2fdf\u3000-\u30ff\u3100-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f"
    "\uff00-\uffef\U00020000-\U000323af“”‘’…—〇"
)
_SPACES = re.compile(
    rf"(?P<border>[^\S\n]*\n[^\S\n]*(?:\n\s*)+)|(?P<gone>(?<=[{_CJK}])\s+|\s+(?=[{_CJK}]))|(?P<blank>\s+)", re.UNICODE
)
_SAME = {
    **dict.fromkeys("‐‑‒–—―−﹣⁃", "-"),
    **dict.fromkeys("·•・‧∙⋅･", "·"),
    **dict.fromkeys("〔〖【﹝", "["),
    **dict.fromkeys("〕〗】﹞", "]"),
    **dict.fromkeys("“”„«»″", '"'),
    **dict.fromkeys("‘’‚′`´", "'"),
    "〇": "零",
    BLANK: "_",
    END: "",
}


@cache
def _simplified() -> dict[str, str]:
    """Traditional to simplified, character by character, from OpenCC's table."""
    spec = find_spec("opencc")
    if spec is None or spec.origin is None:
        raise ImportError("opencc-python-reimplemented is not installed; run make setup.")
    table = {}
    lines = (Path(spec.origin).parent / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        traditional, _, choices = line.partition("\t")
        simple = choices.split(" ")[0]
        if len(traditional) == 1 and len(simple) == 1:
            table[traditional] = simple
    return table


def _of(character: str) -> str:
    """The normal form of one character; empty for what cannot be seen."""
    if character in _SAME:
        return _SAME[character]
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} or "\u0300" <= character <= "\u036f":
        return ""
    form = unicodedata.normalize("NFKC", character)
    if "\u00c0" <= character <= "\u024f" or "\u1e00" <= character <= "\u1eff":
        form = "".join(part for part in unicodedata.normalize("NFKD", form) if not "\u0300" <= part <= "\u036f")
    simple = _simplified()
    out = "".join(simple.get(part, _SAME.get(part, part)) for part in form.casefold())
    return "".join(part for part in out if not part.isspace())


# Characters whose normal form is not one character: a run without them needs no looking at one by one.
_UNEVEN: set[str] = {"\ue000"}


class _Table(dict[int, str]):
    """Filled as characters turn up, for ``str.translate``."""

    def __missing__(self, code: int) -> str:
        value = _of(chr(code))
        if len(value) != 1:
            _UNEVEN.add(chr(code))
        self[code] = value
        return value


_TABLE = _Table()
_TABLE[0xE000] = BLANK  # a private character carries the blank through the table


def _mark(match: re.Match[str]) -> str:
    return "" if match.lastgroup == "gone" else "\ue000"


def normalise(text: str) -> str:
    """The normal form that is indexed and asked for."""
    cleaned = text.replace("\ue000", "") if "\ue000" in text else text
    return _SPACES.sub(_mark, cleaned).translate(_TABLE).strip(BLANK)


@dataclass(frozen=True, slots=True)
class Mapped:
    """A normal text with the way back: ``places[i]`` is where in the original its character ``i`` came from."""

    original: str
    text: str
    places: list[int]

    def span(self, start: int, length: int) -> tuple[int, int]:
        """The part of the original behind a part of the normal text."""
        return self.places[start], self.places[start + length - 1] + 1


def mapped(text: str) -> Mapped:
    """As :func:`normalise`, remembering where each character came from."""
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for match in _SPACES.finditer(text):
        _append(text, at, match.start(), pieces, places)
        if match.lastgroup != "gone":
            pieces.append(BLANK)
            places.append(match.start())
        at = match.end()
    _append(text, at, len(text), pieces, places)
    normal = "".join(pieces)
    lead = len(normal) - len(normal.lstrip(BLANK))
    shorn = normal.strip(BLANK)
    return Mapped(text, shorn, places[lead : lead + len(shorn)])


def _append(text: str, start: int, end: int, pieces: list[str], places: list[int]) -> None:
    """Add a run without blanks."""
    run = text[start:end]
    normal = run.translate(_TABLE)
    if _UNEVEN.isdisjoint(run):
        pieces.append(normal)
        places.extend(range(start, end))
        return
    for at, character in enumerate(run, start):
        form = "" if character == "\ue000" else _TABLE[ord(character)]
        pieces.append(form)
        places.extend([at] * len(form))


def pairs(normal: str) -> str:
    """Overlapping pairs of characters, parted by blanks: what the index holds of a normal text."""
    if not normal:
        return ""
    return " ".join(map(str.__add__, normal, normal[1:] + END))


def singles(*normals: str) -> str:
    """Each different character once, parted by blanks."""
    return " ".join(set().union(*normals))


def steps(normal: str) -> list[tuple[int, str]]:
    """The fewest pairs with their places that together mean this part of a text; it has two characters or more.

    Pairs at 0, 2, 4 … and the last one fix every character, so half of them are enough.
    """
    last = len(normal) - 2
    places = list(range(0, last + 1, 2))
    if places[-1] != last:
        places.append(last)
    return [(place, normal[place : place + 2]) for place in places]
