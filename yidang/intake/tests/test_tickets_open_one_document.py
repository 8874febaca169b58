"""Filing tickets: one document, a quarter of an hour, and only as long as the client that gave them is let in."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.archive import TEXT, Archive
from yidang.common import clock
from yidang.intake import tickets
from yidang.intake.models import Submission
from yidang.people import actions
from yidang.people.models import ApiClient

ORIGIN = "http://oa.hospital:8080"


def ticket(archive: Archive, source_id: str = "2026-1") -> str:
    token = archive.cast.token("xu", "filing", name=f"oa {source_id}")
    answer = Client().post(
        "/api/v1/filing-tickets", json.dumps({"source_system": "oa", "source_id": source_id}),
        content_type="application/json", headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    assert answer.json()["expires_at"]
    return str(answer.json()["ticket"])


def file(given: str, source_id: str = "2026-1", **headers: str):
    submission = {
        "source_system": "oa", "source_id": source_id, "title": "关于设备采购的通知", "class": "WS·XZ",
        "documents": [{"file": "正文.txt"}],
    }  # fmt: skip
    data = {"submission": json.dumps(submission), "files": SimpleUploadedFile("正文.txt", TEXT)}
    sent = {"Authorization": f"Ticket {given}", "X-Yidang-Channel": "button", **headers}
    return Client(enforce_csrf_checks=True).post("/api/v1/filings", data, headers=sent)


def ask(given: str, source_id: str = "2026-1"):
    return Client().get(
        f"/api/v1/filings?source_system=oa&source_id={source_id}", headers={"Authorization": f"Ticket {given}"}
    )


def test_a_ticket_files_its_document_and_asks_after_it(archive: Archive, trail) -> None:
    given = ticket(archive)
    assert ask(given).status_code == 404
    assert file(given).status_code == 201
    assert ask(given).json()["state"] == Submission.RECEIVED
    assert file(given).status_code == 200
    assert trail(event="intake.filing.received").count() == 1
    assert Submission.objects.get().channel == "button"
    assert Submission.objects.get().submitter == "client:oa 2026-1"


def test_a_ticket_opens_no_other_document_and_nothing_else(archive: Archive) -> None:
    given = ticket(archive)
    answer = file(given, "2026-2")
    assert (answer.status_code, answer.json()["code"]) == (403, "ticket_refused")
    assert ask(given, "2026-2").status_code == 403
    for path in ("/api/v1/me", "/api/v1/records", "/api/v1/filings/00000000-0000-4000-8000-000000000000"):
        assert Client().get(path, headers={"Authorization": f"Ticket {given}"}).status_code == 401
    assert not Submission.objects.exists()


def test_a_ticket_ends_after_a_quarter_of_an_hour_and_with_its_client(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ticket(archive)
    with monkeypatch.context() as patch:
        patch.setattr(tickets, "VALID_FOR", timedelta(seconds=-1))
        assert ask(given).status_code == 401
    assert ask(given).status_code == 404
    client = ApiClient.objects.get()
    actions.revoke_client(client, actor=archive.cast.actor("secadmin"), now=clock.now())
    assert ask(given).status_code == 401
    assert file(given).status_code == 401


@pytest.mark.parametrize("forged", ["", "x", "x:y:z", "😀", "a" * 5000])
def test_a_forged_ticket_opens_nothing(archive: Archive, forged: str) -> None:
    assert Client().get(
        "/api/v1/filings?source_system=oa&source_id=1", headers={"Authorization": f"Ticket {forged}".encode().decode("latin-1")}
    ).status_code == 401  # fmt: skip


def test_only_a_client_with_the_scope_gives_tickets(archive: Archive) -> None:
    body = json.dumps({"source_system": "oa", "source_id": "1"})
    reading = {"Authorization": f"Bearer {archive.cast.token('xu', 'records')}"}
    answer = Client().post("/api/v1/filing-tickets", body, content_type="application/json", headers=reading)
    assert answer.status_code == 403 and answer.json()["remedy"]
    person = archive.cast.client("xu")
    assert person.post("/api/v1/filing-tickets", body, content_type="application/json").status_code == 403
    assert Client().post("/api/v1/filing-tickets", body, content_type="application/json").status_code == 401
    filing = {"Authorization": f"Bearer {archive.cast.token('zhao', 'filing')}"}
    unnamed = Client().post("/api/v1/filing-tickets", "{}", content_type="application/json", headers=filing)
    assert (unnamed.status_code, unnamed.json()["field"]) == (422, "source_id")


def test_a_page_of_a_named_origin_may_read_the_answer_and_no_other(archive: Archive, settings) -> None:
    settings.FILING_ORIGINS = [ORIGIN]
    given = ticket(archive)
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    answer = Client().options("/api/v1/filings", headers=asked)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "Authorization" in answer["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer
    assert file(given, Origin=ORIGIN)["Access-Control-Allow-Origin"] == ORIGIN
    assert file(given, Origin="http://elsewhere.example").get("Access-Control-Allow-Origin") is None
    other = Client().options("/api/v1/records", headers=asked)
    assert other.get("Access-Control-Allow-Origin") is None
