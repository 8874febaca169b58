"""``yidang demo``: an empty data folder becomes a believable hospital."""

from pathlib import Path

import click

from config.readers import read_data_folder
from yidang.commands.main import load_django, use_data
from yidang.commands.output import answer, as_json, say


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), help="The empty data folder; YIDANG_DATA by default, else ./var."
)
@click.option("--records", type=click.IntRange(1, 1_000_000), default=300, show_default=True, help="How many records.")
@as_json
def demo(data: Path | None, records: int, json_wanted: bool) -> None:
    """Fill an empty data folder with a hospital: people, classes, records with real files."""
    from yidang.demo.folder import is_empty

    folder = (data or read_data_folder()).absolute()
    if not is_empty(folder):
        raise click.ClickException(f"{folder}: holds something already; name an empty folder.")
    use_data(folder)
    load_django()
    from yidang.demo.building import build_demo

    result = build_demo(folder, records=records, report=lambda count: say(f"{count} …"))
    lines = [f"{one.username:<12} {one.role:<18} {one.password:<20} {one.token}" for one in result.accounts]
    answer(result.as_json(), [f"{'username':<12} {'role':<18} {'password':<20} token", *lines], json_wanted=json_wanted)
