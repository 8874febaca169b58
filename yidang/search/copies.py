"""The machines' copies of the index: how far each is, and which rows of the feed none of them needs any more."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from yidang.catalogue.models import RecordChange
from yidang.search.models import IndexCopy

# A copy that said nothing for so long is not waited for; its machine builds it anew when it comes back.
FORGOTTEN = timedelta(days=3)
# What every copy has passed is kept a little longer, for whoever asks what happened.
KEPT = timedelta(days=1)
AT_ONCE = 5000


def tell(*, seq: int, records: int, failed: int, now: datetime, built: int | None = None) -> None:
    """Say how far this machine's copy is.

    :param built: records done while it is being built
    """
    IndexCopy.objects.update_or_create(
        machine=settings.MACHINE,
        defaults={"seq": seq, "records": records, "failed": failed, "built": built, "at": now},
    )


def trim(now: datetime) -> int:
    """Remove rows of the feed that every copy has passed; returns how many.

    The row at which the slowest copy stands is kept: a copy that no longer finds the row of its place knows by that that
    rows after it are gone, too, and is built anew instead of missing something.
    """
    # A copy at 0 was built before the first change; nothing shows it that rows are gone, so it is waited for.
    IndexCopy.objects.filter(at__lt=now - FORGOTTEN, seq__gt=0).delete()
    slowest = IndexCopy.objects.aggregate(seq=Min("seq"))["seq"] or 0
    removed = 0
    while rows := list(
        RecordChange.objects.filter(seq__lt=slowest, at__lt=now - KEPT)
        .order_by("seq")
        .values_list("seq", flat=True)[:AT_ONCE]
    ):
        with transaction.atomic():
            removed += RecordChange.objects.filter(seq__in=rows).delete()[0]
    return removed


def places() -> dict[str, int]:
    """How far each machine's copy is."""
    return dict(IndexCopy.objects.values_list("machine", "seq"))


def forget(name: str) -> None:
    """Wait no more for the copy of a machine that is gone for good."""
    IndexCopy.objects.filter(machine=name).delete()
