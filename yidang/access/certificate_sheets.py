"""What stands on the sheets of a certified copy, made again from the register alone: statement, list of documents, pages.

A copy of one document has no list; what was certified before there was one is made again with the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from PIL import Image

from yidang.access import certificate_pdf as drawing
from yidang.access.actions import document_of
from yidang.access.certificate_models import Certificate
from yidang.access.delivered import page_bytes, to_nobody
from yidang.access.identity import covered
from yidang.access.purposes import purpose_label
from yidang.catalogue.models import Document

WIDTH = 2000
GROUNDS = {
    "self": gettext_lazy("The person concerned, with their identity card"),
    "proxy": gettext_lazy("A proxy, with a power of attorney and both identity cards"),
    "heir": gettext_lazy("A relative of a dead patient, with proof of death and kinship"),
    "court": gettext_lazy("A court, the police or the procuratorate, with an official letter and work cards"),
    "insurer": gettext_lazy("An insurer, with the contract and the person's consent"),
    "request": gettext_lazy("A member of staff, under a signed request"),
    "office": gettext_lazy("A unit on official business, with a letter of introduction"),
}


@dataclass(frozen=True)
class Part:
    """Pages of one document, and the opening that the mark of their sheets names."""

    document: Document
    pages: list[int]
    trace: int

    @property
    def named(self) -> str:
        """The document as the copy names it."""
        return f"{self.document.number} {self.document.role} {self.document.name}"

    @property
    def pages_in_words(self) -> str:
        """The pages, each by its number."""
        return "、".join(map(str, self.pages))


@dataclass(frozen=True)
class Sheet:
    """One sheet before its foot: its image, whose trace it carries, and what the foot says of it."""

    image: Image.Image
    trace: int
    says: str = ""


def code_in_words(code: str) -> str:
    """A code in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def made(certificate: Certificate) -> drawing.Bound:
    """The PDF of a certificate, with the SM2 signature that it was given when it was made first."""
    parts = [
        Part(document_of(certificate.record, one.document), one.pages, one.opening_id) for one in certificate.parts()
    ]
    with override("zh-hans"):  # what a Chinese hospital certifies is in Chinese, whoever sits at the counter
        sheets = [_statement(certificate, parts), *_list(certificate, parts), *_pages(parts)]
        pages = [
            drawing.footed(sheet.image, _foot(certificate, sheet, at, len(sheets)), certificate.address)
            for at, sheet in enumerate(sheets, 1)
        ]
    facts = {
        "hospital": settings.HOSPITAL_NAME, "number": certificate.number, "code": certificate.code,
        "issued_at": certificate.issued_at.isoformat(),
    }  # fmt: skip
    sm2 = certificate.sm2 if certificate.digest else None
    return drawing.bound(pages, traces=[sheet.trace for sheet in sheets], facts=facts, sm2=sm2)


def _statement(certificate: Certificate, parts: list[Part]) -> Sheet:
    record, who = certificate.record, certificate.applicant
    if len(parts) == 1:
        what = [(_("Document"), parts[0].named), (_("Page numbers"), parts[0].pages_in_words)]
        digest = [_("SHA-256 of the document: %(digest)s") % {"digest": parts[0].document.sha256}]
    else:
        said = {"documents": len(parts), "pages": sum(len(part.pages) for part in parts)}
        what = [(_("Documents"), _("%(documents)d documents, %(pages)d pages, as listed after this sheet") % said)]
        digest = [_("The SHA-256 of each document stands in the list.")]
    lines = [
        (_("Number"), certificate.number),
        (_("Record"), f"{record.title} {record.code or record.accession_number}"),
        *what,
        (_("Applicant"), " ".join(part for part in (who.name, covered(who.id_number), who.unit) if part)),
        (_("Legal ground"), f"{GROUNDS[certificate.ground]} {certificate.ground_detail}".strip()),
        (_("Purpose"), purpose_label(certificate.purpose)),
        (
            _("Issued"),
            f"{drawing.stamp_of(localtime(certificate.issued_at))} {certificate.issued_by.display_name}",
        ),
    ]
    closing = [
        _("The pages that follow agree with the record kept in this archive."),
        _("Anyone verifies this copy by the code at the foot of each page, or offline with the archive's public key."),
        *digest,
    ]
    image = drawing.statement(
        _("Certified copy of a record"), lines, closing, hospital=settings.HOSPITAL_NAME, seal=_("Archive's stamp")
    )
    return Sheet(image, certificate.opening_id)


def _list(certificate: Certificate, parts: list[Part]) -> Iterator[Sheet]:
    """Which document stands on which sheets; the list's own sheets are counted before the first of them."""
    if len(parts) == 1:
        return
    entries = [
        [
            (part.named, 34), (_("Pages of the document: %(pages)s") % {"pages": part.pages_in_words}, 28),
            (_("SHA-256 of the document: %(digest)s") % {"digest": part.document.sha256}, 28),
        ]
        for part in parts
    ]  # fmt: skip
    images, tops = drawing.listed(_("Documents of this copy"), entries)
    at = 2 + len(images)
    for part, (image, y) in zip(parts, tops, strict=True):
        last = at + len(part.pages) - 1
        where = _("sheet %(at)d") % {"at": at} if last == at else _("sheets %(at)d–%(last)d") % {"at": at, "last": last}
        drawing.beside(images[image], y, where)
        at = last + 1
    yield from (Sheet(image, certificate.opening_id) for image in images)


def _pages(parts: list[Part]) -> Iterator[Sheet]:
    for part in parts:
        for page in part.pages:
            says = {"document": part.document.number, "page": page}
            yield Sheet(
                drawing.copied(page_bytes(part.document, page, WIDTH, clear=to_nobody)),
                part.trace,
                _("document %(document)d, page %(page)d") % says if len(parts) > 1 else "",
            )


def _foot(certificate: Certificate, sheet: Sheet, at: int, of: int) -> list[str]:
    counted = _("%(number)s · sheet %(at)d of %(all)d") % {"number": certificate.number, "at": at, "all": of}
    return [
        _("Code %(code)s") % {"code": code_in_words(certificate.code)},
        f"{counted} · {sheet.says}" if sheet.says else counted,
        _("To verify: %(address)s") % {"address": certificate.address.split("?")[0]},
    ]
