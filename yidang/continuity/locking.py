"""Places that nobody can empty: buckets whose Object Lock keeps every version in compliance mode, this account included.

A lock runs out. restic writes a piece of a file once and uses it for years, so the lock of everything that is there is
extended again and again, long before its end; it can be extended by whoever writes, and shortened by nobody.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from yidang.continuity import reaching
from yidang.continuity.engine import Place
from yidang.continuity.errors import PlaceRefuses
from yidang.continuity.models import BackupRun
from yidang.vault.objectstore import Access, ObjectStore, as_os_errors

THREADS = 8


@dataclass(frozen=True)
class Version:
    """What was first written under a key: restic's names are digests of what it wrote, so nothing later counts."""

    name: str
    version: str
    size: int
    at: datetime


def store_of(address: str) -> ObjectStore | None:
    """The bucket of a place, where it is one."""
    there = reaching.bucket_of(address)
    if there is None:
        return None
    keys = reaching.read_keys()
    return ObjectStore(
        Access(there.bucket, there.prefix, there.endpoint, keys.region or "us-east-1", keys.access_key, keys.secret_key)
    )


def locked_days(address: str) -> int:
    """For how many days the place keeps what is written there against everybody; 0 where it does not.

    :raises PlaceRefuses: it does not say
    """
    store = store_of(address)
    if store is None or not store.can_lock:
        return 0
    try:
        with as_os_errors(address):
            told = store.client.get_object_lock_configuration(Bucket=store.access.bucket)
    except OSError as problem:
        raise PlaceRefuses(reasons=str(problem)) from problem
    rule = told["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
    if rule.get("Mode") != "COMPLIANCE":
        return 0
    return int(rule.get("Days") or 365 * rule.get("Years", 0))


def first_versions(store: ObjectStore) -> Iterator[Version]:
    """What was first written under each key of the place, whatever was laid over it or marked as deleted since."""
    top = f"{store.access.prefix}/" if store.access.prefix else ""
    pages = store.client.get_paginator("list_object_versions").paginate(Bucket=store.access.bucket, Prefix=top)
    first: dict[str, Any] = {}
    with as_os_errors(store.access.address):
        for page in pages:
            for one in page.get("Versions", ()):
                known = first.get(one["Key"])
                if known is None or one["LastModified"] < known["LastModified"]:
                    first[one["Key"]] = one
    for key, one in first.items():
        yield Version(key.removeprefix(top), one["VersionId"], one["Size"], one["LastModified"].astimezone(UTC))


def extend(address: str, until: datetime) -> int:
    """Have everything at the place kept until then; answers how many files that are.

    :raises PlaceRefuses: the account may not
    """
    store = store_of(address)
    assert store is not None
    top = f"{store.access.prefix}/" if store.access.prefix else ""

    def one(version: Version) -> None:
        with as_os_errors(version.name):
            store.client.put_object_retention(
                Bucket=store.access.bucket, Key=f"{top}{version.name}", VersionId=version.version,
                Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
            )  # fmt: skip

    try:
        # Locks of restic itself are of the moment.
        wanted = [version for version in first_versions(store) if not version.name.startswith("locks/")]
        with ThreadPoolExecutor(THREADS) as pool:
            for _done in pool.map(one, wanted):
                pass
    except OSError as problem:
        raise PlaceRefuses(reasons=str(problem)) from problem
    return len(wanted)


def protect(place: Place, run: BackupRun, now: datetime) -> None:
    """After a backup: note until when everything at the place is kept, and extend it when a third of the time is gone.

    :raises PlaceRefuses: the lock cannot be read or extended
    """
    days = locked_days(place.address)
    if not days:
        return
    earlier = BackupRun.objects.filter(address=place.address, locked_until__isnull=False).exclude(pk=run.pk)
    last = earlier.order_by("-started_at").first()
    if last is None or last.renewed_at is None or last.renewed_at <= now - timedelta(days=days / 3):
        run.renewed_at, run.locked_until = now, now + timedelta(days=days)
        extend(place.address, run.locked_until)
    else:
        run.renewed_at, run.locked_until = last.renewed_at, last.locked_until
