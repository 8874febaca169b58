"""Real worker processes on one database: what one leaves behind another finishes, and nothing is done twice at once."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from yidang import jobs
from yidang.jobs.asking import later_many
from yidang.jobs.models import Job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.promise("A6")]
CHILD = Path(__file__).with_name("child.py")
Start = Callable[[], "subprocess.Popen[bytes]"]


def database_address() -> str:
    """The address of the tests' database for another process."""
    made = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{made['NAME']}"
    return f"postgresql://{made['USER']}:{made['PASSWORD']}@/{made['NAME']}?host={made['HOST']}" + (
        f"&port={made['PORT']}" if made["PORT"] else ""
    )


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running = []
    environment = {
        **os.environ,
        "YIDANG_DATA": str(settings.DATA),
        "YIDANG_DATABASE": database_address(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(settings.BASE),
    }

    def begin() -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([sys.executable, str(CHILD), str(tmp_path)], env=environment)
        running.append(process)
        wait_for(lambda: (tmp_path / f"ready-{process.pid}").exists() or process.poll() is not None)
        assert process.poll() is None
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


def wait_for(true: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"nothing came of it in {seconds} s"
        time.sleep(0.05)


def marks(folder: Path, kind: str) -> list[tuple[int, int]]:
    """(number, process) of every mark."""
    if not (folder / kind).exists():
        return []
    return [(int(n), int(pid)) for n, pid in (line.split() for line in (folder / kind).read_text().splitlines())]


def all_done() -> bool:
    return not Job.objects.exclude(state=Job.DONE).exists()


def test_a_worker_killed_in_the_middle_loses_nothing_and_another_goes_on_from_the_cursor(
    start: Start, tmp_path: Path
) -> None:
    jobs.later("test.pages", number=1)
    first = start()
    wait_for(lambda: len(marks(tmp_path, "pages")) >= 5)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert Job.objects.get().state == Job.RUNNING
    killed_at, second = time.monotonic(), start()
    wait_for(all_done)
    pages = marks(tmp_path, "pages")
    assert {page for page, _ in pages} == set(range(30))
    taken_over = [page for page, pid in pages if pid == second.pid]
    assert taken_over[0] >= 4, "the work began again instead of going on"
    assert time.monotonic() - killed_at < 40
    assert Job.objects.get().attempts == 2


def test_two_hundred_jobs_are_each_done_once_by_two_workers(start: Start, tmp_path: Path) -> None:
    later_many("test.mark", [{"number": n} for n in range(100)])
    later_many("test.group", [{"number": n} for n in range(100, 200)])
    start(), start()
    wait_for(all_done)
    done = marks(tmp_path, "marks")
    assert Counter(number for number, _ in done) == Counter(range(200))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_a_worker_that_is_asked_to_stop_puts_its_work_back_at_once(start: Start, tmp_path: Path) -> None:
    jobs.later("test.pages", number=1)
    worker = start()
    wait_for(lambda: len(marks(tmp_path, "pages")) >= 3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    job = Job.objects.get()
    assert (job.state, job.attempts) == (Job.WAITING, 0)
    assert job.cursor >= 3
    start()
    wait_for(all_done)
    assert Counter(page for page, _ in marks(tmp_path, "pages")) == Counter(range(30))


def test_a_job_that_waits_is_begun_within_moments(start: Start, tmp_path: Path) -> None:
    start()
    time.sleep(0.5)
    begun = time.monotonic()
    jobs.later("test.mark", number=7)
    wait_for(lambda: bool(marks(tmp_path, "marks")), seconds=5)
    assert time.monotonic() - begun < 2
