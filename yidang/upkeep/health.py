"""How the program stands, for one page: the figures by name, their samples, the doctor's latest look."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import get_language

from yidang.common.db import replica
from yidang.common.request_figures import REQUESTS
from yidang.jobs.models import Job
from yidang.upkeep import sampling
from yidang.upkeep.checks import BAD
from yidang.upkeep.figures import OPEN, PARTS, Room, disks, gather, places, requests
from yidang.upkeep.forecasting import Forecast, forecast
from yidang.upkeep.machines import MachineHealth, machines
from yidang.upkeep.models import Look, Sample
from yidang.upkeep.slowest import Slow, slowest

KINDS_OF_WORK, SLOW_ROWS = 8, 8
FORECAST_DAYS = 90

Points = list[tuple[datetime, float]]


@dataclass(frozen=True)
class Place:
    """A disk: what is kept there, how it filled, and when it will be full."""

    names: list[str]
    free: float
    total: float
    points: Points
    forecast: Forecast | None

    @property
    def used(self) -> float:
        """Bytes that are not free."""
        return self.total - self.free


@dataclass(frozen=True)
class SiteHealth:
    """One site of the vault in figures."""

    name: str
    answers: bool
    behind: int
    scrubbed: float | None
    oldest: float | None


@dataclass(frozen=True)
class Health:
    """Everything that the page shows.

    :param said: figures without labels, by name
    :param spans: how many answers of this process took how long, by upper end in seconds; the rest under infinity
    """

    at: datetime
    said: dict[str, float]
    jobs: dict[str, int]
    work: list[tuple[str, int]]
    sites: list[SiteHealth]
    places: list[Place]
    samples: dict[str, Points]
    look: Look | None
    findings: list[dict[str, str]]
    answers: list[Slow]
    statements: list[Slow]
    spans: list[tuple[float, int]]
    failed_parts: list[str]
    machines: list[MachineHealth]
    replica: replica.Standing | None

    @property
    def bad(self) -> int:
        """Findings that need somebody."""
        return sum(one["level"] == BAD for one in self.findings)


def health(now: datetime) -> Health:
    """The state of the program, with few questions and nothing counted that has no bound."""
    figures = gather(tuple(part for part in PARTS if part not in {requests, disks}))
    labelled: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for one in figures:
        labelled[one.name][tuple(value for _name, value in one.labels)] = one.value
    samples: dict[str, Points] = defaultdict(list)
    shown = Q(fine=True) | Q(fine=False, at__gte=now - timedelta(days=FORECAST_DAYS))
    for name, at, value in Sample.objects.filter(shown).order_by("at").values_list("name", "at", "value"):
        samples[name].append((at, value))
    look = Look.objects.order_by("-at", "-pk").first()
    answers, statements = slowest(now, most=SLOW_ROWS)
    work = Job.objects.filter(state__in=OPEN).order_by().values_list("name").annotate(count=Count("pk"))
    return Health(
        at=now,
        said={name: values[()] for name, values in labelled.items() if () in values},
        jobs={state: int(labelled["yidang_jobs"].get((state,), 0)) for state in OPEN},
        work=list(work.order_by("-count", "name")[:KINDS_OF_WORK]),
        sites=_sites(labelled),
        places=_places(samples),
        samples=samples,
        look=look,
        findings=_in_words(look),
        answers=answers,
        statements=statements,
        spans=_spans(),
        failed_parts=[part for (part,), failed in labelled["yidang_part_failed"].items() if failed],
        machines=machines(now),
        replica=replica.standing() if replica.is_set_up() else None,
    )


def _in_words(look: Look | None) -> list[dict[str, str]]:
    if look is None:
        return []
    found: list[dict[str, str]] = look.findings.get(get_language() or "", look.findings.get(settings.LANGUAGE_CODE, []))
    return sorted(found, key=lambda one: one["level"] != BAD)


def _sites(labelled: dict[str, dict[tuple[str, ...], float]]) -> list[SiteHealth]:
    behind: dict[str, int] = defaultdict(int)
    for (site, _state), count in labelled["yidang_copies_behind"].items():
        behind[site] += int(count)
    return [
        SiteHealth(
            site, bool(answers), behind[site], labelled["yidang_scrub_age_seconds"].get((site,)),
            labelled["yidang_oldest_reading_seconds"].get((site,)),
        )
        for (site,), answers in labelled["yidang_site_answers"].items()
    ]  # fmt: skip


def _places(samples: dict[str, Points]) -> list[Place]:
    by_disk: dict[Hashable, list[Room]] = {}
    for room in places():
        by_disk.setdefault(room.device, []).append(room)
    found = []
    for rooms in by_disk.values():
        points = max((samples.get(sampling.free(room.place), []) for room in rooms), key=len)
        free = rooms[0].free
        names = [room.place for room in rooms]
        found.append(Place(names, free, rooms[0].total, points, forecast(points, free)))
    return found


def _spans() -> list[tuple[float, int]]:
    """The answers of this process by how long they took, all routes together."""
    together: dict[float, int] = {}
    whole = 0
    for durations in REQUESTS.durations().values():
        before = 0
        for end, so_far in durations.up_to():
            together[end] = together.get(end, 0) + so_far - before
            before = so_far
        whole += durations.count
    together[float("inf")] = whole - sum(together.values())
    return sorted(together.items())
