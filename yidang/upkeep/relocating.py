"""What the page of health says of a move: how far one is that goes on, and what came with one that has ended here."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang.common import standstill
from yidang.common.standstill import COPYING, READ_ONLY

STEPS = {
    "tables": gettext_lazy("making the tables of the new database"),
    "bytes": gettext_lazy("copying objects to the new sites"),
    "load": gettext_lazy("loading rows"),
    "compare": gettext_lazy("comparing every row"),
    "close": gettext_lazy("bringing the last rows"),
    "order": gettext_lazy("putting references and indexes in place"),
    "arrive": gettext_lazy("verifying the log and building the index over there"),
}


@dataclass(frozen=True)
class Going:
    """A move of this archive to another installation."""

    said: str
    step: str
    target: str
    since: datetime
    done: int
    left: int
    total: int
    takes_new: bool


@dataclass(frozen=True)
class Came:
    """The report of the move that brought this archive here."""

    ended_at: datetime
    rows: int
    entries: int
    root: str
    read_only: float
    closed: float
    tables: list[dict[str, Any]] = field(default_factory=list)


def going() -> Going | None:
    """The move that goes on, if one does."""
    moving = standstill.read()
    if moving is None or moving.state not in {COPYING, READ_ONLY}:
        return None
    said = (
        _("The archive is in use as always.")
        if moving.state == COPYING
        else _(
            "The archive can be read and takes nothing new. If the command was stopped, start it again or call the move off."
        )
    )
    return Going(
        said, str(STEPS.get(moving.step, "")), moving.target, datetime.fromisoformat(moving.state_since), moving.done,
        moving.left, moving.total, moving.state == COPYING,
    )  # fmt: skip


def came() -> Came | None:
    """The report that the move left in this data folder, if one did."""
    try:
        report = json.loads((Path(settings.DATA) / "moved-here.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    seconds, tables = report["seconds"], report["tables"]
    return Came(
        datetime.fromisoformat(report["ended_at"]), report["rows"], report["entries"], report["root"],
        seconds.get("read_only", 0), seconds.get("close", 0),
        [{"name": name, **facts} for name, facts in sorted(tables.items()) if facts["rows"]],
    )  # fmt: skip
