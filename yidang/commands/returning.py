"""``yidang backup``, ``yidang restore`` and ``yidang drill``: everything needed to be back."""

import shutil
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from yidang.commands.output import answer, as_json, refuse, say
from yidang.common.actor import Actor
from yidang.common.errors import YidangError

OPERATOR = Actor.system("operator")


def _passphrase(from_input: bool) -> str:
    """The passphrase from standard input, from its file, or asked of the person at the terminal."""
    from yidang.continuity.passphrases import passphrase_file, read_passphrase

    if from_input:
        return sys.stdin.readline().rstrip("\n")
    if not passphrase_file().exists() and sys.stdin.isatty():
        return str(click.prompt(_("Passphrase of the backup"), hide_input=True, err=True))
    return read_passphrase()


def _from_input(function: Callable[..., Any]) -> Callable[..., Any]:
    """The option --passphrase-stdin."""
    return click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from standard input.")(function)


@click.command()
@click.argument("dest")
@_from_input
@as_json
def backup(dest: str, passphrase_stdin: bool, json_wanted: bool) -> None:
    """Take a backup into DEST while the program works; only what is new is written."""
    from yidang.continuity.backing_up import back_up
    from yidang.continuity.passphrases import make_passphrase, passphrase_file

    made = "" if passphrase_stdin else make_passphrase()
    if made:
        say(
            _("A passphrase was made: %(word)s") % {"word": made} + "\n"
            + _("Write it on paper and keep it in another building: without it no backup opens. Here it lies in %(file)s.")
            % {"file": passphrase_file()}
        )  # fmt: skip
    try:
        run = back_up(dest, _passphrase(passphrase_stdin), actor=OPERATOR)
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    document = {
        "snapshot": run.snapshot, "files": run.files, "bytes": run.bytes, "added": run.added, "records": run.records,
        "entries": run.entries, "newest_record_at": run.newest_record_at, "seconds": run.seconds,
    }  # fmt: skip
    line = _("%(records)d records, %(size).1f MB, %(added).1f MB of them new, in %(seconds).1f s: %(snapshot)s") % {
        "records": run.records, "size": run.bytes / 1e6, "added": run.added / 1e6, "seconds": run.seconds or 0,
        "snapshot": run.snapshot[:12],
    }  # fmt: skip
    answer(document, [line], json_wanted=json_wanted)


@click.command()
@click.argument("src")
@click.option("--data", type=click.Path(path_type=Path), help="The empty data folder that is filled.")
@click.option("--snapshot", default="latest", show_default=True, help="Which backup.")
@click.option(
    "--as-of", help="Read a locked bucket as it was then, e.g. 2026-03-05T08:00; whatever was done to it since."
)
@click.option("--sample", default=20, show_default=True, type=click.IntRange(0), help="Records to open and compare.")
@click.option("--whole", is_flag=True, help="Read and compare every file of every object.")
@click.option(
    "--without-copies", is_flag=True, help="Exactly the backup: nothing is taken in from sites, none is filled."
)
@_from_input
@as_json
def restore(
    src: str, data: Path | None, snapshot: str, as_of: str | None, sample: int, whole: bool, without_copies: bool, passphrase_stdin: bool,
    json_wanted: bool,
) -> None:  # fmt: skip
    """Fill an empty data folder from the backup at SRC, and examine what came back."""
    from config.readers import read_data_folder
    from yidang.commands.main import load_django, use_data

    folder = (data or read_data_folder()).absolute()
    empty = not folder.exists() or not any(folder.iterdir())
    if not empty and not (folder / "restoring").is_file():
        raise click.ClickException(f"{folder}: holds something already; name an empty folder.")
    moment = _moment(as_of)
    use_data(folder)
    _begin(folder)
    load_django()
    from yidang.continuity.as_of import as_of as at_the_moment
    from yidang.continuity.backing_up import place_of
    from yidang.continuity.restoring import restore as bring_back

    try:
        place = place_of(src, _passphrase(passphrase_stdin))
        with at_the_moment(place, moment) if moment else nullcontext(place) as there:
            found = bring_back(there, snapshot=snapshot, sample=sample, whole=whole, copies=not without_copies, say=say)
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    lines = [
        _("%(records)d records and %(entries)d entries of the log are back in %(minutes).2f minutes; the newest record is of %(newest)s.")
        % {"records": found.records, "entries": found.entries, "minutes": found.seconds / 60, "newest": found.newest_record_at or "-"},
        _("%(count)d records were opened and compared.") % {"count": len(found.sample)},
        *([_("%(count)d objects were compared byte by byte.") % {"count": found.objects}] if whole else []),
        *([_("%(count)d objects were taken in that sites held beyond the backup.") % {"count": found.taken_in}]
          if found.taken_in else []),
        *found.faults,
    ]  # fmt: skip
    answer(asdict(found), lines, json_wanted=json_wanted, well=not found.faults)


def _moment(said: str | None) -> datetime | None:
    """A moment as people write it; without a zone it is this machine's."""
    if not said:
        return None
    try:
        return datetime.fromisoformat(said).astimezone()
    except ValueError:
        raise click.ClickException(
            f"--as-of {said}: write a moment such as 2026-03-05T08:00 or with +08:00 after it."
        ) from None


def _begin(folder: Path) -> None:
    """Mark the folder as unfinished before the settings fill it; what an earlier try left there is cleared away."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            for inner in (path, *path.rglob("*")):
                if inner.is_dir() and not inner.is_symlink():
                    inner.chmod(0o750)
            shutil.rmtree(path)
        else:
            path.unlink()
    sentence = "A restore is under way here; until this file is gone, nothing is whole.\n"
    (folder / "restoring").write_text(sentence, encoding="utf-8")


@click.command()
@click.argument("src")
@click.option("--sample", default=20, show_default=True, type=click.IntRange(1), help="Records to open and compare.")
@_from_input
@as_json
def drill(src: str, sample: int, passphrase_stdin: bool, json_wanted: bool) -> None:
    """Restore the latest backup at SRC aside, compare it with what is alive, measure the minutes, throw it away."""
    from yidang.continuity.drilling import drill as practise

    try:
        run = practise(src, _passphrase(passphrase_stdin), actor=OPERATOR, sample=sample)
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    document = {
        "well": run.is_well, "snapshot": run.snapshot, "made_at": run.made_at, "minutes": run.minutes,
        "records": run.records, "entries": run.entries, "newest_record_at": run.newest_record_at, "opened": len(run.sample),
        "differences": run.differences, "error": run.error,
    }  # fmt: skip
    lines = [
        _("Restored aside in %(minutes).2f minutes: %(records)d records, %(opened)d opened, %(count)d differences.")
        % {"minutes": run.minutes, "records": run.records, "opened": len(run.sample), "count": len(run.differences)},
        *run.differences,
        *([run.error] if run.error else []),
    ]  # fmt: skip
    answer(document, lines, json_wanted=json_wanted, well=run.is_well)
