"""One child of the cage: takes limits upon itself, reads one file (or a few of one filing), answers and ends."""

import gc
import importlib
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from yidang.formats.findings import Finding
from yidang.formats.source import Source
from yidang.formats.types import ReadingFailed

HEADER = struct.Struct("!IQ")
Answer = tuple[Any, bytes]

# What may be asked for, and where it is written. A deed takes the sources and its arguments.
DEEDS: dict[str, str] = {
    "identify": "identification",
    "inspect": "inspecting",
    "check_fully": "inspecting",
    "extract": "extracting",
    "extract_each": "extracting",
    "pages": "rendering",
    "render": "rendering",
    "convert": "office",
    "recognise": "recognising",
    "locate": "locating",
    "under": "locating",
    "declare_pdfa": "pdfa",
    "check_pdfa": "pdfa",
    "to_tiff": "tiff",
    "compare_images": "tiff",
    "compare_pages": "comparing",
    "compare_words": "comparing",
    "break": "breaking",
}
_LOADED = {
    "read": ("identification", "inspecting", "extracting", "rendering", "locating"),
    "office": ("office",),
    "ocr": ("recognising",),
}


def prepare(kind: str) -> None:
    """Load and warm what children of this kind need, so that they have it for nothing."""
    for module in _LOADED[kind]:
        loaded = importlib.import_module(f"yidang.formats.{module}")
        warm: Callable[[], None] | None = getattr(loaded, "warm", None)
        if warm is not None:
            warm()


def rehearse(kind: str) -> None:
    """In a child that waits for its file: touch what the readers touch, so that the file need not wait for it."""
    gc.disable()
    for module in _LOADED[kind] if kind == "read" else ():
        getattr(sys.modules[f"yidang.formats.{module}"], "warm", lambda: None)()


def _limit(request: dict[str, Any]) -> None:
    seconds = int(request["seconds"]) + 1
    for what, most in (
        (resource.RLIMIT_AS, request["memory"]),
        (resource.RLIMIT_CPU, seconds * 2),
        (resource.RLIMIT_FSIZE, request["output"]),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much is then an error that can be told
    signal.setitimer(signal.ITIMER_REAL, request["seconds"] + 0.3)  # its default is the end; the parent counts as well


def answer(request: dict[str, Any], files: list[int]) -> NoReturn:
    """Do what the request asks and end this process."""
    os.setsid()
    gc.disable()  # a collection would only copy pages that this process shares with its parent
    reply = socket.socket(fileno=files[0])
    reply.send(b"!")  # the client then knows that its request was taken
    _limit(request)
    try:
        module = importlib.import_module(f"yidang.formats.{DEEDS[request['deed']]}")
        sources = [Source(file, name) for file, name in zip(files[1:], request["names"], strict=True)]
        result, blob = getattr(module, request["deed"])(sources, **request["arguments"])
        said = {"result": result}
    except ReadingFailed as failed:
        said, blob = {"finding": failed.finding.to_json()}, b""
    except MemoryError:
        said, blob = {"failure": "reader_memory"}, b""
    except Exception as error:  # whatever a reader of foreign files throws is told, and ends here
        said, blob = {"failure": "broken", "reason": f"{type(error).__name__}: {error}"[:200]}, b""
    _send(reply, said, blob, request["output"])
    os._exit(0)


def _send(reply: socket.socket, said: dict[str, Any], blob: bytes, most: int) -> None:
    try:
        text = json.dumps(said, default=_plain, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if len(text) + len(blob) > most:
            text, blob = json.dumps({"failure": "reader_output"}).encode(), b""
        reply.sendall(HEADER.pack(len(text), len(blob)))
        reply.sendall(text)
        reply.sendall(blob)
    except (MemoryError, OSError):
        os._exit(3)  # the client sees the end of the stream and says that the reader failed


def _plain(value: Any) -> Any:
    return value.to_json() if isinstance(value, Finding) or hasattr(value, "to_json") else str(value)
