"""C10: a clock that was ahead and is set back holds up no work."""

from datetime import timedelta

import pytest

from yidang import jobs
from yidang.common import clock
from yidang.jobs import registry
from yidang.jobs.models import Job
from yidang.jobs.set_back import bring_back
from yidang.jobs.worker import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.promise("C10")]
YEAR, MINUTE = timedelta(days=365), timedelta(minutes=1)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    worker = Worker()
    monkeypatch.setattr(registry, "TASKS", {})
    monkeypatch.setattr("yidang.jobs.worker.TASKS", registry.TASKS)
    monkeypatch.setattr("yidang.jobs.set_back.TASKS", registry.TASKS)
    registry.task("test.see", lease_seconds=60)(lambda run: None)
    return worker


def brought_back() -> int:
    return bring_back(clock.now(), longest_pause=2 * MINUTE)


def test_work_that_was_asked_for_while_the_clock_was_ahead_is_due(worker: Worker) -> None:
    jobs.later("test.see")
    Job.objects.update(created_at=clock.now() + YEAR, run_after=clock.now() + YEAR)
    assert worker.run_pending() == 0
    assert brought_back() == 1
    assert worker.run_pending() == 1
    assert brought_back() == 0


def test_what_failed_while_the_clock_was_ahead_is_tried_again(worker: Worker) -> None:
    jobs.later("test.see")
    Job.objects.update(attempts=1, run_after=clock.now() + YEAR)
    assert brought_back() == 1
    assert worker.run_pending() == 1


def test_what_a_worker_held_that_died_while_the_clock_was_ahead_is_taken_over_after_one_lease(worker: Worker) -> None:
    jobs.later("test.see")
    Job.objects.update(state=Job.RUNNING, attempts=1, leased_by="dead", lease_until=clock.now() + YEAR)
    assert brought_back() == 1
    assert worker.run_pending() == 0  # a living one would renew it by then
    assert Job.objects.get().lease_until <= clock.now() + MINUTE


def test_what_recurs_recurs_again_after_one_interval(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "RECURRING", {"test.see": MINUTE})
    registry.ask_recurring(clock.now())
    worker.run_pending()
    Job.objects.update(created_at=clock.now() + YEAR)
    brought_back()
    registry.ask_recurring(clock.now())
    assert Job.objects.count() == 1
    registry.ask_recurring(clock.now() + 2 * MINUTE)
    assert Job.objects.filter(state=Job.WAITING).count() == 1


def test_work_for_later_and_work_in_hand_are_left_alone(worker: Worker) -> None:
    jobs.later("test.see", run_after=clock.now() + YEAR)
    jobs.later("test.see")
    Job.objects.filter(run_after__lt=clock.now() + YEAR / 2).update(
        state=Job.RUNNING, leased_by="alive", lease_until=clock.now() + MINUTE
    )
    assert brought_back() == 0
