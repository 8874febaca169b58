"""Questions about submissions: whose they are, what waits, what the desk counts."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yidang.common.actor import Actor
from yidang.common.errors import NotFound
from yidang.intake.models import ListedItem, SourceList, Submission
from yidang.people.departments import departments_reached_from


def submissions_visible_to(actor: Actor) -> QuerySet[Submission]:
    """An archivist sees all; the others what they or a client of theirs handed over; a filing clerk the department's."""
    if not actor.is_signed_in or actor.is_administrator:
        return Submission.objects.none()
    if actor.has_duty("archivist"):
        return Submission.objects.all()
    mine = Q(submitted_by_id=actor.user_id)
    if actor.has_duty("department_clerk", "records_clerk") and actor.department_id is not None:
        mine |= Q(department_id__in=departments_reached_from(actor.department_id))
    return Submission.objects.filter(mine)


def submission_for(actor: Actor, public_id: UUID) -> Submission:
    """One submission that the actor may see.

    :raises NotFound: there is none, or it is not theirs to see
    """
    found = (
        submissions_visible_to(actor)
        .select_related("record", "record__record_class", "receipt", "department")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def submission_of_source(actor: Actor, source_system: str, source_id: str) -> Submission | None:
    """The present submission of a source system's document, if the actor may see it."""
    return (
        submissions_visible_to(actor).filter(source_system=source_system, source_id=source_id).order_by("-id").first()
    )


def counts_by_state(actor: Actor) -> dict[str, int]:
    """How many submissions wait in each open state, within what the actor sees."""
    rows = (
        submissions_visible_to(actor)
        .filter(state__in=[Submission.RECEIVED, Submission.QUARANTINED, Submission.RETURNED])
        .values_list("state")
        .annotate(number=Count("id"))
    )
    return dict(rows)


def lists_visible_to(actor: Actor) -> QuerySet[SourceList]:
    """An archivist reads every list, a system those that it gave."""
    if actor.has_duty("archivist"):
        return SourceList.objects.all()
    return SourceList.objects.filter(given_by_id=actor.user_id, whole=False)


def list_for(actor: Actor, public_id: UUID) -> SourceList:
    """One list that the actor may read.

    :raises NotFound: there is none, or it is not theirs to read
    """
    found = lists_visible_to(actor).select_related("given_by").filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def lists_with_missing(most: int) -> list[SourceList]:
    """Open lists of which something never arrived, the latest first."""
    rows = SourceList.objects.filter(closed_at=None, counts__missing__gt=0)
    return list(rows.order_by("-given_at", "-id")[:most])


def filings_of(given: SourceList, items: list[ListedItem]) -> dict[str, Submission]:
    """The latest filing of each of these lines, by the source's id."""
    rows = Submission.objects.filter(
        source_system=given.source_system, source_id__in=[item.source_id for item in items]
    ).order_by("pk")
    if not given.whole:
        rows = rows.filter(submitted_by_id=given.given_by_id)
    return {row.source_id: row for row in rows}


def source_systems() -> list[str]:
    """The systems that filings came from, for the form that asks for one."""
    return list(Submission.objects.order_by("source_system").values_list("source_system", flat=True).distinct()[:50])
