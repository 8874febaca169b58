"""``yidang export``: records out of the archive as files that need no Yidang."""

from pathlib import Path

import click
from django.utils.translation import gettext as _

from yidang.commands.output import answer, as_json, refuse, say
from yidang.common.actor import Actor
from yidang.common.errors import YidangError

EVERY = 500


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="[RECORD]… DEST")
@click.option("--format", "form", required=True, type=click.Choice(["century-pack"]), help="century-pack 百年包.")
@click.option("--class", "class_code", default="", help="Every record of this class and the classes below it.")
@click.option("--year", type=int, help="Only of this year.")
@click.option("--all", "everything", is_flag=True, help="The whole archive.")
@as_json
def export(
    what: tuple[str, ...], form: str, class_code: str, year: int | None, everything: bool, json_wanted: bool
) -> None:
    """Write records (ids or archival codes, or a class, a year, all) into the new folder DEST, with search and verifier."""
    from yidang.catalogue.queries import chosen_records
    from yidang.continuity.century import Pack, make_pack

    *named, target = what
    if not (named or class_code or year or everything):
        raise click.UsageError("Name records, --class, --year or --all.")

    def tell(pack: Pack) -> None:
        if pack.records % EVERY == 0:
            say(_("%(done)d records written, %(left)d left") % {"done": pack.records, "left": pack.left})

    try:
        pack = make_pack(
            chosen_records(named, class_code=class_code, year=year), Path(target).absolute(),
            actor=Actor.system("operator"), progress=tell,
        )  # fmt: skip
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    document = {
        "folder": str(pack.folder), "records": pack.records, "files": pack.files, "bytes": pack.bytes,
        "sums_sha256": pack.sums_sha256, "problems": [{"path": path, "reason": why} for path, why in pack.problems],
    }  # fmt: skip
    lines = [f"{path}: {why}" for path, why in pack.problems]
    lines.append(
        _("%(records)d records, %(files)d files, %(size).1f MB in %(folder)s")
        % {"records": pack.records, "files": pack.files, "size": pack.bytes / 1e6, "folder": pack.folder}
    )
    answer(document, lines, json_wanted=json_wanted, well=pack.is_well)
