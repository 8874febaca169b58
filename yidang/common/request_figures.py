"""How many answers this process gave and how long they took, by route as declared; kept in memory, nobody's data.

A monitor asks often and keeps the past itself, so the process only counts up. There are as many keys as routes, which
bounds the memory.
"""

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

# Upper ends in seconds; what takes longer than the last stands in the total alone.
ENDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class Durations:
    """How long answers took: how many up to each end, how many in all, seconds together."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(ENDS))
    count: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one answer."""
        place = bisect_left(ENDS, seconds)
        if place < len(ENDS):
            self.buckets[place] += 1
        self.count += 1
        self.seconds += seconds

    def up_to(self) -> list[tuple[float, int]]:
        """Each end with how many took no longer."""
        so_far, found = 0, []
        for end, count in zip(ENDS, self.buckets, strict=True):
            so_far += count
            found.append((end, so_far))
        return found


class RequestFigures:
    """The counts of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str, str]] = Counter()
        self._durations: dict[str, Durations] = {}

    def add(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer; of the status only its hundred."""
        with self._lock:
            self._answers[route, method, f"{status // 100}xx"] += 1
            self._durations.setdefault(route, Durations()).add(seconds)

    def answers(self) -> dict[tuple[str, str, str], int]:
        """Answers by route, method and class of status."""
        with self._lock:
            return dict(self._answers)

    def durations(self) -> dict[str, Durations]:
        """Durations by route, as they are now."""
        with self._lock:
            return {
                route: Durations(list(one.buckets), one.count, one.seconds) for route, one in self._durations.items()
            }


REQUESTS = RequestFigures()
