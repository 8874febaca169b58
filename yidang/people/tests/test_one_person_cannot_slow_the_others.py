"""Promise H6: costly calls are limited by person, whichever way they come; the others do not notice."""

import threading

import pytest

from tests.archive import Archive
from yidang.people import fairness
from yidang.people.fairness import Allowances

pytestmark = [pytest.mark.django_db, pytest.mark.promise("H6")]
SEARCH = "/api/v1/search?q=通知"


@pytest.fixture(autouse=True)
def few(settings, monkeypatch):
    settings.COSTLY_PER_MINUTE = 12
    monkeypatch.setattr(fairness, "allowances", Allowances())


def test_who_searches_without_end_is_told_to_wait_and_the_next_person_is_served(archive: Archive, trail) -> None:
    abuser, other = archive.cast.client("zhao"), archive.cast.client("xu")
    answers = [abuser.get(SEARCH) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [200] * 12 + [429] * 8
    refused = answers[-1]
    assert refused.json()["code"] == "too_much_at_once" and refused.json()["remedy"]
    assert 1 <= int(refused["Retry-After"]) <= 5
    assert abuser.get("/search/?q=通知").status_code == 429  # the page counts with the API
    assert abuser.get("/catalogue/").status_code == 200  # what costs little goes on
    assert other.get(SEARCH).status_code == 200
    assert trail(event="people.calls.refused", actor="zhao").count() == 1  # a flood does not fill the log


def test_a_second_export_waits_for_the_first(archive: Archive) -> None:
    who = archive.cast.actor("lin").username
    assert fairness.allowances.begin(who, "export", per_minute=60, at_once=1, now=0) == 0
    assert archive.cast.client("lin").get("/search/export/?q=通知").status_code == 429
    fairness.allowances.end(who, "export")
    assert archive.cast.client("lin").get("/search/export/?q=通知").status_code == 200


def test_what_was_used_up_comes_back_evenly() -> None:
    left = Allowances()
    for _ in range(30):
        assert left.begin("a", "search", per_minute=30, at_once=99, now=0) == 0
    assert left.begin("a", "search", per_minute=30, at_once=99, now=0) == 2
    assert left.begin("b", "search", per_minute=30, at_once=99, now=0) == 0
    assert left.begin("a", "search", per_minute=30, at_once=99, now=2) == 0
    assert left.begin("a", "search", per_minute=30, at_once=99, now=2.1) == 2


def test_many_threads_of_one_person_get_their_share_and_no_more() -> None:
    left, taken = Allowances(), []
    mutex, gate = threading.Lock(), threading.Barrier(16)

    def call() -> None:
        gate.wait()
        wait = left.begin("a", "search", per_minute=1000, at_once=4, now=0)
        with mutex:
            taken.append(wait)

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(0) == 4


def test_the_limit_can_be_switched_off(archive: Archive, settings) -> None:
    settings.COSTLY_PER_MINUTE = 0
    asker = archive.cast.client("zhao")
    assert {asker.get(SEARCH).status_code for _ in range(20)} == {200}
