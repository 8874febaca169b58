"""Work that fails, however much of it there is, is set aside after its tries; what others asked for runs meanwhile."""

import pytest

from yidang import jobs
from yidang.common import clock
from yidang.jobs.models import Job
from yidang.jobs.tests.kinds import FAIL, LINE, REFUSE, lines
from yidang.jobs.worker import Worker

pytestmark = pytest.mark.django_db
BAD, OTHERS = 30, 12


@pytest.mark.promise("A6")
def test_everything_that_others_asked_for_has_run_before_the_bad_work_has_had_its_tries(tmp_path, monkeypatch):
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)  # no pause ends by itself, however slow the machine
    out, worker = tmp_path / "out", Worker()
    for number in range(BAD):
        jobs.later(FAIL if number % 2 else REFUSE, key=f"bad {number}")
    worker.run_pending(most=BAD // 2)  # they are at it when the others come
    for number in range(OTHERS):
        jobs.later(LINE, path=str(out), text=str(number))
    # One pass over what is due: the bad ones wait for their next try and do not come again before the others.
    worker.run_pending()
    assert sorted(map(int, lines(out))) == list(range(OTHERS))
    bad = Job.objects.filter(name__in=[FAIL, REFUSE])
    assert not bad.filter(state=Job.WAITING, run_after__lte=moment).exists(), "none of them spins"
    assert bad.filter(name=FAIL, state=Job.WAITING).count() == BAD // 2, "the others did not wait for their end"
    for _try in range(3):
        Job.objects.filter(state=Job.WAITING).update(run_after=moment)
        worker.run_pending()
    assert set(bad.values_list("state", flat=True)) == {Job.SET_ASIDE}
    assert all(error for error in bad.values_list("error", flat=True))
