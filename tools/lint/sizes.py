"""A file of more than 400 lines hides a noun."""

from collections.abc import Iterator

from tools.lint import Finding

LIMIT = 400
KINDS = (".py", ".js", ".css", ".html")


def check(path: str, text: str) -> Iterator[Finding]:
    """One finding for a file that is too long; generated and vendored files are not ours to judge."""
    lines = text.count("\n")
    if path.endswith(KINDS) and "/vendor/" not in path and lines > LIMIT:
        yield Finding(
            path, lines, "long", f"{lines} lines; the most is {LIMIT}. Which noun in it wants a file of its own?"
        )
