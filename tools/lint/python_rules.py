"""Rules for Python: time comes from the clock, nothing is swallowed, nothing is marked safe, settings are declared."""

import ast
import io
import tokenize
from collections.abc import Iterator

from tools.lint import Finding

CLOCK = "Take the time from yidang.common.clock.now(), so that tests and due dates can rely on it."
SAFE = "Do not mark text as safe; let the template escape it, or build it with format_html from escaped parts."
SWALLOWED = (
    "An error is swallowed here. Name the exception that is expected and say why it may be ignored, or let it rise."
)
UNFINISHED = "Unfinished work does not go in; finish it, or open an issue and leave the line out."
ENVIRONMENT = "Read settings through config/readers.py, so that they are typed, checked at start and documented."
VERSION_1_UUID = "Use yidang.common.ids: identifiers made from time or place tell more than they should."
SUPERUSER = "There is no superuser: ask yidang.permissions what this actor may do."
PICKLE = "Do not unpickle; a file that is read back must be data, not code."
FORMATTED = "A translated sentence cannot be put together with an f-string; use placeholders: _('… %(name)s …') % {…}."

_TIME_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
}
_TRANSLATORS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_UNFINISHED_WORDS = ("TODO", "FIXME", "XXX:", "HACK:")


def _dotted(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Attribute):
        return (*_dotted(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ()


def _is_test(path: str) -> bool:
    return "/tests/" in path or not path.startswith(("yidang/", "config/"))


def _call(node: ast.Call, path: str) -> Iterator[tuple[str, str]]:
    name = _dotted(node.func)
    if name[-2:] in _TIME_CALLS and path != "yidang/common/clock.py" and not _is_test(path):
        yield "clock", CLOCK
    if name[-1:] in {("mark_safe",), ("SafeString",)}:
        yield "safe", SAFE
    if name[-1:] in {("uuid1",), ("getnode",)}:
        yield "identifiers", VERSION_1_UUID
    if name[-2:] in {("pickle", "load"), ("pickle", "loads"), ("marshal", "loads")}:
        yield "pickle", PICKLE
    if name in {("os", "getenv"), ("os", "environ", "get")} and path.startswith("yidang/") and not _is_test(path):
        yield "environment", ENVIRONMENT
    if name[-1:] and name[-1] in _TRANSLATORS and node.args and isinstance(node.args[0], ast.JoinedStr):
        yield "translated-f-string", FORMATTED


def _swallows(handler: ast.ExceptHandler) -> bool:
    broad = handler.type is None or _dotted(handler.type) in {("Exception",), ("BaseException",)}
    return broad and all(isinstance(statement, ast.Pass | ast.Continue) for statement in handler.body)


def check(path: str, text: str) -> Iterator[Finding]:
    """The findings in one Python file."""
    if not path.endswith(".py"):
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and any(word in token.string for word in _UNFINISHED_WORDS):
            yield Finding(path, token.start[0], "unfinished", UNFINISHED)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            for rule, message in _call(node, path):
                yield Finding(path, node.lineno, rule, message)
        elif isinstance(node, ast.ExceptHandler) and _swallows(node):
            yield Finding(path, node.lineno, "swallowed", SWALLOWED)
        elif isinstance(node, ast.Attribute) and node.attr == "is_superuser" and not _is_test(path):
            yield Finding(path, node.lineno, "superuser", SUPERUSER)
