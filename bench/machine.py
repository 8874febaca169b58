"""Facts of the machine, printed beside every figure: a figure without them means nothing."""

import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on; times in milliseconds, memory in GiB."""

    processor: str
    cores: int
    memory: float
    system: str
    file_system: str
    fdatasync_p50: float
    fdatasync_p95: float
    load: float

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, {self.memory:.0f} GiB, {self.system}, Python {platform.python_version()}, "
            f"{self.file_system}, fdatasync p50 {self.fdatasync_p50:.2f} ms p95 {self.fdatasync_p95:.2f} ms, load {self.load:.1f}"
        )


def processor() -> str:
    """The processor's name as the kernel gives it."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def file_system(folder: Path) -> str:
    """The type of the file system that holds a folder."""
    best = ("", "?")
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, point, kind = line.split()[:3]
        inside = str(folder.resolve()).startswith(point.rstrip("/") + "/") or point == "/"
        if inside and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def fdatasync_times(folder: Path, count: int = 100) -> list[float]:
    """Milliseconds of writing 4 KiB at the end of a file and flushing it, ``count`` times."""
    path = folder / "fdatasync.probe"
    times = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(count):
            os.write(descriptor, os.urandom(4096))
            start = time.perf_counter()
            os.fdatasync(descriptor)
            times.append((time.perf_counter() - start) * 1000)
    finally:
        os.close(descriptor)
        path.unlink()
    return sorted(times)


def facts(folder: Path) -> Machine:
    """The facts, for figures measured in a folder."""
    times = fdatasync_times(folder)
    return Machine(
        processor=processor(),
        cores=len(os.sched_getaffinity(0)),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        system=f"{platform.system()} {platform.release()}",
        file_system=file_system(folder),
        fdatasync_p50=statistics.median(times),
        fdatasync_p95=times[int(len(times) * 0.95)],
        load=os.getloadavg()[0],
    )
