"""Marks of state secrecy: 绝密, 机密, 秘密 with a star and a term, or alone where documents carry them.

Regulations speak of secrets all the time; only the mark's own form counts, never the word in a sentence.
"""

import re
import unicodedata

_LEVEL = r"(?:绝\s*密|机\s*密|秘\s*密|絕\s*密|機\s*密)"
_STAR = r"[★☆⭐✩✭✮✯✰⋆﹡＊*]"
_TERM = r"(?:长\s*期|長\s*期|[0-9〇零一二三四五六七八九十百]{1,4}\s*(?:年|个月|個月|月|天|日)|\d{4}\s*年.{0,8}前|启用前|公布前|解密)"
# Level, star, and a term or the end of the piece: 机密★10年, 绝 密 ★, 秘密☆长期
_MARK = re.compile(rf"({_LEVEL})\s*({_STAR})\s*({_TERM})?")
_MARK_REVERSED = re.compile(rf"(?<![\w★☆])★\s*({_LEVEL})(?![\u4e00-\u9fff])")
# The level alone as a line of its own, or after a caption, in the head of the first page.
_ALONE = re.compile(rf"^[\s【\[(（〔]*({_LEVEL})[\s】\])）〕]*(?:[:：]?\s*{_TERM})?$")
_CAPTION = re.compile(rf"密\s*级\s*(?:和保密期限|及保密期限)?\s*[:：]\s*({_LEVEL})(?![\u4e00-\u9fff])")
_CAPTION_TERM = re.compile(rf"密\s*级\s*[:：]?\s*({_LEVEL})\s*(?:[★☆*]|{_TERM}|$)")
_AS_TAG = re.compile(rf"[【\[(（〔]\s*({_LEVEL})\s*[】\])）〕]")
_HEAD_LINES = 12
# A star as a bullet or a wildcard: 秘密* in a form, "*机密" in a glossary.
_WEAK_STAR = re.compile(r"[*＊﹡]")


def find_mark(text: str, *, page: bool = False) -> str | None:
    """The first mark in a text, as it is written without spaces; nothing if there is none.

    :param page: the text is a document's beginning, so that a level alone on one of its first lines is a mark;
        otherwise it is a title or a file name
    """
    plain = _plain(text)
    for found in _MARK.finditer(plain):
        if _WEAK_STAR.search(found[2]) and not found[3]:
            continue
        return _squeeze(found[0])
    reversed_mark = _MARK_REVERSED.search(plain)
    if reversed_mark:
        return _squeeze(reversed_mark[0])
    return _in_head(plain) if page else _in_name(plain)


def _in_head(plain: str) -> str | None:
    lines = [line.strip() for line in plain.split("\n") if line.strip()][:_HEAD_LINES]
    for line in lines:
        for pattern in (_ALONE, _CAPTION, _CAPTION_TERM):
            found = pattern.search(line)
            if found:
                return _squeeze(found[1])
    return None


def _in_name(plain: str) -> str | None:
    """A tag like 【机密】, or the level as the whole name or a part of it between separators."""
    tag = _AS_TAG.search(plain)
    if tag:
        return _squeeze(tag[1])
    stem = re.sub(r"\.\w{1,5}$", "", plain.strip())
    for part in re.split(r"[_\-—–\s·]+", stem):
        if re.fullmatch(rf"{_LEVEL}(?:级|件)?(?:{_TERM})?", part):
            return _squeeze(part)
    return None


def _plain(text: str) -> str:
    """One form for full width and half width; what is invisible is taken out."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)
