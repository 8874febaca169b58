"""出证: the form, the register, one certificate; and the public page where anybody verifies a copy."""

import hashlib
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yidang.access import actions, certificate_sheets, certificates, verify_certificate
from yidang.access.certificate_models import Certificate
from yidang.access.certificate_pdf import sm2_fits
from yidang.access.identity import covered
from yidang.access.purposes import PURPOSES, purpose_label
from yidang.access.rate import Rate
from yidang.access.uses import Came, may_register
from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.common import clock, signing
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.people.public import public, quiet
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

UPLOAD_MOST = 64 * 1024 * 1024
rate = Rate(most=30, seconds=60)


@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The form of one certified copy, and its issue."""
    record = policy.require(public_id, actor=request.actor, action="print")
    if not certificates.may_certify(request.actor, record):
        raise NotAllowed()
    actions.document_of(record, number)
    refusal: InvalidInput | None = None
    if request.method == "POST":
        try:
            made = certificates.issue_certificate(
                record, _asked(request), actor=request.actor, now=clock.now(),
                address=request.build_absolute_uri(reverse("access:verify")).replace("{", "").replace("}", "") + "?code={code}",
            )  # fmt: skip
            toast(request, _("Entered into the register as %(number)s.") % {"number": made.number})
            return redirect("access:certificate", made.public_id)
        except InvalidInput as refused:
            refusal = refused
    context = {
        "record": record, "documents": _offered(request, record, number, refusal), "typed": request.POST,
        "refusal": refusal, "purposes": PURPOSES, "grounds": certificate_sheets.GROUNDS,
    }  # fmt: skip
    return render(request, "access/certify.html", context, status=422 if refusal else 200)


def _offered(request: HttpRequest, record: Record, number: int, refusal: InvalidInput | None) -> list[dict[str, Any]]:
    """The record's documents that have pages, with what was chosen of them; at first the one that was looked at."""
    chosen = _chosen(request) if request.method == "POST" else {number: ""}
    return [
        {
            "number": one.number, "name": one.name, "role": one.role, "pages": one.pages, "asked": chosen.get(one.number, ""),
            "chosen": one.number in chosen, "wrong": refusal is not None and refusal.field == f"pages_{one.number}",
        }
        for one in record.documents.filter(pages__gt=0).order_by("number")
    ]  # fmt: skip


def _chosen(request: HttpRequest) -> dict[int, str]:
    """The pages asked of each document that is ticked, or of which pages are named."""
    ticked = {int(one) for one in request.POST.getlist("documents") if one.isdecimal()}
    named = {
        int(field.removeprefix("pages_")): str(said)[:200].strip()
        for field, said in request.POST.items()
        if field.startswith("pages_") and field.removeprefix("pages_").isdecimal()
    }
    return {number: named.get(number, "") for number in sorted(ticked | {one for one, said in named.items() if said})}


def _asked(request: HttpRequest) -> certificates.Ask:
    said = request.POST
    try:
        fee = Decimal(said.get("fee", "").strip()[:12] or "0").quantize(Decimal("0.01"))
    except InvalidOperation:
        fee = Decimal(-1)
    came = Came(said.get("name", ""), said.get("id_number", "")[:40], said.get("unit", ""), said.get("contact", ""))
    return certificates.Ask(
        came, said.get("purpose", ""), said.get("ground", ""), said.get("ground_detail", ""),
        _chosen(request), fee if fee.is_finite() else Decimal(-1),
        said.get("under", "")[:20],
    )  # fmt: skip


@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """The register of certified copies, the latest first."""
    if not may_register(request.actor):
        raise NotAllowed()
    rows = Certificate.objects.visible_to(request.actor).select_related("record", "applicant", "issued_by")
    page = page_of_request(request, rows, order_by=("-issued_at", "-id"))
    return render(request, "access/certificates.html", {"page": page})


def _kept(request: HttpRequest, public_id: UUID) -> Certificate:
    rows = Certificate.objects.visible_to(request.actor).select_related("record", "applicant", "issued_by", "void_by")
    found: Certificate | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


