"""``yidang passphrase``: on paper, and from paper back into its file when that is lost."""

import sys
from pathlib import Path

import click
from django.utils.translation import gettext as _

from yidang.commands.output import answer, as_json, refuse
from yidang.common.actor import Actor
from yidang.common.errors import YidangError

OPERATOR = Actor.system("operator")


@click.group()
def passphrase() -> None:
    """The passphrase of the backups: print its sheet, or enter it again from paper."""


@passphrase.command()
@as_json
def sheet(json_wanted: bool) -> None:
    """Print the passphrase for the paper that is kept in another building; the log notes that it was."""
    from yidang.continuity.passphrases import tell_passphrase

    try:
        word = tell_passphrase(actor=OPERATOR)
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    lines = [
        _("Passphrase of the backups of Yidang"), "", f"    {word}", "",
        _("Without it no backup opens. Keep this sheet in another building, sealed, with the page «The way back»."),
    ]  # fmt: skip
    answer({"passphrase": word}, lines, json_wanted=json_wanted)


@passphrase.command()
@click.argument("place", required=False)
@click.option("--passphrase-stdin", is_flag=True, help="Read it from standard input.")
@as_json
def enter(place: str | None, passphrase_stdin: bool, json_wanted: bool) -> None:
    """Put the passphrase from paper back into its file, once it has opened the backups at PLACE (YIDANG_BACKUP)."""
    from yidang.continuity.passphrases import enter_passphrase

    typed = (
        sys.stdin.readline()
        if passphrase_stdin
        else str(click.prompt(_("Passphrase of the backup"), hide_input=True, err=True))
    )
    try:
        path: Path = enter_passphrase(typed, place or "", actor=OPERATOR)
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    answer(
        {"file": str(path)},
        [_("It opens the backups and lies in %(file)s again.") % {"file": path}],
        json_wanted=json_wanted,
    )
