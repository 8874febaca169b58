"""Prints and copies of single pages: a PDF made for one person, registered, counted against the permission, fetched once."""

import io
import re
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from yidang import audit
from yidang.access import under_grant
from yidang.access.actions import document_of
from yidang.access.delivered import page_bytes, to_nobody
from yidang.access.models import Opening, Printout
from yidang.access.uses import note_use
from yidang.access.watermark import watermarked
from yidang.access.watermarking import in_force, words
from yidang.catalogue import policy
from yidang.catalogue.models import Document, Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.permissions.actions import left_of, use_grant
from yidang.permissions.freezing import is_frozen_for
from yidang.permissions.limits import admits_page
from yidang.permissions.models import Grant

PAGES_MOST = 200
COPIES_MOST = 20
WIDTH = 1240
FETCH_WITHIN = timedelta(minutes=10)
_A4 = (595.3, 841.9)
_PART = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def asked_pages(text: str, of: int) -> list[int]:
    """The pages that «1-3,5» names, in order; all of them when nothing is said.

    :param of: how many pages the document has
    :raises InvalidInput: it is no list of pages, names one that is not there, or too many
    """
    parts = [part for part in re.split(r"[,，、;；\s]+", text.strip()) if part]
    pages: set[int] = set() if parts else set(range(1, of + 1))
    for part in parts:
        match = _PART.fullmatch(part.replace("–", "-").replace("—", "-"))
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= of:
            raise InvalidInput(
                _("«%(part)s» does not name pages between 1 and %(most)d.") % {"part": part[:20], "most": of},
                field="pages", remedy=_("Write pages such as 1-3,5."),
            )  # fmt: skip
        pages.update(range(first, last + 1))
    if len(pages) > PAGES_MOST:
        raise InvalidInput(
            _("One print holds at most %(most)d pages.") % {"most": PAGES_MOST}, field="pages",
            remedy=_("Print the document in parts."),
        )  # fmt: skip
    return sorted(pages)


def order_print(record: Record, number: int, *, pages: str, copies: int, actor: Actor, now: datetime) -> Printout:
    """Register a print of some pages and count it against the permission; it can be fetched once, for ten minutes.

    :param record: one that the actor sees
    :raises NotAllowed: no right allows printing, or its times are used up
    :raises InvalidInput: the pages or copies are not possible
    :raises NotFound: the record has no such document, or it has no pages
    """
    return _order(Printout.PRINT, record, number, pages=pages, copies=copies, actor=actor, now=now)


def order_copy(record: Record, number: int, *, pages: str, actor: Actor, now: datetime) -> Printout:
    """Register a copy of single pages as a file: one use of a right to copy, marked and covered as a print is.

    It is how anything leaves under a right to copy that names pages; the original does not.

    :raises NotAllowed: no right allows a copy of these pages, or its times are used up
    :raises InvalidInput: the pages are not possible
    :raises NotFound: the record has no such document, or it has no pages
    """
    return _order(Printout.COPY, record, number, pages=pages, copies=1, actor=actor, now=now)


def _order(
    action: str, record: Record, number: int, *, pages: str, copies: int, actor: Actor, now: datetime
) -> Printout:  # fmt: skip
    clause = policy.require_clause(actor, action, record, parts=True)
    document = document_of(record, number)
    grants = under_grant.standing(record, action, actor=actor, now=now) if clause.reason == "grant" else []
    wanted = asked_pages(pages or _open_to(grants, document), _pages_of(document))
    if not 1 <= copies <= COPIES_MOST:
        raise InvalidInput(_("Print between 1 and %(most)d copies.") % {"most": COPIES_MOST}, field="copies")
    if grants:
        grants = under_grant.admitting(grants, number, wanted)
    with transaction.atomic():
        grant = _take(grants, action, len(wanted) * copies, now) if clause.reason == "grant" else None
        opening = Opening.objects.create(
            user_id=actor.user_id, record=record, document=number, session=actor.session, address=actor.address,
            because=clause.reason, grant=grant, opened_at=now, ends_at=now + FETCH_WITHIN, closed_at=now, pages=wanted,
        )  # fmt: skip
        printout = Printout.objects.create(opening=opening, action=action, copies=copies, made_at=now)
        entry = audit.write(
            "access.print.made" if action == Printout.PRINT else "access.pages.made", actor=actor, target_kind="record", target=record.public_id, now=now,
            facts={
                "document": number, "pages": wanted, "copies": copies, "because": clause.reason,
                "grant": str(grant.public_id) if grant else "", "print": str(printout.public_id), "opening": str(opening.public_id),
            },
        )  # fmt: skip
        Opening.objects.filter(pk=opening.pk).update(entry=entry.seq)
        note_use(
            "print" if action == Printout.PRINT else "pages", actor=actor, now=now, because=clause.reason, record=record
        )
    return printout


