"""The three administrators: made at the first start, each with one duty, none with another."""

from itertools import combinations
from pathlib import Path

import pytest
from django.test import Client

from tests.cast import FOUNDER, PASSWORD, Cast
from yidang.common import clock
from yidang.common.actor import ADMINISTRATORS
from yidang.common.errors import NotAllowed
from yidang.people import actions
from yidang.people.actions.accounts import first_start_key
from yidang.people.actions.duties import DutiesExclude
from yidang.people.models import Duty, User
from yidang.people.roles import ROLES


def form(key: str, changes: dict[str, str] | None = None) -> dict[str, str]:
    values = {"key": key}
    for role, name in (("system_admin", "sun"), ("security_admin", "qian"), ("audit_admin", "zheng")):
        values |= {f"{role}-username": name, f"{role}-display_name": name.title(), f"{role}-password": PASSWORD}
    return values | (changes or {})


@pytest.mark.django_db
def test_the_first_start_makes_three_administrators_and_then_is_gone(data: Path) -> None:
    client = Client()
    assert client.get("/sign-in/")["Location"] == "/first-start/"
    key = actions.prepare_first_start()
    assert client.get("/first-start/").status_code == 200
    assert client.post("/first-start/", form(key)).status_code == 302
    assert set(Duty.objects.values_list("user__username", "role")) == {
        ("sun", "system_admin"), ("qian", "security_admin"), ("zheng", "audit_admin")
    }  # fmt: skip
    assert client.get("/first-start/").status_code == 404
    assert client.post("/first-start/", form(key)).status_code == 404
    assert not first_start_key().exists()
    assert actions.prepare_first_start() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes", [{"key": "wrong"}, {"audit_admin-username": "Sun"}, {"audit_admin-password": "easy"}]
)
def test_a_wrong_key_one_person_twice_or_an_easy_password_makes_nobody(data: Path, changes: dict[str, str]) -> None:
    key = actions.prepare_first_start()
    assert Client().post("/first-start/", form(key, changes)).status_code == 422
    assert not User.objects.exists()
    assert first_start_key().exists()


@pytest.mark.promise("F3")
@pytest.mark.parametrize("pair", list(combinations(sorted(ADMINISTRATORS), 2)))
def test_no_account_holds_two_of_the_three(cast: Cast, pair: tuple[str, str]) -> None:
    holder = User.objects.get(duties__role=pair[0])
    with pytest.raises(DutiesExclude):
        actions.assign_duty(holder, pair[1], actor=FOUNDER, now=clock.now())
    with pytest.raises(DutiesExclude):
        actions.create_user(
            username="both", display_name="二", password=PASSWORD, roles=pair, actor=FOUNDER, now=clock.now()
        )


@pytest.mark.promise("F3")
@pytest.mark.parametrize("role", sorted(set(ROLES) - ADMINISTRATORS))
def test_no_administrator_holds_any_other_duty(cast: Cast, role: str) -> None:
    for username in ("sysadmin", "secadmin", "auditor"):
        with pytest.raises(DutiesExclude):
            actions.assign_duty(cast.people[username], role, actor=FOUNDER, now=clock.now())
    with pytest.raises(DutiesExclude):
        actions.assign_duty(User.objects.filter(duties__role=role)[0], "audit_admin", actor=FOUNDER, now=clock.now())


@pytest.mark.gbt39784("11.4-4")
@pytest.mark.promise("F3")
def test_only_the_security_administrator_gives_duties_and_never_to_themselves(cast: Cast) -> None:
    for username in set(cast.people) - {"secadmin"}:
        with pytest.raises(NotAllowed):
            actions.assign_duty(cast.people["zhao"], "approver", actor=cast.actor(username), now=clock.now())
    secadmin = cast.actor("secadmin")
    with pytest.raises(NotAllowed):
        actions.assign_duty(cast.people["secadmin"], "staff", actor=secadmin, now=clock.now())
    assert actions.assign_duty(cast.people["zhao"], "approver", actor=secadmin, now=clock.now()).pk


@pytest.mark.promise("F2", "F3")
def test_a_duty_that_is_taken_away_is_gone_at_the_next_request(cast: Cast) -> None:
    secadmin, spare = cast.client("secadmin"), cast.client("lin")
    assert spare.get("/api/v1/me").json()["duties"] == ["archivist"]
    duty = Duty.objects.get(user__username="lin")
    path = f"/accounts/{cast.people['lin'].public_id}/duties/{duty.pk}/end/"
    assert secadmin.post(path).status_code == 302
    assert spare.get("/api/v1/me").status_code == 401
    assert cast.client("lin").get("/api/v1/me").json()["duties"] == []


@pytest.mark.promise("F2")
def test_closing_an_account_ends_its_sessions_and_its_clients(cast: Cast) -> None:
    browser, token = cast.client("xu"), cast.token("xu", "filing")
    actions.deactivate_user(cast.people["xu"], actor=cast.actor("secadmin"), now=clock.now())
    assert browser.get("/api/v1/me").status_code == 401
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.promise("F3")
@pytest.mark.parametrize("path", ["/accounts/", "/accounts/new/", "/departments/", "/clients/"])
def test_pages_of_administration_exist_for_the_security_administrator_alone(cast: Cast, path: str) -> None:
    for username in cast.people:
        expected = 200 if username == "secadmin" else 404
        browser = cast.client(username, **{"REMOTE_ADDR": f"10.1.0.{len(username)}"})
        assert browser.get(path).status_code == expected, username


def test_the_database_itself_refuses_a_second_administration(cast: Cast) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(user=cast.people["auditor"], role="security_admin")
