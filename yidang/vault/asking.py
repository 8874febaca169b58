"""Asking for a scrub or a repair from a page: the worker does it, the page shows how it goes."""

from datetime import datetime

from django.db import transaction

from yidang import audit, jobs
from yidang.common.actor import Actor
from yidang.vault import policy

SCRUB, REPAIR = "vault.scrub_whole", "vault.repair"


def ask_scrub(*, actor: Actor, now: datetime) -> None:
    """Have every copy of every site read again as fast as the day's work allows.

    :raises NotFound: the actor does not look after copies
    """
    _ask(SCRUB, "vault.scrub.asked", actor=actor, now=now)


def ask_repair(*, actor: Actor, now: datetime) -> None:
    """Have every copy that is not good mended from one that is.

    :raises NotFound: the actor does not look after copies
    """
    _ask(REPAIR, "vault.repair.asked", actor=actor, now=now)


@transaction.atomic
def _ask(task: str, event: str, *, actor: Actor, now: datetime) -> None:
    policy.require_keeps_copies(actor)
    jobs.later(task, key="asked", actor=actor)
    audit.write(event, actor=actor, now=now)
