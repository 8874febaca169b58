"""Kinds of work for tests: one that leaves a line, two that fail, one that loses its lease."""

import os
from pathlib import Path

from yidang.common.errors import InvalidInput
from yidang.jobs.models import Job
from yidang.jobs.registry import JobRun, task

LINE, FAIL, REFUSE, HANG = "tests.line", "tests.fail", "tests.refuse", "tests.hang"


def write_line(path: str, text: str) -> None:
    """Append a line so that several processes never mix theirs."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, f"{text}\n".encode())
    finally:
        os.close(descriptor)


def lines(path: Path) -> list[str]:
    """The lines written so far."""
    return path.read_text().splitlines() if path.exists() else []


@task(LINE, retries=3, lease_seconds=60, at_once=100)
def leave_line(run: JobRun, *, path: str, text: str) -> None:
    write_line(path, text)


@task(FAIL, retries=3, lease_seconds=60)
def fail(run: JobRun) -> None:
    raise RuntimeError("the scanner is on fire")


@task(REFUSE, retries=3, lease_seconds=60)
def refuse(run: JobRun) -> None:
    raise InvalidInput("The page is upside down.", code="upside_down", remedy="Turn it.")


@task(HANG, retries=3, lease_seconds=1)
def hang(run: JobRun, *, path: str) -> None:
    """Falls silent on its first attempt while another worker takes over, then tries to write."""
    if run.job.attempts == 1:
        Job.objects.filter(pk=run.job.pk).update(attempts=2, leased_by="another")
    run.progress(done=1)
    write_line(path, run.worker)
