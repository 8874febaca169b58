"""A process that keeps objects and says so: what the tests kill and starve. Needs no database.

Usage: child_builders.py DATA FLUSH OBJECTS TRIES; prints one JSON line per try, after everything of it is durable, and ends with
the first try that succeeds.
"""

import contextlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings

BEGIN = "/yidang-begins-here"


def main(data: str, flush: str, objects: int, tries: int) -> None:
    """Keep groups of objects and print what was kept or why not."""
    settings.configure(DATA=Path(data), SITES=[], FLUSH=flush, USE_TZ=True, USE_I18N=False)
    import django

    django.setup()
    from yidang.common.errors import YidangError
    from yidang.vault.kept import NewFile, NewObject
    from yidang.vault.store import keep

    source = Path(data) / "large.bin"
    for _ in range(tries):
        files = [
            NewFile("record.json", b"{}"),
            NewFile("documents/0001.pdf", os.urandom(4000)),
            NewFile("documents/0002.bin", source),
        ]
        new = [NewObject(uuid4(), files, "received", "xu", datetime(2026, 3, 5, tzinfo=UTC)) for _ in range(objects)]
        with contextlib.suppress(OSError):
            Path(BEGIN).rmdir()
        try:
            answer = [[str(one.object_id), one.inventory_sha512, one.size, one.head] for one in keep(new)]
        except YidangError as refusal:
            answer = {"refused": refusal.code, "sentence": str(refusal)}
        os.write(1, (json.dumps(answer) + "\n").encode())
        if isinstance(answer, list):
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
