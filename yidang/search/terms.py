"""What somebody typed, taken apart into terms: words, "phrases", -exclusions, field:words."""

import re
from dataclasses import dataclass

from yidang.search import schema as s
from yidang.search.normal import BLANK, normalise
from yidang.search.numbers import asked_code, asked_number

ANYWHERE, BODY, PINYIN, PATIENT = "", "body", "pinyin", "patient"

# What may stand before a colon, in both languages, and the part of the record that it means.
FIELDS = {
    "题名": s.TITLE, "标题": s.TITLE, "title": s.TITLE,
    "文号": s.NUMBERS, "number": s.NUMBERS,
    "档号": s.CODES, "接收号": s.CODES, "code": s.CODES,
    "责任者": s.PEOPLE, "姓名": s.PEOPLE, "人名": s.PEOPLE, "name": s.PEOPLE, "creator": s.PEOPLE,
    "关键词": s.KEYWORDS, "主题词": s.KEYWORDS, "keyword": s.KEYWORDS,
    "正文": BODY, "全文": BODY, "text": BODY,
    "病案号": PATIENT, "患者": PATIENT, "patient": PATIENT,
    "拼音": PINYIN, "pinyin": PINYIN,
}  # fmt: skip

MOST_TERMS = 24
MOST_CHARACTERS = 400
_PART = re.compile(
    r'(?P<minus>[-－]?)(?:(?P<field>[^\s:："“”]{1,8})[:：])?(?:["“”](?P<phrase>[^"“”]*)(?:["“”]|$)|(?P<word>[^\s"“”]+))'
)
_NUMBER = re.compile(r"([\[〔【(（［])\s*((?:19|20)\d\d)\s*([\]〕】)）］])\s*(第?)\s*(\d+)\s*(号?)")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a record must have, or must not.

    :param text: in the normal spelling of :mod:`yidang.search.normal`
    :param typed: as it was typed, for the page
    :param field: a part of the record, or empty for all of them
    :param number: the key of the document number that it means
    :param codes: the beginnings of codes that it may mean
    """

    text: str
    typed: str
    field: str = ANYWHERE
    excluded: bool = False
    phrase: bool = False
    number: str = ""
    codes: tuple[str, ...] = ()

    @property
    def letters(self) -> str:
        """The letters that may be pinyin, or nothing."""
        plain = self.text.replace(BLANK, "").replace("'", "")
        return plain if plain.isascii() and plain.isalpha() and len(plain) >= 2 else ""


def parse(typed: str) -> list[Term]:
    """The terms of a question; blanks inside a document number do not part it."""
    joined = _NUMBER.sub(r"\1\2\3\4\5\6", typed[:MOST_CHARACTERS].replace("\u3000", " "))
    terms: list[Term] = []
    for match in _PART.finditer(joined):
        if len(terms) >= MOST_TERMS:
            break
        field, phrase = match["field"] or "", match["phrase"]
        word = match["word"] if phrase is None else phrase
        known = FIELDS.get(field.lower())
        if field and known is None:
            word = f"{match.group()[len(match['minus']) :]}" if phrase is None else word
        before = joined[match.start() - 1 : match.start()]
        excluded = bool(match["minus"]) and (not before or before.isspace())
        if match["minus"] and not excluded:
            word = match["minus"] + word
        terms += _term(word, known or ANYWHERE, excluded, phrase is not None)
    return terms


def _term(word: str, field: str, excluded: bool, phrase: bool) -> list[Term]:
    text = normalise(word)
    if not text:
        return []
    asks_number = field in {ANYWHERE, s.NUMBERS} and not phrase
    asks_code = field in {ANYWHERE, s.CODES} and not phrase
    return [
        Term(
            text=text,
            typed=word.strip(),
            field=field,
            excluded=excluded,
            phrase=phrase,
            number=asked_number(word) if asks_number else "",
            codes=tuple(asked_code(word)) if asks_code else (),
        )
    ]
