"""Document numbers 文号 and archival codes 档号 in all their spellings."""

import re

from yidang.search.normal import BLANK, normalise

# In normal spelling every bracket of a year is [ ] or ( ), every dash is -, blanks beside Chinese characters are gone.
_NUMBER = re.compile(
    r"(?P<who>[^\d\[\](){}<>,;:'\"。、▁-]{0,20}?)[▁]?(?:[\[({<](?P<y1>(?:19|20)\d\d)年?[\])}>][▁-]?|(?P<y2>(?:19|20)\d\d)(?:年|-))"
    r"第?▁?0*(?P<n>\d{1,6})(?:号|$|(?![\d-]))"
)
_SEPARATORS = re.compile(rf"[-·.,_/\\:{BLANK}、]+")
_CODE = re.compile(r"[0-9a-z\u4e00-\u9fff][0-9a-z\u4e00-\u9fff\-·.,_/\\:▁]*")


def number_keys(text: str, *, whole: bool = False) -> list[str]:
    """The keys of the document numbers in a text: ``2026-12`` and, where the office stands before it, ``仁医发2026-12``.

    :param whole: only when the text is nothing but a number
    """
    normal = normalise(text)
    matches = [_NUMBER.fullmatch(normal)] if whole else list(_NUMBER.finditer(normal))
    keys: list[str] = []
    for match in matches:
        if match is None:
            continue
        bare = f"{match['y1'] or match['y2']}-{match['n']}"
        keys += [bare] if not match["who"] else [bare, match["who"] + bare]
    return list(dict.fromkeys(keys))


def asked_number(text: str) -> str:
    """The one key that a question for a document number means, the most exact one; empty when it is no number."""
    keys = number_keys(text, whole=True)
    return keys[-1] if keys else ""


def code_keys(code: str) -> list[str]:
    """A code with one kind of separator, and without any."""
    normal = normalise(code)
    if not normal:
        return []
    return list(dict.fromkeys([_SEPARATORS.sub("-", normal), _SEPARATORS.sub("", normal)]))


def asked_code(text: str) -> list[str]:
    """The beginnings of codes that a question may mean; empty when it cannot be a code.

    Shorter questions are answered exactly, as parts of texts, so they are never widened by separators.
    """
    normal = normalise(text)
    if len(normal) < 5 or not _CODE.fullmatch(normal) or not re.search(r"\d", normal):
        return []
    if not re.search(r"[a-z]", normal) and not _SEPARATORS.search(normal):
        return []
    return code_keys(normal)
