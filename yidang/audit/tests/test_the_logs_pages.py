"""The log's pages: for the audit administrator, and for nobody else."""

import pytest
from django.test import Client

from tests.cast import Cast
from yidang.audit import entries_for
from yidang.audit.models import Entry


@pytest.mark.promise("F3")
@pytest.mark.parametrize("path", ["/audit/", "/audit/1/", "/api/v1/audit/entries", "/api/v1/audit/checkpoint"])
def test_only_the_audit_administrator_reads_the_log(cast: Cast, path: str, data) -> None:
    for number, username in enumerate(sorted(cast.people)):
        browser = cast.client(username, REMOTE_ADDR=f"10.3.0.{number}")
        assert browser.get(path).status_code == (200 if username == "auditor" else 404), username
    assert Client().get(path).status_code in {302, 401}


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


def test_the_button_verifies_the_log(cast: Cast, data) -> None:
    browser = cast.client("auditor")
    answer = browser.post("/audit/verification/")
    assert answer.status_code == 200 and "yidang-audit" in answer.content.decode()


def test_a_token_without_the_scope_reads_nothing(cast: Cast, data) -> None:
    token = cast.token("auditor", "audit")
    header = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/audit/entries", headers=header).status_code == 200
    other = {"Authorization": f"Bearer {cast.token('lin', 'records')}"}
    assert Client().get("/api/v1/audit/entries", headers=other).status_code == 404


def test_the_life_of_one_thing_without_personal_facts(cast: Cast) -> None:
    told = entries_for(str(cast.people["lin"].public_id))
    assert [entry.event for entry in told] == ["people.user.created"]
    assert "林静" not in str(told)
