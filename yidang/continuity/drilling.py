"""Showing that the way back works: restore aside, open a sample, compare with what is alive, measure, report."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from yidang import audit
from yidang.audit import tree
from yidang.audit.models import Entry
from yidang.audit.seen import gather
from yidang.catalogue import row_digests
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.continuity import policy
from yidang.continuity.backing_up import place_of
from yidang.continuity.engine import Place
from yidang.continuity.errors import NoRoomForDrill
from yidang.continuity.models import DrillRun
from yidang.ui.templatetags.ui import file_size
from yidang.vault.folder import RESERVE

SAMPLE = 20
# A part of everything that is kept is read as well: a restore reads the latest backup only.
SHARE = "10%"
BLOCK = 4096  # what a file takes at least, and a folder


def drill(address: str, passphrase: str, *, actor: Actor, sample: int = SAMPLE) -> DrillRun:
    """Restore the latest backup into a folder of its own, examine it there, and throw it away; not begun where it does not fit.

    The restore runs in a process of its own, from nothing but the backup and its passphrase, as after a fire.

    :raises NotFound: the actor keeps no backups
    """
    policy.require_keeps_backups(actor)
    place = place_of(address, passphrase)
    run = DrillRun.objects.create(asked_by=actor.username, started_at=clock.now(), address=place.address)
    try:
        _look_for_room(place)
        place.check(SHARE)
        with _aside() as (folder, environment):
            told = _restore_in(folder, place.address, passphrase, sample, environment)
    except YidangError as error:
        parts = (error, error.remedy, error.details.get("reasons", ""))
        _end(run, actor, error=" ".join(filter(None, map(str, parts)))[:500])
        return run
    except BaseException as error:
        _end(run, actor, error=type(error).__name__)
        raise
    if "code" in told:
        _end(run, actor, error=str(told.get("detail", told["code"]))[:500])
        return run
    newest = parse_datetime(told["newest_record_at"]) if told["newest_record_at"] else None
    _end(
        run, actor, snapshot=told["snapshot"], made_at=parse_datetime(told["made_at"]), seconds=told["seconds"],
        records=told["records"], compared=told["objects"], bytes=told["bytes"], entries=told["entries"], newest_record_at=newest, sample=told["sample"],
        differences=[*told["faults"], *_compare_with_the_living(told)],
    )  # fmt: skip
    return run


def _folder() -> Path:
    """Where drills restore aside."""
    place = Path(settings.DRILL_FOLDER or Path(settings.DATA) / "cache")
    place.mkdir(parents=True, exist_ok=True)
    return place


def _look_for_room(place: Place) -> None:
    """Refuse before anything is read: a drill that fills the disk would stop filing.

    :raises NoRoomForDrill: the backup does not fit beside what filing needs
    """
    weight, folder = place.weigh(), _folder()
    needed = weight.bytes + weight.files * BLOCK + RESERVE
    if connection.vendor == "sqlite":
        needed += Path(connection.settings_dict["NAME"]).stat().st_size  # lies there twice while it is put together
    if (free := shutil.disk_usage(folder).free) < needed:
        raise NoRoomForDrill(
            _("The drill needs %(needed)s in %(folder)s, where %(free)s are free: %(missing)s are missing.")
            % {
                "needed": file_size(needed), "folder": folder, "free": file_size(free),
                "missing": file_size(needed - free),
            }
        )  # fmt: skip


@contextmanager
def _aside() -> Iterator[tuple[Path, dict[str, str]]]:
    """An empty data folder with an environment that knows nothing of this installation; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=_folder()))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
    environment["YIDANG_BACKUP_CREDENTIALS"] = str(settings.BACKUP_CREDENTIALS)
    name = _own_database(environment) if connection.vendor == "postgresql" else ""
    try:
        yield folder / "data", environment
    finally:
        _writable(folder)
        shutil.rmtree(folder, ignore_errors=True)
        if name:
            _drop(name)


def _own_database(environment: dict[str, str]) -> str:
    """On PostgreSQL the drill has a database of its own beside the living one."""
    name = f"yidang_drill_{os.getpid()}"
    facts = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    host = f"?host={facts['HOST']}" if str(facts["HOST"]).startswith("/") else ""
    at = "" if host else f"{facts['HOST']}:{facts['PORT']}" if facts["PORT"] else str(facts["HOST"])
    port = f":{facts['PORT']}" if host and facts["PORT"] else ""
    word = f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
    environment["YIDANG_DATABASE"] = f"postgresql://{facts['USER']}{word}@{at}{port}/{name}{host}"
    return name


def _drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _restore_in(
    folder: Path, address: str, passphrase: str, sample: int, environment: dict[str, str]
) -> dict[str, Any]:
    command = [sys.executable, "-m", "yidang", "restore", address, "--data", str(folder), "--sample", str(sample)]
    done = subprocess.run(
        [*command, "--whole", "--without-copies", "--passphrase-stdin", "--json"], input=passphrase + "\n", capture_output=True,
        text=True, env=environment, check=False,
    )  # fmt: skip
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"code": "restore_failed", "detail": done.stderr.strip()[-500:]}
    return told


def _compare_with_the_living(told: dict[str, Any]) -> list[str]:
    """The log that came back is a beginning of ours, and each opened record is as our log told it then."""
    differences = []
    if told["entries"]:
        tree.catch_up(told["entries"])
        if tree.root(told["entries"]).hex() != told["root"]:
            differences.append(_("The log in the backup is not a beginning of the log that we have now."))
        seen, _changed, _silent = gather()
        for one in seen:
            if one.size <= told["entries"] and tree.root(one.size) != one.root:
                differences.append(
                    _("%(who)s saw another log at entry %(size)d.") % {"who": _(one.who), "size": one.size}
                )
    for one in told["sample"]:
        rows = Entry.objects.filter(
            target_kind=row_digests.RECORD, target=one["record"], row__isnull=False, seq__lte=told["entries"]
        )
        ours = rows.order_by("-seq").values_list("row", flat=True).first()
        if ours is not None and ours != one["digest"]:
            differences.append(_("Record %(key)s came back otherwise than it was.") % {"key": one["record"]})
    return differences


def _end(run: DrillRun, actor: Actor, **values: object) -> None:
    run.finished_at = clock.now()
    for name, value in values.items():
        setattr(run, name, value)
    with transaction.atomic():
        run.save()
        audit.write(
            "continuity.drill.made", actor=actor, target_kind="drill", target=run.pk,
            outcome="done" if run.is_well else "failed",
            facts={
                "snapshot": run.snapshot, "seconds": round(run.seconds, 1), "records": run.records, "sample": len(run.sample),
                "differences": len(run.differences), "error": run.error,
            },
        )  # fmt: skip


def _writable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o750)