@require_GET
def certificate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One certified copy: what was certified for whom, its print, its void."""
    return _one(request, _kept(request, public_id))


def _one(request: HttpRequest, found: Certificate, refusal: InvalidInput | WrongState | None = None) -> HttpResponse:
    context = {
        "certificate": found, "number": covered(found.applicant.id_number), "refusal": refusal,
        "code": certificate_sheets.code_in_words(found.code), "ground": certificate_sheets.GROUNDS.get(found.ground, found.ground),
        "purpose": purpose_label(found.purpose), "parts": [(one.document, "、".join(map(str, one.pages))) for one in found.parts()],
    }  # fmt: skip
    return render(request, "access/certificate.html", context, status=422 if refusal else 200)


@require_POST
def print_out(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The PDF, each time counted and in the log."""
    found = _kept(request, public_id)
    try:
        content = certificates.print_certificate(found, actor=request.actor, now=clock.now())
    except WrongState as refused:
        return _one(request, found, refused)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.number)}.pdf"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def void(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Declare it void."""
    found = _kept(request, public_id)
    try:
        certificates.void_certificate(
            found, reason=request.POST.get("reason", ""), actor=request.actor, now=clock.now()
        )
    except (InvalidInput, WrongState) as refused:
        return _one(request, found, refused)
    return redirect("access:certificate", found.public_id)


@public
@quiet("It shows nothing of anybody, and strangers must not be able to fill the log.")
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Whether a code or an uploaded copy is one of ours: date, number of pages, digest, valid or void, nothing more."""
    code = certificates.read_code(request.GET.get("code", "")[:40])
    uploaded = request.FILES.get("copy") if request.method == "POST" else None
    told: dict[str, Any] = {"code": certificate_sheets.code_in_words(code)}
    if not code and uploaded is None:
        return render(request, "access/verify.html", told)
    if not rate.allows(request.actor.address):
        return render(request, "access/verify.html", {**told, "too_often": True}, status=429)
    content, wrong = b"", ""
    if uploaded is not None:
        told["uploaded"] = True
        if (uploaded.size or 0) > UPLOAD_MOST:
            return render(request, "access/verify.html", {**told, "too_large": True}, status=413)
        content = uploaded.read()
        wrong, note, pages = verify_certificate.check(content, signing.public_keys())
        told |= {"wrong": wrong, "differing": pages}
        if note is not None and not sm2_fits(note):
            wrong = told["wrong"] = "bad_signature"
        code = code or certificates.read_code(str((note or {}).get("code", "")))
    found = Certificate.objects.filter(code=code).exclude(digest="").first() if code else None
    if found is not None:
        told |= {"found": found, "sheets": len(found.marks), "code": certificate_sheets.code_in_words(found.code)}
        if uploaded is not None and wrong != "bad_signature":
            told |= _compared(content, found)
    return render(request, "access/verify.html", {**told, "asked": True}, status=200 if found else 404)


def _compared(content: bytes, found: Certificate) -> dict[str, Any]:
    """An uploaded copy beside the register: the same bytes, or which pages differ."""
    if hashlib.sha256(content).hexdigest() == found.digest:
        return {"wrong": "", "same": True}
    return {
        "wrong": "changed",
        "differing": verify_certificate.differing(found.marks, verify_certificate.page_marks(content)),
    }


@public
@quiet("It is public and holds nothing of anybody.")
@require_GET
def key(request: HttpRequest) -> HttpResponse:
    """The archive's public key as PEM, for checks without the hospital's page."""
    response = HttpResponse(signing.archive_key().public_pem, content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="archive-key.pem"'
    return response


@public
@quiet("It is public and holds nothing of anybody.")
@require_GET
def verifier(request: HttpRequest) -> HttpResponse:
    """The small program that checks a copy with nothing but Python."""
    response = HttpResponse(Path(verify_certificate.__file__).read_bytes(), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_certificate.py"'
    return response
