"""Several writers at once: one order, no gap, and every entry that was acknowledged is there (the speed is measured elsewhere)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from yidang import audit
from yidang.audit.models import Entry
from yidang.audit.verify import verify
from yidang.common.actor import Actor

WRITERS, EACH = 6, 40


class _Refused(Exception):
    """Takes an act back after its entry was written."""


def _write(writer: int) -> list[tuple[int, str]]:
    """Acts one after the other, every fifth of them taken back; the entries that were acknowledged."""
    acknowledged = []
    try:
        for number in range(EACH):
            target = f"{writer}/{number}"
            try:
                with transaction.atomic():
                    entry = audit.write(
                        "vault.site.configured", actor=Actor.system("test"), target_kind="site", target=target
                    )
                    if number % 5 == 4:
                        raise _Refused
            except _Refused:
                continue
            acknowledged.append((entry.seq, target))
    finally:
        connection.close()
    return acknowledged


@pytest.mark.promise("C8")
@pytest.mark.django_db(transaction=True)
def test_they_keep_one_order_and_every_acknowledged_entry_is_there():
    first = Entry.objects.count()
    with ThreadPoolExecutor(WRITERS) as pool:
        told = [acknowledged for writer in pool.map(_write, range(WRITERS)) for acknowledged in writer]
    kept = Entry.objects.filter(event="vault.site.configured").order_by("seq").values_list("seq", "target")
    assert sorted(told) == list(kept) and len(told) == WRITERS * EACH * 4 // 5
    numbers = list(Entry.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + first + len(told))), "no gap, though acts were taken back"
    for writer in range(WRITERS):
        mine = [int(target.split("/")[1]) for _seq, target in kept if target.startswith(f"{writer}/")]
        assert mine == sorted(mine), "each writer's own order stands"
    assert list(verify()) == []
