"""Telling the followers of the feed that a record changed."""

from datetime import datetime

from yidang import jobs
from yidang.catalogue.models import Record, RecordChange


def announce(record: Record, now: datetime, *, kind: str = RecordChange.DESCRIPTION) -> None:
    """Put the change on the feed, and have the vault keep a new version of the description within a minute."""
    RecordChange.objects.create(record_id=record.pk, kind=kind, at=now)
    jobs.later("catalogue.version", key=str(record.pk), record_id=record.pk)
