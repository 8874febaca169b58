"""``yidang search``: how the index is, and building it anew."""

from dataclasses import asdict

import click

from yidang import search as index
from yidang.commands.output import answer, as_json, say


@click.group(help="The search index: status, rebuild.")
def search() -> None:
    """The group."""


@search.command()
@as_json
def status(json_wanted: bool) -> None:
    """Lag, size and use of disk."""
    found = asdict(index.status())
    answer(found, [f"{key}: {value}" for key, value in found.items()], json_wanted=json_wanted)


@search.command()
@as_json
def rebuild(json_wanted: bool) -> None:
    """Build the index beside the one in use, then switch."""
    found = asdict(index.rebuild(lambda done, total: say(f"{done} / {total}")))
    answer(found, [f"{key}: {value}" for key, value in found.items()], json_wanted=json_wanted)
