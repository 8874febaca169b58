"""The security administrator's pages of accounts."""

import pytest
from django.test import Client

from tests.cast import PASSWORD, Cast
from yidang.people.models import User


@pytest.mark.gbt39784("4.4-8", "11.4-1")
def test_an_account_is_made_found_changed_and_closed(cast: Cast) -> None:
    browser = cast.client("secadmin")
    form = {
        "username": "sun.li", "display_name": "孙丽", "staff_number": "0815", "department": "HL", "clearance": "1",
        "role": "staff", "password": "Interim-5566!",
    }  # fmt: skip
    answer = browser.post("/accounts/new/", form)
    assert answer.status_code == 302
    page = answer["Location"]
    assert "孙丽" in browser.get("/accounts/?q=0815").content.decode()
    assert browser.get(page).status_code == 200
    changed = {"display_name": "孙莉", "staff_number": "0815", "department": "YW", "clearance": "2"}
    assert browser.post(page, changed).status_code == 302
    user = User.objects.get(username="sun.li")
    assert (user.display_name, user.clearance, user.department.key) == ("孙莉", 2, "YW")
    assert (
        browser.post(
            page + "duties/", {"role": "approver", "class_codes": "KJ，WS", "department": "", "valid_until": ""}
        ).status_code
        == 302
    )
    assert user.duties.get(role="approver").class_codes == ["KJ", "WS"]
    assert browser.post(page + "duties/", {"role": "audit_admin"}).status_code == 422
    assert browser.post(page + "password/", {"password": "easy"}).status_code == 422
    assert browser.post(page + "state/").status_code == 302
    assert not User.objects.get(username="sun.li").is_active


def test_a_name_that_is_taken_comes_back_with_its_sentence(cast: Cast) -> None:
    form = {
        "username": "LIN",
        "display_name": "林",
        "department": "",
        "clearance": "1",
        "role": "staff",
        "password": PASSWORD,
    }
    answer = cast.client("secadmin").post("/accounts/new/", form)
    assert answer.status_code == 422 and 'value="LIN"' in answer.content.decode()


def test_one_changes_nothing_of_ones_own_account(cast: Cast) -> None:
    browser, own = cast.client("secadmin"), cast.people["secadmin"].public_id
    assert browser.get(f"/accounts/{own}/").status_code == 200
    form = {"display_name": "x", "staff_number": "", "department": "", "clearance": "3"}
    assert browser.post(f"/accounts/{own}/", form).status_code == 422
    assert browser.post(f"/accounts/{own}/state/").status_code == 403
    assert User.objects.get(username="secadmin").clearance == 0


def test_lists_are_paged(cast: Cast) -> None:
    browser = cast.client("secadmin")
    first = browser.get("/accounts/?limit=4").content.decode()
    assert "cursor=" in first


def test_the_api_docs_are_for_people_who_are_signed_in(cast: Cast) -> None:
    assert Client().get("/api/v1/docs").status_code == 401
    assert "/api/v1" in cast.client("lin").get("/api/v1/docs").content.decode()
    document = cast.client("lin").get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1") and "/api/v1/grants" in document["paths"]
