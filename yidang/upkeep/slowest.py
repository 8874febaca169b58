"""The slowest answers and statements of the last day, from the end of the program's own log; reads no more than its tail."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest
from pathlib import Path
from typing import Any

from django.conf import settings

from yidang.common.program_log import REQUESTS, STATEMENTS

TAIL = 1024 * 1024
PROCESSES = ("web", "worker")
PERIOD = timedelta(days=1)


@dataclass(frozen=True)
class Slow:
    """One answer or statement.

    :param what: the route as declared, or the verb and the tables
    """

    at: datetime
    what: str
    where: str
    milliseconds: float
    statements: int | None = None
    database_milliseconds: float | None = None


def tail(folder: Path, process: str, most: int = TAIL) -> list[str]:
    """The last lines of a process's log, the file before this one included where this one is short."""
    found: list[str] = []
    for name in (f"{process}.jsonl", f"{process}.jsonl.1"):
        try:
            with (folder / name).open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - most))
                text = file.read(most).decode("utf-8", "replace")
        except FileNotFoundError:
            break
        lines = text.splitlines()
        found = (lines[1:] if size > most else lines) + found
        most -= min(size, most)
        if most <= 0:
            break
    return found


def slowest(now: datetime, *, most: int) -> tuple[list[Slow], list[Slow]]:
    """The slowest answers, then the slowest statements, each the slowest first."""
    answers: list[Slow] = []
    statements: list[Slow] = []
    for process in PROCESSES:
        for line in tail(Path(settings.DATA) / "log", process):
            if '"milliseconds"' not in line:
                continue
            try:
                told = json.loads(line)
                at = datetime.fromisoformat(told["at"])
            except (ValueError, KeyError, TypeError):
                continue  # the end of a line that a crash cut
            if at < now - PERIOD:
                continue
            if told.get("logger") == REQUESTS:
                answers.append(_answer(told, at))
            elif told.get("logger") == STATEMENTS:
                statements.append(_statement(told, at, process))

    def slow(one: Slow) -> float:
        return one.milliseconds

    return nlargest(most, answers, key=slow), nlargest(most, statements, key=slow)


def _answer(told: dict[str, Any], at: datetime) -> Slow:
    what = f"{told.get('method', '')} /{told.get('route', '')}"
    return Slow(
        at, what, str(told.get("status", "")), float(told["milliseconds"]), told.get("statements"),
        told.get("database_milliseconds"),
    )  # fmt: skip


def _statement(told: dict[str, Any], at: datetime, process: str) -> Slow:
    what = f"{told.get('verb', '')} {', '.join(told.get('tables', []))}"
    return Slow(at, what, told.get("caller") or process, float(told["milliseconds"]))
