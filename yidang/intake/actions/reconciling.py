"""Reconciliation 应归尽归: what a source system finished, compared with what arrived (promise A7)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from yidang import audit, jobs
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.intake.list_models import ListedItem, SourceList
from yidang.intake.list_reading import Line
from yidang.intake.models import Submission, SubmittedDocument

CHUNK = 1000
AT_ONCE_MOST = 5000  # a longer list is compared by a task, while its page says so
Outcome = ListedItem.Outcome


def may_give_lists(actor: Actor) -> bool:
    """Archivists, and the systems that file: what a system does not own it cannot ask after."""
    return actor.user_id is not None and (
        actor.has_duty("archivist") or (actor.kind == "client" and actor.may_use("filing"))
    )


def take_list(
    lines: Sequence[Line],
    *,
    source_system: str,
    name: str,
    everything: bool,
    period: tuple[date | None, date | None],
    actor: Actor,
    now: datetime,
) -> SourceList:
    """Keep a source system's list and compare it; a long one is compared by a task a moment later.

    :raises NotAllowed: neither an archivist nor a system that files
    :raises InvalidInput: no source system, no name, or a period that ends before it begins
    """
    if not may_give_lists(actor):
        raise NotAllowed()
    source_system, name, (begins, ends) = source_system.strip(), name.strip(), period
    for field, text, most in (("source_system", source_system, 60), ("name", name, 120)):
        if not text or len(text) > most:
            raise InvalidInput(_("Write 1 to %(most)s characters.") % {"most": most}, field=field, code="bad_length")
    if begins and ends and ends < begins:
        raise InvalidInput(_("The period ends before it begins."), field="period_until", code="bad_period")
    whole = actor.has_duty("archivist")
    with transaction.atomic():
        given = SourceList.objects.create(
            source_system=source_system, name=name, everything=everything or bool(begins or ends), period_from=begins,
            period_until=ends, whole=whole, given_by_id=actor.user_id, given_at=now, size=len(lines),
        )  # fmt: skip
        ListedItem.objects.bulk_create(
            (ListedItem(source_list=given, source_id=x.source_id, title=x.title, expected=x.expected) for x in lines),
            batch_size=CHUNK,
        )
        audit.write(
            "intake.list.taken", actor=actor, target_kind="source_list", target=given.public_id, now=now,
            facts={"source_system": source_system, "name": name, "lines": len(lines)},
        )  # fmt: skip
    return compare_now(given, actor=actor, now=now)


def compare_now(given: SourceList, *, actor: Actor, now: datetime) -> SourceList:
    """Compare a list when it is asked for: a short one at once, a long one by a task a moment later.

    :raises WrongState: the list is closed
    """
    if given.closed_at is not None:
        raise WrongState(_("This list is closed."), code="list_closed")
    if given.size <= AT_ONCE_MOST:
        return compare(given, actor=actor, now=now)
    with transaction.atomic():
        jobs.later("intake.compare_list", key=f"list:{given.pk}", list_id=given.pk)
    return given


def compare(given: SourceList, *, actor: Actor, now: datetime) -> SourceList:
    """Compare every line with what is here now, and find what is here and on no line.

    The log gets an entry when the result is another than before: nightly comparisons of the same say nothing.
    """
    filings = _compared_with(given)
    for chunk in _chunks(given):
        for outcome, keys in _outcomes(chunk, filings).items():
            ListedItem.objects.filter(pk__in=keys).update(outcome=outcome)
    with transaction.atomic():
        _name_extras(given, filings)
        counts = Counter(given.items.values_list("outcome", flat=True).iterator(chunk_size=10_000))
        told = {outcome.value: counts.get(outcome.value, 0) for outcome in Outcome}
        if told != given.counts:
            audit.write(
                "intake.list.compared", actor=actor, target_kind="source_list", target=given.public_id, now=now,
                facts={"name": given.name, **told},
            )  # fmt: skip
        given.counts, given.checked_at = told, now
        given.save(update_fields=["counts", "checked_at"])
    return given


def _compared_with(given: SourceList) -> QuerySet[Submission]:
    rows = Submission.objects.filter(source_system=given.source_system)
    return rows if given.whole else rows.filter(submitted_by_id=given.given_by_id)


def _chunks(given: SourceList) -> Iterator[list[ListedItem]]:
    last = 0
    lines = given.items.exclude(outcome=Outcome.EXTRA).order_by("pk")
    while chunk := list(lines.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _outcomes(chunk: Sequence[ListedItem], filings: QuerySet[Submission]) -> dict[str, list[int]]:
    """What to write on which lines: those alone whose outcome is another than before."""
    states: dict[str, tuple[int, str]] = {}
    found = filings.filter(source_id__in=[item.source_id for item in chunk]).order_by("pk")
    for key, source_id, state in found.values_list("pk", "source_id", "state"):
        # One filing at most is current; of those that are over, the latest tells what became of it.
        if source_id not in states or state in Submission.CURRENT or states[source_id][1] not in Submission.CURRENT:
            states[source_id] = (key, state)
    told = {states[item.source_id][0] for item in chunk if item.expected and item.source_id in states}
    digests: dict[int, list[str]] = defaultdict(list)
    for key, sha256 in SubmittedDocument.objects.filter(submission__in=told).values_list("submission_id", "sha256"):
        digests[key].append(sha256)
    changed: dict[str, list[int]] = defaultdict(list)
    for item in chunk:
        key, state = states.get(item.source_id, (0, ""))
        outcome = _outcome(item, state, digests[key])
        if outcome != item.outcome:
            changed[outcome].append(item.pk)
    return changed


def _outcome(item: ListedItem, state: str, digests: list[str]) -> str:
    if state in {Submission.RECEIVED, Submission.ARCHIVED}:
        files = item.expected.get("files", len(digests))
        same = sorted(digests) == item.expected.get("sha256", sorted(digests)) and len(digests) == files
        return Outcome.HELD if same else Outcome.ALTERED
    if state in {Submission.QUARANTINED, Submission.RETURNED, Submission.RESERVED}:
        return Outcome.STOPPED
    return Outcome.EXCUSED if item.excused_at else Outcome.MISSING


def _name_extras(given: SourceList, filings: QuerySet[Submission]) -> None:
    given.items.filter(outcome=Outcome.EXTRA).delete()
    if not given.everything:
        return
    here = filings.filter(state__in=[Submission.RECEIVED, Submission.ARCHIVED, Submission.QUARANTINED])
    if given.period_from:
        here = here.filter(record__date_last__gte=given.period_from)
    if given.period_until:
        here = here.filter(record__date_first__lte=given.period_until)
    unnamed = here.exclude(Exists(given.items.filter(source_id=OuterRef("source_id")))).order_by("pk")
    extras = (
        ListedItem(source_list=given, source_id=source_id, title=title, outcome=Outcome.EXTRA)
        for source_id, title in unnamed.values_list("source_id", "title")
    )
    ListedItem.objects.bulk_create(extras, batch_size=CHUNK)


@transaction.atomic
def excuse(given: SourceList, item: ListedItem, *, reason: str, actor: Actor, now: datetime) -> None:
    """Say why a missing document need not come, for example because it was voided at its source.

    :raises NotAllowed: not an archivist
    :raises WrongState: it is not missing, or the list is closed
    :raises InvalidInput: no reason
    """
    _archivist_of_open(given, actor)
    reason = _reason(reason)
    moved = given.items.filter(pk=item.pk, outcome=Outcome.MISSING).update(
        outcome=Outcome.EXCUSED, excused_by=actor.username, excused_at=now, reason=reason
    )
    if not moved:
        raise WrongState(_("This document is not missing any more."), code="not_missing")
    given.counts = {
        **given.counts,
        Outcome.MISSING: given.items.filter(outcome=Outcome.MISSING).count(),
        Outcome.EXCUSED: given.items.filter(outcome=Outcome.EXCUSED).count(),
    }
    given.save(update_fields=["counts"])
    audit.write(
        "intake.list.excused", actor=actor, target_kind="source_list", target=given.public_id, now=now,
        facts={"source_id": item.source_id, "reason": reason},
    )  # fmt: skip


@transaction.atomic
def close(given: SourceList, *, note: str, actor: Actor, now: datetime) -> None:
    """End a list: it is compared no more. What was still missing then stays written.

    :raises NotAllowed: not an archivist
    :raises WrongState: closed already
    :raises InvalidInput: something is missing and no reason is given
    """
    _archivist_of_open(given, actor)
    missing = given.counts.get(Outcome.MISSING, 0)
    given.closed_at, given.closed_by = now, actor.username
    given.closing_note = _reason(note) if missing or note.strip() else ""
    given.save(update_fields=["closed_at", "closed_by", "closing_note"])
    audit.write(
        "intake.list.closed", actor=actor, target_kind="source_list", target=given.public_id, now=now,
        facts={"name": given.name, "missing": missing, "note": given.closing_note},
    )  # fmt: skip


def _archivist_of_open(given: SourceList, actor: Actor) -> None:
    if not actor.has_duty("archivist"):
        raise NotAllowed()
    if given.closed_at is not None:
        raise WrongState(_("This list is closed."), code="list_closed")


def _reason(text: str) -> str:
    text = text.strip()
    if not 2 <= len(text) <= 300:
        raise InvalidInput(_("Write a reason of 2 to 300 characters."), field="reason", code="bad_reason")
    return text
