"""The worker: claims jobs by conditional update, keeps their leases alive, takes over what a dead worker held."""

import logging
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet

from yidang.common import clock, standstill
from yidang.common.errors import YidangError
from yidang.jobs.models import Job
from yidang.jobs.registry import TASKS, JobRun, LeaseLost, Stopped, Task, ask_recurring, load_tasks
from yidang.jobs.set_back import bring_back

log = logging.getLogger(__name__)

POLL = 0.2
BACK_OFF = (5, 30, 120)
SCHEDULE_SECONDS = 5
# A power cut is not the work's fault: only what was going on at so many deaths of a worker is set aside for them.
DEATHS = 3
# Leases are kept alive every five seconds; what a machine held that was killed is taken over within a minute.
LONGEST_LEASE = timedelta(seconds=45)
# Rows looked at for each free place: enough to fill a bundle of the largest group.
LOOK = 32

Bundle = list[JobRun]


class Worker:
    """Runs jobs in a few threads until it is told to stop."""

    def __init__(self, *, threads: int = 4) -> None:
        load_tasks()
        self.name = f"{settings.MACHINE[:30]}:{os.getpid()}:{secrets.token_hex(3)}"
        self._threads = threads
        self._running: dict[int, Bundle] = {}
        self._mutex = threading.Lock()
        self._freed = threading.Event()
        self._stop = threading.Event()
        self._schedule_due = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; what runs then is finished, or put back at its next sign of progress."""
        self._stop = stop
        ended = threading.Event()
        beat = threading.Thread(target=self._heartbeat, args=(ended,), name="heartbeat", daemon=True)
        beat.start()
        try:
            with ThreadPoolExecutor(max_workers=self._threads, thread_name_prefix="job") as pool:
                while not stop.is_set():
                    if not self._step(pool):
                        self._freed.wait(POLL)
                    self._freed.clear()
        finally:
            ended.set()  # leases are kept until the last job has ended

    def run_pending(self, *, most: int = 10_000) -> int:
        """Run what is due now in this thread, one bundle after the other; for commands and tests.

        :returns: how many jobs were run
        """
        done = 0
        while done < most and (bundles := self.claim(1)):
            done += len(bundles[0])
            self._perform(bundles[0])
        return done

    def _step(self, pool: ThreadPoolExecutor) -> bool:
        with self._mutex:
            free = self._threads - len(self._running)
        if free <= 0 or not standstill.takes_new():
            return False
        try:
            self._ask_recurring_if_due()
            bundles = self.claim(free)
        except DatabaseError:
            log.exception("the worker could not look for work")
            close_old_connections()
            return False
        for bundle in bundles:
            with self._mutex:
                self._running[bundle[0].job.pk] = bundle
            pool.submit(self._perform_in_thread, bundle)
        return bool(bundles)

    def claim(self, places: int) -> list[Bundle]:
        """Take jobs that are due, or whose worker fell silent, for up to so many free places.

        Jobs of a task that is done in groups share a place. The update carries the state that was read, so that of two
        workers one gets the job, on every database.
        """
        with self._mutex:
            busy = Counter(bundle[0].job.name for bundle in self._running.values())
        full = [name for name, entry in TASKS.items() if busy[name] >= entry.at_once]
        now = clock.now()
        due = Job.objects.filter(
            Q(state=Job.WAITING, run_after__lte=now) | Q(state=Job.RUNNING, lease_until__lt=now), name__in=TASKS
        ).exclude(name__in=full)
        found = list(due.order_by("priority", "run_after", "id")[: places * LOOK])
        bundles = _bundled(found, busy, places)
        if not bundles:
            return []  # nobody waits in the writers' queue for nothing
        with transaction.atomic():
            taken = [[run for job in bundle if (run := self._take(job))] for bundle in bundles]
        return [bundle for bundle in taken if bundle]

    def _take(self, job: Job) -> JobRun | None:
        lease = min(TASKS[job.name].lease, LONGEST_LEASE)
        same = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts, lease_until=job.lease_until)
        until = clock.now() + lease
        if not same.update(state=Job.RUNNING, leased_by=self.name, lease_until=until, attempts=F("attempts") + 1):
            return None
        job.state, job.leased_by, job.attempts, job.lease_until = Job.RUNNING, self.name, job.attempts + 1, until
        return JobRun(job, self.name, lease, self._stop)

    def _perform_in_thread(self, bundle: Bundle) -> None:
        first = bundle[0].job.pk
        try:
            self._perform(bundle)
        except DatabaseError:
            # Its lease runs out, and the job is taken again: nothing is lost, and the other jobs go on.
            log.exception("the outcome of job %s could not be written", first)
        finally:
            with self._mutex:
                self._running.pop(first, None)
            connection.close()
            self._freed.set()

    def _perform(self, bundle: Bundle) -> None:
        entry = TASKS[bundle[0].job.name]
        for run in [run for run in bundle if run.job.attempts > max(entry.retries, DEATHS)]:
            self._set_aside(run, "worker_died", "The task ended its worker at every attempt.")
            bundle.remove(run)
        if len(bundle) > 1:
            try:
                entry.handler(bundle)
            except Exception as error:
                # One of them spoils it for all: each is tried alone, so that only the spoilt one waits again.
                log.warning("%d jobs %s are tried one by one: %s", len(bundle), entry.name, error)
            else:
                self._end_all(bundle)
                return
        for run in bundle:
            self._perform_one(run, entry, (lambda run=run: entry.handler([run])) if entry.group > 1 else None)

    def _perform_one(self, run: JobRun, entry: Task, call: Callable[[], None] | None) -> None:
        try:
            if call is None:
                entry.handler(run, **run.job.ids)
            else:
                call()
        except LeaseLost:
            log.warning("job %s was taken over by another worker", run.job.pk)
        except Stopped:
            self._held(run).update(state=Job.WAITING, lease_until=None, attempts=F("attempts") - 1)
        except YidangError as error:
            self._failed(run, entry, error.code, f"{error} {error.remedy}".strip())
        except Exception as error:
            log.exception("job %s %s failed", run.job.pk, run.job.name)
            self._failed(run, entry, type(error).__name__, str(error))
        else:
            self._end_all([run])

    def _failed(self, run: JobRun, entry: Task, code: str, sentence: str) -> None:
        if run.job.attempts >= entry.retries:
            self._set_aside(run, code, sentence)
            return
        pause = BACK_OFF[min(run.job.attempts - 1, len(BACK_OFF) - 1)]
        with transaction.atomic():
            if Job.objects.filter(name=run.job.name, key=run.job.key, state=Job.WAITING).exclude(key="").exists():
                # The same work was asked for meanwhile; two that wait under one key would be one too many.
                self._held(run).update(state=Job.CANCELLED, lease_until=None, finished_at=clock.now())
                return
            self._held(run).update(
                state=Job.WAITING, lease_until=None, run_after=clock.now() + timedelta(seconds=pause),
                error_code=code[:60], error=sentence[:500],
            )  # fmt: skip

    def _set_aside(self, run: JobRun, code: str, sentence: str) -> None:
        with transaction.atomic():
            self._held(run).update(
                state=Job.SET_ASIDE,
                lease_until=None,
                finished_at=clock.now(),
                error_code=code[:60],
                error=sentence[:500],
            )

    def _end_all(self, bundle: Bundle) -> None:
        with transaction.atomic():
            for run in bundle:
                self._held(run).update(
                    state=Job.DONE, lease_until=None, finished_at=clock.now(), error="", error_code=""
                )

    def _held(self, run: JobRun) -> QuerySet[Job]:
        return Job.objects.filter(pk=run.job.pk, state=Job.RUNNING, leased_by=self.name, attempts=run.job.attempts)

    def _heartbeat(self, ended: threading.Event) -> None:
        """Keep the leases of what runs alive, three times in the shortest lease."""
        shortest = min((entry.lease.total_seconds() for entry in TASKS.values()), default=15.0)
        while not ended.wait(min(5.0, shortest / 3)):
            with self._mutex:
                runs = [run for bundle in self._running.values() for run in bundle]
            try:
                with transaction.atomic():
                    for run in runs:
                        self._held(run).update(lease_until=clock.now() + run.lease)
            except DatabaseError:
                log.exception("a heartbeat was missed")
                close_old_connections()
        connection.close()

    def _ask_recurring_if_due(self) -> None:
        moment = time.monotonic()
        if moment >= self._schedule_due:
            self._schedule_due = moment + SCHEDULE_SECONDS
            now = clock.now()
            if count := bring_back(now, longest_pause=timedelta(seconds=max(BACK_OFF))):
                log.warning("the clock was set back: %d jobs came from the future and are due now", count)
            ask_recurring(now)


def _bundled(jobs: list[Job], busy: Counter[str], places: int) -> list[list[Job]]:
    """Jobs in their order, those of one grouped task together, within the places and each task's own limit."""
    bundles: list[list[Job]] = []
    for job in jobs:
        entry = TASKS[job.name]
        open_one = next((b for b in bundles if b[0].name == job.name and len(b) < entry.group), None)
        if open_one is not None:
            open_one.append(job)
        elif len(bundles) < places and busy[job.name] < entry.at_once:
            busy[job.name] += 1
            bundles.append([job])
    return bundles
