"""Deeds that fail on purpose, so that tests and ``yidang doctor`` can see the cage hold."""

import os
import socket
import time
from pathlib import Path
from typing import Any

from yidang.formats.source import Source


def _try(what: str, where: str) -> Any:
    match what:
        case "crash":
            os.abort()
        case "hang":
            time.sleep(3600)
        case "memory":
            return len(bytearray(8 << 30))
        case "output":
            return "x" * (32 << 20)
        case "connect":
            socket.create_connection((where.split(":")[0], int(where.split(":")[1])), timeout=1).close()
        case "open":
            return Path(where).read_bytes()[:10].hex()
        case "write":
            Path(where).write_bytes(b"written")
        case "processes":
            return len([name for name in os.listdir("/proc") if name.isdigit()])  # noqa: PTH208 — names only
    return "done"


def _break(sources: list[Source], what: str, where: str = "") -> tuple[Any, bytes]:
    """Try one forbidden thing; the answer says whether it went through."""
    return _try(what, where), b""


globals()["break"] = _break
