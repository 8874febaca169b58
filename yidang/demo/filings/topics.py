"""What a topic is: a matter on which the hospital writes again and again, with {year} and the like to be filled in."""

from typing import NamedTuple


class Topic(NamedTuple):
    """A matter on which the hospital writes again and again.

    :param form: pdf, docx, txt or mail
    :param month: the month in which it is written, if it is always the same
    :param since: the year before which nobody wrote about it
    :param sheet: head and first column of an annexed sheet
    """

    kind: str
    department: str
    title: str
    paragraphs: tuple[str, ...]
    retention: str = ""
    addressee: str = ""
    numbered: bool = True
    form: str = "pdf"
    since: int = 1998
    month: int = 0
    keywords: tuple[str, ...] = ()
    tables: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...] = ()
    sheet: tuple[tuple[str, ...], tuple[str, ...]] | None = None


ALL = "院属各科室："
