"""Received means kept: one record for one source id, however often and by how many at once it is sent."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from yidang import vault
from yidang.audit.models import Entry
from yidang.catalogue.models import ArchivalCode, Record
from yidang.common import clock, signing
from yidang.common.errors import YidangError
from yidang.intake import actions, receipts
from yidang.intake.errors import BeingFiled, ConflictingFiling, MayNotFile
from yidang.intake.models import Receipt, Submission
from yidang.intake.tests.filing import TEXT, file, left_in_quarantine

VOUCHER: dict[str, Any] = {
    "class": "KU·PZ", "title": "2026年3月记账凭证",
    "metadata": {"period": "2026-03", "first_number": 1, "last_number": 40},
}  # fmt: skip


@pytest.mark.gbt39784("5.1-3", "5.3-2")
@pytest.mark.promise("A1")
def test_what_is_received_is_kept_on_every_site_and_signed(archive: Archive, data: Path) -> None:
    outcome = file(archive.cast.actor("xu"))
    submission = outcome.submission
    assert (submission.state, outcome.repeated) == (Submission.RECEIVED, False)
    assert submission.record is not None and submission.record.state == Record.RECEIVED
    assert [copy.state for copy in vault.copies_of(submission.record.object_id)] == ["ok", "ok"]
    document = submission.record.documents.get()
    assert vault.read_bytes(submission.record.object_id, document.path) == TEXT
    answer = receipts.receipt_json(outcome.receipt)
    assert answer["accession_number"] == submission.accession_number == submission.record.accession_number
    assert answer["documents"][0]["sha256"] == document.sha256 and answer["documents"][0]["sm3"] == document.sm3
    assert len(answer["sites"]) == 2
    assert answer["signature"]["value"] == signing.archive_key(outcome.receipt.key_id).sign_text(outcome.receipt.body)
    assert json.loads(outcome.receipt.body)["log"]["entry"] == Entry.objects.get(event="intake.filing.received").seq
    assert left_in_quarantine(data) == []


def test_the_same_filing_again_gets_the_same_receipt(archive: Archive, data: Path) -> None:
    actor = archive.cast.actor("xu")
    first, second = file(actor), file(actor)
    assert second.repeated
    assert receipts.receipt_json(second.receipt) == receipts.receipt_json(first.receipt)
    assert Record.objects.count() == Submission.objects.count() == Receipt.objects.count() == 1
    assert left_in_quarantine(data) == []


def test_the_same_id_with_other_content_is_a_conflict(archive: Archive, data: Path) -> None:
    actor = archive.cast.actor("xu")
    file(actor)
    for change in ({"files": {"正文.txt": TEXT + b"!"}}, {"title": "另一个标题"}):
        with pytest.raises(ConflictingFiling) as refusal:
            file(actor, **change)
        assert refusal.value.remedy
    assert Record.objects.count() == 1
    assert left_in_quarantine(data) == []


def test_a_replay_after_mending_finds_the_present_submission(archive: Archive) -> None:
    actor = archive.cast.actor("xu")
    first = file(actor)
    actions.return_to_sender(first.submission, actor=archive.cast.actor("lin"), reason="缺附件", now=clock.now())
    mended = file(actor, title="关于设备采购的通知（修订）")
    again = file(actor, title="关于设备采购的通知（修订）")
    assert again.repeated and again.submission == mended.submission
    with pytest.raises(ConflictingFiling):
        file(actor)


@pytest.mark.parametrize("who", ["sysadmin", "secadmin", "auditor"])
def test_the_three_administrators_file_nothing(archive: Archive, who: str) -> None:
    with pytest.raises(MayNotFile):
        file(archive.cast.actor(who))
    assert not Submission.objects.exists()


def _at_once(work: list, threads: int) -> list:
    """Do all of it in threads that begin together; what was raised comes back as a value."""
    gate = threading.Barrier(threads)

    def one(call):
        gate.wait()
        try:
            return call()
        except YidangError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, work))


@pytest.mark.django_db(transaction=True)
@pytest.mark.promise("A4")
def test_two_who_file_the_same_at_the_same_second_make_one_record(data: Path) -> None:
    archive = build_archive(build_cast())
    actor = archive.cast.actor("xu")
    for number in range(6):
        answers = _at_once([lambda n=number: file(actor, f"twice-{n}")] * 2, 2)
        assert all(isinstance(answer, actions.Outcome | BeingFiled) for answer in answers), answers
        assert sum(isinstance(answer, actions.Outcome) and not answer.repeated for answer in answers) == 1
        assert file(actor, f"twice-{number}").repeated
    assert Record.objects.count() == 6
    assert Submission.objects.filter(state=Submission.RECEIVED).count() == 6
    assert left_in_quarantine(data) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.promise("A5")
def test_many_threads_get_numbers_without_gaps_and_codes_once(data: Path) -> None:
    archive = build_archive(build_cast())
    actor = archive.cast.actor("zhao")
    gapless = archive.record_class("KU·PZ")
    assert gapless.without_gaps

    def voucher(name: str):
        return file(actor, f"v-{name}", files={"凭证.txt": TEXT + name.encode()}, **VOUCHER)

    def share(thread: int):
        for number in range(2):
            voucher(f"{thread}-{number}")
            file(actor, f"w-{thread}-{number}", files={"正文.txt": TEXT + f"{thread}-{number}".encode()})

    answers = _at_once([lambda n=number: share(n) for number in range(32)], 32)
    assert not [answer.details for answer in answers if isinstance(answer, YidangError)]
    accessions = sorted(int(row.split("-")[1]) for row in Record.objects.values_list("accession_number", flat=True))
    assert accessions == list(range(1, 32 * 4 + 1))
    codes = list(Record.objects.exclude(code="").values_list("code", flat=True))
    assert len(codes) == len(set(codes))
    # What is taken back leaves no gap: its number goes to the next.
    vouchers = Submission.objects.filter(source_id__startswith="v-").order_by("code")
    for submission in list(vouchers)[10:14]:
        actions.withdraw(submission, actor=actor, reason="", now=clock.now())
    for number in range(4):
        voucher(f"again-{number}")
    numbers = ArchivalCode.objects.filter(series__contains="KU·PZ", state=ArchivalCode.PROVISIONAL).exclude(
        record_id=None
    )
    assert sorted(numbers.values_list("number", flat=True)) == list(range(1, 65))
