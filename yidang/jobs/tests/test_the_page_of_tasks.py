"""The page of tasks is for those who keep the system, and says what waits and why something was set aside."""

import pytest

from yidang import jobs
from yidang.jobs.models import Job
from yidang.jobs.tests.kinds import FAIL


@pytest.fixture
def aside(cast) -> Job:
    jobs.later(FAIL)
    Job.objects.update(state=Job.SET_ASIDE, error="扫描仪没有应答", error_code="RuntimeError")
    return Job.objects.get()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("lin", 200),
        ("sysadmin", 200),
        ("he", 404),
        ("xu", 404),
        ("zhao", 404),
        ("chen", 404),
        ("wu", 404),
        ("zhou", 404),
        ("secadmin", 404),
        ("auditor", 404),
    ],
)
def test_archivists_and_the_system_administrator_alone_see_it(cast, who, status):
    assert cast.client(who).get("/tasks/").status_code == status


def test_a_task_that_was_set_aside_shows_its_reason_and_is_tried_again(cast, aside):
    browser = cast.client("sysadmin")
    assert "扫描仪没有应答" in browser.get("/tasks/").content.decode()
    assert browser.post(f"/tasks/{aside.pk}/again/").status_code == 302
    aside.refresh_from_db()
    assert aside.state == Job.WAITING
    assert browser.post(f"/tasks/{aside.pk}/cancellation/").status_code == 302
    aside.refresh_from_db()
    assert aside.state == Job.CANCELLED


def test_nobody_else_touches_a_task(cast, aside):
    browser = cast.client("zhao")
    assert browser.post(f"/tasks/{aside.pk}/again/").status_code == 404
    assert browser.post(f"/tasks/{aside.pk}/cancellation/").status_code == 404
    aside.refresh_from_db()
    assert aside.state == Job.SET_ASIDE


def test_a_task_that_is_not_there_is_not_found(cast):
    assert cast.client("lin").post("/tasks/987654/again/").status_code == 404


def test_a_task_that_changed_meanwhile_is_refused_in_words(cast, aside):
    Job.objects.update(state=Job.DONE)
    assert cast.client("lin").post(f"/tasks/{aside.pk}/again/").status_code == 409


@pytest.mark.parametrize("state", ["running", "waiting", "set_aside", "done", "cancelled", "nonsense", ""])
def test_each_state_has_its_list(cast, aside, state):
    assert cast.client("lin").get(f"/tasks/?state={state}").status_code == 200


def test_the_figures_hold_counts_and_nobodys_name(cast, aside, client):
    text = client.get("/metrics").content.decode()
    assert 'yidang_jobs{state="set_aside"} 1' in text
    assert "扫描仪" not in text
    assert client.get("/healthz").content == b"ok\n"
