"""strace as the executioner: kill or fail a process at its n-th system call of a kind.

strace counts the calls of each thread by itself; a point is «the n-th call of this kind in whichever thread gets there
first».
"""

import contextlib
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# What changes a file, a folder or a lock. Reading calls are left out: dying between two reads is dying before the next of these.
CALLS = (
    "write", "pwrite64", "fsync", "fdatasync", "syncfs", "rename", "renameat", "mkdir", "mkdirat", "linkat", "unlink", "unlinkat",
    "ftruncate", "sendfile", "flock", "openat", "rmdir",
)  # fmt: skip


def under(log: Path, call: str, inject: str = "") -> tuple[str, ...]:
    """The words before a command that run it under strace.

    :param inject: e.g. ``signal=KILL:when=3`` or ``error=EIO:when=2``; nothing only counts
    """
    words = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "60", "-o", str(log), "-e", f"trace={call}"]
    return (*words, "-e", f"inject={call}:{inject}") if inject else tuple(words)


def count(log: Path) -> dict[str, int]:
    """How often the busiest thread of a counted run made each call."""
    seen: Counter[tuple[str, str]] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        if match := re.match(r"^(\d+) +(\w+)\(", line):
            seen[match[1], match[2]] += 1
    most: dict[str, int] = {}
    for (_thread, call), times in seen.items():
        most[call] = max(times, most.get(call, 0))
    return most


def injected(log: Path) -> bool:
    """Whether the fault was reached: strace marks the call that it made fail."""
    return "(INJECTED)" in log.read_text(errors="replace")


def kill_at(pid: int, call: str, number: int, log: Path, *, seconds: float) -> bool:
    """Attach to a living process and kill it at its n-th call from now; False when it did not get there in time."""
    with (
        attached(pid, call, f"signal=KILL:when={number}", log) as tracer,
        contextlib.suppress(subprocess.TimeoutExpired),
    ):
        tracer.wait(seconds)
    return "+++ killed by SIGKILL +++" in log.read_text(errors="replace")


@contextlib.contextmanager
def attached(pid: int, call: str, inject: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A tracer on a living process, in place before the block begins.

    :param inject: e.g. ``signal=KILL:when=3`` or ``error=EIO:when=2``; nothing only counts
    """
    log.unlink(missing_ok=True)
    words = ["strace", "-f", "-qq", "-s", "60", "-o", str(log), "-e", f"trace={call}", "-p", str(pid)]
    if inject:
        words += ["-e", f"inject={call}:{inject}"]
    tracer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_tracer(pid, tracer)
        yield tracer
    finally:
        tracer.terminate()
        try:
            tracer.wait(3)
        except subprocess.TimeoutExpired:
            tracer.kill()  # it waits for a thread that is gone; its end lets the others go
            tracer.wait()


def _await_tracer(pid: int, tracer: "subprocess.Popen[bytes]") -> None:
    """Wait until every thread of the process is traced."""
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and tracer.poll() is None:
        with contextlib.suppress(OSError, StopIteration):
            told = [(path / "status").read_text() for path in (Path("/proc") / str(pid) / "task").iterdir()]
            if told and not any("TracerPid:\t0" in one for one in told):
                return
        time.sleep(0.02)