def _take(grants: list[Grant], action: str, sheets: int, now: datetime) -> Grant:
    """Take it from one of the grants, without a limit or the one that ends first: of a print its sheets, a copy is one use."""
    if action == Printout.COPY:
        grant = under_grant.usable(grants, action)
        use_grant(grant.pk, now=now)
        return grant
    enough = [one for one in grants if (left := left_of(one, sheets=True)) is None or left >= sheets]
    grant = under_grant.usable(enough or grants, action)
    use_grant(grant.pk, now=now, sheets=sheets)
    return grant


def _open_to(grants: list[Grant], document: Document) -> str:
    """The pages that a grant of single pages names of this document, where the reader named none."""
    if not grants or any(not one.pages for one in grants):
        return ""
    every = range(1, (document.pages or 0) + 1)
    return ",".join(str(page) for page in every if admits_page(grants[0].pages, document.number, page))


def _pages_of(document: Document) -> int:
    if not document.pages:
        raise NotFound(_("This document has no pages that could be printed."), code="no_pages")
    return document.pages


def take_print(public_id: UUID, *, actor: Actor, now: datetime) -> Printout:
    """Let a print leave, once and to the session that ordered it.

    :raises NotFound: there is none of this actor's session
    :raises NotAllowed: the right to print has ended meanwhile
    :raises WrongState: it was fetched before, or its ten minutes are over
    """
    printout = (
        Printout.objects.select_related("opening__record__record_class")
        .filter(public_id=public_id, opening__user_id=actor.user_id, opening__session=actor.session)
        .first()
    )
    if printout is None or actor.user_id is None:
        raise NotFound()
    require_standing(printout, actor=actor, now=now)
    record = printout.opening.record
    with transaction.atomic():
        taken = Printout.objects.filter(pk=printout.pk, fetched_at=None, opening__ends_at__gt=now).update(
            fetched_at=now
        )
        if not taken:
            raise WrongState(
                _("This print was fetched before, or waited too long."), code="print_used",
                remedy=_("Order a new print from the record's page."),
            )  # fmt: skip
        audit.write(
            "access.print.fetched" if printout.action == Printout.PRINT else "access.pages.fetched", actor=actor, target_kind="record", target=record.public_id, now=now,
            facts={"print": str(printout.public_id)},
        )  # fmt: skip
    return printout


def require_standing(printout: Printout, *, actor: Actor, now: datetime) -> None:
    """Refuse a print whose right has ended meanwhile.

    :raises NotAllowed: it has
    """
    if printout.opening.because != "grant":  # the last use of a grant was taken when the print was ordered
        policy.require_clause(actor, printout.action, printout.opening.record)
    elif not _grant_stands(printout, actor, now):
        raise NotAllowed(_("This permission has ended."), code="grant_ended")


def _grant_stands(printout: Printout, actor: Actor, now: datetime) -> bool:
    """Whether the grant under which it was ordered still holds here; its last use was taken with the order."""
    record = printout.opening.record
    grants = under_grant.standing(record, printout.action, actor=actor, now=now)
    return not is_frozen_for(actor.user_id or 0, record) and printout.opening.grant_id in {one.pk for one in grants}


def print_pdf(printout: Printout, actor: Actor) -> bytes:
    """The PDF of a print: every page an image with watermark and tracing mark, the copies one after the other."""
    opening = printout.opening
    document = document_of(opening.record, opening.document)
    template, strength = in_force()
    text = words(template, actor, opening)
    images = [
        ImageReader(io.BytesIO(watermarked(content, text, trace=opening.pk, strength=strength)))
        for content in (page_bytes(document, page, WIDTH, clear=to_nobody) for page in opening.pages)
    ]
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1, invariant=1)
    canvas.setTitle(str(printout.public_id))
    for _copy in range(printout.copies):
        for image in images:
            width, height = image.getSize()
            page = _A4 if height >= width else _A4[::-1]
            scale = min(page[0] / width, page[1] / height)
            size = (width * scale, height * scale)
            canvas.setPageSize(page)
            canvas.drawImage(image, (page[0] - size[0]) / 2, (page[1] - size[1]) / 2, *size)
            canvas.showPage()
    canvas.save()
    return out.getvalue()
