"""What the bundle tells about machine, versions, settings, tables, jobs and log: only what no person can be known by."""

import json
import os
import platform
import resource
import shutil
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Count

from yidang.jobs.machines import program_version
from yidang.jobs.models import Job
from yidang.upkeep.figures import OPEN, database_bytes, places
from yidang.upkeep.redacting import is_shown
from yidang.upkeep.slowest import tail

PROCESSES = ("web", "worker", "serve")
TAIL = 8 * 1024 * 1024
PROGRAMS = ("soffice", "restic", "bwrap", "clamd", "clamdscan", "pg_dump", "nginx", "chronyd", "systemd-detect-virt")
# Of a log line these alone: what else may ever be written into one stays here, the actor's number included.
LINE = (
    "at", "level", "logger", "place", "message", "request", "route", "method", "status", "milliseconds", "statements",
    "database_milliseconds", "fault", "trace", "verb", "tables", "caller",
)  # fmt: skip


def versions() -> dict[str, Any]:
    """The program and what it stands on."""
    packages = {one.metadata["Name"]: one.version for one in distributions() if one.metadata["Name"]}
    return {
        "yidang": program_version(), "python": sys.version.split()[0], "system": platform.system(),
        "kernel": platform.release(), "machine": platform.machine(), "libc": " ".join(platform.libc_ver()),
        "database": f"{connection.vendor} {_database_version()}",
        "programs": {name: bool(shutil.which(name)) for name in PROGRAMS},
        "packages": dict(sorted(packages.items(), key=lambda one: one[0].lower())),
    }  # fmt: skip


def _database_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        return str(cursor.fetchone()[0])


def settings_given() -> list[dict[str, Any]]:
    """Every setting: whether it is given, and the value only where it tells nothing of this hospital."""
    told = []
    for setting, value in settings.SETTINGS_GIVEN:
        row: dict[str, Any] = {"name": setting.name, "kind": setting.kind, "given": value != setting.default}
        if is_shown(setting.name, setting.kind):
            row["value"] = value
        elif setting.kind == "list":
            row["members"] = len([part for part in value.split(",") if part.strip()])
        told.append(row)
    return told


def machine() -> dict[str, Any]:
    """Processors, memory, disks, limits; no name, no address."""
    memory = {}
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        name, _colon, amount = line.partition(":")
        if name in {"MemTotal", "MemAvailable", "SwapTotal", "SwapFree"}:
            memory[name] = int(amount.split()[0]) * 1024
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "processors": os.cpu_count(), "usable": len(os.sched_getaffinity(0)), "load": os.getloadavg(), "memory": memory,
        "open_files": files, "umask": f"{_umask():03o}",
        "disks": [{"place": room.place, "free": room.free, "total": room.total} for room in places()],
        "database_bytes": database_bytes(),
    }  # fmt: skip


def _umask() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("Umask:"):
            return int(line.split()[1], 8)
    return 0


def counts() -> dict[str, int]:
    """About how many rows each table has, without counting one."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            return dict(sorted(cursor.fetchall()))
        cursor.execute("SELECT name, seq FROM sqlite_sequence")  # the last number given, rows that are gone included
        return dict(sorted(cursor.fetchall()))


def open_jobs() -> list[dict[str, Any]]:
    """Jobs that are not done; their texts may quote a file's name and stay here."""
    rows = Job.objects.filter(state__in=OPEN).order_by("name", "state", "error_code")
    grouped = rows.values("name", "state", "error_code").annotate(count=Count("pk"))
    return [dict(row) for row in grouped[:500]]


def migrations() -> dict[str, Any]:
    """What of this version's changes of tables is made, and what is not."""
    loader = MigrationLoader(connection)
    made = sorted(f"{app}.{name}" for app, name in loader.applied_migrations)
    waiting = sorted(
        f"{app}.{name}" for app, name in loader.disk_migrations if (app, name) not in loader.applied_migrations
    )
    return {"made": made, "waiting": waiting}


def log_lines(process: str, most: int) -> str:
    """The last lines of a process's log, of each only what is known to hold nobody's data."""
    told = []
    for line in tail(Path(settings.DATA) / "log", process, TAIL)[-most:] if most else []:
        try:
            whole = json.loads(line)
        except ValueError:
            continue  # the end of a line that a crash cut
        told.append(json.dumps({key: whole[key] for key in LINE if key in whole}, ensure_ascii=False))
    return "\n".join(told) + "\n"
