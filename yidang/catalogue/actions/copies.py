"""How many copies a class needs: set, changed, and taken back to what the sites say."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit
from yidang.catalogue import copies as needed
from yidang.catalogue.models import CopyRule, RecordClass
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.vault import sites
from yidang.vault.errors import TooFewSites


@transaction.atomic
def set_copies(record_class: RecordClass, *, copies: int, before: int, actor: Actor, now: datetime) -> CopyRule:
    """Say how many verified copies the records of a class need in all, and how many before the receipt.

    :raises NotAllowed: only an archivist says so
    :raises InvalidInput: fewer than one before the receipt, or fewer in all than before it
    :raises TooFewSites: settings name fewer sites
    """
    _require(actor)
    if not 1 <= before <= copies:
        raise InvalidInput(
            _("At least one copy stands before the receipt, and in all no fewer than before it."), field="before"
        )
    if copies > len(sites.roots()):
        raise TooFewSites(copies, len(sites.roots()))
    facts = {"copies": copies, "before": before, "set_by": actor.username, "set_at": now}
    rule, _made = CopyRule.objects.update_or_create(record_class=record_class, defaults=facts)
    _told("catalogue.copies.set", rule, actor, now)
    return rule


@transaction.atomic
def drop_copies(record_class: RecordClass, *, actor: Actor, now: datetime) -> None:
    """Let the class above, or the sites, say it again.

    :raises NotAllowed: only an archivist says so
    """
    _require(actor)
    for rule in CopyRule.objects.select_for_update().filter(record_class=record_class):
        CopyRule.objects.filter(pk=rule.pk).delete()
        _told("catalogue.copies.dropped", rule, actor, now)


def _require(actor: Actor) -> None:
    if not actor.has_duty("archivist"):
        raise NotAllowed(_("Only an archivist says how many copies a class needs."))


def _told(event: str, rule: CopyRule, actor: Actor, now: datetime) -> None:
    audit.write(
        event, actor=actor, target_kind="class", target=rule.record_class.public_id, now=now,
        facts={"code": rule.record_class.code, "copies": rule.copies, "before": rule.before},
    )  # fmt: skip
    audit.bind(needed.RULE, [rule.public_id], actor=actor, now=now)
