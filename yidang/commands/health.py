"""``yidang doctor``: what is not well, each with its remedy."""

from dataclasses import asdict

import click
from django.utils.translation import gettext as _

from yidang.commands.output import answer, as_json
from yidang.upkeep.checks import BAD, examine


@click.command()
@as_json
def doctor(json_wanted: bool) -> None:
    """Look at configuration, versions, disk, copies, jobs, clock, log and index; ends with 1 when something is not well."""
    found = examine()
    well = not any(finding.level == BAD for finding in found)
    lines = [
        f"{'✗' if item.level == BAD else '!'} {item.area}: {f'{item.sentence} {item.detail}'.strip()}\n    → {item.remedy}"
        for item in found
    ]
    lines.append(_("All is well.") if well else _("Something is not well."))
    answer({"well": well, "findings": [asdict(item) for item in found]}, lines, json_wanted=json_wanted, well=well)
