"""Background care of the vault: the day's share of the scrub, mending what it found, sweeping what crashes left."""

from yidang import jobs
from yidang.common.actor import Actor
from yidang.vault import repairing, scrubbing, sweeping

# Spares the day's work: 20 MB/s is a tenth of what one disk reads.
BYTES_PER_SECOND = 20_000_000


@jobs.task("vault.scrub", retries=3, lease_seconds=300)
def scrub(run: jobs.JobRun, site: str = "") -> None:
    """Read the day's share of copies again."""

    def tell(state: scrubbing.Scrubbed) -> None:
        run.progress(done=state.objects, left=state.left, failed=state.findings, cursor=state.site)
        run.check_lease()

    share = scrubbing.daily_share()
    scrubbing.scrub(
        actor=Actor.system("scrub"), site=site, bytes_per_second=BYTES_PER_SECOND, limit=share, progress=tell
    )


@jobs.task("vault.repair", retries=3, lease_seconds=300)
def repair(run: jobs.JobRun) -> None:
    """Mend every copy that is not good; also fills sites that follow."""

    def tell(state: repairing.Repaired) -> None:
        run.progress(done=state.looked_at, left=state.left, failed=len(state.lost) + len(state.failed), cursor="")
        run.check_lease()

    repairing.repair(actor=Actor.system("repair"), progress=tell)


@jobs.task("vault.sweep", retries=3, lease_seconds=300)
def sweep(run: jobs.JobRun) -> None:
    """Remove what crashed filings left behind."""
    sweeping.sweep()
