"""The log's pages: for the audit administrator, and for nobody else."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.test import Client

from tests.archive import Archive
from tests.cast import Cast
from yidang.audit import checkpoints, entries_for, notes, witnesses
from yidang.audit.models import Entry, Verification
from yidang.common import clock


@pytest.mark.promise("F3")
@pytest.mark.parametrize(
    "path",
    [
        "/audit/",
        "/audit/1/",
        "/audit/verification/",
        "/audit/checkpoints/",
        "/api/v1/audit/entries",
        "/api/v1/audit/checkpoint",
    ],
)
def test_only_the_audit_administrator_reads_the_log(cast: Cast, path: str, data) -> None:
    for number, username in enumerate(sorted(cast.people)):
        browser = cast.client(username, REMOTE_ADDR=f"10.3.0.{number}")
        assert browser.get(path).status_code == (200 if username == "auditor" else 404), username
    assert Client().get(path).status_code in {302, 401}


@pytest.mark.gbt39784("11.5-4")
def test_the_log_is_searched_by_who_what_event_and_time(cast: Cast) -> None:
    browser = cast.client("auditor")
    target = str(cast.people["lin"].public_id)
    page = browser.get(f"/audit/?target={target}&event=people.user&outcome=done").content.decode()
    assert page.count("people.user.created") == 1 and "people.department" not in page.split("<tbody")[1]
    assert browser.get("/audit/?since=2026-02-30").status_code == 422
    assert browser.get("/audit/?since=2020-01-01&until=2020-01-02").status_code == 200
    found = browser.get("/api/v1/audit/entries", {"event": "people.user.", "limit": 3}).json()
    assert len(found["items"]) == 3 and found["next"]


def test_an_entry_shows_its_personal_facts_and_that_it_was_looked_at(cast: Cast) -> None:
    browser = cast.client("auditor")
    seq = Entry.objects.filter(event="people.user.created").order_by("seq")[0].seq
    assert "林静" in browser.get(f"/audit/{seq}/").content.decode()
    assert Entry.objects.order_by("-seq")[0].event == "audit.entry.seen"
    assert browser.get("/audit/999999/").status_code == 404


def test_the_button_asks_for_a_verification_whose_progress_and_outcome_are_shown(archive: Archive) -> None:
    browser = archive.cast.client("auditor")
    assert browser.post("/audit/verification/").status_code == 302
    assert browser.post("/audit/verification/").status_code == 302, "asking twice starts one"
    assert Verification.objects.filter(finished_at=None).count() == 1
    assert "hx-trigger" in browser.get("/audit/verification/progress/").content.decode()
    archive.work()
    done = Verification.objects.get(asked_by="auditor")
    assert done.is_well and done.entries > 20, done.faults
    page = browser.get("/audit/verification/").content.decode()
    assert done.root in page and "hx-trigger" not in page


def test_a_checkpoint_from_paper_is_compared_with_the_log_on_the_page(archive: Archive) -> None:
    """The auditor needs no command: what the sheet's code holds is pasted; a sheet of another log is a fault that is named."""
    browser = archive.cast.client("auditor")
    kept = checkpoints.take().note
    assert browser.post("/audit/verification/", {"kept": "no checkpoint"}).status_code == 422
    assert not Verification.objects.exists()
    assert browser.post("/audit/verification/", {"kept": kept.replace("\n", "\r\n")}).status_code == 302
    archive.work()
    done = Verification.objects.get()
    assert done.is_well and any(one["size"] == checkpoints.read(kept).size for one in done.compared if one["who"] != "")
    foreign = checkpoints.sign(notes.Head(checkpoints.origin(), checkpoints.read(kept).size, bytes(32)))
    assert browser.post("/audit/verification/", {"kept": foreign}).status_code == 302
    archive.work()
    assert not Verification.objects.order_by("-pk")[0].is_well


@pytest.mark.promise("C7")
def test_the_log_leaves_from_the_page_as_one_file_that_verifies_itself(archive: Archive, tmp_path) -> None:
    assert archive.cast.client("lin").post("/audit/export/").status_code == 404
    answer = archive.cast.client("auditor").post("/audit/export/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as pack:
        pack.extractall(tmp_path / "log")
    command = [sys.executable, "-I", "-S", "verify_audit.py"]
    done = subprocess.run(command, cwd=tmp_path / "log", capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.startswith("GOOD"), done.stdout + done.stderr
    last = (tmp_path / "log" / "entries.jsonl").read_text(encoding="utf-8").splitlines()[-1]
    assert "audit.log.exported" in last and "personal" not in json.loads(last)


def test_checkpoints_witnesses_and_the_sheet_to_print_have_their_pages(archive: Archive, tmp_path, settings) -> None:
    browser = archive.cast.client("auditor")
    bare = browser.get("/audit/checkpoints/").content.decode()
    assert "YIDANG_WITNESSES" in bare and str(checkpoints.own_key()).replace("+", "&#x2B;") in bare.replace(
        "+", "&#x2B;"
    )
    settings.WITNESSES = [f"usb={tmp_path}"]
    checkpoints.take()
    witnesses.show_all(clock.now())
    page = browser.get("/audit/checkpoints/").content.decode()
    assert "YIDANG_WITNESSES" not in page and f"/audit/checkpoints/{checkpoints.latest().size}/" in page
    answer = browser.post("/audit/checkpoints/new/")
    sheet = browser.get(answer.headers["Location"]).content.decode()
    assert "<svg" in sheet and checkpoints.latest().root in sheet
    assert Entry.objects.filter(event="audit.checkpoint.shown").exists()
    seq = checkpoints.latest().size
    assert "RFC 9162" in browser.get(f"/audit/{seq}/").content.decode()
    assert browser.get("/audit/checkpoints/999999/").status_code == 404


def test_a_token_without_the_scope_reads_nothing(cast: Cast, data) -> None:
    token = cast.token("auditor", "audit")
    header = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/audit/entries", headers=header).status_code == 200
    other = {"Authorization": f"Bearer {cast.token('lin', 'records')}"}
    assert Client().get("/api/v1/audit/entries", headers=other).status_code == 404


def test_the_life_of_one_thing_without_personal_facts(cast: Cast) -> None:
    told = entries_for(str(cast.people["lin"].public_id))
    assert [entry.event for entry in told] == [
        "audit.row.bound",
        "people.user.created",
    ]  # a password is bound to the log
    assert "林静" not in str(told)
