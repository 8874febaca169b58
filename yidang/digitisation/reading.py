"""Reading kept documents: their own text, recognition where there is none, and what opening them whole finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from yidang import audit, formats, search
from yidang.catalogue.models import Document
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.digitisation import recognised
from yidang.digitisation.files import converted, file_of
from yidang.digitisation.models import LateFinding
from yidang.formats import Format, PageText, ReadingFailed, secrecy
from yidang.formats.findings import Finding, finding

PENDING, FAILED = "pending", "failed"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one document brought, before anything is written.

    :param pages: its pages, empty where it has none or did not open
    :param failure: why it did not open
    :param whole: the door looked at a part only, so that the whole must be checked
    """

    document: Document
    pages: Sequence[PageText]
    failure: Finding | None
    whole: bool

    @property
    def needs_recognition(self) -> bool:
        """Whether a page shows something but says nothing."""
        return any(page.needs_ocr for page in self.pages)


def read(documents: Sequence[Document]) -> list[Reading]:
    """Read the documents' own texts; touches no row, so that no transaction is open while a cage works."""
    places = [file_of(document) for document in documents]
    texts = formats.extract_texts(
        [(path, known, converted(document)) for document, (path, known) in zip(documents, places, strict=True)]
    )
    return [
        _reading(document, known, text) for document, (_, known), text in zip(documents, places, texts, strict=True)
    ]


def _reading(document: Document, known: Format, text: list[PageText] | ReadingFailed) -> Reading:
    failure = text.finding if isinstance(text, ReadingFailed) else None
    pages = [] if isinstance(text, ReadingFailed) else text
    return Reading(document, pages, failure, _needs_whole_check(known, document.pages or len(pages)))


def _needs_whole_check(known: Format, pages: int) -> bool:
    """The door renders the first page and leaves Office files closed; the rest is looked at later."""
    return known.kind == "office" or (known.kind in {"pdf", "ofd", "image"} and pages > 1)


def put(reading: Reading) -> None:
    """Write what reading brought: texts for the index, the number of pages, the state. Inside a transaction."""
    document, pages = reading.document, reading.pages
    mine = Document.objects.filter(pk=document.pk)
    if reading.failure is not None:
        keep_findings(document, [reading.failure])
        mine.update(text_state=FAILED)
        return
    if document.pages is None and pages:
        mine.update(pages=len(pages))
    if _withheld(document, [page.text for page in pages]):
        return
    if not reading.needs_recognition or any(page.text.strip() for page in pages):
        search.put_page_text(document.record, document.number, [page.text for page in pages])
    if reading.needs_recognition:
        mine.update(text_state=PENDING)


def recognise(document: Document, *, done: int, progress: Callable[[int, int], None]) -> None:
    """Recognise the pages without text, one at a time, so that the work resumes where it was stopped.

    :param done: how many pages an earlier attempt finished
    :param progress: told after each page how many are finished and how many are left
    """
    path, known = file_of(document)
    try:
        own = formats.extract_text(path, known, derived=converted(document))
    except ReadingFailed as failed:
        with transaction.atomic():
            keep_findings(document, [failed.finding])
            Document.objects.filter(pk=document.pk).update(text_state=FAILED)
        return
    with recognised.pages_so_far(document, done) as texts:
        unread = False
        for page in own[len(texts) :]:
            text = _recognised(document, page.page) if page.needs_ocr else page.text
            unread = unread or text is None
            texts.append(text or "")
            progress(len(texts), len(own) - len(texts))
        if not _withheld(document, texts):
            search.put_page_text(document.record, document.number, list(texts))
            if unread and not any(text.strip() for text in texts):
                # Without any text because the reader failed, not because nothing stands there: it can be asked again.
                Document.objects.filter(pk=document.pk).update(text_state=FAILED)
    recognised.forget(document)


def _withheld(document: Document, texts: Sequence[str]) -> bool:
    """Keep a text with the mark of a state secret out of the index; the door could not see it in a scan or an Office file."""
    marks = (secrecy.find_mark(text, page=number == 0) for number, text in enumerate(texts))
    mark = next((mark for mark in marks if mark), None)
    if mark is None:
        return False
    with transaction.atomic():
        keep_findings(document, [finding("secret_mark", mark=mark)])
        Document.objects.filter(pk=document.pk).update(text_state=FAILED)
        audit.write(
            "digitisation.text.withheld", actor=Actor.system("digitisation"), target_kind="record",
            target=document.record.public_id, facts={"document": document.number, "mark": mark},
        )  # fmt: skip
    return True


def _recognised(document: Document, page: int) -> str | None:
    """The text of a page, or nothing when the reader failed; why stands with the findings."""
    path, known = file_of(document)
    try:
        return formats.recognise_page(path, known, page).text
    except ReadingFailed as failed:
        keep_findings(document, [failed.finding])
        return None


def check_whole(document: Document) -> list[Finding]:
    """Render every page and open Office files; what is wrong attaches to the document."""
    path, known = file_of(document)
    found = formats.check_fully(path, document.name, known, derived=converted(document))
    wrong = [finding for finding in found if finding.level != "pass"]
    keep_findings(document, wrong)
    return wrong


def keep_findings(document: Document, found: list[Finding]) -> None:
    """Attach findings to a kept document; the same one twice is one."""
    now = clock.now()
    with transaction.atomic():
        known = set(LateFinding.objects.filter(document=document).values_list("code", flat=True))
        LateFinding.objects.bulk_create(
            LateFinding(
                document=document, check_code=finding.check, property=finding.property, level=finding.level,
                code=finding.code, params=dict(finding.params), at=now,
            )
            for finding in {finding.code: finding for finding in found}.values() if finding.code not in known
        )  # fmt: skip
