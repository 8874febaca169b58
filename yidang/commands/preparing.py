"""Bringing a data folder to the present version: tables, sites, reference data."""

from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext_lazy

from yidang import vault
from yidang.audit import adopting
from yidang.catalogue import package, seed
from yidang.catalogue.models import Fonds
from yidang.commands.configuration import tell_configuration
from yidang.commands.output import answer, as_json
from yidang.common.actor import Actor
from yidang.common.errors import WrongState

FIRST_FONDS = "Y001"


class RestoreUnfinished(WrongState):
    """The data folder is half of an archive."""

    code = "restore_unfinished"
    default_message = gettext_lazy("A restore into this data folder has not ended; what is in it is not whole.")
    default_remedy = gettext_lazy("Run the same «yidang restore» again; it clears the folder and begins anew.")


def prepare() -> None:
    """Tables, sites, and for a new installation the hospital's fonds with its classes; safe to run again.

    :raises RestoreUnfinished: a restore was interrupted here
    """
    if (Path(settings.DATA) / "restoring").is_file():
        raise RestoreUnfinished()
    call_command("migrate", interactive=False, verbosity=0)
    vault.prepare_sites()
    vault.put_schema(package.schema_text())
    if adopting.nothing_told():
        adopting.adopt_unknown(actor=Actor.system("upgrade"), reason="upgrade")
    if not Fonds.objects.exists():
        seed.load_hospital(code=FIRST_FONDS, name=settings.HOSPITAL_NAME, actor=Actor.system("first start"))
    tell_configuration()


@click.command()
@as_json
def migrate(json_wanted: bool) -> None:
    """Bring the database, the sites and the reference data to this version."""
    prepare()
    answer({"well": True}, ["The data folder is ready."], json_wanted=json_wanted)
