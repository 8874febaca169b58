"""Questions about the vault: how its sites are, and where one object's copies stand."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Min, Sum

from yidang.common import clock
from yidang.vault import sites as configured
from yidang.vault.models import Copy, ScrubFinding, ScrubRun, Site
from yidang.vault.root import Root

# The job that lets copies follow comes every five minutes; after so long something is in its way.
PATIENCE = timedelta(hours=1)
OK, FULL, READ_ONLY, MISSING, REPLACED, NEW = "ok", "full", "read_only", "missing", "replaced", "new"


@dataclass(frozen=True, slots=True)
class SiteState:
    """How one site is now.

    :param state: ``ok``, ``full``, ``read_only``, ``missing`` (does not answer), ``replaced`` (another disk stands in
        its place) or ``new`` (not set up yet)
    :param free_bytes: None when the site does not answer
    :param oldest_verified_at: when the copy that was longest not read was last read
    :param overdue: copies that should have followed more than an hour ago
    """

    key: str
    address: str
    required: bool
    state: str
    objects: int
    bytes: int
    ok: int
    lagging: int
    missing: int
    damaged: int
    open_findings: int
    free_bytes: int | None
    total_bytes: int | None
    shares_disk_with: tuple[str, ...]
    flush: str
    last_scrub_finished_at: datetime | None
    oldest_verified_at: datetime | None
    overdue: int

    @property
    def is_well(self) -> bool:
        """Whether nothing here needs anybody: what follows within minutes needs nobody until it is late."""
        waits = self.overdue or self.missing or self.damaged or self.open_findings
        return self.state == OK and not waits and not self.is_unread

    @property
    def is_unread(self) -> bool:
        """Whether a copy has waited longer than the aim to be read again, a day's run apart."""
        aim = timedelta(days=settings.SCRUB_DAYS + 1)
        return self.oldest_verified_at is not None and clock.now() - self.oldest_verified_at > aim


@dataclass(frozen=True, slots=True)
class CopyState:
    """One copy of one object, for the page of its record."""

    site: str
    address: str
    state: str
    written_at: datetime | None
    verified_at: datetime | None
    path: str


def read_state() -> list[SiteState]:
    """Every configured site, in settings' order."""
    rows = {site.key: site for site in Site.objects.all()}
    disks = {root.key: _device(root) for root in configured.roots()}
    return [_site_state(root, rows.get(root.key), disks) for root in configured.roots()]


def copies_of(object_id: UUID) -> list[CopyState]:
    """The copies of one object, in the order of sites; empty when the vault has no such object."""
    copies = Copy.objects.filter(object__object_id=object_id).select_related("site").order_by("site_id")
    folders = {root.key: root.object_folder(object_id) for root in configured.roots()}
    return [
        CopyState(
            site=copy.site.key,
            address=copy.site.address,
            state=copy.state,
            written_at=copy.written_at,
            verified_at=copy.verified_at,
            path=str(folders.get(copy.site.key, "")),
        )
        for copy in copies
    ]


def _device(root: Root) -> Hashable | None:
    try:
        return root.device
    except OSError:
        return None


def _site_state(root: Root, site: Site | None, disks: dict[str, Hashable | None]) -> SiteState:
    counts = dict(Copy.objects.filter(site=site).values_list("state").annotate(Count("pk"))) if site else {}
    here = Copy.objects.filter(site=site, state=Copy.State.OK)
    figures = here.aggregate(bytes=Sum("object__size"), oldest=Min("verified_at")) if site else {}
    last = (
        ScrubRun.objects.filter(site=site).exclude(finished_at=None).order_by("-finished_at").first() if site else None
    )
    state, free, total = _live(root, site)
    mine = disks[root.key]
    return SiteState(
        key=root.key,
        address=root.address,
        required=root.required,
        state=state,
        objects=sum(counts.values()),
        bytes=figures.get("bytes") or 0,
        ok=counts.get(Copy.State.OK, 0),
        lagging=counts.get(Copy.State.LAGGING, 0),
        missing=counts.get(Copy.State.MISSING, 0),
        damaged=counts.get(Copy.State.DAMAGED, 0),
        open_findings=ScrubFinding.objects.filter(site=site, healed_at=None).count() if site else 0,
        free_bytes=free,
        total_bytes=total,
        shares_disk_with=tuple(
            key for key, disk in disks.items() if key != root.key and disk is not None and disk == mine
        ),
        flush=root.flush_mode if state not in {MISSING, NEW} else "",
        last_scrub_finished_at=last.finished_at if last else None,
        oldest_verified_at=figures.get("oldest"),
        overdue=_overdue(site) if site and counts.get(Copy.State.LAGGING) else 0,
    )


def _overdue(site: Site) -> int:
    before = clock.now() - PATIENCE
    return Copy.objects.filter(site=site, state=Copy.State.LAGGING, object__changed_at__lt=before).count()


def _live(root: Root, site: Site | None) -> tuple[str, int | None, int | None]:
    """The state as the folder itself shows it now, with its free and whole bytes."""
    if site is None:
        return NEW, None, None
    marker_id = root.marker_id
    if not marker_id:
        return MISSING, None, None
    try:
        free, total, writable, full = root.free_bytes, root.total_bytes, root.is_writable, root.is_full
    except OSError:
        return MISSING, None, None
    if marker_id != site.marker_id:
        return REPLACED, free, total
    if not writable:
        return READ_ONLY, free, total
    return (FULL if full else OK), free, total
