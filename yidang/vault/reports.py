"""The yearly check of what is kept, as DA/T 70 asks for: what was read in a year, what was found, what was mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Q, Sum

from yidang.vault.models import Copy, ScrubFinding, ScrubRun, Site


@dataclass(frozen=True, slots=True)
class SiteYear:
    """One site in one year.

    :param read_whole: how many times it was read from end to end
    :param unread: copies that nobody has read since the year began
    :param kinds: findings by kind
    """

    site: str
    read_whole: int
    objects: int
    bytes: int
    found: int
    mended: int
    open: int
    unread: int
    first: datetime | None
    last: datetime | None
    kinds: dict[str, int]


def years() -> list[int]:
    """The years in which anything was read, the newest first."""
    return [moment.year for moment in ScrubRun.objects.datetimes("started_at", "year", order="DESC", tzinfo=UTC)]


def of_year(year: int) -> list[SiteYear]:
    """The year at every site."""
    return list(_sites(year))


def _sites(year: int) -> Iterator[SiteYear]:
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    for site in Site.objects.order_by("pk"):
        runs = ScrubRun.objects.filter(site=site, started_at__gte=begin, started_at__lt=end)
        read = runs.aggregate(
            objects=Sum("objects_read"), bytes=Sum("bytes_read"), whole=Count("pk", filter=Q(finished_at__isnull=False))
        )
        moments = runs.order_by("started_at").values_list("started_at", flat=True)
        found = ScrubFinding.objects.filter(site=site, found_at__gte=begin, found_at__lt=end)
        kinds = dict(found.values_list("kind").annotate(number=Count("pk")).order_by())
        unread = Copy.objects.filter(site=site).filter(Q(verified_at=None) | Q(verified_at__lt=begin)).count()
        mended = found.exclude(healed_at=None).count()
        yield SiteYear(
            site=site.key, read_whole=read["whole"], objects=read["objects"] or 0, bytes=read["bytes"] or 0,
            found=sum(kinds.values()), mended=mended, open=sum(kinds.values()) - mended, unread=unread,
            first=moments.first(), last=moments.last(), kinds=kinds,
        )  # fmt: skip
