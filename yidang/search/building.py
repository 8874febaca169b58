"""Filling a folder from the records: a large archive in parts, one process each, whose segments are then put into one folder.

Making an entry is Python's work, which one process does on one core. A part has every so-many-th block of records and its
own writer; tantivy's segments stand for themselves, so joining parts is moving their files and listing them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from yidang.catalogue.models import Record
from yidang.common.errors import Unavailable
from yidang.search import folders
from yidang.search.backend import Edition, Place, Writer
from yidang.search.folder_writer import FolderWriter
from yidang.search.follower import Follower
from yidang.search.schema import open_index

BLOCK = 1000  # records that are read at once
PARTED_FROM = 20_000  # records; below, starting processes takes longer than they save
MOST_PARTS = 8
HEAP = 300_000_000  # bytes of entries that a part gathers before they become a segment: larger means less merging


class BuildFailed(Unavailable):
    """A part of the build ended early; the index in use goes on."""

    code = "index_build_failed"
    default_message = _("The search index could not be built; the one in use goes on.")
    default_remedy = _("The program's log tells the reason. Build again with «yidang search rebuild».")


def fill_folder(edition: Edition, folder: Path, tell: Callable[[int], None] | None) -> dict[str, str]:
    """Put every record into a fresh folder; returns those that cannot be read, with the reason."""
    last = Record.objects.aggregate(last=Max("pk"))["last"] or 0
    total = Record.objects.exclude(state=Record.WITHDRAWN).count()
    parts = min(len(os.sched_getaffinity(0)), MOST_PARTS) if total >= PARTED_FROM else 1
    if parts == 1:
        return fill(edition, FolderWriter(folder, heap=HEAP), range(0, last + 1, BLOCK), BLOCK, tell)[0]
    return _in_parts(folder, last, parts, tell)


def fill(
    edition: Edition, writer: Writer, blocks: range, size: int, tell: Callable[[int], None] | None
) -> tuple[dict[str, str], int]:
    """Write the records of the blocks of ``size`` that begin at these numbers into an edition that has none of them.

    One commit at the end: a build that was interrupted is thrown away.

    :returns: the records that cannot be read, with the reason, and how many were read
    """
    follower = Follower(edition, writer)
    failed: dict[str, str] = {}
    done = 0
    try:
        for first in blocks:
            done += follower.add(Record.objects.filter(pk__gte=first, pk__lt=first + size), failed)
            if tell:
                tell(done)
        follower.commit(Place())
    finally:
        follower.close()
    return failed, done


def _in_parts(folder: Path, last: int, parts: int, tell: Callable[[int], None] | None) -> dict[str, str]:
    """Let processes fill a part each, and join what they made.

    :raises BuildFailed: one of them ended early
    """
    shares: list[dict[str, Any]] = [
        {
            "data": str(settings.DATA),
            "database": str(connection.settings_dict["NAME"]),
            "folder": str(folder / f"part-{number}"),
            "blocks": [number * BLOCK, last + 1, parts * BLOCK],
            "size": BLOCK,
        }
        for number in range(parts)
    ]
    failed: dict[str, str] = {}
    done = [0] * parts
    with ExitStack() as ended:
        pipe_out, pipe_in = os.pipe()
        told = ended.enter_context(os.fdopen(pipe_out, encoding="utf-8"))
        children = [_start(share, number, pipe_in, ended) for number, share in enumerate(shares)]
        os.close(pipe_in)
        for line in told:  # ends when the last of them has closed its end
            number, count, names = json.loads(line)
            done[number] = count
            failed |= names
            if tell:
                tell(sum(done))
        codes = [child.wait() for child in children]
    if any(codes):
        raise BuildFailed(detail=f"exit codes {codes}")
    _join(folder, [Path(share["folder"]) for share in shares])
    return failed


def _start(share: dict[str, Any], number: int, pipe: int, ended: ExitStack) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        [sys.executable, "-m", "yidang.search.build_part"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[pipe],
    )  # fmt: skip
    ended.callback(_stop, child)
    assert child.stdin is not None
    with child.stdin as to_it:
        to_it.write(json.dumps({**share, "number": number, "pipe": pipe}).encode())
    return child


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """Whatever happens here, no part goes on by itself."""
    if child.poll() is None:
        child.kill()
        child.wait()


def _join(folder: Path, parts: list[Path]) -> None:
    """Move the parts' segments into the folder and list them; the list is written last, and then counted by tantivy itself.

    :raises BuildFailed: the whole has not what the parts had
    """
    whole = folder / folders.SEGMENTS
    metas = [json.loads((part / folders.SEGMENTS / "meta.json").read_text(encoding="utf-8")) for part in parts]
    managed: list[str] = ["meta.json"]
    for part in parts:
        for path in (part / folders.SEGMENTS).iterdir():
            if not path.name.startswith((".", "meta.json")):
                path.rename(whole / path.name)
                managed.append(path.name)
    together = {
        **metas[0],
        "segments": [segment for meta in metas for segment in meta["segments"]],
        "opstamp": max(meta["opstamp"] for meta in metas),
    }
    folders.replace(whole / ".managed.json", managed)
    folders.replace(whole / "meta.json", together)
    folders.flush(whole)
    folders.remove(parts)
    expected = sum(segment["max_doc"] for segment in together["segments"])
    found = open_index(whole).searcher().num_docs
    if found != expected:
        raise BuildFailed(detail=f"{found} entries of {expected}")
