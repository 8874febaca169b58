"""What one worker does with a job that succeeds, fails, fails again, or was taken from it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from yidang import jobs
from yidang.common import clock
from yidang.common.errors import Unavailable
from yidang.jobs import registry
from yidang.jobs.models import Job
from yidang.jobs.worker import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker, known = Worker(), dict(registry.TASKS)
    yield worker
    registry.TASKS.clear()
    registry.TASKS.update(known)


def make_due() -> None:
    Job.objects.filter(state=Job.WAITING).update(run_after=clock.now())


def test_a_job_runs_with_its_ids_and_is_done(worker: Worker) -> None:
    seen = []
    registry.task("test.see")(lambda run, **ids: seen.append(ids))
    jobs.later("test.see", record_id=7)
    assert worker.run_pending() == 1
    assert seen == [{"record_id": 7}]
    assert Job.objects.get().state == Job.DONE


def test_work_asked_for_in_a_transaction_that_fails_is_forgotten(worker: Worker) -> None:
    registry.task("test.see")(lambda run, **ids: None)
    with pytest.raises(ValueError), transaction.atomic():
        jobs.later("test.see", record_id=7)
        raise ValueError
    assert not Job.objects.exists()


def test_the_same_work_asked_for_twice_waits_once(worker: Worker) -> None:
    registry.task("test.see")(lambda run, **ids: None)
    jobs.later("test.see", key="7", record_id=7)
    jobs.later("test.see", key="7", record_id=7)
    assert Job.objects.count() == 1


def test_after_three_failures_a_job_is_set_aside_with_its_reason_and_the_queue_goes_on(worker: Worker) -> None:
    def fail(run: registry.JobRun, **ids: int) -> None:
        raise Unavailable("The site is away.", remedy="Bring it back.", code="site_away")

    registry.task("test.fail", retries=3, priority=-1)(fail)
    registry.task("test.see")(lambda run, **ids: None)
    jobs.later("test.fail")
    jobs.later("test.see")
    for _attempt in range(3):
        worker.run_pending()
        make_due()
    failed = Job.objects.get(name="test.fail")
    assert (failed.state, failed.attempts, failed.error_code) == (Job.SET_ASIDE, 3, "site_away")
    assert failed.error == "The site is away. Bring it back."
    assert Job.objects.get(name="test.see").state == Job.DONE


def test_a_failure_waits_longer_each_time(worker: Worker) -> None:
    def fail(run: registry.JobRun) -> None:
        raise Unavailable()

    registry.task("test.fail", retries=3)(fail)
    jobs.later("test.fail")
    pauses = []
    for _attempt in range(2):
        worker.run_pending()
        pauses.append(Job.objects.get().run_after - clock.now())
        make_due()
    assert timedelta(seconds=3) < pauses[0] < pauses[1]


def test_a_job_that_keeps_ending_its_worker_is_set_aside(worker: Worker) -> None:
    registry.task("test.kill", retries=3)(lambda run: None)
    jobs.later("test.kill")
    Job.objects.update(state=Job.RUNNING, attempts=3, leased_by="dead", lease_until=clock.now() - timedelta(seconds=1))
    worker.run_pending()
    assert (Job.objects.get().state, Job.objects.get().error_code) == (Job.SET_ASIDE, "worker_died")


def test_a_job_under_lease_is_not_taken_and_after_it_is(worker: Worker) -> None:
    registry.task("test.see")(lambda run: None)
    jobs.later("test.see")
    Job.objects.update(state=Job.RUNNING, attempts=1, leased_by="other", lease_until=clock.now() + timedelta(minutes=1))
    assert worker.run_pending() == 0
    Job.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert worker.run_pending() == 1


def test_of_two_workers_that_read_the_same_row_one_gets_it(worker: Worker) -> None:
    registry.task("test.see")(lambda run: None)
    jobs.later("test.see")
    job = Job.objects.get()
    stale = Job.objects.get()
    assert worker._take(job) is not None
    assert Worker()._take(stale) is None


def test_a_worker_that_lost_its_lease_writes_nothing_more(worker: Worker) -> None:
    def lose(run: registry.JobRun) -> None:
        Job.objects.update(leased_by="other", attempts=2)
        run.check_lease()

    registry.task("test.lose")(lose)
    jobs.later("test.lose")
    worker.run_pending()
    job = Job.objects.get()
    assert (job.state, job.leased_by) == (Job.RUNNING, "other")


def test_a_task_with_a_limit_leaves_places_for_others(worker: Worker) -> None:
    registry.task("test.slow", at_once=1)(lambda run: None)
    registry.task("test.see", priority=1)(lambda run: None)
    for _count in range(3):
        jobs.later("test.slow")
    jobs.later("test.see")
    names = [bundle[0].job.name for bundle in worker.claim(4)]
    assert names == ["test.slow", "test.see"]


def test_small_jobs_are_handed_over_in_groups_and_one_spoilt_job_does_not_hold_the_others(worker: Worker) -> None:
    sizes = []

    def read(runs: list[registry.JobRun]) -> None:
        sizes.append(len(runs))
        if any(run.job.ids["number"] == 3 for run in runs):
            raise Unavailable()

    registry.task("test.group", group=8)(read)
    for number in range(8):
        jobs.later("test.group", number=number)
    worker.run_pending()
    assert sizes == [8] + [1] * 8
    assert Job.objects.filter(state=Job.DONE).count() == 7
    assert Job.objects.get(state=Job.WAITING).ids == {"number": 3}


def test_what_recurs_is_asked_for_once_until_its_time_comes(worker: Worker) -> None:
    known = dict(registry.RECURRING)
    registry.RECURRING.clear()
    try:
        registry.every(60)(registry.task("test.often")(lambda run: None))
        registry.ask_recurring(clock.now())
        registry.ask_recurring(clock.now())
        assert Job.objects.count() == 1
        worker.run_pending()
        registry.ask_recurring(clock.now())
        assert Job.objects.count() == 1
        registry.ask_recurring(clock.now() + timedelta(seconds=61))
        assert Job.objects.count() == 2
    finally:
        registry.RECURRING.clear()
        registry.RECURRING.update(known)


def test_a_power_cut_costs_no_work_its_only_attempt(worker: Worker) -> None:
    """A2: what may be tried once only has not failed because the lights went out."""
    registry.task("test.once", retries=1)(lambda run: None)
    jobs.later("test.once")
    Job.objects.update(state=Job.RUNNING, attempts=1, leased_by="dead", lease_until=clock.now() - timedelta(seconds=1))
    worker.run_pending()
    assert Job.objects.get().state == Job.DONE
