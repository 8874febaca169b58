"""``yidang audit …``: the log's proof, for the person on call and for auditors."""

import json
import sys
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, exporting
from yidang.audit.models import Head
from yidang.audit.verify import verify, verify_against
from yidang.common.actor import Actor
from yidang.common.errors import YidangError

SHOWN = 1000


@click.group(name="audit", help="The log: verify, export, checkpoint.")
def audit() -> None:
    """The group that the program mounts."""


def _answer(document: dict[str, Any], lines: list[str], as_json: bool) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, default=str) if as_json else "\n".join(lines))
    if not document["well"]:
        sys.exit(1)


def _refused(error: YidangError, as_json: bool) -> None:
    document = {"well": False, "code": error.code, "detail": str(error), "remedy": str(error.remedy)}
    _answer(document, [f"{error} {error.remedy}".strip()], as_json)


@audit.command("verify")
@click.option(
    "--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A checkpoint kept elsewhere."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def verify_command(against: Path | None, as_json: bool) -> None:
    """Walk the whole chain; every fault is named."""
    try:
        faults = list(islice(verify(), SHOWN))
        if against is not None:
            faults += verify_against(against.read_text(encoding="utf-8"))
    except YidangError as error:
        return _refused(error, as_json)
    head = Head.objects.filter(pk=1).first()
    size = head.size if head else 0
    document = {
        "well": not faults, "entries": size, "hash": head.hash if head else "", "faults": [asdict(fault) for fault in faults]
    }  # fmt: skip
    lines = [f"{fault.seq}: {fault.kind}: {fault.detail}" for fault in faults]
    lines.append(
        _("%(count)d faults among %(size)d entries.") % {"count": len(faults), "size": size}
        if faults
        else _("The log is whole: %(size)d entries.") % {"size": size}
    )
    return _answer(document, lines, as_json)


@audit.command("export")
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-personal", is_flag=True, help="Also the facts that identify people.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def export_command(dest: Path, with_personal: bool, as_json: bool) -> None:
    """Write the log into DEST with a verifier that needs only Python."""
    try:
        done = exporting.export_log(dest, actor=Actor.system("command"), with_personal=with_personal)
    except YidangError as error:
        return _refused(error, as_json)
    lines = [
        _("%(size)d entries are in %(folder)s.") % {"size": done.size, "folder": done.folder},
        _("To check: python3 %(file)s") % {"file": done.folder / "verify_audit.py"},
    ]
    return _answer({"well": True, **asdict(done)}, lines, as_json)


@audit.command("checkpoint")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def checkpoint_command(as_json: bool) -> None:
    """Print the signed head of the log, to be kept elsewhere."""
    try:
        taken = checkpoints.take()
        note = taken.signed()
    except YidangError as error:
        return _refused(error, as_json)
    with (Path(settings.DATA) / "log" / "checkpoints.txt").open("a", encoding="utf-8") as file:
        file.write(note + "\n")
    return _answer({"well": True, "size": taken.size, "hash": taken.hash, "note": note}, [note.rstrip("\n")], as_json)
