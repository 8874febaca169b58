"""A worker process for tests: it knows three tasks that leave marks in a folder, and says when it is ready."""

import os
import sys
import threading
import time
from pathlib import Path

MARKS = Path(sys.argv[1])


def main() -> None:
    """Work until the process is killed or asked to stop."""
    import django

    django.setup()
    import signal

    from yidang.jobs import registry
    from yidang.jobs.worker import Worker

    def mark(kind: str, number: int) -> None:
        # Opened to append: the kernel keeps marks of several processes whole and apart.
        with (MARKS / kind).open("a", encoding="ascii") as target:
            target.write(f"{number} {os.getpid()}\n")

    @registry.task("test.mark", lease_seconds=2)
    def leave_mark(run: registry.JobRun, *, number: int) -> None:
        mark("marks", number)

    @registry.task("test.group", lease_seconds=2, group=16)
    def leave_marks(runs: list[registry.JobRun]) -> None:
        for run in runs:
            mark("marks", run.job.ids["number"])

    @registry.task("test.pages", lease_seconds=2)
    def read_pages(run: registry.JobRun, *, number: int) -> None:
        for page in range(run.cursor or 0, 30):
            mark("pages", page)
            time.sleep(0.1)
            run.progress(done=page + 1, left=29 - page, cursor=page + 1)

    worker, stop = Worker(), threading.Event()
    registry.RECURRING.clear()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    (MARKS / f"ready-{os.getpid()}").touch()
    worker.run(stop)


main()
