"""The worker: claims jobs by conditional update, keeps their leases alive, takes over what a dead worker held."""

import logging
import os
import secrets
import socket
import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q

from yidang.common import clock
from yidang.common.errors import YidangError
from yidang.jobs.models import Job
from yidang.jobs.registry import TASKS, JobRun, LeaseLost, Task, ask_recurring, load_tasks

log = logging.getLogger(__name__)

POLL = 0.2
BACK_OFF = (5, 30, 120)


class Worker:
    """Runs jobs in a few threads until it is told to stop."""

    def __init__(self, *, threads: int = 4) -> None:
        load_tasks()
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._threads = threads
        self._running: dict[int, tuple[JobRun, Future[None]]] = {}
        self._mutex = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; what runs then is finished first."""
        beat = threading.Thread(target=self._heartbeat, args=(stop,), daemon=True)
        beat.start()
        with ThreadPoolExecutor(max_workers=self._threads) as pool:
            while not stop.is_set():
                try:
                    took = self._step(pool)
                except Exception:
                    log.exception("the worker could not look for work")
                    close_old_connections()
                    took = False
                if not took:
                    stop.wait(POLL)

    def run_pending(self, *, most: int = 10_000) -> int:
        """Run what waits now in this thread, one after the other; for commands and tests."""
        done = 0
        while done < most and (claimed := self.claim(1)):
            self._perform(claimed[0])
            done += 1
        return done

    def _step(self, pool: ThreadPoolExecutor) -> bool:
        with self._mutex:
            free = self._threads - len(self._running)
        if free <= 0:
            return False
        ask_recurring_if_due()
        runs = self.claim(free)
        for run in runs:
            with self._mutex:
                self._running[run.job.pk] = (run, pool.submit(self._perform_in_thread, run))
        return bool(runs)

    def claim(self, most: int) -> list[JobRun]:
        """Take up to ``most`` jobs that are due, or whose worker fell silent.

        The update carries the state it was read in, so that of two workers one gets the job, on every database.
        """
        now = clock.now()
        with self._mutex:
            busy = Counter(run.job.name for run, _ in self._running.values())
        full = [name for name, entry in TASKS.items() if busy[name] >= entry.at_once]
        due = Job.objects.filter(
            Q(state=Job.WAITING, run_after__lte=now) | Q(state=Job.RUNNING, lease_until__lt=now), name__in=TASKS
        ).exclude(name__in=full)
        runs = []
        for job in due.order_by("priority", "run_after", "id")[:most]:
            entry = TASKS[job.name]
            if busy[job.name] >= entry.at_once:
                continue
            same = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts, lease_until=job.lease_until)
            took = same.update(
                state=Job.RUNNING, leased_by=self.name, lease_until=now + entry.lease, attempts=F("attempts") + 1
            )
            if took:
                busy[job.name] += 1
                job.state, job.leased_by, job.attempts = Job.RUNNING, self.name, job.attempts + 1
                runs.append(JobRun(job, self.name, entry.lease))
        return runs

    def _perform_in_thread(self, run: JobRun) -> None:
        try:
            self._perform(run)
        finally:
            with self._mutex:
                self._running.pop(run.job.pk, None)
            connection.close()

    def _perform(self, run: JobRun) -> None:
        entry = TASKS[run.job.name]
        if run.job.attempts > entry.retries:
            self._set_aside(run, "worker_died", "It ended its worker again and again.")
            return
        try:
            entry.handler(run, **run.job.ids)
        except LeaseLost:
            log.warning("job %s was taken over by another worker", run.job.pk)
        except YidangError as error:
            self._failed(run, entry, error.code, f"{error} {error.remedy}")
        except Exception as error:
            log.exception("job %s %s failed", run.job.pk, run.job.name)
            self._failed(run, entry, type(error).__name__, str(error))
        else:
            self._end(run, state=Job.DONE, error="", error_code="")

    def _failed(self, run: JobRun, entry: Task, code: str, sentence: str) -> None:
        if run.job.attempts >= entry.retries:
            self._set_aside(run, code, sentence)
            return
        pause = BACK_OFF[min(run.job.attempts - 1, len(BACK_OFF) - 1)]
        self._held(run).update(
            state=Job.WAITING, lease_until=None, run_after=clock.now() + timedelta(seconds=pause),
            error_code=code[:60], error=sentence[:500],
        )  # fmt: skip

    def _set_aside(self, run: JobRun, code: str, sentence: str) -> None:
        self._end(run, state=Job.SET_ASIDE, error_code=code[:60], error=sentence[:500])

    def _end(self, run: JobRun, **values: str) -> None:
        with transaction.atomic():
            self._held(run).update(lease_until=None, finished_at=clock.now(), **values)

    def _held(self, run: JobRun) -> "Job.objects.__class__":  # type: ignore[name-defined]
        return Job.objects.filter(pk=run.job.pk, state=Job.RUNNING, leased_by=self.name, attempts=run.job.attempts)

    def _heartbeat(self, stop: threading.Event) -> None:
        """Keep the leases of what runs alive, more often than the shortest lease ends."""
        while not stop.wait(5):
            with self._mutex:
                runs = [run for run, _ in self._running.values()]
            for run in runs:
                try:
                    run.check_lease()
                except LeaseLost:
                    log.warning("job %s is no longer ours", run.job.pk)
                except Exception:
                    log.exception("the heartbeat of job %s was missed", run.job.pk)
                    close_old_connections()


_last_asked = 0.0


def ask_recurring_if_due() -> None:
    """Look at the schedule at most every five seconds."""
    global _last_asked
    now = clock.now()
    if now.timestamp() - _last_asked >= 5:
        _last_asked = now.timestamp()
        with transaction.atomic():
            ask_recurring(now)
