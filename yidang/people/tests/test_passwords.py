"""Which passwords are taken, when they must be changed, and what happens to other sessions."""

from datetime import timedelta

import pytest

from tests.cast import FOUNDER, PASSWORD, Cast
from yidang.common import clock
from yidang.people import actions, passwords
from yidang.people.models import User


@pytest.mark.gbt39784("11.4-2")
@pytest.mark.parametrize(
    "password",
    [
        "Short-1",
        "alllowercaseletters",
        "UPPERlower",
        "zhang.san-2026",
        "Zhang.San-99!",
        "张三的Password1",
        "Password123!",
        "x" * 150 + "Y1" * 60,
    ],
)
def test_an_easy_password_is_refused(password: str) -> None:
    with pytest.raises(passwords.PasswordRefused):
        passwords.check_rules(password, username="zhang.san", display_name="张三")


@pytest.mark.parametrize("password", ["Cinnabar-4711!", "我的猫每天睡12小时Zz", "correct Horse 7 battery"])
def test_a_good_password_is_taken(password: str) -> None:
    passwords.check_rules(password, username="zhang.san", display_name="张三")


def test_the_present_and_the_last_passwords_are_not_taken_again(cast: Cast) -> None:
    client = cast.client("lin")
    second = "Vermilion-8822?"
    assert client.post("/password/", {"present": PASSWORD, "password": PASSWORD, "again": PASSWORD}).status_code == 422
    assert client.post("/password/", {"present": PASSWORD, "password": second, "again": second}).status_code == 302
    assert client.post("/password/", {"present": second, "password": PASSWORD, "again": PASSWORD}).status_code == 422
    assert client.get("/api/v1/me").status_code == 200


def test_a_new_password_ends_the_other_sessions(cast: Cast) -> None:
    one, other = cast.client("lin"), cast.client("lin")
    new = "Vermilion-8822?"
    one.post("/password/", {"present": PASSWORD, "password": new, "again": new})
    assert one.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401


def test_the_first_sign_in_leads_to_a_new_password_and_nowhere_else(cast: Cast) -> None:
    actions.reset_password(cast.people["zhao"], "Interim-5566!", actor=FOUNDER, now=clock.now())
    from django.test import Client

    client = Client()
    assert client.post("/sign-in/", {"username": "zhao", "password": "Interim-5566!"}).status_code == 302
    assert client.get("/accounts/")["Location"] == "/password/"
    assert client.get("/api/v1/me").json()["code"] == "password_expired"
    new = "Vermilion-8822?"
    assert client.post("/password/", {"present": "Interim-5566!", "password": new, "again": new}).status_code == 302
    assert client.get("/api/v1/me").status_code == 200


def test_an_old_password_must_be_changed(cast: Cast, settings) -> None:
    settings.PASSWORD_MAX_AGE_DAYS = 90
    User.objects.filter(username="lin").update(password_changed_at=clock.now() - timedelta(days=91))
    assert cast.client("lin").get("/accounts/")["Location"] == "/password/"


def test_a_wrong_present_password_is_named(cast: Cast) -> None:
    client = cast.client("lin")
    answer = client.post("/password/", {"present": "no", "password": "Vermilion-8822?", "again": "Vermilion-8822?"})
    assert answer.status_code == 422
