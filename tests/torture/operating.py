"""A process of the program that does what the attacks ask: one JSON line in, one JSON line out.

Not `yidang.…` commands, because each of those costs a start; the deeds below call the same functions.
"""

import json
import os
import sys
import traceback
from datetime import timedelta
from typing import Any

from tests.torture import forking


def prepare() -> None:
    """What `yidang serve` does first."""
    from yidang.commands.preparing import prepare

    prepare()


def look() -> dict[str, Any]:
    """Everything that the program itself can say about its health, once its own housekeeping has run."""
    from yidang import search, vault
    from yidang.audit.rows import check_rows
    from yidang.audit.verify import verify
    from yidang.catalogue.models import ArchivalCode, Document, Record
    from yidang.common import clock
    from yidang.common.actor import Actor
    from yidang.intake.actions.recovering import finish_reserved
    from yidang.intake.models import Receipt, Submission
    from yidang.search import pagetext
    from yidang.upkeep.checks import BAD, examine

    system = Actor.system("torture")
    finish_reserved(actor=system, now=clock.now())
    swept = vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(minutes=1))
    lag = search.status().lag
    held = [(row.object_id, [copy.state for copy in vault.copies_of(row.object_id)]) for row in Record.objects.all()]
    texts = Document.objects.filter(text_state="ready").select_related("record")
    codes = list(Record.objects.exclude(code="").values_list("fonds", "code"))
    return {
        "records": Record.objects.count(),
        "documents": Document.objects.count(),
        "receipts": Receipt.objects.count(),
        "received": Submission.objects.filter(state__in=["received", "archived"]).count(),
        "swept": len(swept.objects),
        "lag": lag.changes,
        "indexed": search.status().records,
        "faults": {
            "reserved": Submission.objects.filter(state="reserved").count(),
            "rows without bytes": [str(one) for one, states in held if set(states) != {"ok"} or len(states) < 2],
            "codes of nobody": ArchivalCode.objects.filter(state="provisional", record_id=None).count(),
            "texts lost": [
                str(one) for one in texts if not pagetext.read_pages(one.record.public_id, one.number, one.text_mark)
            ],
            "codes given twice": len(codes) - len(set(codes)),
            "log": [str(found) for found in verify()],
            "rows changed past the log": [str(found) for found in check_rows()],
            "doctor": [f"{one.area}: {one.sentence}" for one in examine() if one.level == BAD],
        },
    }


def waits() -> int:
    """Changes that the index has not followed yet: a look at everything is too dear to be taken again and again."""
    from yidang import search

    return search.status().lag.changes


def scrub() -> dict[str, Any]:
    """Read every copy of every site again, from the start."""
    from yidang import vault
    from yidang.common.actor import Actor

    states = vault.scrub(actor=Actor.system("torture"), anew=True)
    return {state.site: dict(state.kinds) for state in states}


def repair() -> dict[str, Any]:
    """Mend what the scrub found."""
    from yidang import vault
    from yidang.common.actor import Actor

    done = vault.repair(actor=Actor.system("torture"))
    return {"copies": done.copies, "lost": done.lost, "failed": done.failed}


def findings(since: int) -> list[dict[str, Any]]:
    """Findings of the scrub after a number, with the log's entries about their objects."""
    from yidang.vault.models import ScrubFinding

    rows = ScrubFinding.objects.filter(pk__gt=since).order_by("pk").select_related("site")
    return [
        {
            "id": row.pk, "site": row.site.key, "object": str(row.object_id or ""), "path": row.path, "kind": row.kind,
            "healed": row.healed_at is not None,
        }
        for row in rows
    ]  # fmt: skip


def last() -> dict[str, int]:
    """The last finding and the last entry so far."""
    from yidang.audit.models import Head
    from yidang.vault.models import ScrubFinding

    newest = ScrubFinding.objects.order_by("-pk").values_list("pk", flat=True).first()
    return {"finding": newest or 0, "entry": Head.objects.get(pk=1).size}


def verify() -> list[str]:
    """What `yidang audit verify` tells, and whether the database answers at all."""
    from django.db import DatabaseError

    from yidang.audit import verifying
    from yidang.audit.models import Verification
    from yidang.common import clock

    try:
        asked = Verification.objects.create(asked_at=clock.now(), asked_by="torture")
        return [str(found) for found in verifying.run_verification(asked).faults]
    except DatabaseError as reason:
        return [f"the database does not answer: {reason}"]


def events(event: str, since: int) -> list[dict[str, Any]]:
    """Entries of one kind after a number."""
    from yidang.audit.models import Entry

    rows = Entry.objects.filter(event=event, seq__gt=since).order_by("seq")
    return [{"seq": row.seq, "target": row.target} for row in rows]


def snapshots(address: str) -> list[str]:
    """The backups that a place offers."""
    from yidang.continuity.backing_up import place_of
    from yidang.continuity.passphrases import read_passphrase

    return [one.id for one in place_of(address, read_passphrase()).snapshots()]


def work() -> int:
    """Do what waits in the queue of jobs, in this process."""
    from yidang.jobs.worker import Worker

    return Worker(threads=1).run_pending()


def index() -> int:
    """Bring the index up to date, in this process."""
    from yidang import search

    return search.index_once()


DEEDS = {
    deed.__name__: deed for deed in (prepare, look, waits, scrub, repair, findings, last, verify, events, snapshots, work, index)
}  # fmt: skip


def operate() -> None:
    """Answer line by line until told to end; the database is closed in between, so that a crash is a crash."""
    from django.db import connection

    for line in iter(sys.stdin.readline, ""):
        asked = json.loads(line)
        if asked["deed"] == "end":
            return
        try:
            answer = {"done": DEEDS[asked.pop("deed")](**asked)}
        except Exception:
            answer = {"error": traceback.format_exc()[-3000:]}
        finally:
            connection.close()
        _say(answer)


def _say(answer: dict[str, Any]) -> None:
    os.write(1, (json.dumps(answer, default=str, ensure_ascii=False) + "\n").encode())


def main() -> None:
    """For each «begin» a child that has forgotten nothing and seen nothing, until its «end»."""
    share = forking.load()
    for line in iter(sys.stdin.readline, ""):
        if json.loads(line)["deed"] != "begin":
            _say({"done": 0})  # the end of one that ended by itself
            continue
        child = os.fork()
        if child == 0:
            share()
            _say({"done": os.getpid()})
            operate()
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        _say({"done": 0} if status == 0 else {"error": f"the operator's process ended with {status}"})


if __name__ == "__main__":
    main()
