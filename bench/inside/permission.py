"""The first page of a class's list and its count, with permission and without, in processor time."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db.models import Sum

from bench.inside.hospital import CHUNK, fill, furnish
from bench.inside.search import say
from bench.results import percentile
from yidang.catalogue.models import Holding, Record, RecordClass
from yidang.catalogue.queries import RecordFilter, Visible
from yidang.common.actor import Actor
from yidang.permissions.models import Grant
from yidang.ui.paging import page

ASKED, AIM = 30, 2.0
ORDER = ("-received_at", "-id")


def _without(record_class: RecordClass) -> None:
    shown = Record.objects.filter(record_class=record_class).select_related("record_class", "department", "fonds")
    page(shown, order_by=ORDER)
    Holding.objects.filter(record_class_id=record_class.pk).aggregate(Sum("count"))


def _with(actor: Actor, record_class: RecordClass) -> None:
    visible, wanted = Visible(actor), RecordFilter(record_class=record_class.code)
    rows, strands = visible.listed(wanted)
    page(rows, order_by=ORDER, strands=strands)
    visible.number_of(wanted)


def _milliseconds(ask: Callable[[], None]) -> float:
    times = []
    for _ in range(ASKED):
        start = time.thread_time()
        ask()
        times.append((time.thread_time() - start) * 1000)
    return percentile(times, 0.5)


def _grant(actor: Actor, number: int) -> None:
    keys, until = list(Record.objects.values_list("pk", flat=True)), datetime.now(UTC) + timedelta(days=30)
    chosen = random.Random(3).sample(keys, min(number, len(keys)))
    Grant.objects.bulk_create(
        (Grant(subject_id=actor.user_id, record_id=pk, until=until) for pk in chosen), batch_size=CHUNK
    )


def main(records: int) -> None:
    """Fill, ask, print."""
    people = furnish()
    for _ in fill(records, skewed=True, texts=False):
        pass
    largest = RecordClass.objects.get(code="K00")
    bare = _milliseconds(lambda: _without(largest))
    say("a page without permission, p50", bare, "ms", note="processor time")

    def told(who: str, actor: Actor) -> None:
        spent = _milliseconds(lambda: _with(actor, largest))
        say(f"permission adds, {who}, p50", spent - bare, "ms", AIM, note=f"{spent:.1f} ms in all")

    told("archivist", people.archivist)
    told("colleague without grants", people.colleague)
    for number in (10, 10_000):
        _grant(people.colleague, number)
        told(f"colleague with {number:,} grants", people.colleague)
