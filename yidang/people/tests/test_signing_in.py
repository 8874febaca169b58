"""Signing in, being locked out, and what guessing learns: nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.cast import PASSWORD, Cast
from yidang.audit.models import Entry, PersonalFacts
from yidang.common import clock
from yidang.people.models import SignedIn, SignInAttempt, User


def try_in(client: Client, username: str, password: str):
    return client.post("/sign-in/", {"username": username, "password": password})


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch):
    """A clock that moves only when told."""
    moment = [datetime(2026, 11, 23, 9, 0, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])

    def move(**delta: float) -> None:
        moment[0] += timedelta(**delta)

    return move


def test_a_person_signs_in_and_is_the_actor(cast: Cast) -> None:
    client = cast.client("lin")
    answer = client.get("/api/v1/me")
    assert answer.json()["username"] == "lin"
    assert answer.json()["duties"] == ["archivist"]
    assert answer.json()["department"] == "DA"


def test_the_name_may_be_typed_in_any_case(cast: Cast) -> None:
    assert try_in(Client(), "LIN", PASSWORD).status_code == 302


def test_wrong_password_and_unknown_name_are_answered_alike(cast: Cast) -> None:
    known = try_in(Client(REMOTE_ADDR="10.0.0.1"), "zhao", "wrong-password-1")
    unknown = try_in(Client(REMOTE_ADDR="10.0.0.2"), "nobody", "wrong-password-1")
    assert known.status_code == unknown.status_code == 422

    def main_part(answer, name: str) -> str:
        return answer.content.decode().split("<main")[1].replace(name, "")

    assert _without_tokens(main_part(known, "zhao")) == _without_tokens(main_part(unknown, "nobody"))


def _without_tokens(text: str) -> str:
    return "".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


def test_an_unknown_name_costs_a_hash_as_well(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from yidang.people.actions import signing_in

    looked: list[str] = []
    real = signing_in.check_password
    monkeypatch.setattr(signing_in, "check_password", lambda p, h: looked.append(h) or real(p, h))
    try_in(Client(), "nobody", "wrong-password-1")
    assert len(looked) == 1 and looked[0].startswith("argon2")


@pytest.mark.gbt39784("11.4-2")
@pytest.mark.promise("H3")
def test_after_five_failures_the_password_is_not_even_looked_at(
    cast: Cast, frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yidang.people.actions import signing_in

    looked: list[str] = []
    monkeypatch.setattr(signing_in, "check_password", lambda p, h: looked.append(p) is not None)
    for number in range(50):
        answer = try_in(Client(REMOTE_ADDR=f"10.0.1.{number}"), "lin", f"wrong-{number}")
    assert answer.status_code == 429
    assert len(looked) == 5


@pytest.mark.promise("H3")
def test_the_wait_doubles_with_each_further_failure(cast: Cast, frozen) -> None:
    for number in range(5):
        try_in(Client(REMOTE_ADDR=f"10.0.2.{number}"), "lin", "wrong-password")
    assert try_in(Client(REMOTE_ADDR="10.0.2.9"), "lin", PASSWORD).status_code == 429
    frozen(seconds=61)
    assert try_in(Client(REMOTE_ADDR="10.0.2.9"), "lin", "wrong-password").status_code == 422
    frozen(seconds=61)
    assert try_in(Client(REMOTE_ADDR="10.0.2.9"), "lin", PASSWORD).status_code == 429
    frozen(seconds=61)
    assert try_in(Client(REMOTE_ADDR="10.0.2.9"), "lin", PASSWORD).status_code == 302


@pytest.mark.promise("H3")
def test_one_source_cannot_try_many_names(cast: Cast, frozen) -> None:
    statuses = [try_in(Client(), name, "Spring-2026!x").status_code for name in sorted(cast.people)]
    assert statuses == [422] * 5 + [429] * 5


def test_no_attempt_that_was_locked_counts_as_another_failure(cast: Cast, frozen) -> None:
    for _number in range(20):
        try_in(Client(), "lin", "wrong-password")
    assert SignInAttempt.objects.filter(username="lin").count() == 5


@pytest.mark.promise("I4")
def test_the_log_never_holds_a_password(cast: Cast) -> None:
    canary = "Canary-Password-77!"
    try_in(Client(), "lin", canary)
    client = cast.client("lin")
    client.post("/password/", {"present": PASSWORD, "password": canary, "again": canary})
    everything = "".join(Entry.objects.values_list("body", flat=True))
    everything += "".join(PersonalFacts.objects.values_list("body", flat=True))
    assert "people.password.changed" in everything
    assert canary not in everything and PASSWORD not in everything


@pytest.mark.promise("H2")
def test_the_session_gets_a_new_key_at_sign_in(cast: Cast) -> None:
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["yidang_session"] = session.session_key
    try_in(client, "lin", PASSWORD)
    assert client.cookies["yidang_session"].value != session.session_key
    assert "planted" not in client.session


@pytest.mark.promise("H2")
def test_signing_out_ends_the_session_on_the_server(cast: Cast) -> None:
    client = cast.client("lin")
    stolen = client.cookies["yidang_session"].value
    client.post("/sign-out/")
    thief = Client()
    thief.cookies["yidang_session"] = stolen
    assert thief.get("/api/v1/me").status_code == 401
    assert not SignedIn.objects.filter(ended_at=None).exists()


@pytest.mark.promise("H2")
def test_a_session_ends_after_a_quarter_of_an_hour_without_use(cast: Cast, frozen) -> None:
    client = cast.client("lin")
    frozen(minutes=14)
    assert client.get("/api/v1/me").status_code == 200
    frozen(minutes=14)
    assert client.get("/api/v1/me").status_code == 200
    frozen(minutes=15)
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.promise("H2")
def test_a_session_ends_after_twelve_hours_in_any_case(cast: Cast, frozen) -> None:
    client = cast.client("lin")
    for _quarter in range(71):
        frozen(minutes=10)
        assert client.get("/api/v1/me").status_code == 200
    frozen(minutes=10)
    assert client.get("/api/v1/me").status_code == 401


def test_a_stranger_is_sent_to_the_door_and_back_again(cast: Cast) -> None:
    client = Client()
    answer = client.get("/accounts/?q=x")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Faccounts%2F%3Fq%3Dx"
    there = client.post("/sign-in/", {"username": "secadmin", "password": PASSWORD, "next": "/accounts/?q=x"})
    assert there["Location"] == "/accounts/?q=x"


def test_the_door_never_leads_to_another_site(cast: Cast) -> None:
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = Client().post("/sign-in/", {"username": "lin", "password": PASSWORD, "next": target})
        assert answer["Location"] == "/"


@pytest.mark.promise("H2")
def test_api_calls_with_a_session_need_the_forms_token(cast: Cast) -> None:
    client = cast.client("lin", enforce_csrf_checks=False)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.delete("/api/v1/grants/00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 403 and answer.json()["code"] == "form_expired"
    strict.get("/password/")
    header = {"X-CSRFToken": strict.cookies["yidang_csrf"].value}
    assert strict.delete("/api/v1/grants/00000000-0000-4000-8000-000000000000", headers=header).status_code == 404


def test_a_closed_account_cannot_sign_in(cast: Cast) -> None:
    User.objects.filter(username="zhao").update(is_active=False)
    assert try_in(Client(), "zhao", PASSWORD).status_code == 422
