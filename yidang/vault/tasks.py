"""Background care of the vault: the day's share of the scrub, mending what it found, sweeping what crashes left."""

from yidang import jobs
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs.registry import JobRun
from yidang.vault import challenging, fetching, repairing, scrubbing, sweeping, tombstones

# Spares the day's work: 20 MB/s is a tenth of what one disk reads.
BYTES_PER_SECOND = 20_000_000
# Somebody waits for it, but the day goes on.
ASKED_BYTES_PER_SECOND = 100_000_000


@jobs.every(24 * 3600)
@jobs.task("vault.scrub", retries=3, lease_seconds=300, priority=9, at_once=1)
def scrub(run: JobRun) -> None:
    """Read the day's share of copies again."""

    def tell(state: scrubbing.Scrubbed) -> None:
        run.progress(done=state.objects, left=state.left, failed=state.findings, cursor=state.site)

    scrubbing.scrub(
        actor=Actor.system("scrub"),
        bytes_per_second=BYTES_PER_SECOND,
        limit=scrubbing.daily_share(),
        progress=tell,
        beat=run.check_lease,
    )


@jobs.task("vault.scrub_whole", retries=3, lease_seconds=300, priority=7, at_once=1)
def scrub_whole(run: JobRun) -> None:
    """Read every copy of every site again, because somebody asked."""

    def tell(state: scrubbing.Scrubbed) -> None:
        run.progress(done=state.objects, left=state.left, failed=state.findings, cursor=state.site)

    scrubbing.scrub(
        actor=Actor.system("scrub"), bytes_per_second=ASKED_BYTES_PER_SECOND, anew=not run.cursor, progress=tell,
        beat=run.check_lease,
    )  # fmt: skip


@jobs.every(300)
@jobs.task("vault.repair", retries=3, lease_seconds=900, priority=8, at_once=1)
def repair(run: JobRun) -> None:
    """Mend every copy that is not good; also fills sites that follow."""

    def tell(state: repairing.Repaired) -> None:
        run.progress(done=state.looked_at, left=state.left, failed=len(state.lost) + len(state.failed), cursor="")

    repairing.repair(actor=Actor.system("repair"), progress=tell)
    tombstones.enforce(actor=Actor.system("repair"), now=clock.now())


@jobs.every(3600)
@jobs.task("vault.sweep", retries=3, lease_seconds=300, priority=9, at_once=1)
def sweep(run: JobRun) -> None:
    """Remove what crashed filings left behind."""
    sweeping.sweep()
    fetching.trim()


@jobs.every(24 * 3600)
@jobs.task("vault.challenge", retries=3, lease_seconds=600, priority=9, at_once=1)
def challenge(run: JobRun) -> None:
    """Have the sites prove on a sample that they hold the bytes and not only their digests."""
    challenging.challenge(actor=Actor.system("scrub"))
