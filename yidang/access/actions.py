"""Looking is an action: content is opened, checked and written to the log before a byte of it leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access import under_grant
from yidang.access.delivered import is_masked, sees_clear
from yidang.access.models import Opening
from yidang.access.uses import note_use
from yidang.audit.writer import covered_by
from yidang.catalogue import policy
from yidang.catalogue.models import Document, Record
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, NotFound
from yidang.permissions.actions import take_look, use_grant
from yidang.permissions.freezing import is_frozen_for
from yidang.permissions.models import Grant
from yidang.permissions.reach import Clause

SESSION = timedelta(minutes=15)


@dataclass(frozen=True)
class Way:
    """How a reader comes to a page: the rule, the opening that is under way, and the grant that serves."""

    clause: Clause
    running: Opening | None
    grant: Grant | None = None


def way_to_page(record: Record, number: int, page: int, *, actor: Actor, now: datetime) -> Way:
    """How the reader comes to a page of a document now; asked for each page, so that what was revoked is shut.

    :param record: one that the actor sees
    :raises NotAllowed: the actor sees the entry alone, or their grant does not hold for this page, here, or any more
    """
    clause = policy.require_clause(actor, "view", record, parts=True)
    running = _live(record, number, actor, now).filter(original=False, closed_at=None)
    if clause.reason != "grant":
        return Way(clause, running.first())
    grants = under_grant.admitting(under_grant.standing(record, "view", actor=actor, now=now), number, [page])
    live = running.filter(grant__in=grants).select_related("grant").first()
    return Way(clause, live, live.grant if live else under_grant.usable(grants, "view"))


def open_document(record: Record, number: int, *, actor: Actor, page: int, now: datetime) -> Opening:
    """Open a document's pages for a quarter of an hour; the first page of it waits for the log.

    Further pages of the same opening are noted beside it and reach the log together when it is closed. Under a grant
    whose uses are counted an opening takes one of them.

    :param record: one that the actor sees
    :raises NotAllowed: as :func:`way_to_page`
    """
    way = way_to_page(record, number, page, actor=actor, now=now)
    live = way.running
    if live is not None:
        if page not in live.pages:
            _note_page(live, page)
        if live.entry is not None:
            covered_by(live.entry)
        return live
    with transaction.atomic():
        if way.grant is not None:
            take_look(way.grant, now=now)
        opening = Opening.objects.create(
            user_id=actor.user_id, record=record, document=number, session=actor.session, address=actor.address,
            because=way.clause.reason, grant=way.grant, opened_at=now, ends_at=now + SESSION, pages=[page],
        )  # fmt: skip
        entry = audit.write(
            "access.document.opened", actor=actor, target_kind="record", target=record.public_id, now=now,
            facts={
                "document": number, "page": page, "because": way.clause.reason, "opening": str(opening.public_id),
                **({"grant": str(way.grant.public_id)} if way.grant else {}),
            },
        )  # fmt: skip
        Opening.objects.filter(pk=opening.pk).update(entry=entry.seq)
        note_use("screen", actor=actor, now=now, because=way.clause.reason, record=record)
    return opening


def _note_page(opening: Opening, page: int) -> None:
    """Add a page to an opening under the lock of its row, so that two pages asked for at once are both noted."""
    with transaction.atomic():
        pages = Opening.objects.select_for_update().values_list("pages", flat=True).get(pk=opening.pk)
        Opening.objects.filter(pk=opening.pk).update(pages=sorted({*pages, page}))


def close_openings(*, actor: Actor, now: datetime, most: int = 500) -> int:
    """Write the second entry of openings that have ended: which pages were looked at; returns how many."""
    with transaction.atomic():
        ended = list(
            Opening.objects.select_for_update(of=("self",) if connection.features.has_select_for_update_of else ())
            .filter(closed_at=None, ends_at__lte=now)
            .select_related("record", "user")
            .order_by("id")[:most]
        )
        if not ended:
            return 0
        audit.write_many(
            [
                audit.Event(
                    "access.document.closed", actor, "record", str(opening.record.public_id),
                    facts={
                        "opening": str(opening.public_id), "entry": opening.entry, "reader": opening.user.username,
                        "document": opening.document, "pages": opening.pages,
                    },
                )
                for opening in ended
            ],
            now=now,
        )  # fmt: skip
        Opening.objects.filter(pk__in=[opening.pk for opening in ended]).update(closed_at=now)
    return len(ended)


def release_original(
    record: Record, number: int, *, actor: Actor, now: datetime, part: bool, form: str = ""
) -> Document:
    """Let an original leave; the log is written first.

    :param form: which conversion beside it leaves in its stead, under the same right

    :param part: whether a range that begins behind the file's beginning is asked for: within a quarter of an hour the
        parts of one download are one release
    :raises NotFound: the record has no such document
    :raises NotAllowed: no right allows a copy
    """
    under_way = _live(record, number, actor, now).filter(original=True).first() if part else None
    if (
        under_way is not None
        and under_way.because == "grant"
        and not is_masked(record, number)
        and _spent_but_live(record, actor, now)
    ):
        # The last use was counted when this download began: its further parts are the same use.
        document = document_of(record, number)
        covered_by(under_way.entry or 0)
        return document
    clause = policy.require_clause(actor, "copy", record)
    document = document_of(record, number)
    if is_masked(record, number) and not sees_clear(clause):
        raise NotAllowed(
            _("Parts of this document are masked, and the original shows them."), code="original_masked",
            remedy=_("Look at its pages or print them; ask the archive room for the original."),
        )  # fmt: skip
    if under_way is not None:
        covered_by(under_way.entry or 0)
        return document
    with transaction.atomic():
        if clause.reason == "grant":
            count_use(record, "copy", actor=actor, now=now)
        entry = audit.write(
            "access.original.released", actor=actor, target_kind="record", target=record.public_id, now=now,
            facts={"document": number, "sha256": document.sha256, "because": clause.reason} | ({"form": form} if form else {}),
        )  # fmt: skip
        Opening.objects.create(
            user_id=actor.user_id, record=record, document=number, session=actor.session, address=actor.address,
            because=clause.reason, opened_at=now, ends_at=now + SESSION, closed_at=now, original=True, entry=entry.seq,
        )  # fmt: skip
        note_use("original", actor=actor, now=now, because=clause.reason, record=record)
    return document


def count_use(record: Record, action: str, *, actor: Actor, now: datetime) -> None:
    """Count one use of the reader's grant for this record, inside the caller's transaction; one without a limit first.

    :raises NotAllowed: it ended, was revoked or was used up meanwhile
    """
    grants = [one for one in under_grant.standing(record, action, actor=actor, now=now) if not one.pages]
    use_grant(under_grant.usable(grants, action).pk, now=now)


def may_go_on(record: Record, number: int, *, actor: Actor, now: datetime) -> bool:
    """Whether a download that is under way may send more: the right it began under still stands, its use taken or not."""
    begun = Opening.objects.filter(user_id=actor.user_id, record=record, document=number, session=actor.session)
    latest = begun.filter(original=True).order_by("-id").first()
    if latest is not None and latest.because == "grant" and _spent_but_live(record, actor, now):
        return True
    return policy.clause_for(actor, "copy", record) is not None


def _spent_but_live(record: Record, actor: Actor, now: datetime) -> bool:
    """Whether the reader may copy by a grant that is neither revoked nor over, its uses counted or not."""
    if is_frozen_for(actor.user_id or 0, record):
        return False
    return (
        any(not one.pages for one in under_grant.standing(record, "copy", actor=actor, now=now))
        and policy.clause_for(actor, "see", record) is not None
    )


def _live(record: Record, number: int, actor: Actor, now: datetime) -> QuerySet[Opening]:
    """Openings of this document in this session that still run, the newest first."""
    return Opening.objects.filter(
        user_id=actor.user_id, record=record, document=number, session=actor.session, ends_at__gt=now
    ).order_by("-id")


def document_of(record: Record, number: int) -> Document:
    """A record's document by its number.

    :raises NotFound: it has none of this number
    """
    document = Document.objects.filter(record=record, number=number).first()
    if document is None:
        raise NotFound()
    return document
