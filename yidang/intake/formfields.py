"""The fields of the web form: what every record has, then what the class's scheme asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang.catalogue import labels, schemes
from yidang.catalogue.models import RecordClass
from yidang.common.actor import Actor
from yidang.people.departments import department_name
from yidang.people.models import Department


@dataclass(frozen=True)
class FieldRow:
    """One line of the form."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    required: bool = False
    options: Sequence[tuple[str, str]] = ()
    placeholder: str = ""
    why: str = ""
    error: str = ""
    reloads: bool = False


def field_rows(actor: Actor, values: Mapping[str, Any], *, faults: Sequence[Mapping[str, str]] = ()) -> list[FieldRow]:
    """The form's lines with what was typed and what is wrong with it."""
    wrong = {fault["field"]: f"{fault['detail']} {fault['remedy']}".strip() for fault in faults}

    def row(name: str, label: str, first: str = "", **rest: Any) -> FieldRow:
        return FieldRow(name, label, value=str(values.get(name, "") or first), error=wrong.get(name, ""), **rest)

    chosen = str(values.get("class", ""))
    record_class = (
        RecordClass.objects.select_related("scheme", "parent").filter(code=chosen).first() if chosen else None
    )
    by_title, by_schedule = _("left open, it is proposed from the title"), _("left open, the schedule proposes it")
    rows = [
        row("title", _("Title"), kind="textarea", required=True),
        row("document_number", _("Document number"), placeholder="仁医发〔2026〕12号"),
        row("class", _("Class"), kind="select", options=_classes(), reloads=True, why=by_title),
        row("retention", _("Retention"), kind="select", options=_retentions(), why=by_schedule),
        row("date", _("Date"), placeholder="2026-03-05", why=_("2026 or 2026-03 if the day is not known")),
        row("creator", _("Creator")),
        row("department", _("Department"), kind="select", options=_departments(actor), first=_own_department(actor)),
        row("security", _("Security"), kind="select", options=_levels(), why=_("left open, the class decides")),
        row("keywords", _("Keywords"), why=_("separated by ; or 、")),
    ]
    if record_class is not None:
        rows += [
            _scheme_row(spec, values, wrong)
            for spec in schemes.form_fields(record_class, language=get_language() or "zh-hans")
        ]
    return rows


def _scheme_row(spec: Any, values: Mapping[str, Any], wrong: Mapping[str, str]) -> FieldRow:
    name = f"m-{spec.key}"
    kind = "select" if spec.choices else "text"
    options = [("", "—"), *spec.choices] if spec.choices else ()
    return FieldRow(
        name,
        spec.label,
        kind,
        str(values.get(name, "")),
        spec.required,
        options,
        placeholder=spec.placeholder,
        error=wrong.get(name, ""),
    )


def _classes() -> list[tuple[str, str]]:
    language = get_language() or "zh-hans"
    rows = RecordClass.objects.filter(is_active=True, takes_records=True)
    return [("", _("propose one")), *[(item.code, f"{item.code} {item.label(language)}") for item in rows]]


def _departments(actor: Actor) -> list[tuple[str, str]]:
    language = get_language() or "zh-hans"
    rows = Department.objects.filter(closed_on=None)
    return [("", "—"), *[(item.key, f"{item.key} {department_name(item, language=language)}") for item in rows]]


def _own_department(actor: Actor) -> str:
    return Department.objects.filter(pk=actor.department_id).values_list("key", flat=True).first() or ""


def _retentions() -> list[tuple[str, str]]:
    return [("", _("propose one")), *[(code, labels.retention(code)) for code in ("Y", "D30", "D10")]]


def _levels() -> list[tuple[str, str]]:
    keys = ("public", "internal", "sensitive", "restricted")
    return [("", _("as the class says")), *[(key, labels.level(number)) for number, key in enumerate(keys)]]


def payload_of(values: Mapping[str, str], *, source_id: str, documents: list[dict[str, str]]) -> dict[str, Any]:
    """The submission that the typed values say, in the form of the contract."""
    names = ("title", "class", "document_number", "date", "creator", "department", "retention", "security")
    keywords = values.get("keywords", "").replace("；", ";").replace("、", ";").replace("，", ";").split(";")
    metadata = {
        key.removeprefix("m-"): value for key, value in values.items() if key.startswith("m-") and value.strip()
    }
    return {
        "source_system": "web",
        "source_id": source_id,
        **{name: values.get(name, "").strip() for name in names},
        "keywords": [word.strip() for word in keywords if word.strip()],
        "metadata": metadata,
        "documents": documents,
    }
