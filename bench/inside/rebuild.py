"""Records with their objects in a vault; then an empty database is filled from one site alone."""

import json
import shutil
import time
from hashlib import sha256, sha512

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from yidang import vault
from yidang.catalogue import numbers, package, reference
from yidang.catalogue.drafts import DocumentDraft, RecordDraft
from yidang.catalogue.keeping import keep_records
from yidang.catalogue.models import Record, RecordClass
from yidang.catalogue.seed import load_hospital
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id

BENCH = Actor.system("bench")
BATCH = 200
# The promise: 100,000 records within ten minutes.
AIM = 100_000 / 600


def _say(name: str, value: float, unit: str, aim: float | None = None, at_least: bool = False, note: str = "") -> None:
    print(json.dumps([name, value, unit, aim, at_least, note]), flush=True)


def _draft(record_class: RecordClass, number: int) -> tuple[RecordDraft, bytes]:
    body = f"第{number}号\n".encode() * 60
    document = DocumentDraft(
        1, "正本", "通知.txt", "documents/0001.txt", len(body), sha256(body).hexdigest(), sha512(body).hexdigest(),
        "0" * 64, "x-fmt/111", "text/plain", 1,
    )  # fmt: skip
    draft = RecordDraft(
        public_id=new_public_id(), fonds=record_class.fonds, record_class=record_class, title=f"关于第{number}号事项的通知",
        year=2026, retention="D30", level=1, received_at=clock.now(), documents=(document,), date="2026-03-05",
        keywords=("设备", "采购"), metadata={}, source_system="oa", source_id=f"B-{number}",
    )  # fmt: skip
    return draft, body


def _file(records: int) -> None:
    record_class = RecordClass.objects.select_related("fonds", "scheme").get(code="WS·XZ")
    for first in range(0, records, BATCH):
        pairs = [_draft(record_class, number) for number in range(first, min(first + BATCH, records))]
        drafts = [draft for draft, _body in pairs]
        with transaction.atomic():
            numbers.number_accessions(drafts, year=2026)
            numbers.reserve_codes(drafts)
        kept = vault.keep(
            [
                vault.NewObject(
                    draft.public_id,
                    [
                        vault.NewFile("documents/0001.txt", body),
                        *(vault.NewFile(name, content) for name, content in package.files_of_draft(draft).items()),
                    ],
                    "received", "bench", clock.now(),
                )
                for draft, body in pairs
            ]
        )  # fmt: skip
        with transaction.atomic():
            vault.register(kept)
            keep_records(drafts, now=clock.now())


def main(records: int) -> None:
    """Print the figures."""
    call_command("migrate", verbosity=0)
    vault.prepare_sites()
    load_hospital(code="Y012", name="仁和医院", actor=BENCH)
    _file(records)
    reference.keep_reference()
    connection.close()
    shutil.rmtree(settings.DATA / "database")
    (settings.DATA / "database").mkdir()
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    done = vault.rebuild(site="main", actor=BENCH)
    seconds = time.perf_counter() - began
    assert done.is_well and Record.objects.count() == records
    note = f"{records} records in {seconds:.0f} s; 100,000 within ten minutes is {AIM:.0f} a second"
    _say("rebuilt from one site", records / seconds, "1/s", AIM, True, note)
