"""Acceptance registers and locks, a return says why, and what is taken back is nowhere to be seen."""

import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.archive import Archive
from yidang.catalogue.models import ArchivalCode, Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound
from yidang.formats.tests import making
from yidang.intake import actions
from yidang.intake.actions import drafting
from yidang.intake.errors import NotWaiting
from yidang.intake.models import Acceptance, FilingDraft, Submission
from yidang.intake.tests.filing import TEXT, file


def as_json(archive: Archive, who: str, submission: Submission):
    token = archive.cast.token(who, "filing", name=f"{who} {uuid.uuid4().hex[:6]}")
    return Client().get(f"/api/v1/filings/{submission.public_id}", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.gbt39784("5.2-5")
def test_acceptance_archives_the_record_and_is_written_down(archive: Archive, trail) -> None:
    submission = file(archive.cast.actor("xu")).submission
    now = clock.now()
    acceptance = actions.accept(submission, actor=archive.cast.actor("lin"), now=now)
    record = Record.objects.get()
    assert (submission.state, record.state, record.archived_at) == (Submission.ARCHIVED, Record.ARCHIVED, now)
    assert record.received_at < now and acceptance.by.username == "lin"
    assert trail(event="intake.submission.accepted").count() == 1


@pytest.mark.parametrize("who", ["xu", "he", "zhao", "chen", "zhou", "sysadmin", "secadmin", "auditor"])
def test_only_an_archivist_accepts(archive: Archive, who: str) -> None:
    submission = file(archive.cast.actor("xu")).submission
    with pytest.raises((NotAllowed, NotFound)):
        actions.accept(submission, actor=archive.cast.actor(who), now=clock.now())
    submission.refresh_from_db()
    assert submission.state == Submission.RECEIVED
    assert not Acceptance.objects.exists()


def test_the_second_acceptance_is_told_that_somebody_was_first(archive: Archive) -> None:
    submission = file(archive.cast.actor("xu")).submission
    lin = archive.cast.actor("lin")
    actions.accept(submission, actor=lin, now=clock.now())
    with pytest.raises(NotWaiting):
        actions.accept(submission, actor=lin, now=clock.now())
    with pytest.raises(NotWaiting):
        actions.return_to_sender(submission, actor=lin, reason="太晚", now=clock.now())
    with pytest.raises(NotWaiting):
        actions.withdraw(submission, actor=archive.cast.actor("xu"), reason="", now=clock.now())
    assert Acceptance.objects.count() == 1


@pytest.mark.gbt39784("5.3-1")
def test_one_key_accepts_the_good_ones_and_one_bad_one_holds_up_none(archive: Archive) -> None:
    good = [file(archive.cast.actor("xu"), str(number)).submission for number in range(3)]
    actions.withdraw(good[1], actor=archive.cast.actor("xu"), reason="", now=clock.now())
    ids = [str(item.public_id) for item in good] + ["not an id"]
    accepted, sent, refused = actions.accept_many(ids, actor=archive.cast.actor("lin"), now=clock.now())
    assert (accepted, sent, [type(error) for error in refused]) == (2, 0, [NotWaiting])


@pytest.mark.promise("A4")
def test_what_is_taken_back_is_void_and_invisible(archive: Archive, trail) -> None:
    xu = archive.cast.actor("xu")
    submission = file(xu).submission
    code = submission.code
    actions.withdraw(submission, actor=xu, reason="发错了", now=clock.now())
    assert trail(event="intake.receipt.voided").count() == 1
    for who in ("xu", "lin"):
        assert not Record.objects.visible_to(archive.cast.actor(who)).exists()
    answer = as_json(archive, "xu", submission).json()
    assert (answer["state"], answer["receipt"]) == ("withdrawn", None)
    if code:
        assert ArchivalCode.objects.get(code=code).state in {ArchivalCode.RELEASED, ArchivalCode.VOID}
    again = file(xu)
    assert not again.repeated and again.submission.accession_number != submission.accession_number


def test_only_the_sender_takes_back(archive: Archive) -> None:
    submission = file(archive.cast.actor("xu")).submission
    for who in ("lin", "zhao"):
        with pytest.raises(NotAllowed):
            actions.withdraw(submission, actor=archive.cast.actor(who), reason="", now=clock.now())


def test_others_do_not_learn_of_a_filing(archive: Archive) -> None:
    submission = file(archive.cast.actor("xu")).submission
    assert as_json(archive, "xu", submission).status_code == 200
    assert as_json(archive, "zhao", submission).status_code == 404
    assert archive.cast.client("zhao").get(f"/filings/{submission.public_id}/").status_code == 404
    assert archive.cast.client("sysadmin").get(f"/filings/{submission.public_id}/").status_code == 404


@pytest.mark.gbt39784("5.2-2")
def test_a_return_needs_its_reason_and_an_archivist(archive: Archive) -> None:
    submission = file(archive.cast.actor("xu")).submission
    with pytest.raises(InvalidInput):
        actions.return_to_sender(submission, actor=archive.cast.actor("lin"), reason="  ", now=clock.now())
    with pytest.raises(NotAllowed):
        actions.return_to_sender(submission, actor=archive.cast.actor("xu"), reason="缺页", now=clock.now())
    actions.return_to_sender(submission, actor=archive.cast.actor("lin"), reason="缺第二页", now=clock.now())
    assert as_json(archive, "xu", submission).json()["returns"][0]["reason"] == "缺第二页"


def web_filing(archive: Archive, content: bytes, name: str = "通知.txt") -> Submission:
    """File at the web form as a person does."""
    browser = archive.cast.client("xu")
    answer = browser.post("/filing/files/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200, answer.content
    fields = {"draft": answer.json()["draft"], "title": "关于设备采购的通知", "class": "WS·XZ", "date": "2026-03-05"}
    assert browser.post("/filing/", {**fields, "then": "show"}).status_code == 302
    return Submission.objects.latest("id")


def test_a_returned_web_filing_brings_its_files_back_from_the_vault(archive: Archive, tmp_path: Path) -> None:
    content = making.pdf(tmp_path / "a.pdf", [["第一页 设备采购管理办法"]]).read_bytes()
    submission = web_filing(archive, content, "通知.pdf")
    assert submission.state == Submission.RECEIVED
    actions.return_to_sender(submission, actor=archive.cast.actor("lin"), reason="标题有误", now=clock.now())
    page = archive.cast.client("xu").get(f"/filing/?mend={submission.public_id}")
    assert page.status_code == 200 and "通知.pdf" in page.content.decode()
    draft = FilingDraft.objects.get()
    row = draft.files.get()
    assert (drafting.folder_of(draft.public_id) / f"{row.number:04d}").read_bytes() == content
    fields = {"draft": draft.public_id, "title": "关于设备采购的通知（更正）", "class": "WS·XZ", "then": "show"}
    assert archive.cast.client("xu").post("/filing/", fields).status_code == 302
    again = Submission.objects.latest("id")
    assert (again.state, again.source_id, again.title) == (
        "received",
        submission.source_id,
        "关于设备采购的通知（更正）",
    )
    assert not FilingDraft.objects.exists()


def test_a_failed_web_filing_is_mended_at_the_form(archive: Archive) -> None:
    browser = archive.cast.client("xu")
    draft = browser.post("/filing/files/", {"file": SimpleUploadedFile("空.txt", b"")}).json()["draft"]
    refused = browser.post("/filing/", {"draft": draft, "title": "空文件的通知", "class": "WS·XZ", "then": "show"})
    assert refused.status_code == 422 and "隔离" in refused.content.decode()
    waiting = Submission.objects.get()
    assert waiting.state == Submission.QUARANTINED
    assert FilingDraft.objects.filter(public_id=draft).exists(), "what was typed is still there"
    assert browser.post("/filing/files/", {"draft": draft, "remove": "1"}).status_code == 200
    assert (
        browser.post("/filing/files/", {"draft": draft, "file": SimpleUploadedFile("正文.txt", TEXT)}).status_code
        == 200
    )
    assert (
        browser.post("/filing/", {"draft": draft, "title": "不空的通知", "class": "WS·XZ", "then": "show"}).status_code
        == 302
    )
    assert list(Submission.objects.order_by("id").values_list("state", flat=True)) == ["superseded", "received"]


def test_another_persons_draft_is_not_there(archive: Archive) -> None:
    draft = (
        archive.cast.client("xu").post("/filing/files/", {"file": SimpleUploadedFile("a.txt", TEXT)}).json()["draft"]
    )
    stranger = archive.cast.client("zhao")
    assert stranger.get(f"/filing/?draft={draft}").status_code == 404
    assert stranger.get(f"/filing/drafts/{draft}/files/1/pages/1/").status_code == 404
    assert stranger.post("/filing/files/", {"draft": draft, "remove": "1"}).status_code == 404
