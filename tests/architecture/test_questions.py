"""Questions that grow with the archive although their answer does not."""

import re
from pathlib import Path

YIDANG = Path(__file__).resolve().parents[2] / "yidang"
# The database lists every record of the inner set before it looks at the first row of the outer one.
LISTS_ALL = re.compile(r"(?:record|record_id|source|target)__in=(?:Record\.objects|seen\b|visible\b|reached\b)")


def test_few_rows_are_narrowed_by_many_records_row_by_row() -> None:
    found = [
        f"{path.relative_to(YIDANG)}:{number}"
        for path in YIDANG.rglob("*.py")
        if "tests" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LISTS_ALL.search(line)
    ]
    assert found == [], "use yidang.catalogue.models.among"
