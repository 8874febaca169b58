"""Who may do which deed beside looking: the rules, the document and a table written by hand say the same."""

from pathlib import Path

import pytest

from yidang.access.matrix import DEEDS, render

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "developer" / "permissions.md"
# Written from the rules, not from the code; in the order of the columns.
ORACLE = {
    "archivist": "ask register freeze issue watermark trace why",
    "records_clerk": "ask register freeze",
    "department_clerk": "ask",
    "staff": "ask",
    "clinician": "ask emergency",
    "approver": "ask review",
    "leader": "ask late",
    "system_admin": "",
    "security_admin": "watermark trace why end",
    "audit_admin": "trace",
}
SHORT = ("ask", "register", "freeze", "issue", "emergency", "review", "late", "watermark", "trace", "why", "end")


@pytest.mark.promise("F1", "F3")
def test_the_rules_say_what_the_oracle_says(db: None) -> None:
    head, _line, *rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in render().splitlines()]
    told = {
        role: " ".join(name for name, row in zip(SHORT, rows, strict=True) if row[at] == "yes")
        for at, role in enumerate(head)
        if at
    }
    assert told == ORACLE and len(SHORT) == len(DEEDS)


def test_the_document_shows_them(db: None) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert render() in text, (
        "docs/developer/permissions.md is behind; put the output of yidang.access.matrix.render() in."
    )
