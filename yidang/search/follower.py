"""Follows the change feed into one folder of the index."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from yidang.catalogue.models import Record, RecordChange
from yidang.common import clock
from yidang.search import folders
from yidang.search.entries import entry_of, ready
from yidang.search.schema import ID, open_index

logger = logging.getLogger(__name__)

BATCH = 500
# On PostgreSQL a lower number can become visible after a higher one; a gap is waited for this long.
SETTLING = timedelta(seconds=10)


class Follower:
    """Writes one folder. Whoever makes one holds the lock that says so."""

    def __init__(self, folder: Path, *, heap: int = 50_000_000) -> None:
        self.folder = folder
        self.place = folders.read_place(folder)
        self._ahead: set[int] = set()  # numbers above the place that are in the index already
        self._writer = open_index(folder / folders.SEGMENTS).writer(heap_size=heap, num_threads=1)

    def close(self) -> None:
        """Let go of the folder when merging is done; what was not committed is followed again."""
        self._writer.wait_merging_threads()

    def follow(self, limit: int = BATCH) -> int:
        """Take over the next changes and commit them; returns how many."""
        changes = list(
            RecordChange.objects.filter(seq__gt=self.place.seq)
            .order_by("seq")
            .values_list("seq", "record_id", "kind", "at")[: limit + len(self._ahead)]
        )
        new = [row for row in changes if row[0] not in self._ahead]
        if not new:
            self._settle(changes, committed=False)
            return 0
        failed = dict(self.place.failed)
        self.write({row[1] for row in new}, failed)
        self._writer.commit()
        self._ahead.update(row[0] for row in new)
        self._settle(changes, committed=True, failed=failed)
        return len(new)

    def write(self, record_ids: Iterable[int], failed: dict[str, str]) -> None:
        """Replace the entries of records, without a commit; a record that is gone or withdrawn loses its entry."""
        wanted = list(record_ids)
        for pk in wanted:
            self._writer.delete_documents_by_term(ID, pk)
        self.add(Record.objects.filter(pk__in=wanted), failed)

    def add(self, records: QuerySet[Record], failed: dict[str, str]) -> int:
        """Add the entries of records that have none in this folder, without a commit; returns how many were looked at."""
        found = ready(records.exclude(state=Record.WITHDRAWN))
        for record in found:
            failed.pop(str(record.pk), None)
            try:
                self._writer.add_document(entry_of(record))
            except (ValueError, TypeError, KeyError, AttributeError, OSError) as reason:
                # One record that cannot be read must not keep all others from being found; status() names it.
                logger.exception("record %s could not be indexed", record.pk)
                failed[str(record.pk)] = f"{type(reason).__name__}: {reason}"[:200]
        return len(found)

    def commit(self, place: folders.Place) -> None:
        """Commit and note the place; for a build from the beginning."""
        self._writer.commit()
        self.place = place
        folders.write_place(self.folder, place)

    def _settle(self, changes: list[Any], *, committed: bool, failed: dict[str, str] | None = None) -> None:
        """Move the place over everything that is in the index, up to the first number that may still appear."""
        place = self.place.seq
        settled = clock.now() - (SETTLING if connection.vendor == "postgresql" else timedelta())
        for seq, _record, _kind, at in changes:
            if seq not in self._ahead or (seq != place + 1 and at > settled):
                break
            place = seq
        self._ahead = {seq for seq in self._ahead if seq > place}
        if committed or place != self.place.seq:
            self.place = folders.Place(
                place, self.place.commits + int(committed), self.place.failed if failed is None else failed
            )
            folders.write_place(self.folder, self.place)
