"""Where an archive is to go, whether that fits, and what it would take: read before anything is changed."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models import CharField, Sum
from django.utils.translation import gettext as _

from yidang.continuity.moving import rows, target
from yidang.continuity.moving.errors import CannotMove
from yidang.continuity.moving.tables import NEW, OLD, Table, tables
from yidang.vault import sites
from yidang.vault.folder import Folder
from yidang.vault.models import StoredObject
from yidang.vault.plan import digest_of_file

SAMPLE_OBJECTS, SAMPLE_ROWS = 40, 4000


@dataclass(frozen=True)
class Plan:
    """The new installation as its settings tell it.

    :param environment: what its processes will find in their environment
    :param joining: keys of sites that the old installation does not have
    """

    data: Path
    environment: dict[str, str]
    joining: tuple[str, ...]
    source: str
    address: str = ""


@dataclass
class Estimate:
    """What a move would do and about how long it takes. Times in seconds."""

    tables: dict[str, int]
    rows: int
    objects: int
    bytes: int
    sites: list[str]
    refused: list[str]
    differing_settings: list[str]
    rows_per_second: float = 0
    seconds: float = 0
    read_only_seconds: float = 0


def check(plan: Plan) -> None:
    """Refuse what cannot work.

    :raises CannotMove: with what to mend
    """
    if connections[OLD].vendor != "sqlite":
        raise CannotMove(_("This installation is not an embedded one: its database is PostgreSQL already."))
    executor = MigrationExecutor(connections[OLD])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CannotMove(
            _("This installation has not been brought to the version of the program yet."),
            remedy=_("Run «yidang migrate», or start it once, then give the same command again."),
        )
    old = Path(settings.DATA)
    if plan.data == old or old in plan.data.parents or plan.data in old.parents:
        raise CannotMove(
            _("The new data folder must be another one, outside the old."), field="YIDANG_DATA",
            remedy=_("Name a new, empty folder in YIDANG_DATA of the new settings."),
        )  # fmt: skip
    if plan.data.exists() and any(plan.data.iterdir()) and not (plan.data / "keys").is_dir():
        raise CannotMove(
            _("The new data folder %(folder)s holds something.") % {"folder": plan.data}, field="YIDANG_DATA"
        )
    target.refuse_unless_usable(plan.source)
    needed = StoredObject.objects.aggregate(size=Sum("size"))["size"] or 0
    for key in plan.joining:
        root = sites.root_of(key)
        if isinstance(root, Folder) and root.path.exists():
            root.check_room(needed)


def estimate(plan: Plan) -> Estimate:
    """Count and measure: rows into a passing table of the new database, bytes from the old sites."""
    counts = {table.name: table.count(OLD) for table in tables()}
    found = Estimate(
        tables=counts, rows=sum(counts.values()), objects=StoredObject.objects.count(),
        bytes=StoredObject.objects.aggregate(size=Sum("size"))["size"] or 0, sites=list(plan.joining),
        refused=[line for table in tables() for line in refused(table)], differing_settings=_differing(plan),
    )  # fmt: skip
    largest = max(tables(), key=lambda table: counts[table.name])
    reading, writing = _measure_rows(largest)
    found.rows_per_second = 1 / (reading + writing) if reading + writing else 0
    found.read_only_seconds = found.rows * 2 * reading
    found.seconds = found.rows * (reading * 4 + writing) + found.objects * _measure_object() * 3 * len(plan.joining)
    return found


def refused(table: Table) -> list[str]:
    """What PostgreSQL would not take: texts longer than their column, and texts with the character NUL."""
    texts = [one for one in table.fields if isinstance(one, CharField) and one.max_length]
    if not texts:
        return []
    asked = ", ".join(
        f'count(*) FILTER (WHERE length("{one.column}") > {one.max_length} OR instr("{one.column}", char(0)) > 0)'
        for one in texts
    )
    with connections[OLD].cursor() as cursor:
        cursor.execute(f'SELECT {asked} FROM "{table.name}"')
        counts = cursor.fetchone()
    return [
        _("%(table)s.%(column)s: %(count)d rows are longer than %(most)d characters or hold the character NUL.")
        % {"table": table.name, "column": one.column, "count": count, "most": one.max_length}
        for one, count in zip(texts, counts, strict=True)
        if count
    ]


def _differing(plan: Plan) -> list[str]:
    """Settings that the old installation was given and the new one is not: they may have been forgotten."""
    given = {name: value for name, value in plan.environment.items() if name.startswith("YIDANG_")}
    old = {setting.name for setting, value in settings.SETTINGS_GIVEN if value != setting.default}
    return sorted(old - given.keys())


def _measure_rows(table: Table) -> tuple[float, float]:
    """Seconds to read a row, and to write one; a passing table of texts stands for the real one."""
    began = time.perf_counter()
    found = table.rows(OLD, most=SAMPLE_ROWS)
    lines = [rows.canonical(row).decode() for row in found]
    read = time.perf_counter() - began
    began = time.perf_counter()
    with connections[NEW].cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE yidang_measured (line text)")
        with cursor.copy("COPY yidang_measured FROM STDIN") as copy:
            for line in lines:
                copy.write_row((line,))
        cursor.execute("DROP TABLE yidang_measured")
    count = max(1, len(found))
    return read / count, (time.perf_counter() - began) / count


def _measure_object() -> float:
    """Seconds to read and digest one object of the first site that answers."""
    root: Any = next((one for one in sites.roots() if one.marker_id), None)
    ids = list(StoredObject.objects.order_by("-pk").values_list("object_id", flat=True)[:SAMPLE_OBJECTS])
    if root is None or not ids:
        return 0
    began = time.perf_counter()
    for object_id in ids:
        folder = root.object_folder(object_id)
        if isinstance(folder, Path):
            for path in folder.rglob("*"):
                if path.is_file():
                    digest_of_file(path)
    return (time.perf_counter() - began) / len(ids)
