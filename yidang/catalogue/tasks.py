"""Later work of the catalogue."""

from yidang import jobs, vault
from yidang.catalogue import package
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.jobs import JobRun


@jobs.task("catalogue.version", retries=5, lease_seconds=120)
def keep_description(run: JobRun, *, record_id: int) -> None:
    """Keep a record's present description as a new version of its object."""
    record = Record.objects.select_related(
        "fonds", "record_class", "department", "retention_rule", "volume", "owner"
    ).get(pk=record_id)
    changed = [vault.NewFile(name, content) for name, content in package.files_of_record(record).items()]
    run.check_lease()
    vault.add_version(record.object_id, changed, message="described", user_name="yidang", created_at=clock.now())
