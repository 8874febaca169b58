"""What other archives have signed for us: every one of the last month, and the last of each day for ever."""

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from yidang.audit.models import Cosignature

# A later checkpoint covers every entry of an earlier one, so that thinning gives up times of day, not entries.
WHOLE_DAYS = 30


def keep(witness: str, size: int, note: str, now: datetime) -> None:
    """Keep one signed note; the first of a day thins what is older than a month."""
    begins = not Cosignature.objects.filter(witness=witness, seen_at__gte=now - timedelta(hours=24)).exists()
    Cosignature.objects.get_or_create(witness=witness, size=size, defaults={"note": note, "seen_at": now})
    if begins or localdate(now) != localdate(now - timedelta(minutes=2)):
        thin(now)


def thin(now: datetime) -> int:
    """Drop all but each day's last of those that are older than a month; how many went."""
    old = Cosignature.objects.filter(seen_at__lt=now - timedelta(days=WHOLE_DAYS)).order_by("witness", "-size")
    days, gone = set(), []
    for number, witness, at in old.values_list("pk", "witness", "seen_at").iterator(chunk_size=2000):
        if (witness, localdate(at)) in days:
            gone.append(number)
        days.add((witness, localdate(at)))
    for start in range(0, len(gone), 500):
        Cosignature.objects.filter(pk__in=gone[start : start + 500]).delete()
    return len(gone)
