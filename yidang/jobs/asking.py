"""Asking for later work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs.models import Job
from yidang.jobs.registry import priority_of


def later(
    name: str, *, key: str = "", run_after: datetime | None = None, actor: Actor | None = None, **ids: Any
) -> None:
    """Ask for work in the caller's transaction: it is forgotten if that one fails, and runs after it commits.

    :param key: a job of the same name and key that still waits makes this one unnecessary
    :param ids: identifiers that the handler loads by, nothing else
    """
    later_many(name, [ids], keys=[key], run_after=run_after, actor=actor)


def later_many(
    name: str,
    ids: Sequence[dict[str, Any]],
    *,
    keys: Sequence[str] | None = None,
    run_after: datetime | None = None,
    actor: Actor | None = None,
) -> None:
    """Ask for the same work for many things with one insert."""
    now = clock.now()
    Job.objects.bulk_create(
        [
            Job(
                name=name, key=key, ids=one, priority=priority_of(name), run_after=run_after or now, created_at=now,
                asked_by=actor.username if actor else "",
            )
            for one, key in zip(ids, keys or [""] * len(ids), strict=True)
        ],
        ignore_conflicts=any(keys or ()),
    )  # fmt: skip
