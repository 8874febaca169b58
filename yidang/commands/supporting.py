"""``yidang support-bundle``: one file for whoever helps, with nobody's data."""

from pathlib import Path

import click
from django.utils.translation import gettext as _

from yidang.commands.output import answer, as_json, refuse
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError


@click.command("support-bundle")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The new file; named by the moment by default."
)
@click.option("--lines", default=2000, show_default=True, type=click.IntRange(0, 20_000), help="Log lines per process.")
@as_json
def support_bundle(output: Path | None, lines: int, json_wanted: bool) -> None:
    """Write versions, settings without their values, findings, figures, counts and log lines into one zip file."""
    from yidang.upkeep.bundling import make_bundle

    try:
        made = make_bundle(actor=Actor.system("operator"), now=clock.now(), lines=lines, fresh=True)
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    file = output or Path(made.name)
    try:
        with file.open("xb") as opened:
            file.chmod(0o600)
            opened.write(made.content)
    except FileExistsError:
        raise click.BadParameter(f"{file} is there already", param_hint="--output") from None
    document = {"file": str(file), "bytes": len(made.content), "sha256": made.sha256, "logged": made.logged}
    told = [
        _("%(file)s holds no names, titles, numbers of patients or secrets; look through it before you send it.")
        % {"file": file}
    ]
    if not made.logged:
        told.append(_("The database did not answer, so the audit log does not tell of this bundle."))
    answer(document, told, json_wanted=json_wanted)
