"""What the checkers of one file gather."""

from dataclasses import dataclass, field
from typing import Any

from yidang.formats.findings import Finding, finding
from yidang.formats.types import Limits


@dataclass
class Look:
    """One look at one file: findings, pages, the first text, what must follow later."""

    limits: Limits
    fully: bool = False
    findings: list[Finding] = field(default_factory=list)
    pages: int | None = None
    sample: str = ""
    later: set[str] = field(default_factory=set)
    opened: bool = False

    def add(self, code: str, **params: Any) -> None:
        """Note a finding of a known kind, once."""
        if not any(found.code == code for found in self.findings):
            self.findings.append(finding(code, **params))

    @property
    def failed(self) -> bool:
        """Whether anything found so far keeps the file out."""
        return any(found.level == "fail" for found in self.findings)
