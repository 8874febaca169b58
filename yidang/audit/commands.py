"""``yidang audit …``: the log's proof, for the person on call and for auditors."""

import json
import sys
from base64 import b64encode
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from yidang.audit import checkpoints, exporting, proving, verifying, witnesses
from yidang.audit.models import Verification
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError

OPERATOR = Actor.system("command")


@click.group(name="audit", help="The log: verify, export, checkpoint, proof.")
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
    "--against", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint kept elsewhere; may be given more than once.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def verify_command(against: tuple[Path, ...], as_json: bool) -> None:
    """Walk the whole log and compare it with what witnesses saw and with the rows it speaks of; every fault is named."""
    asked = Verification.objects.create(asked_at=clock.now(), asked_by=OPERATOR.username)
    try:
        kept = {path.name: path.read_text(encoding="utf-8") for path in against}
        done = verifying.run_verification(asked, kept=kept)
    except YidangError as error:
        asked.delete()
        return _refused(error, as_json)
    document = {
        "well": done.is_well, "entries": done.entries, "rows": done.rows, "root": done.root, "compared": done.compared,
        "faults": done.faults,
    }  # fmt: skip
    lines = [f"{fault['seq']}: {fault['kind']}: {fault['detail']}" for fault in done.faults]
    if done.faults:
        lines.append(_("%(count)d faults among %(size)d entries.") % {"count": len(done.faults), "size": done.entries})
    else:
        lines.append(_("The log is whole: %(size)d entries.") % {"size": done.entries})
    if not witnesses.configured():
        lines.append(
            _("Nobody else keeps its checkpoints: whoever owns this machine could have written all of it anew.")
        )
    return _answer(document, lines, as_json)


@audit.command("export")
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option("--with-personal", is_flag=True, help="Also the facts that identify people.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def export_command(dest: Path, with_personal: bool, as_json: bool) -> None:
    """Write the log into DEST with a verifier that needs only Python."""
    try:
        done = exporting.export_log(dest, actor=OPERATOR, with_personal=with_personal)
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
    """Sign the head of the log, show it to the witnesses, and print it, to be kept elsewhere."""
    try:
        taken = checkpoints.take()
        witnesses.show_all(clock.now())
    except YidangError as error:
        return _refused(error, as_json)
    document = {"well": True, "size": taken.size, "root": taken.root, "note": taken.note}
    return _answer(document, [taken.note.rstrip("\n")], as_json)


@audit.command("proof")
@click.argument("seq", type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def proof_command(seq: int, as_json: bool) -> None:
    """Prove that an entry stands in the log, by the last checkpoint that covers it."""
    try:
        proof = proving.proof_of(seq)
    except YidangError as error:
        return _refused(error, as_json)
    parts = [b64encode(part).decode("ascii") for part in proof.parts]
    document = {
        "well": True,
        "seq": seq,
        "index": seq - 1,
        "hash": proof.hash,
        "proof": parts,
        "checkpoint": proof.note,
    }
    return _answer(document, [f"index {seq - 1}", *parts, "", proof.note.rstrip("\n")], as_json)
