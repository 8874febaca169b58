"""Remembers a few figures, so that a page can show how they went and when a disk will be full."""

from datetime import datetime, timedelta

from django.db import transaction

from yidang.upkeep import figures
from yidang.upkeep.models import Sample

FINE_STEP = timedelta(minutes=5)
FINE_KEPT, COARSE_KEPT = timedelta(days=2), timedelta(days=800)
WATCHED = (figures.jobs, figures.index, figures.copies)
JOBS, DUE, LAG, BEHIND, DATABASE = "jobs.open", "jobs.due_seconds", "index.lag_seconds", "copies.behind", "database"


def free(place: str) -> str:
    """The name of a place's samples of free bytes."""
    return f"free:{place}"[:80]


@transaction.atomic
def take(now: datetime) -> None:
    """Sample what changes by the minute, and once more each time the day's disk and database; forget what is old."""
    step = now - timedelta(seconds=now.timestamp() % FINE_STEP.total_seconds())
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    coarse = {free(room.place): float(room.free) for room in figures.places()}
    coarse[DATABASE] = float(figures.database_bytes())
    rows = [Sample(name=name, fine=True, at=step, value=value) for name, value in _by_the_minute().items()]
    rows += [Sample(name=name, fine=False, at=day, value=value) for name, value in coarse.items()]
    Sample.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["name", "fine", "at"], update_fields=["value"]
    )
    Sample.objects.filter(fine=True, at__lt=now - FINE_KEPT).delete()
    Sample.objects.filter(fine=False, at__lt=now - COARSE_KEPT).delete()


def _by_the_minute() -> dict[str, float]:
    found = dict.fromkeys((JOBS, DUE, LAG, BEHIND), 0.0)
    for figure in figures.gather(WATCHED):
        labels = dict(figure.labels)
        if figure.name == "yidang_jobs" and labels["state"] != "set_aside":
            found[JOBS] += figure.value
        elif figure.name == "yidang_jobs_oldest_due_seconds":
            found[DUE] = figure.value
        elif figure.name == "yidang_index_lag_seconds":
            found[LAG] = figure.value
        elif figure.name == "yidang_copies_behind":
            found[BEHIND] += figure.value
    return found
