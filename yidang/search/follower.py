"""Follows the change feed into one edition of the index."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from yidang.catalogue.models import Document, Record, RecordChange
from yidang.common import clock
from yidang.search import texts
from yidang.search.backend import Edition, Place, Writer
from yidang.search.entries import ready

logger = logging.getLogger(__name__)

BATCH = 500
# A gap in the numbers is waited for at least this long.
SETTLING = timedelta(seconds=10)


class Follower:
    """Writes one edition. Whoever makes one holds the lock that says so."""

    def __init__(self, edition: Edition, writer: Writer) -> None:
        self.edition = edition
        self.place = edition.place()
        self._ahead: set[int] = set()  # numbers above the place that are in the index already
        self._gap: tuple[int, int] | None = None  # the place before missing numbers, and the transactions to wait for
        self._writer = writer

    def close(self) -> None:
        """Let go of the edition; what was not committed is followed again."""
        self._writer.close()

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
        self._ahead.update(row[0] for row in new)
        self._settle(changes, committed=True, failed=failed)
        return len(new)

    def write(self, record_ids: Iterable[int], failed: dict[str, str]) -> None:
        """Replace the entries of records, without a commit; a record that is gone or withdrawn loses its entry."""
        wanted = list(record_ids)
        self._writer.remove(wanted)
        for pk in wanted:
            failed.pop(str(pk), None)
        self.add(Record.objects.filter(pk__in=wanted), failed, tidy=True)

    def add(self, records: QuerySet[Record], failed: dict[str, str], *, tidy: bool = False) -> int:
        """Add the entries of records that have none in this edition, without a commit; returns how many were looked at.

        :param tidy: also remove texts of theirs that were replaced
        """
        found = ready(records.exclude(state=Record.WITHDRAWN))
        gone: list[Document] = []
        for record in found:
            try:
                pages, lost = texts.present(record, tidy=tidy)
                gone += lost
                self._writer.add(record, pages)
            except (ValueError, TypeError, KeyError, AttributeError, OSError) as reason:
                # One record that cannot be read must not keep all others from being found; status() names it.
                logger.exception("record %s could not be indexed", record.pk)
                failed[str(record.pk)] = f"{type(reason).__name__}: {reason}"[:200]
        texts.ask_for(gone)
        return len(found)

    def try_again(self) -> None:
        """Write once more what could not be read, e.g. because the shared place did not answer."""
        if self.place.failed:
            failed = dict(self.place.failed)
            self.write(map(int, self.place.failed), failed)
            self.commit(replace(self.place, commits=self.place.commits + 1, failed=failed))

    def commit(self, place: Place) -> None:
        """Show what was written and note the place."""
        self._writer.commit(place)
        self.place = place

    def _settle(self, changes: list[Any], *, committed: bool, failed: dict[str, str] | None = None) -> None:
        """Move the place over everything that is in the index, up to the first number that may still appear."""
        place = self.place.seq
        for seq, _record, _kind, at in changes:
            if seq not in self._ahead or (seq != place + 1 and not self._is_final(place, at)):
                break
            place = seq
        self._ahead = {seq for seq in self._ahead if seq > place}
        if committed or place != self.place.seq:
            commits = self.place.commits + int(committed)
            self.commit(Place(place, commits, self.place.failed if failed is None else failed))

    def _is_final(self, place: int, at: datetime) -> bool:
        """Whether the numbers missing after a place stay missing: whoever took one and has not committed may still do so.

        On PostgreSQL a lower number can become visible after a higher one, so everybody who wrote when the gap was first
        looked at must have ended. On SQLite numbers are given in the order of commits.
        """
        if connection.vendor != "postgresql":
            return True
        if at > clock.now() - SETTLING:
            return False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text, pg_snapshot_xmax(pg_current_snapshot())::text"
            )
            oldest, next_one = map(int, cursor.fetchone())
        if self._gap is None or self._gap[0] != place:
            self._gap = place, next_one
        return oldest >= self._gap[1]
