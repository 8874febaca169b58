"""When a disk will be full, if it goes on filling as it did: a straight line through the daily samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LEAST_DAYS = 3
DAY = 86_400.0


@dataclass(frozen=True)
class Forecast:
    """How a place fills.

    :param per_day: bytes that are used more each day; below 0 when room is won
    :param days_left: until nothing is free; None when the place does not fill
    :param days_known: how long it was watched
    """

    per_day: float
    days_left: float | None
    days_known: float


def forecast(samples: Sequence[tuple[datetime, float]], free_now: float) -> Forecast | None:
    """Fit a line to (moment, free bytes); nothing when less than three days are known."""
    if len(samples) < LEAST_DAYS:
        return None
    times = [(at - samples[0][0]).total_seconds() / DAY for at, _free in samples]
    known = times[-1] - times[0]
    if known < LEAST_DAYS - 1:
        return None
    mean_time = sum(times) / len(times)
    mean_free = sum(free for _at, free in samples) / len(samples)
    spread = sum((one - mean_time) ** 2 for one in times)
    slope = (
        sum((one - mean_time) * (free - mean_free) for one, (_at, free) in zip(times, samples, strict=True)) / spread
    )
    return Forecast(-slope, free_now / -slope if slope < 0 else None, known)
