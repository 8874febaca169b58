"""``yidang conformance``: which requirement is shown by which test."""

import json
from pathlib import Path

import click
import yaml

from yidang.commands.output import answer, as_json

DATA = Path(__file__).parent / "data"


@click.command()
@as_json
def conformance(json_wanted: bool) -> None:
    """List the requirements of GB/T 39784-2021 with the tests that show them; what is missing is shown as missing."""
    shown = json.loads((DATA / "conformance.json").read_text(encoding="utf-8")).get("gbt39784", {})
    rows = yaml.safe_load((DATA / "gbt39784.yaml").read_text(encoding="utf-8"))["requirements"]
    document = []
    for row in rows:
        key = row["id"].removeprefix("GBT39784-")
        document.append({"id": key, "level": row["level"], "zh": row["zh"], "tests": shown.get(key, [])})
    lines = [f"{row['id']:<8} {row['zh']}  {', '.join(row['tests']) or 'missing'}" for row in document]
    met = sum(bool(row["tests"]) for row in document)
    answer(
        {"requirements": document, "shown": met}, [*lines, f"{met} of {len(document)} shown"], json_wanted=json_wanted
    )
