"""Work is asked for in the caller's transaction, and one open job stands for all that ask the same."""

from datetime import timedelta

import pytest
from django.db import transaction

from yidang import jobs
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs import registry
from yidang.jobs.models import Job
from yidang.jobs.tests.kinds import LINE
from yidang.jobs.worker import Worker


class Undone(Exception):
    """Ends a transaction."""


@pytest.mark.django_db(transaction=True)
def test_work_is_forgotten_with_the_transaction_that_asked_for_it():
    with pytest.raises(Undone), transaction.atomic():
        jobs.later(LINE, path="x", text="x")
        raise Undone
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_work_without_a_key_is_never_taken_for_the_same():
    jobs.later_many(LINE, [{"path": "x", "text": "1"}, {"path": "x", "text": "1"}])
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_a_job_that_runs_does_not_swallow_a_new_wish(tmp_path):
    """What was asked while it ran may concern what it has read already."""
    jobs.later(LINE, key="record 1", path=str(tmp_path / "out"), text="first")
    Worker().claim(1)
    jobs.later(LINE, key="record 1", path=str(tmp_path / "out"), text="second")
    assert sorted(Job.objects.values_list("state", flat=True)) == ["running", "waiting"]


@pytest.mark.django_db
def test_work_for_later_waits_until_its_time(tmp_path):
    jobs.later(LINE, run_after=clock.now() + timedelta(hours=1), path=str(tmp_path / "out"), text="x")
    assert Worker().run_pending() == 0
    Job.objects.update(run_after=clock.now())
    assert Worker().run_pending() == 1


@pytest.mark.django_db
def test_the_asking_person_is_noted():
    jobs.later(LINE, actor=Actor("person", "lin", "林静", 1), path="x", text="x")
    assert Job.objects.get().asked_by == "lin"


@pytest.mark.django_db
def test_recurring_work_that_was_set_aside_comes_back(monkeypatch):
    monkeypatch.setattr(registry, "RECURRING", {LINE: timedelta(minutes=10)})
    now = clock.now()
    registry.ask_recurring(now)
    Job.objects.update(state=Job.SET_ASIDE)
    registry.ask_recurring(now + timedelta(minutes=11))
    assert Job.objects.filter(state=Job.WAITING).count() == 1
