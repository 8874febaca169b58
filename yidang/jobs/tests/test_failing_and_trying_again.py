"""What becomes of a job that failed: its reason, another try, its cancellation."""

import pytest

from yidang import jobs
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import WrongState
from yidang.jobs import actions
from yidang.jobs.models import Job
from yidang.jobs.tests.kinds import FAIL, HANG, LINE, REFUSE, lines
from yidang.jobs.worker import Worker

pytestmark = pytest.mark.django_db
KEEPER = Actor("person", "sysadmin", "孙工", None, duties=frozenset({"system_admin"}))


def run_until_set_aside(name: str) -> Job:
    """Let it fail as often as it may."""
    jobs.later(name)
    for _attempt in range(5):
        Worker().run_pending()
        Job.objects.filter(state=Job.WAITING).update(run_after=clock.now())
    return Job.objects.get(name=name)


def test_a_refusal_of_ours_keeps_its_code_and_its_remedy():
    job = run_until_set_aside(REFUSE)
    assert (job.error_code, job.error) == ("upside_down", "The page is upside down. Turn it.")


def test_what_a_worker_does_after_it_lost_its_lease_is_not_written(tmp_path):
    jobs.later(HANG, path=str(tmp_path / "out"))
    Worker().run_pending(most=1)
    job = Job.objects.get()
    assert (job.state, job.leased_by, job.done) == (Job.RUNNING, "another", 0)
    assert lines(tmp_path / "out") == []


def test_a_failure_while_the_same_work_waits_again_leaves_one_of_them():
    jobs.later(FAIL, key="record 1")
    worker = Worker()
    (bundle,) = worker.claim(1)
    jobs.later(FAIL, key="record 1")
    worker._perform(bundle)
    assert sorted(Job.objects.values_list("state", flat=True)) == [Job.CANCELLED, Job.WAITING]


def test_one_that_was_set_aside_is_tried_again_with_all_its_attempts():
    job = run_until_set_aside(FAIL)
    actions.try_again(job, actor=KEEPER, now=clock.now())
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error, job.finished_at) == (Job.WAITING, 0, "", None)
    assert Entry.objects.filter(event="jobs.job.retried", target=str(job.pk)).exists()
    with pytest.raises(WrongState):
        actions.try_again(job, actor=KEEPER, now=clock.now())


def test_it_is_not_tried_again_while_the_same_work_waits():
    jobs.later(FAIL, key="record 1")
    Job.objects.update(state=Job.SET_ASIDE)
    job = Job.objects.get()
    jobs.later(FAIL, key="record 1")
    with pytest.raises(WrongState) as refusal:
        actions.try_again(job, actor=KEEPER, now=clock.now())
    assert refusal.value.code == "job_waits_already"


def test_a_waiting_one_is_cancelled_and_never_runs(tmp_path):
    jobs.later(LINE, path=str(tmp_path / "out"), text="x")
    job = Job.objects.get()
    actions.cancel(job, actor=KEEPER, now=clock.now())
    assert Worker().run_pending() == 0
    assert lines(tmp_path / "out") == []
    assert Entry.objects.filter(event="jobs.job.cancelled").exists()


def test_a_running_one_cannot_be_cancelled():
    jobs.later(FAIL)
    Worker().claim(1)
    with pytest.raises(WrongState):
        actions.cancel(Job.objects.get(), actor=KEEPER, now=clock.now())
