"""访问冻结: which records nobody looks at but those named; freezing and lifting."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yidang.catalogue.models import Record
from yidang.catalogue.models.records import class_facts
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound
from yidang.people.models import User
from yidang.permissions import freezing
from yidang.permissions.models import AccessFreeze
from yidang.permissions.reach import CARE, SEE, Reach, reach
from yidang.ui.paging import page_of_request
from yidang.ui.toasts import toast

NAMED_MOST = 50


def _kept(actor: Actor) -> QuerySet[Record]:
    """The records that the actor keeps by duty."""
    seen = reach(actor, SEE, class_facts())
    return Record.objects.reached_by(
        Reach(SEE, tuple(clause for clause in seen.clauses if clause.reason.startswith("duty.")))
    )


def _freezes(actor: Actor) -> QuerySet[AccessFreeze]:
    kept = _kept(actor)
    patients = kept.filter(record_class__visibility=CARE).exclude(patient_number="").values("patient_number")
    return AccessFreeze.objects.filter(
        Q(record_id__in=kept.values("pk")) | Q(record_id=None, patient_number__in=patients)
    )


@require_http_methods(["GET", "POST"])
def freezes(request: HttpRequest) -> HttpResponse:
    """The freezes of the records that the reader keeps, the latest first, and a new one."""
    if not freezing.may_freeze(request.actor):
        raise NotAllowed()
    refusal: InvalidInput | None = None
    if request.method == "POST":
        try:
            _freeze(request)
            toast(request, _("Access is frozen, from the next page on."))
            return redirect("access:freezes")
        except InvalidInput as refused:
            refusal = refused
    rows = _freezes(request.actor).select_related("set_by", "lifted_by").prefetch_related("named")
    page = page_of_request(request, rows, order_by=("-set_at", "-id"))
    records = Record.objects.in_bulk([freeze.record_id for freeze in page.items if freeze.record_id])
    context: dict[str, Any] = {
        "page": page, "rows": [(freeze, records.get(freeze.record_id)) for freeze in page.items], "refusal": refusal,
        "typed": request.POST or {"record": request.GET.get("record", "")[:120]},
    }  # fmt: skip
    return render(request, "access/freezes.html", context, status=422 if refusal else 200)


def _freeze(request: HttpRequest) -> AccessFreeze:
    said = request.POST
    asked = said.get("record", "").strip()[:120]
    kept = _kept(request.actor)
    found = kept.filter(Q(code=asked) | Q(accession_number=asked)).order_by("pk").first() if asked else None
    patient = ""
    if found is None and asked:
        medical = kept.filter(record_class__visibility=CARE, patient_number=asked)
        patient = asked if medical.exists() else ""
    elif found is not None and said.get("whole") == "yes":
        patient, found = found.patient_number, None if found.patient_number else found
    if found is None and not patient:
        raise InvalidInput(
            _("You keep no record of this code, and none of this patient."), field="record", code="unknown_record"
        )
    names = [name for name in said.get("named", "")[:2000].replace(",", " ").replace("，", " ").split() if name]
    people = list(User.objects.filter(username__in=names, is_active=True))
    missing = sorted(set(names) - {user.username for user in people})
    if missing or len(people) > NAMED_MOST:
        raise InvalidInput(_("Nobody is called %(names)s.") % {"names": "、".join(missing)[:200]}, field="named")
    return freezing.freeze_access(
        record_id=found.pk if found else None, record=str(found.public_id) if found else "", patient_number=patient,
        named=people, care_goes_on=said.get("care") == "yes", reason=said.get("reason", ""), actor=request.actor,
        now=clock.now(),
    )  # fmt: skip


@require_POST
def lift(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let the rules hold again."""
    if not freezing.may_freeze(request.actor):
        raise NotAllowed()
    found = _freezes(request.actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    record = Record.objects.filter(pk=found.record_id).first()
    freezing.lift_freeze(
        found, note=request.POST.get("note", ""), record=str(record.public_id) if record else "", actor=request.actor,
        now=clock.now(),
    )  # fmt: skip
    toast(request, _("The freeze is lifted."))
    return redirect("access:freezes")
