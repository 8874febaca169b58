"""Later work of the catalogue."""

from django.db import transaction

from yidang import jobs, vault
from yidang.catalogue import holdings, numbers, package, reference
from yidang.catalogue.copies import before_receipt
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.jobs import JobRun


@jobs.every(300)
@jobs.task("catalogue.release_abandoned", retries=3, lease_seconds=60)
def release_abandoned(run: JobRun) -> None:
    """Give back the codes that filings which died had reserved."""
    with transaction.atomic():
        numbers.release_abandoned(now=clock.now())


@jobs.every(24 * 3600)
@jobs.task("catalogue.recount", retries=3, lease_seconds=300)
def recount(run: JobRun) -> None:
    """Count the holdings afresh, whatever was done to the rows behind the catalogue's back."""
    with transaction.atomic():
        holdings.recount()


@jobs.task("catalogue.version", retries=5, lease_seconds=120)
def keep_description(run: JobRun, *, record_id: int) -> None:
    """Keep a record's present description as a new version of its object."""
    record = Record.objects.select_related(
        "fonds", "record_class__scheme", "department", "retention_rule", "volume", "owner"
    ).get(pk=record_id)
    changed = [vault.NewFile(name, content) for name, content in package.files_of_record(record).items()]
    run.check_lease()
    vault.add_version(
        record.object_id, changed, message="described", user_name="yidang", created_at=clock.now(),
        before=before_receipt(record.record_class_id),
    )  # fmt: skip


@jobs.every(300)
@jobs.task("catalogue.reference", retries=3, lease_seconds=120)
def keep_reference(run: JobRun) -> None:
    """Keep fonds, classes, schemes, schedules and departments in the vault when they changed."""
    reference.keep_reference()
