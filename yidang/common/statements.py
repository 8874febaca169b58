"""How much each request asks of the database, and which statements were slow: told by tables and time, never by values."""

import logging
import re
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

from yidang.common.program_log import STATEMENTS

# Below the requests: it goes to the files of the log alone, and not to standard error.
log = logging.getLogger(STATEMENTS)
TABLES = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?([a-z_0-9]+)"?', re.IGNORECASE)
MOST_TABLES = 12
PRODUCT = Path(__file__).resolve().parent.parent


class Tally(threading.local):
    """Statements of this thread since the last beginning, and the seconds they took."""

    count = 0
    seconds = 0.0

    def begin(self) -> None:
        """Count from nothing."""
        self.count, self.seconds = 0, 0.0


tally = Tally()


def measure(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run one statement and count it; a slow one is written to the program's log."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = time.perf_counter() - began
        tally.count += 1
        tally.seconds += took
        if took * 1000 >= settings.SLOW_STATEMENT_MS:
            tables = list(dict.fromkeys(TABLES.findall(str(sql))))[:MOST_TABLES]
            verb = str(sql).lstrip(" (").split(None, 1)[0].upper()[:12]
            facts = {"verb": verb, "tables": tables, "caller": _caller(), "milliseconds": round(took * 1000, 1)}
            log.warning("slow statement", extra={"facts": facts})


def _caller() -> str:
    """The place in our code that asked; Django's own frames lie between."""
    for frame in reversed(traceback.extract_stack()):
        path = Path(frame.filename)
        if PRODUCT in path.parents and path != Path(__file__):
            return f"{path.relative_to(PRODUCT)}:{frame.lineno}"
    return ""


def watch(connection: Any, **_signal: Any) -> None:
    """Measure what this connection runs."""
    if measure not in connection.execute_wrappers:
        connection.execute_wrappers.append(measure)


def install() -> None:
    """Measure every connection from now on."""
    connection_created.connect(watch, dispatch_uid="yidang.common.statements")
