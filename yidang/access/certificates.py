"""Certified copies: issued on a legal ground to somebody known, in a register, verifiable by anybody, void when it must be."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from yidang import audit
from yidang.access import row_digests, under_grant
from yidang.access.actions import document_of
from yidang.access.certificate_models import Applicant, Certificate, FurtherDocument
from yidang.access.certificate_sheets import GROUNDS, made
from yidang.access.counter_grants import permission_of, require_holder
from yidang.access.identity import read_number
from yidang.access.models import Opening
from yidang.access.printing import asked_pages
from yidang.access.purposes import PURPOSES
from yidang.access.uses import Came, may_register, register_use
from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.permissions.actions import use_grant
from yidang.vault import sharing

PAGES_MOST = 60
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Ask:
    """What the counter's form says of one certified copy."""

    came: Came
    purpose: str
    ground: str
    ground_detail: str
    pages: dict[int, str]  # document number → its pages, all of them when nothing is said
    fee: Decimal
    under: str = ""  # the number of the signed request, where that is the ground


class CopyChanged(WrongState):
    """Making the copy again gave other bytes."""

    code = "certificate_changed"


def read_code(text: str) -> str:
    """A code as it stands in the register: without spaces and dashes, with the letters that people confuse made right."""
    told = "".join(letter for letter in text.upper() if letter.isalnum())
    return told.translate(str.maketrans("OIL", "011"))[:16]


def may_certify(actor: Actor, record: Record) -> bool:
    """Those who keep the record, by their duty."""
    if not may_register(actor):  # asked first: it costs nothing, and most readers keep no records
        return False
    clause = policy.clause_for(actor, "print", record)
    return clause is not None and clause.reason.startswith("duty.")


def issue_certificate(record: Record, ask: Ask, *, address: str, actor: Actor, now: datetime) -> Certificate:
    """Enter a certified copy into the register and make its PDF.

    :param record: one that the actor sees
    :param address: where codes are verified, with ``{code}`` in it
    :raises NotAllowed: the actor does not keep the record
    :raises InvalidInput: applicant, ground, pages or fee are missing or impossible
    :raises NotFound: the record has no such document with pages
    """
    if not may_certify(actor, record):
        raise NotAllowed(_("Those who keep a record certify copies of it."), code="not_a_keeper")
    parts = _parts(record, ask.pages)
    _require(ask, sum(map(len, parts.values())))
    grant = None
    if ask.ground == "request":
        grant = permission_of(ask.under, record, "certify", now=now)
        require_holder(grant, ask.came.name.strip())
        for number, pages in parts.items():
            under_grant.admitting([grant], number, pages)
    with transaction.atomic():
        if grant is not None:
            use_grant(grant.pk, now=now)
        register_use(
            "counter", came=ask.came, purpose=ask.purpose, record=str(record.public_id), asked="", result="given",
            actor=actor, now=now, grant=grant,
        )  # fmt: skip
        openings = [
            Opening.objects.create(
                user_id=actor.user_id, record=record, document=number, session=actor.session, address=actor.address,
                because="certificate", grant=grant, opened_at=now, ends_at=now + timedelta(minutes=10), closed_at=now,
                pages=pages,
            )
            for number, pages in parts.items()
        ]  # fmt: skip
        first, *others = openings
        code = "".join(secrets.choice(_LETTERS) for _place in range(12))
        certificate = _numbered(
            code=code, record=record, document=first.document, pages=first.pages, purpose=ask.purpose, ground=ask.ground,
            ground_detail=ask.ground_detail.strip()[:200], fee=ask.fee, address=address.format(code=code)[:200],
            opening=first, issued_by_id=actor.user_id, issued_at=now,
        )  # fmt: skip
        FurtherDocument.objects.bulk_create(
            FurtherDocument(certificate=certificate, document=one.document, pages=one.pages, opening=one)
            for one in others
        )
        Applicant.objects.create(
            certificate=certificate, name=ask.came.name.strip()[:60], id_number=read_number(ask.came.id_number),
            unit=ask.came.unit.strip()[:120], contact=ask.came.contact.strip()[:60],
        )  # fmt: skip
        entry = audit.write(
            "access.certificate.issued", actor=actor, target_kind="record", target=record.public_id, now=now,
            facts={
                "certificate": certificate.number, "document": first.document, "pages": first.pages, "ground": ask.ground,
                "purpose": ask.purpose, "fee": str(ask.fee), "opening": str(first.public_id),
                **({"further": {str(one.document): one.pages for one in others}} if others else {}),
                **({"grant": str(grant.public_id)} if grant else {}),
            },
            personal={"name": ask.came.name, "id_number": ask.came.id_number, "unit": ask.came.unit},
        )  # fmt: skip
        audit.bind(row_digests.CERTIFICATE, [certificate.public_id], actor=actor, now=now)
        audit.bind(row_digests.CERTIFIED_DOCUMENT, [one.public_id for one in others], actor=actor, now=now)
        Opening.objects.filter(pk__in=[one.pk for one in openings]).update(entry=entry.seq)
    _seal(certificate, actor=actor, now=now)
    return certificate


def _parts(record: Record, asked: dict[int, str]) -> dict[int, list[int]]:
    """The pages of each document that was named, in the record's order."""
    if not asked:
        raise InvalidInput(_("Choose at least one document."), field="documents")
    parts = {}
    for number in sorted(asked):
        document = document_of(record, number)
        if not document.pages:
            raise NotFound(_("This document has no pages that could be certified."), code="no_pages")
        try:
            parts[number] = asked_pages(asked[number], document.pages)
        except InvalidInput as refused:
            refused.field = f"pages_{number}"
            raise
    return parts


