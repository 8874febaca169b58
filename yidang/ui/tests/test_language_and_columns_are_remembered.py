"""The two choices that the server remembers for a browser."""

import pytest
from django.test import Client, RequestFactory

from yidang.ui.language import language_for

pytestmark = pytest.mark.usefixtures("shell")
told: list[tuple[str, str]] = []


def hook(actor, language) -> None:
    told.append((actor.username, language))


def test_the_switch_remembers_and_tells_the_person(settings) -> None:
    settings.YIDANG_LANGUAGE_HOOK = "yidang.ui.tests.test_language_and_columns_are_remembered.hook"
    told.clear()
    client = Client()
    response = client.post("/language/", {"language": "en", "next": "/patterns/?x=1"})
    assert (response.status_code, response["Location"]) == (302, "/patterns/?x=1")
    assert told == [("lin", "en")]
    assert 'lang="en"' in client.get("/patterns/").content.decode()


def test_the_way_back_never_leads_to_another_host() -> None:
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert Client().post("/language/", {"language": "en", "next": target})["Location"] == "/"


def test_an_unknown_language_changes_nothing(settings) -> None:
    assert settings.LANGUAGE_COOKIE_NAME not in Client().post("/language/", {"language": "tlh"}).cookies


def test_a_browser_starts_in_chinese_and_a_program_is_answered_as_it_asks() -> None:
    browser = RequestFactory().get("/", headers={"accept-language": "en-US"})
    assert language_for(browser) == "zh-hans"
    program = RequestFactory().get("/api/v1/records", headers={"accept-language": "en-US"})
    assert language_for(program) == "en"


def test_chosen_columns_are_shown_and_fixed_ones_stay() -> None:
    client = Client()
    client.post("/columns/", {"table": "samples", "column": ["pages"], "next": "/patterns/"})
    text = client.get("/patterns/").content.decode()
    head = text[text.index("<thead>") : text.index("</thead>")]
    assert "题名" in head
    assert "页数" in head
    assert "档号" not in head


def test_a_strange_name_of_a_table_sets_no_cookie() -> None:
    assert not Client().post("/columns/", {"table": "a;b=c", "column": ["x"]}).cookies
