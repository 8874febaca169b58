"""What the calendar asks for: backups, drills, the count of formats, last year's log as a record."""

from django.conf import settings

from yidang import jobs
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity import formats, log_records, measuring, packs, plans
from yidang.continuity.backing_up import back_up
from yidang.continuity.drilling import drill
from yidang.continuity.models import ConversionPlan, PackRun
from yidang.continuity.passphrases import passphrase_file, read_passphrase
from yidang.jobs.registry import JobRun

CALENDAR = Actor.system("calendar")


@jobs.every(60)
@jobs.task("continuity.calendar", retries=3, lease_seconds=60, priority=8, at_once=1)
def calendar(run: JobRun) -> None:
    """Ask for a backup and a drill when they are due; nothing where no place is named."""
    if not settings.BACKUP or not passphrase_file().is_file():
        return  # said on the page and by doctor; a task that fails every hour would say no more
    now = clock.now()
    if measuring.backup_is_due(now):
        jobs.later("continuity.backup", key="calendar")
    if measuring.drill_is_due(now):
        jobs.later("continuity.drill", key="calendar")


@jobs.task("continuity.backup", retries=2, lease_seconds=600, priority=8, at_once=1)
def backup(run: JobRun) -> None:
    """Take a backup to the place that settings name."""
    back_up(settings.BACKUP, read_passphrase(), actor=CALENDAR, beat=lambda _share: run.check_lease())


@jobs.task("continuity.drill", retries=1, lease_seconds=600, priority=9, at_once=1)
def practise(run: JobRun) -> None:
    """Show that the way back works."""
    drill(settings.BACKUP, read_passphrase(), actor=CALENDAR)


@jobs.every(24 * 3600)
@jobs.task("continuity.formats", retries=3, lease_seconds=600, priority=9, at_once=1)
def count_formats(run: JobRun) -> None:
    """Count what the archive holds by format."""
    formats.count_held(clock.now())


@jobs.every(24 * 3600)
@jobs.task("continuity.file_log", retries=3, lease_seconds=900, priority=9, at_once=1)
def file_log(run: JobRun) -> None:
    """File the log of years that have ended as records."""
    log_records.file_ended_years(now=clock.now())


@jobs.task("continuity.convert", retries=3, lease_seconds=300, priority=8, at_once=1)
def convert(run: JobRun, *, plan_id: int) -> None:
    """Convert documents of a plan for a while, then ask for the rest behind whatever else waits."""

    def tell(plan: ConversionPlan) -> None:
        run.progress(done=plan.done, left=plan.left, failed=plan.refused + plan.failed, cursor=plan.cursor)

    if plans.carry_on(ConversionPlan.objects.get(pk=plan_id), tell=tell):
        jobs.later(plans.TASK, key=str(plan_id), plan_id=plan_id)


@jobs.task("continuity.pack", retries=3, lease_seconds=300, priority=8, at_once=1)
def pack(run: JobRun, *, pack_id: int) -> None:
    """Make a century pack that somebody waits for."""
    packs.make(PackRun.objects.get(pk=pack_id), tell=lambda one: run.progress(done=one.records, left=one.left))


@jobs.every(24 * 3600)
@jobs.task("continuity.clear_packs", retries=3, lease_seconds=60, priority=9, at_once=1)
def clear_packs(run: JobRun) -> None:
    """Packs are handed out for a week."""
    packs.clear(clock.now())


@jobs.chore
def clear_packs_here() -> None:
    """Packs that another machine cleared are removed here as well."""
    packs.clear_here()
