"""The program's own log in lines of JSON under ``log/``: what happened where and how long it took, and nobody's data.

A line never repeats text that came from outside: of a message only its fixed words and numbers are written, of a fault only
its class and the places in the code. Exceptions quote what they choked on, and that may be an identity number.
"""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

REQUESTS = "yidang.requests"
STATEMENTS = f"{REQUESTS}.statements"
KEPT_FILES = 5
request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonLines(logging.Formatter):
    """One record as one line of JSON without any value that a person or another program gave."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "place": f"{record.module}:{record.lineno}",
        }
        if record.name.startswith("yidang.") and isinstance(record.msg, str):
            line["message"] = record.msg  # our messages are fixed words; what fills them is passed beside them
            if isinstance(record.args, tuple):
                line["numbers"] = [value for value in record.args if isinstance(value, int | float)]
        if request_id.get():
            line["request"] = request_id.get()
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[0]:
            line["fault"] = record.exc_info[0].__name__
            line["trace"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(
            {key: value for key, value in line.items() if value not in ("", [], None)}, ensure_ascii=False
        )


class PrivateFile(RotatingFileHandler):
    """A file that is turned over when it is full; the new one too is for this account alone."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).touch(mode=0o600, exist_ok=True)
        return super()._open()


def keep_in_file(folder: Path, process: str, *, mebibytes: int) -> RotatingFileHandler:
    """Write this process's log to ``folder/process.jsonl``, which with its older files takes ``mebibytes`` at most.

    Each process has its own file, because two that turn the same file over would lose each other's lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = PrivateFile(
        folder / f"{process}.jsonl",
        maxBytes=mebibytes * 1024 * 1024 // (KEPT_FILES + 1),
        backupCount=KEPT_FILES,
        encoding="utf-8",
    )
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    logging.getLogger(REQUESTS).addHandler(handler)
    return handler