def _require(ask: Ask, pages: int) -> None:
    if not ask.came.name.strip():
        raise InvalidInput(_("Say who asks for the copy."), field="name")
    read_number(ask.came.id_number)
    if ask.purpose not in PURPOSES:
        raise InvalidInput(_("Choose a purpose."), field="purpose")
    if ask.ground not in GROUNDS:
        raise InvalidInput(_("Choose the legal ground."), field="ground")
    if ask.ground not in {"office", "request"} and not ask.came.id_number.strip():
        raise InvalidInput(_("The number of the applicant's card is missing."), field="id_number")
    if not 0 <= ask.fee < 100_000:
        raise InvalidInput(_("The fee is an amount such as 12.50."), field="fee")
    if pages > PAGES_MOST:
        raise InvalidInput(
            _("One certified copy holds at most %(most)d pages.") % {"most": PAGES_MOST}, field="documents",
            remedy=_("Issue several, one for each part."),
        )  # fmt: skip


def _numbered(**values: object) -> Certificate:
    """The next number of the year; two at once cannot take the same."""
    year = localtime(values["issued_at"]).year  # type: ignore[arg-type]
    while True:
        last = Certificate.objects.filter(number__startswith=f"CZ{year}-").order_by("-number").first()
        number = f"CZ{year}-{int(last.number.split('-')[1]) + 1 if last else 1:05d}"
        try:
            with transaction.atomic():
                made: Certificate = Certificate.objects.create(number=number, **values)
                return made
        except IntegrityError:
            if not Certificate.objects.filter(number=number).exists():
                raise


def _seal(certificate: Certificate, *, actor: Actor, now: datetime) -> bytes:
    """Make the PDF and write its digest into register and log; the rows are there before, so nothing leaves unregistered."""
    copy = made(certificate)
    digest = hashlib.sha256(copy.content).hexdigest()
    with transaction.atomic():
        if Certificate.objects.filter(pk=certificate.pk, digest="").update(
            digest=digest, marks=copy.marks, sm2=copy.sm2
        ):
            audit.write(
                "access.certificate.sealed", actor=actor, target_kind="record", target=certificate.record.public_id,
                now=now, facts={"certificate": certificate.number, "sha256": digest, "pages": len(copy.marks)},
            )  # fmt: skip
            audit.bind(row_digests.CERTIFICATE, [certificate.public_id], actor=actor, now=now)
    certificate.refresh_from_db(fields=["digest", "marks", "sm2"])
    place = _place(certificate)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(f".{secrets.token_hex(4)}")
    part.write_bytes(copy.content)
    part.replace(place)
    sharing.give(place)
    return copy.content


def print_certificate(certificate: Certificate, *, actor: Actor, now: datetime) -> bytes:
    """The PDF, counted; made again where it is no longer at hand, and refused when that gives other bytes.

    :raises NotFound: the actor does not keep the record
    :raises WrongState: it is void, or cannot be made as it was
    """
    _require_kept(certificate, actor)
    if certificate.void_at is not None:
        raise WrongState(_("This certified copy is void."), code="certificate_void")
    place = _place(certificate)
    content = place.read_bytes() if sharing.take(place) else b""
    if not certificate.digest or hashlib.sha256(content).hexdigest() != certificate.digest:
        content = _seal(certificate, actor=actor, now=now)
    if hashlib.sha256(content).hexdigest() != certificate.digest:
        place.unlink(missing_ok=True)
        sharing.withdraw(place)
        raise CopyChanged(
            _("This copy can no longer be made exactly as it was certified."),
            remedy=_("Declare it void and issue a new one."),
        )  # fmt: skip
    with transaction.atomic():
        audit.write(
            "access.certificate.printed", actor=actor, target_kind="record", target=certificate.record.public_id, now=now,
            facts={"certificate": certificate.number, "print": certificate.printed + 1},
        )  # fmt: skip
        Certificate.objects.filter(pk=certificate.pk).update(printed=certificate.printed + 1)
    return content


def void_certificate(certificate: Certificate, *, reason: str, actor: Actor, now: datetime) -> None:
    """Declare it void; whoever verifies it is told from the next look on.

    :raises NotFound: the actor does not keep the record
    :raises InvalidInput: no reason
    :raises WrongState: it was void before
    """
    _require_kept(certificate, actor)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise InvalidInput(_("Say why it is void."), field="reason")
    with transaction.atomic():
        done = Certificate.objects.filter(pk=certificate.pk, void_at=None).update(
            void_at=now, void_by_id=actor.user_id, void_reason=reason
        )
        if not done:
            raise WrongState(_("This certified copy is void."), code="certificate_void")
        audit.write(
            "access.certificate.voided", actor=actor, target_kind="record", target=certificate.record.public_id, now=now,
            facts={"certificate": certificate.number}, personal={"reason": reason},
        )  # fmt: skip
        audit.bind(row_digests.CERTIFICATE, [certificate.public_id], actor=actor, now=now)


def _require_kept(certificate: Certificate, actor: Actor) -> None:
    if not may_certify(actor, certificate.record):
        raise NotFound()


def _place(certificate: Certificate) -> Path:
    return Path(settings.DATA) / "derived" / "certificates" / f"{certificate.public_id}.pdf"
