"""Lines to paragraphs: a word that a line end cuts must be found as one word."""

import re
import unicodedata

_CJK = r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31c0-\u31ef\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff"
_CJK_MARKS = r"，、；：“”‘’（）《》〈〉【】〔〕…—·％／～－"
_END = re.compile(r"[。！？；：.!?;:…][”’」』）)】》]*\s*$")
# A line that begins like this begins something new, whatever the line before looked like.
_BEGINS = re.compile(
    r"^\s*(?:[一二三四五六七八九十百]+、|[（(][一二三四五六七八九十\d]+[）)]|第[一二三四五六七八九十百千零〇\d]+[章节条款编]"
    r"|\d+(?:\.\d+)*[.、．)）]?\s|[①-⑳]|[•·●■◆○□▪–—*-]\s|附件|抄送|主送|　　|\s{4,}|\|)"
)
# Typesetting puts a gap between Chinese and figures that comes out as a space nobody typed.
_BETWEEN = re.compile(
    rf"(?<=[{_CJK}{_CJK_MARKS}])[ \t]+(?=[{_CJK}{_CJK_MARKS}\d])|(?<=\d)[ \t]+(?=[{_CJK}{_CJK_MARKS}])"
)
# Lines of an official letter that are whole however long they are: its head, its number, its title, its salutation.
_WHOLE = re.compile(
    r"(?:文件|[〕\]］】）)]\s*第?\s*\d+\s*号|的(?:通知|通报|通告|公告|决定|决议|意见|请示|批复|报告|复?函|纪要|议案|说明|公示)"
    r"|\d\s*日|[一二三四五六七八九十]日)$"
)
# Compiled here and not where it is used: every child of the cage would compile it anew.
_CJK_CHARACTER = re.compile(rf"[{_CJK}{_CJK_MARKS}]")
_SALUTES = re.compile(r"^\S{1,30}[：:]$")


def _is_cjk(char: str) -> bool:
    return bool(_CJK_CHARACTER.match(char))


def _width(line: str) -> int:
    """How wide a line looks: a Chinese character counts two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def join_lines(text: str) -> str:
    """The text with the lines of each paragraph joined; paragraphs are separated by one line end.

    Between two Chinese characters nothing is put, otherwise a space; a hyphen that cuts a Latin word is taken out.
    A paragraph ends at an empty line, at a line that begins a list item or a heading, and where a line is markedly
    shorter than the page's lines are.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").split("\n")]
    widths = sorted(_width(line.strip()) for line in lines if line.strip())
    full = widths[int(len(widths) * 0.85)] if widths else 0
    paragraphs: list[str] = []
    open_paragraph = False
    for position, line in enumerate(lines):
        stripped = line.strip(" \t\u3000")
        if not stripped:
            open_paragraph = False
            continue
        if open_paragraph and not _BEGINS.match(line) and not _SALUTES.match(stripped):
            paragraphs[-1] = _join(paragraphs[-1], stripped)
        else:
            paragraphs.append(stripped)
        open_paragraph = _goes_on(line.strip(), full) and position + 1 < len(lines)
    return "\n".join(_BETWEEN.sub("", paragraph) for paragraph in paragraphs)


def _goes_on(line: str, full: int) -> bool:
    """Whether the next line probably belongs to the same paragraph."""
    width = _width(line)
    if _WHOLE.search(line):
        return False
    if _END.search(line):
        return width > 0.93 * full and full > 40 and line[-1] not in "：:"
    # A short line in the middle of a sentence happens in narrow columns; only a much shorter one is an end.
    return width >= 0.6 * full or (line[-1] in "，、,（(《〈“‘-" and width > 8)


def _join(before: str, after: str) -> str:
    last, first = before[-1], after[0]
    if _is_cjk(last) and _is_cjk(first):
        return before + after
    if last == "-" and first.islower() and len(before) > 1 and before[-2].isalpha():
        return before[:-1] + after
    return f"{before} {after}"
