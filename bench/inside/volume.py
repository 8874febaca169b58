"""One volume with a great many items, in the class that holds most."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction

from bench.inside.hospital import CHUNK, Places, _record
from yidang.catalogue import holdings
from yidang.catalogue.models import Record


def _items(volume: Record, items: int, places: Places, chance: random.Random) -> Iterator[Record]:
    for number in range(items):
        own = _record(number, chance, places, skewed=True) | {
            "code": f"{volume.code}-{number:06d}",
            "accession_number": f"GV-{number:06d}",
            "record_class_id": volume.record_class_id,
        }
        yield Record(fonds_id=places.fonds, code_state="final", state="archived", volume=volume, **own)


def main(items: int) -> None:
    """Make it once; a second call finds it."""
    if Record.objects.filter(accession_number="GV").exists():
        return
    places, chance, now = Places.found(), random.Random(11), datetime.now(UTC)
    with transaction.atomic():
        volume = Record.objects.create(
            fonds_id=places.fonds, record_class_id=places.classes[0][0], department_id=places.departments[0],
            title="特大案卷", kind=Record.VOLUME, year=2026, retention="Y", level=0, code="Y012-V", code_state="final",
            accession_number="GV", state="archived", received_at=now, archived_at=now, updated_at=now,
        )  # fmt: skip
        Record.objects.bulk_create(_items(volume, items, places, chance), batch_size=CHUNK)
        holdings.recount()
