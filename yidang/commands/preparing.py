"""Bringing a data folder to the present version: tables, sites, reference data."""

import json
from pathlib import Path
from typing import TextIO

import click
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext_lazy

from yidang import vault
from yidang.audit import adopting
from yidang.catalogue import package, seed
from yidang.catalogue.models import Fonds
from yidang.commands.configuration import tell_configuration
from yidang.commands.output import answer, as_json, refuse
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.db.everywhere import held_everywhere
from yidang.common.db.locks import waiting_briefly
from yidang.common.errors import WrongState, YidangError
from yidang.jobs import machines
from yidang.upkeep import stepping_back

FIRST_FONDS = "Y001"


class RestoreUnfinished(WrongState):
    """The data folder is half of an archive."""

    code = "restore_unfinished"
    default_message = gettext_lazy("A restore into this data folder has not ended; what is in it is not whole.")
    default_remedy = gettext_lazy("Run the same «yidang restore» again; it clears the folder and begins anew.")


def prepare() -> None:
    """Tables, sites, and for a new installation the hospital's fonds with its classes; safe to run again.

    :raises RestoreUnfinished: a restore was interrupted here
    :raises TablesInUse: somebody holds a table that is to be changed
    :raises NameTaken, KeysDiffer: this machine does not fit the others that serve the archive
    """
    if (Path(settings.DATA) / "restoring").is_file():
        raise RestoreUnfinished()
    with held_everywhere(["prepare"]):  # of several machines that start together, one makes the tables
        _prepare()


def _prepare() -> None:
    with waiting_briefly():
        call_command("migrate", interactive=False, verbosity=0)
    machines.check_in(clock.now())
    vault.prepare_sites()
    vault.put_schema(package.schema_text())
    adopting.adopt_new_kinds(actor=Actor.system("upgrade"))
    if not Fonds.objects.exists():
        seed.load_hospital(code=FIRST_FONDS, name=settings.HOSPITAL_NAME, actor=Actor.system("first start"))
    tell_configuration()


@click.command()
@click.option("--list", "listed", is_flag=True, help="Only tell which changes of tables are known and made.")
@click.option(
    "--back-to", type=click.File(encoding="utf-8"), metavar="FILE",
    help="Undo what an older version does not know: FILE is what its «migrate --list --json» printed.",
)  # fmt: skip
@as_json
def migrate(listed: bool, back_to: TextIO | None, json_wanted: bool) -> None:
    """Bring the database, the sites and the reference data to this version."""
    if listed:
        known, made = stepping_back.known(), stepping_back.made()
        lines = [f"{'made' if name in made else 'to be made'} {name}" for name in known]
        answer({"known": known, "made": made}, lines, json_wanted=json_wanted)
    elif back_to is not None:
        try:
            undone = stepping_back.step_back(json.load(back_to)["known"], actor=Actor.system("operator"))
        except YidangError as error:
            refuse(error, json_wanted=json_wanted)
            return
        answer({"undone": undone}, undone or ["Nothing had to be undone."], json_wanted=json_wanted)
    else:
        prepare()
        answer({"well": True}, ["The data folder is ready."], json_wanted=json_wanted)
