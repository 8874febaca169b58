"""``yidang file``: documents from the command line through the same door as everything else."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import click

from yidang.commands.output import answer, as_json, refuse
from yidang.common import clock
from yidang.common.errors import YidangError
from yidang.intake import actions, receipts
from yidang.intake.envelope import read_envelope
from yidang.intake.names import display_name
from yidang.intake.staging import StagedFile, folder_of, stage
from yidang.people.actors import actor_of_user
from yidang.people.models import User

CHUNK = 1024 * 1024


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--class", "record_class", default="", help="Code of the class, such as WS; proposed when left out.")
@click.option("--title", required=True, help="Title of the record.")
@click.option(
    "--metadata",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON with further fields of the submission.",
)
@click.option("--source-system", default="command", help="Name of the system that the documents come from.")
@click.option("--source-id", default="", help="The document's id there; filing it again is harmless.")
@click.option("--as", "username", default="", help="The account that files; the only archivist by default.")
@as_json
def file(
    paths: tuple[Path, ...], record_class: str, title: str, metadata: Path | None, source_system: str, source_id: str,
    username: str, json_wanted: bool,
) -> None:  # fmt: skip
    """File documents as one record; the receipt is the output."""
    further = json.loads(metadata.read_text(encoding="utf-8")) if metadata else {}
    if not isinstance(further, dict):
        raise click.BadParameter("the file does not hold a JSON object", param_hint="--metadata")
    data = {
        **further,
        "source_system": source_system,
        "source_id": source_id or secrets.token_hex(16),
        "title": title,
        "class": record_class or further.get("class", ""),
        "documents": [{"file": path.name} for path in paths],
    }
    try:
        outcome = actions.receive(
            read_envelope(data), stage=lambda public_id: _staged(public_id, paths), actor=actor_of_user(_filer(username)),
            channel="command", now=clock.now(),
        )  # fmt: skip
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    receipt = receipts.receipt_json(outcome.receipt)
    code = f"{receipt['code']} ({receipt['code_state']})" if receipt["code"] else "-"
    answer(receipt, [f"{receipt['accession_number']}  {code}  {receipt['title']}"], json_wanted=json_wanted)


def _filer(username: str) -> User:
    """The account that files."""
    if username:
        found = User.objects.filter(username=username, is_active=True).first()
        if found is None:
            raise click.BadParameter(f"there is no account «{username}»", param_hint="--as")
        return found
    archivists = list(User.objects.filter(duties__role="archivist", is_active=True).distinct()[:2])
    if len(archivists) != 1:
        raise click.UsageError("Say with --as which account files.")
    return archivists[0]


def _staged(public_id: UUID, paths: tuple[Path, ...]) -> Iterator[StagedFile]:
    for number, path in enumerate(paths, 1):
        with path.open("rb") as source:
            yield stage(folder_of(public_id), number, display_name(path.name), iter(lambda: source.read(CHUNK), b""))
