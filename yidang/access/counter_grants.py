"""Borrowing and certified copies at the counter: the signed request is asked for, and its permission is used."""

from datetime import datetime

from django.utils.translation import gettext as _

from yidang.access.request_models import RequestedRecord
from yidang.catalogue.models import Record
from yidang.common.errors import InvalidInput
from yidang.permissions.actions import FLAGS, left_of
from yidang.permissions.models import Grant


def permission_of(number: str, record: Record, action: str, *, now: datetime) -> Grant:
    """The permission that a signed request gave for this record, while it stands.

    :param number: of the request, such as LY-2026-0012
    :raises InvalidInput: no request of this number allows it, or not any more
    """
    rows = RequestedRecord.objects.filter(request__number=number.strip().upper(), record=record)
    row = rows.exclude(grant=None).select_related("grant__subject").first()
    grant = row.grant if row else None
    if grant is None or not getattr(grant, FLAGS[action]):
        raise InvalidInput(
            _("Request «%(number)s» does not allow this for this record.") % {"number": number.strip()[:20]},
            field="under", code="not_under_request", remedy=_("Compare number and record, or let them ask for it first."),
        )  # fmt: skip
    if grant.revoked_at is not None or grant.until <= now or left_of(grant) == 0:
        raise InvalidInput(
            _("The permission under this request has ended or is used up."), field="under", code="grant_ended",
            remedy=_("Let them ask again; urgent requests are signed sooner."),
        )  # fmt: skip
    return grant


def require_holder(grant: Grant, name: str) -> None:
    """A permission is its holder's: nobody else fetches under it.

    :raises InvalidInput: another person is before the counter
    """
    holder = grant.subject.display_name or grant.subject.username
    if name and name != holder:
        raise InvalidInput(
            _("The permission is of %(name)s, who fetches in person.") % {"name": holder}, field="name",
            code="not_the_holder", remedy=_("Whoever else needs it asks under their own name."),
        )  # fmt: skip
