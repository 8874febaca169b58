"""What a paper says, apart from the format in which it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

DIGITS = "〇一二三四五六七八九"
# A line never begins with one of these.
_NOT_FIRST = "，。；：、）》」』！？”’〕】％%"


@dataclass(frozen=True)
class Table:
    """A table of a paper: its columns with their share of the width, and its rows."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float] = ()


@dataclass(frozen=True)
class Paper:
    """A paper of the hospital.

    :param issuer: the red head of an official paper; a paper without one is written plainly
    :param day: the day under the signature
    """

    title: str
    paragraphs: Sequence[str] = ()
    issuer: str = ""
    number: str = ""
    addressee: str = ""
    signer: str = ""
    day: date | None = None
    tables: Sequence[Table] = field(default_factory=tuple)
    copies: str = ""

    @property
    def signed_on(self) -> str:
        """The day in the manner of official papers, empty when it is not known."""
        return chinese_day(self.day) if self.day else ""

    def lines(self, columns: float) -> list[str]:
        """The whole paper as lines of at most so many full-width characters, tables included."""
        found = (
            [self.issuer, self.number, self.title, "", self.addressee]
            if self.issuer
            else [self.title, "", self.addressee]
        )
        lines = [line for text in found for line in (wrap(text, columns) or [""])]
        for paragraph in self.paragraphs:
            lines += wrap("　　" + paragraph, columns)
        for table in self.tables:
            lines += ["　".join(row) for row in (table.head, *table.rows)]
        return [*lines, "", *([self.signer] if self.signer else []), *([self.signed_on] if self.day else [])]


def chinese_day(day: date) -> str:
    """
    >>> chinese_day(date(2026, 3, 5))
    '2026年3月5日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def width(text: str) -> float:
    """How many full-width characters a text takes; Latin letters and digits take about half."""
    return sum(1 if ord(char) > 0x2000 else 0.55 for char in text)


def wrap(text: str, columns: float) -> list[str]:
    """Break a text into lines; closing punctuation stays on the line before."""
    lines: list[str] = []
    current, used = "", 0.0
    for char in text:
        wide = 1 if ord(char) > 0x2000 else 0.55
        if used + wide > columns and char not in _NOT_FIRST:
            lines.append(current)
            current, used = "", 0.0
        current += char
        used += wide
    return [*lines, current] if current else lines


_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def capital_amount(cents: int) -> str:
    """An amount of money in the capital numerals of vouchers and invoices.

    >>> capital_amount(1203450)
    '壹万贰仟零叁拾肆元伍角整'
    """
    whole, rest = divmod(cents, 100)
    text = _capital_number(whole) + "元"
    if rest == 0:
        return text + "整"
    jiao, fen = divmod(rest, 10)
    text += (_CAPITALS[jiao] + "角") if jiao else "零"
    return text + (_CAPITALS[fen] + "分" if fen else "整")


def _capital_number(whole: int) -> str:
    text = ""
    digits = str(whole)
    for position, digit in enumerate(digits):
        place = len(digits) - 1 - position
        if digit != "0":
            text += _CAPITALS[int(digit)] + _PLACES[place % 4]
        elif not text.endswith("零"):
            text += "零"
        if place % 4 == 0 and place:
            text = text.rstrip("零") + (_GROUPS[place // 4] if int(digits[max(0, position - 3) : position + 1]) else "")
    return text.rstrip("零") or "零"
