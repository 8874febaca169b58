"""Which of a reader's grants serves: here, for these pages, with uses left; an opening under way goes on under its own."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yidang.catalogue.models import Record
from yidang.catalogue.policy import SomePages
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed
from yidang.permissions.actions import FLAGS, left_of
from yidang.permissions.limits import admits_address, admits_page, places_in_words
from yidang.permissions.models import Grant
from yidang.permissions.reach import has_uses_left


def standing(record: Record, action: str, *, actor: Actor, now: datetime) -> list[Grant]:
    """The reader's grants for this record and action that hold here and now, their uses taken or not."""
    mine = Grant.objects.filter(Q(**{FLAGS[action]: True}), subject_id=actor.user_id, record_id=record.pk)
    return [one for one in mine.filter(revoked_at=None, until__gt=now) if admits_address(one.address, actor.address)]


def admitting(grants: list[Grant], document: int, pages: Collection[int]) -> list[Grant]:
    """Those of them that name all these pages.

    :raises SomePages: none does
    """
    found = [one for one in grants if all(admits_page(one.pages, document, page) for page in pages)]
    if not found:
        raise SomePages()
    return found


def usable(grants: list[Grant], action: str) -> Grant:
    """The one to use: without a limit first, then the one that ends first.

    :raises NotAllowed: all their uses are taken
    """
    left = [one for one in grants if has_uses_left(one, action)]
    if not left:
        raise NotAllowed(
            _("This permission has been used as often as it allows."), code="grant_used_up",
            remedy=_("Ask for a new one from the record's page."),
        )  # fmt: skip
    return min(left, key=lambda one: (left_of(one, sheets=action == "print") is not None, one.until))


def limits_in_words(grant: Grant) -> list[str]:
    """What narrows a grant besides its time, one phrase each."""
    times, sheets = left_of(grant), grant.sheets is not None
    said = []
    if times is not None:
        said.append(ngettext("%(n)d use left", "%(n)d uses left", times) % {"n": times})
    if sheets and grant.may_print:
        left = left_of(grant, sheets=True) or 0
        said.append(ngettext("%(n)d printed sheet left", "%(n)d printed sheets left", left) % {"n": left})
    if grant.pages:
        said.append(_("pages %(pages)s") % {"pages": grant.pages})
    if grant.address:
        said.append(_("at %(address)s only") % {"address": places_in_words(grant.address)})
    return said
