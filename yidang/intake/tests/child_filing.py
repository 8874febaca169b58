"""A process that files and says so: what the tests kill and starve.

Usage: child_filing.py PREFIX COUNT TRIES [look]; prints one JSON line per answer, after it, and last what it sees when it
looks around. Its settings come from the environment.
"""

import contextlib
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

BEGIN = "/yidang-begins-here"


def main(prefix: str, count: int, tries: int, *, looks: bool = False) -> None:
    """File so many documents one after the other and print each answer."""
    import django

    django.setup()
    from yidang.common.errors import YidangError
    from yidang.intake.tests.filing import TEXT, file
    from yidang.people.actors import actor_of_user
    from yidang.people.models import User

    actor = actor_of_user(User.objects.get(username="xu"))
    with contextlib.suppress(OSError):
        Path(BEGIN).rmdir()
    for number in range(count):
        for _attempt in range(tries):
            source_id = f"{prefix}-{number}"
            try:
                outcome = file(actor, source_id, files={"正文.txt": TEXT + source_id.encode()})
                answer = {"id": source_id, "accession_number": outcome.submission.accession_number}
            except YidangError as refusal:
                answer = {"id": source_id, "refused": refusal.code, "sentence": str(refusal)}
            say(answer)
            if "refused" not in answer:
                break
    if looks:
        say(look())
    os._exit(0)


def say(answer: dict[str, Any]) -> None:
    """Print one line by a call that no test makes fail: what is attacked is the program's writing, not this."""
    os.writev(1, [(json.dumps(answer, ensure_ascii=False, default=str) + "\n").encode()])


def look() -> dict[str, Any]:
    """Recover as `serve` does, then tell everything that must agree."""
    from django.conf import settings

    from yidang import vault
    from yidang.audit.verify import verify
    from yidang.catalogue.models import ArchivalCode, Document, Record
    from yidang.common import clock
    from yidang.common.actor import Actor
    from yidang.intake.actions.recovering import finish_reserved
    from yidang.intake.models import Receipt, Submission
    from yidang.vault.models import StoredObject

    system = Actor.system("test")
    finish_reserved(actor=system, now=clock.now())
    vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(minutes=1))
    finish_reserved(actor=system, now=clock.now() + timedelta(days=2))
    for document in Document.objects.select_related("record"):
        vault.read_bytes(document.record.object_id, document.path)
    received = Submission.objects.filter(state="received").select_related("record")
    held = [(row.object_id, [copy.state for copy in vault.copies_of(row.object_id)]) for row in Record.objects.all()]
    return {
        "received": {row.source_id: row.accession_number for row in received},
        "receipts": Receipt.objects.count(),
        "reserved": Submission.objects.filter(state="reserved").count(),
        "records": Record.objects.count(),
        "rows without bytes": [str(object_id) for object_id, states in held if states != ["ok", "ok"]],
        "objects without rows": StoredObject.objects.filter(kind="record").count() - Record.objects.count(),
        "codes of nobody": ArchivalCode.objects.filter(state="provisional", record_id=None).count(),
        "scrub": sum(state.findings for state in vault.scrub(actor=system, now=clock.now() + timedelta(hours=2))),
        "log": [str(found) for found in verify()],
        "left": [path.name for path in (Path(settings.DATA) / "quarantine/submissions").glob("*")],
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), looks=sys.argv[4:] == ["look"])
