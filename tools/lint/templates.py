"""Rules for templates: nothing inline, nothing from outside, no sentence outside the translations."""

import re
from collections.abc import Iterator

from tools.lint import Finding, line_of

INLINE_STYLE = "A style attribute breaks the content security policy; use a class of the component's style sheet."
INLINE_SCRIPT = (
    "An inline script breaks the content security policy; use a file of static/ attached by a data- attribute."
)
HANDLER = "An on… attribute breaks the content security policy; attach the script by a data- attribute."
OUTSIDE = "Nothing is loaded from outside; copy it into static/ with its licence."
SAFE = "Do not switch escaping off; build the text from escaped parts in Python."
UNTRANSLATED = "A sentence that people read stands in {% translate %} or {% blocktranslate %}: "

_STYLE = re.compile(r"<[^>]*\sstyle\s*=|<style[\s>]", re.IGNORECASE)
_SCRIPT = re.compile(r"<script(?![^>]*\ssrc\s*=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE)
_HANDLER = re.compile(r"<[a-zA-Z][^>]*\son[a-z]+\s*=", re.IGNORECASE)
_OUTSIDE = re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)
_SAFE = re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off")

_BLANKED = [
    re.compile(r"{#.*?#}", re.DOTALL),
    re.compile(r"{%\s*comment.*?endcomment\s*%}", re.DOTALL),
    re.compile(r"{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}", re.DOTALL),
    re.compile(r"<(script|style|svg|code|kbd|pre)\b.*?</\1>", re.DOTALL | re.IGNORECASE),
    re.compile(r"{%\s*block \w*class\w*\s*%}.*?{%\s*endblock\b.*?%}", re.DOTALL),
    re.compile(r"{%.*?%}", re.DOTALL),
    re.compile(r"{{.*?}}", re.DOTALL),
    re.compile(r"<!--.*?-->|<!doctype[^>]*>", re.DOTALL | re.IGNORECASE),
]
_ATTRIBUTE = re.compile(r"\s(?:title|placeholder|aria-label|alt|data-confirm)\s*=\s*\"([^\"]*)\"")
_TAG = re.compile(r"<[^>]*>", re.DOTALL)
# Entities, addresses, codes: the same in both languages.
_ENTITY = re.compile(r"&\w+;|\b(?:urn|https?):\S*|\w+=\S*|(?<!\S)/\S+|^\w+\.$")
_WORD = re.compile(r"[A-Za-z]{3,}|[一-鿿]+")
# Names, not sentences: the same in both languages, or the language's own name.
NAMES = {"Yidang", "医档", "English", "中文", "Ctrl", "Enter", "Esc", "Tab", "Shift", "Alt", "SHA", "PRONOM", "kbd"}


def _blank(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    for pattern in _BLANKED:
        text = _blank(text, pattern)
    pieces = [(found.start(1), found.group(1)) for found in _ATTRIBUTE.finditer(text)]
    pieces += [(found.start(), found.group()) for found in re.finditer(r"[^\n]+", _blank(text, _TAG))]
    for position, piece in pieces:
        words = [word for word in _WORD.findall(_ENTITY.sub(" ", piece)) if word not in NAMES and not word.isupper()]
        if words:
            yield position, piece.strip()


def check(path: str, text: str) -> Iterator[Finding]:
    """The findings in one template."""
    if not path.endswith(".html") or "/templates/" not in path:
        return
    plain = _blank(_blank(text, _BLANKED[0]), _BLANKED[1])
    rules = [
        (_STYLE, "inline-style", INLINE_STYLE),
        (_SCRIPT, "inline-script", INLINE_SCRIPT),
        (_HANDLER, "inline-handler", HANDLER),
        (_OUTSIDE, "outside", OUTSIDE),
        (_SAFE, "safe", SAFE),
    ]
    for pattern, rule, message in rules:
        for found in pattern.finditer(plain):
            yield Finding(path, line_of(plain, found.start()), rule, message)
    for position, sentence in _sentences(text):
        yield Finding(path, line_of(text, position), "untranslated", f"{UNTRANSLATED}«{sentence[:60]}».")
