"""The handlers that packages bring in their ``tasks.py``, and the schedule of what recurs."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.module_loading import autodiscover_modules

from yidang.common import clock
from yidang.common.db.everywhere import hold_until_commit
from yidang.common.errors import WrongState
from yidang.jobs.models import Job


class LeaseLost(WrongState):
    """Another worker took this job over; what this one did last must not be written."""

    code = "lease_lost"


class Stopped(Exception):
    """The worker is asked to stop: the job waits again, with its cursor, for the next one."""


@dataclass
class JobRun:
    """A job while a handler works on it."""

    job: Job
    worker: str
    lease: timedelta
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def cursor(self) -> Any:
        """Where an earlier attempt stopped, or nothing."""
        return self.job.cursor

    def progress(self, *, done: int = 0, left: int = 0, failed: int = 0, cursor: Any = None) -> None:
        """Say how far the work is and keep the place to resume from.

        :raises LeaseLost: another worker has it
        :raises Stopped: the program stops; the work goes on from the cursor after its next start
        """
        self._update(done=done, left=left, failed=failed, cursor=cursor)
        self.job.cursor = cursor
        if left and self.stop.is_set():
            raise Stopped()

    def check_lease(self) -> None:
        """Make sure that the job is still ours, and keep it for another lease.

        :raises LeaseLost: another worker has it
        """
        self._update()

    def _update(self, **values: Any) -> None:
        held = Job.objects.filter(pk=self.job.pk, state=Job.RUNNING, leased_by=self.worker, attempts=self.job.attempts)
        if held.update(lease_until=clock.now() + self.lease, **values) != 1:
            raise LeaseLost()


@dataclass(frozen=True)
class Task:
    """A handler and how it is run."""

    name: str
    handler: Callable[..., None]
    retries: int
    lease: timedelta
    priority: int
    at_once: int
    group: int = 1


TASKS: dict[str, Task] = {}
RECURRING: dict[str, timedelta] = {}


def task(
    name: str, *, retries: int = 3, lease_seconds: int = 60, priority: int = 0, at_once: int = 4, group: int = 1
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a handler: called with a :class:`JobRun` and the ids; safe to run twice.

    :param retries: attempts before the job is set aside with its reason
    :param lease_seconds: how long a silent worker keeps it
    :param priority: smaller comes first
    :param at_once: how many of this kind one worker runs together
    :param group: so many small jobs are handed over at once; the handler then gets a list of :class:`JobRun` and
        reads the ids of each, so that one transaction serves them all
    """

    def register(handler: Callable[..., None]) -> Callable[..., None]:
        TASKS[name] = Task(name, handler, retries, timedelta(seconds=lease_seconds), priority, at_once, group)
        return handler

    return register


def every(seconds: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a registered handler recur; stand this above :func:`task`."""

    def register(handler: Callable[..., None]) -> Callable[..., None]:
        name = next(key for key, entry in TASKS.items() if entry.handler is handler)
        RECURRING[name] = timedelta(seconds=seconds)
        return handler

    return register


def priority_of(name: str) -> int:
    """The priority of a kind of work; 0 when its package is not loaded here."""
    return TASKS[name].priority if name in TASKS else 0


def load_tasks() -> None:
    """Import every package's ``tasks.py``."""
    autodiscover_modules("tasks")


def ask_recurring(now: datetime) -> None:
    """Ask for recurring work whose last run is older than its interval."""
    from yidang.jobs.asking import later

    for name, interval in RECURRING.items():
        if _is_due(name, interval, now):
            with transaction.atomic():
                hold_until_commit("recurring work")  # of several machines one asks
                if _is_due(name, interval, now):
                    later(name, key="recurring")


def _is_due(name: str, interval: timedelta, now: datetime) -> bool:
    recent = Job.objects.filter(name=name).exclude(state=Job.CANCELLED).order_by(F("created_at").desc()).first()
    return recent is None or (recent.state not in {Job.WAITING, Job.RUNNING} and recent.created_at <= now - interval)
