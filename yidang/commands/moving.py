"""``yidang migrate-installation``: from the embedded installation to the large one."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from yidang.commands.output import NOT_WELL, answer, as_json, refuse, say
from yidang.common.errors import YidangError

FOLLOWS = ";follows"


@click.command()
@click.argument("settings", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done, and about how long it takes.")
@click.option(
    "--call-off", is_flag=True, help="Take the old installation into use again; the new one must not be used."
)
@as_json
def migrate_installation(settings: Path | None, dry_run: bool, call_off: bool, json_wanted: bool) -> None:
    """Move this installation to the one that SETTINGS tells of: lines NAME=VALUE with YIDANG_DATA, YIDANG_DATABASE and
    YIDANG_SITES, as its service will read them. Killed anywhere, the same command goes on."""
    if (settings is None) != call_off:
        raise click.UsageError("name the settings of the new installation, or --call-off.")
    told = {} if settings is None else _read_settings(settings)
    joining = _let_new_sites_follow(told) if told else ()
    from yidang.commands.main import load_django

    load_django()
    from yidang.continuity.moving import run

    try:
        if call_off:
            run.call_off()
            answer({"called_off": True}, [_("The old installation is in use again.")], json_wanted=json_wanted)
            return
        plan = _plan(told, joining)
        if dry_run:
            _estimate(plan, json_wanted=json_wanted)
            return
        report = run.move(plan, arrive=lambda facts: _arrive(plan.environment, facts), say=say)
    except YidangError as error:
        refuse(error, json_wanted=json_wanted)
        return
    bad = [finding for finding in report.arrived.get("findings", []) if finding["level"] == "bad"]
    lines = [
        _("Moved and compared: %(rows)d rows in %(tables)d tables, %(entries)d entries of the log, %(files)d files.")
        % {"rows": report.rows, "tables": len(report.tables), "entries": report.entries, "files": report.files},
        _("Only read for %(read)s s, closed for %(closed)s s; %(rate)s rows a second.") % {
            "read": report.seconds.get("read_only", "?"), "closed": report.seconds.get("close", "?"),
            "rate": report.rows_per_second,
        },
        _("The report is kept as moved-here.json in %(folder)s. Start the new installation there; the old one takes nothing any more.")
        % {"folder": report.target},
        *(f"✗ {one['sentence']}\n    → {one['remedy']}" for one in bad),
    ]  # fmt: skip
    answer(asdict(report), lines, json_wanted=json_wanted, well=not bad)


def _read_settings(file: Path) -> dict[str, str]:
    """NAME=VALUE lines as a service reads them."""
    told = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        name, equals, value = words[-1].partition("=")
        if not equals or len(words) > (2 if words[0] == "export" else 1):
            raise click.UsageError(f"{file}, line {number}: not NAME=VALUE.")
        told[name] = value
    missing = [name for name in ("YIDANG_DATA", "YIDANG_DATABASE", "YIDANG_SITES") if not told.get(name)]
    if missing:
        raise click.UsageError(f"{file}: {', '.join(missing)} must be said there.")
    return told


def _let_new_sites_follow(told: dict[str, str]) -> tuple[str, ...]:
    """Sites of the new installation follow in this process, so that the vault itself fills them; before Django is loaded."""
    from config.readers import read_data_folder, read_text

    data = read_data_folder()
    given = read_text("YIDANG_SITES", "", "") or f"main={data}/vault/main,second={data}/vault/second"
    old, new = _sites(given), _sites(told["YIDANG_SITES"])
    for key in old.keys() & new.keys():
        if old[key].removesuffix(FOLLOWS) != new[key].removesuffix(FOLLOWS):
            raise click.UsageError(
                f"YIDANG_SITES: «{key}» is the name of another site of the old installation; name it otherwise."
            )
    joining = tuple(key for key in new if key not in old)
    follow = [f"{key}={new[key].removesuffix(FOLLOWS)}{FOLLOWS}" for key in joining]
    os.environ["YIDANG_SITES"] = ",".join([given, *follow])
    return joining


def _sites(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(",") if part.strip())
    return {key.strip(): place.strip() for key, _equals, place in pairs}


def _plan(told: dict[str, str], joining: tuple[str, ...]) -> Any:
    from config.readers import database_facts
    from yidang.common import signing
    from yidang.continuity.moving import target
    from yidang.continuity.moving.plan import Plan

    target.connect(database_facts("YIDANG_DATABASE", told["YIDANG_DATABASE"]))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
    environment = {**kept, "DJANGO_SETTINGS_MODULE": "config.settings", **told}
    folder = Path(told["YIDANG_DATA"]).expanduser().absolute()
    return Plan(folder, environment, joining, signing.archive_key().key_id, told.get("YIDANG_ADDRESS", ""))


def _estimate(plan: Any, *, json_wanted: bool) -> None:
    from yidang.continuity.moving.plan import check, estimate

    check(plan)
    found = estimate(plan)
    lines = [
        _("%(rows)d rows in %(tables)d tables, %(objects)d objects with %(size).1f MB to: %(sites)s.") % {
            "rows": found.rows, "tables": len(found.tables), "objects": found.objects, "size": found.bytes / 1e6,
            "sites": ", ".join(found.sites) or "-",
        },
        _("About %(minutes).1f minutes; for about %(pause).1f of them the archive can be read and takes nothing new.")
        % {"minutes": found.seconds / 60, "pause": found.read_only_seconds / 60},
        *(_("Set here and not in the new settings: %(name)s") % {"name": name} for name in found.differing_settings),
        *found.refused,
        _("Nothing was changed."),
    ]  # fmt: skip
    answer(asdict(found), lines, json_wanted=json_wanted, well=not found.refused)


def _arrive(environment: dict[str, str], facts: dict[str, Any]) -> dict[str, Any]:
    """Let a process with the new settings put the new installation in order; its progress is shown as it comes."""
    from yidang.continuity.moving.errors import NotTheSame

    done = subprocess.run(
        [sys.executable, "-m", "yidang", "arrive"], input=json.dumps(facts), env=environment, stdout=subprocess.PIPE,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NotTheSame(
            _("The new installation could not be put in order; what it said stands above."),
            remedy=_("Give the same command again, or call the move off with --call-off."),
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@click.command(hidden=True)
def arrive() -> None:
    """The part of the move that runs with the new installation's settings."""
    from yidang.continuity.moving import arriving
    from yidang.upkeep.checks import examine

    try:
        done = arriving.arrive(json.load(sys.stdin), say)
    except YidangError as error:
        say(f"{error} {error.remedy}".strip())
        sys.exit(NOT_WELL)
    findings = [{key: str(value) for key, value in asdict(one).items()} for one in examine()]
    click.echo(
        json.dumps({**done, "index": asdict(done["index"]), "findings": findings}, ensure_ascii=False, default=str)
    )
