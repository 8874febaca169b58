"""Asking for the doctor's look from a page: the worker does it, the page shows what it found."""

from datetime import datetime

from django.db import transaction

from yidang import audit, jobs
from yidang.common.actor import Actor
from yidang.upkeep import policy

LOOK = "upkeep.look"


@transaction.atomic
def ask_look(*, actor: Actor, now: datetime) -> None:
    """Have the doctor look now.

    :raises NotFound: the actor does not care for the program
    """
    policy.require_cares(actor)
    jobs.later(LOOK, key="asked", actor=actor)
    audit.write("upkeep.look.asked", actor=actor, now=now)
