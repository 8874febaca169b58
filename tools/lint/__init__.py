"""The rules of the house that ruff does not know, each with a sentence for the person who broke it.

A rule is a function from a file's path and text to findings. A rule that must be broken once is broken in the open:
`# lint: allow NAME because …` on the line says which and why.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_ALLOWED = re.compile(r"lint: allow (?P<rule>[a-z-]+) because \S+")


@dataclass(frozen=True)
class Finding:
    """One broken rule: where, which, and what to do instead."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


def line_of(text: str, position: int) -> int:
    """The line number of a position in a text."""
    return text.count("\n", 0, position) + 1


def allowed(text: str, line: int, rule: str) -> bool:
    """Whether the line says that it may break the rule."""
    lines = text.splitlines()
    found = _ALLOWED.search(lines[line - 1]) if 0 < line <= len(lines) else None
    return bool(found and found["rule"] == rule)


def project_files() -> list[Path]:
    """The files of the project: those git knows or would take."""
    answer = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted(set(answer.stdout.decode().split("\0")) - {""})
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def check_file(path: str, text: str) -> Iterator[Finding]:
    """Every finding of every rule on one file."""
    from tools.lint import addresses, browser_floor, python_rules, sizes, templates

    rules: Iterable = (addresses.check, browser_floor.check, python_rules.check, sizes.check, templates.check)
    for rule in rules:
        for finding in rule(path, text):
            if not allowed(text, finding.line, finding.rule):
                yield finding


def check_project() -> list[Finding]:
    """Every finding in the project."""
    findings: list[Finding] = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or another sample; rules are about text
        findings += check_file(str(path.relative_to(ROOT)), text)
    return findings
