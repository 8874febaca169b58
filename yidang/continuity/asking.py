"""Asking for a backup or a drill from a page: the worker does it, and its row shows how it went."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from yidang import audit, jobs
from yidang.common.actor import Actor
from yidang.continuity import policy
from yidang.continuity.errors import NotConfigured
from yidang.continuity.passphrases import read_passphrase

BACKUP, DRILL = "continuity.backup", "continuity.drill"


def ask_backup(*, actor: Actor, now: datetime) -> None:
    """Have a backup taken to the place that settings name.

    :raises NotFound: the actor keeps no backups
    :raises NotConfigured, NoPassphrase: it could not be taken
    """
    _ask(BACKUP, actor=actor, now=now)


def ask_drill(*, actor: Actor, now: datetime) -> None:
    """Have the latest backup restored aside and compared.

    :raises NotFound: the actor keeps no backups
    :raises NotConfigured, NoPassphrase: it could not be restored
    """
    _ask(DRILL, actor=actor, now=now)


@transaction.atomic
def _ask(name: str, *, actor: Actor, now: datetime) -> None:
    policy.require_keeps_backups(actor)
    if not settings.BACKUP:
        raise NotConfigured()
    read_passphrase()
    jobs.later(name, key="asked", actor=actor)
    audit.write(f"{name}.asked", actor=actor, now=now)
