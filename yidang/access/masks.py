"""Masking: rectangles drawn by hand, and numbers, telephones and names that are looked for; lifted by the same right."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit, formats, jobs, search
from yidang.access import row_digests
from yidang.access.mask_models import Mask
from yidang.access.uses import may_register
from yidang.catalogue import policy
from yidang.catalogue.covering import cover_description, without
from yidang.catalogue.models import Document, Record, RecordChange
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, Unavailable, WrongState
from yidang.digitisation.actions import read_again
from yidang.digitisation.files import converted, file_of
from yidang.formats import ReadingFailed

Place = tuple[float, float, float, float]

MASKS_MOST = 400  # of one page
PAGES_MOST = 300  # looked through at once
NAMES_MOST = 20
# Letters that a piece of text under a drawn rectangle has at least to be covered elsewhere, and of a whole passage.
LEAST, PASSAGE, LEAST_OF_PASSAGE = 2, 60, 6
_BETWEEN = re.compile(r"[\s，。；：、！？（）《》〈〉「」“”,;:!?()<>\[\]]+")
# Between the digits spaces and line ends may stand, as a scan or a form sets them.
PATTERNS = {
    "id_number": (gettext_lazy("Numbers of identity cards"), r"(?<!\d)[1-9](?:\s*\d){16}\s*[\dXx](?!\d)"),
    "phone": (
        gettext_lazy("Telephone numbers"),
        r"(?<!\d)(?:1\s*[3-9](?:[\s-]*\d){9}|0\d{2,3}[\s-]?\d{7,8})(?!\d)",
    ),
}


class TextNotReached(Unavailable):
    """The pages cannot be looked through now."""

    code = "mask_not_found"


def may_mask(actor: Actor, record: Record) -> bool:
    """Those who keep the record by their duty and may describe it."""
    if not may_register(actor):  # asked first: it costs nothing, and most readers keep no records
        return False
    clause = policy.clause_for(actor, "describe", record)
    return clause is not None and clause.reason.startswith("duty.")


def _require(actor: Actor, record: Record) -> None:
    if not may_mask(actor, record):
        raise NotAllowed(_("Those who keep a record mask parts of it."), code="not_a_keeper")


def mask_regions(
    document: Document, page: int, places: Sequence[Place], *, reason: str, actor: Actor, now: datetime
) -> int:
    """Cover rectangles of one page, given in parts of its width and height; returns how many.

    The words that stand under them, where the file tells, are covered in title, description and names of files too.

    :raises NotAllowed: the actor does not keep the record
    :raises InvalidInput: the page is not there, a rectangle is no rectangle, or there are too many
    """
    _require(actor, document.record)
    if not 1 <= page <= (document.pages or 0):
        raise InvalidInput(_("The document has no such page."), field="page")
    clean = [_inside(place) for place in places]
    if not clean:
        raise InvalidInput(_("Draw what is to be covered."), field="places")
    words = dict(zip(clean, _words_under(document, page, clean), strict=True))
    finds_of = {place: {"under": found} if found else [] for place, found in words.items()}
    _keep(document, {page: clean}, finds_of=finds_of, reason=reason, actor=actor, now=now)
    return len(clean)


def _words_under(document: Document, page: int, places: Sequence[Place]) -> list[list[str]]:
    """Patterns of the words under each rectangle: of a few words each, of a passage its longer pieces alone."""
    path, known = file_of(document)
    try:
        texts = formats.under(path, known, page, places, derived=converted(document)) or [""] * len(places)
    except ReadingFailed:  # what is drawn is covered all the same; of a title nothing is known
        texts = [""] * len(places)
    found = []
    for text in texts:
        pieces = {piece for piece in _BETWEEN.split(text) if piece}
        least = LEAST if len(_BETWEEN.sub("", text)) <= PASSAGE else LEAST_OF_PASSAGE
        kept = sorted((piece for piece in pieces if len(piece) >= least), key=len, reverse=True)[:NAMES_MOST]
        found.append([r"\s*".join(map(re.escape, piece)) for piece in kept])
    return found


def _inside(place: Sequence[float]) -> Place:
    try:
        left, top, right, bottom = (float(part) for part in place)
    except (TypeError, ValueError):
        left = top = right = bottom = float("nan")
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidInput(_("A rectangle lies within the page: left before right, top before bottom."), field="places")
    return left, top, right, bottom


def mask_found(
    document: Document, kinds: Sequence[str], names: Sequence[str], *, reason: str, actor: Actor, now: datetime
) -> int:
    """Look through all pages of a document and cover what is found; where places are not known, the whole page.

    :param kinds: of :data:`PATTERNS`
    :param names: names as they are written in the document
    :raises NotAllowed: the actor does not keep the record
    :raises InvalidInput: there is nothing to look for, or too many pages
    :raises TextNotReached: the file cannot be read now
    """
    _require(actor, document.record)
    clean = [name for name in (" ".join(name.split())[:40] for name in names) if len(name) > 1][:NAMES_MOST]
    finds = [PATTERNS[kind][1] for kind in kinds if kind in PATTERNS]
    finds += [r"\s*".join(map(re.escape, name.replace(" ", ""))) for name in clean]
    if not finds:
        raise InvalidInput(_("Choose what to look for, or write a name."), field="kinds")
    if not document.pages or document.pages > PAGES_MOST:
        raise InvalidInput(
            _("At most %(most)d pages are looked through at once.") % {"most": PAGES_MOST}, field="kinds"
        )
    path, known = file_of(document)
    found: dict[int, list[Place]] = {}
    try:
        texts = search.page_texts(document.record, document.number) or []
        for page in range(1, document.pages + 1):
            places = formats.locate(path, known, page, finds, derived=converted(document))
            text = texts[page - 1] if page <= len(texts) else ""
            if not places and any(re.search(find, text) for find in finds):
                places = [[0.0, 0.0, 1.0, 1.0]]  # it stands there, nobody knows where
            if places:
                found[page] = [_inside(place) for place in places]
    except ReadingFailed as failed:
        raise TextNotReached(_("The document cannot be read now; draw what is to be covered.")) from failed
    if found:
        finds_of = {place: finds for places in found.values() for place in places}
        _keep(document, found, finds_of=finds_of, reason=reason, actor=actor, now=now)
    return sum(map(len, found.values()))


def _keep(
    document: Document, found: dict[int, list[Place]], *, finds_of: Mapping[Place, Any], reason: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    record = document.record
    with transaction.atomic():
        live = Mask.objects.filter(record=record, document=document.number, lifted_at=None)
        if any(len(places) + live.filter(page=page).count() > MASKS_MOST for page, places in found.items()):
            raise InvalidInput(_("More is covered than a page holds."), field="places")
        made = Mask.objects.bulk_create(
            Mask(
                record=record, document=document.number, page=page, left=left, top=top, right=right, bottom=bottom,
                finds=finds_of[left, top, right, bottom], reason=reason.strip()[:120], made_by_id=actor.user_id, made_at=now,
            )
            for page, places in found.items() for left, top, right, bottom in places
        )  # fmt: skip
        audit.write(
            "access.mask.made", actor=actor, target_kind="record", target=record.public_id, now=now,
            facts={"document": document.number, "pages": sorted(found), "masks": sum(map(len, found.values()))},
            personal={"reason": reason.strip()[:120]},
        )  # fmt: skip
        audit.bind(row_digests.MASK, [one.public_id for one in made], actor=actor, now=now)
        cover_texts(document)
        cover_record(record, actor, now)
        keep_beside(record)
        # A text that was being read meanwhile is covered a second time.
        jobs.later("access.cover", actor=actor, document_id=document.pk)


def lift_masks(document: Document, masks: Sequence[UUID], *, actor: Actor, now: datetime) -> int:
    """Uncover; the text is read from the kept file again. Returns how many.

    :raises NotAllowed: the actor does not keep the record
    :raises WrongState: none of them covers anything now
    """
    _require(actor, document.record)
    with transaction.atomic():
        mine = Mask.objects.filter(record=document.record, document=document.number, public_id__in=list(masks))
        pages = sorted(set(mine.filter(lifted_at=None).values_list("page", flat=True)))
        ids = list(mine.filter(lifted_at=None).values_list("public_id", flat=True))
        lifted = mine.filter(lifted_at=None).update(lifted_at=now, lifted_by_id=actor.user_id)
        if not lifted:
            raise WrongState(_("Somebody lifted it before."), code="mask_lifted")
        audit.write(
            "access.mask.lifted", actor=actor, target_kind="record", target=document.record.public_id, now=now,
            facts={"document": document.number, "pages": pages, "masks": lifted},
        )  # fmt: skip
        audit.bind(row_digests.MASK, ids, actor=actor, now=now)
        read_again(document, actor=actor)
        cover_record(document.record, actor, now)
        keep_beside(document.record)
    return lifted


def keep_beside(record: Record) -> None:
    """Have the record's object tell of its masks within a minute, so that a rebuild knows them."""
    jobs.later("catalogue.version", key=str(record.pk), record_id=record.pk)


def cover_record(record: Record, actor: Actor, now: datetime) -> None:
    """Cover in title, description and names of files what any live mask of the record was found by."""
    live = Mask.objects.filter(record=record, lifted_at=None).order_by().values_list("finds", flat=True)
    cover_description(record, sorted({find for finds in live for find in Mask.patterns(finds)}), actor=actor, now=now)


def cover_texts(document: Document) -> None:
    """Write the kept texts again, which covers them, and let the index hear of it; until then the database answers for the record."""
    texts = search.page_texts(document.record, document.number)
    if texts:
        search.put_page_text(document.record, document.number, texts)
    RecordChange.objects.create(record_id=document.record_id, kind=RecordChange.PERMISSION, at=clock.now())


def guard(public_id: UUID, number: int, pages: list[str]) -> list[str]:
    """The texts of a document with what is masked taken out: a page with a drawn rectangle gives no text at all."""
    live = Mask.objects.filter(record__public_id=public_id, document=number, lifted_at=None)
    covered = list(pages)
    for page, finds in live.values_list("page", "finds").distinct():
        if page <= len(covered):
            covered[page - 1] = "" if Mask.drawn(finds) else without(covered[page - 1], finds)
    return covered
