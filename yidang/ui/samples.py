"""Invented content for the living pattern page: no query, no record, nothing real."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang.common.errors import Unavailable
from yidang.ui.tables import Column, Table
from yidang.ui.templatetags.ui import state_badge


@dataclass(frozen=True)
class Sample:
    """A row of the sample table."""

    pk: int
    title: str
    code: str
    state: str
    word: str
    pages: int
    day: str


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    period = forms.ChoiceField(
        label=gettext_lazy("Retention period"),
        choices=[
            ("Y", gettext_lazy("Permanent")),
            ("D30", gettext_lazy("30 years")),
            ("D10", gettext_lazy("10 years")),
        ],
        widget=forms.RadioSelect,
    )
    department = forms.ChoiceField(
        label=gettext_lazy("Department"),
        choices=[("YB", gettext_lazy("Director's office")), ("CW", gettext_lazy("Finance"))],
    )
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        widget=forms.Textarea,
        help_text=gettext_lazy("Seen by the archive room only."),
    )
    sealed = forms.BooleanField(label=gettext_lazy("Contains sealed pages"), required=False)
    date = forms.DateField(label=gettext_lazy("Date"))


def _rows() -> list[Sample]:
    return [
        Sample(1, _("Contract for infusion pumps"), "Y012-SB·2025-D30-SBK-0183", "ok", _("Archived"), 34, "2025-06-12"),
        Sample(
            2,
            _("Minutes of the directors' meeting no. 9 of 2025"),
            "Y012-WS·2025-Y-YZB-0047",
            "ok",
            _("Archived"),
            6,
            "2025-05-20",
        ),
        Sample(
            3,
            _("Evaluation report on infusion equipment"),
            "Y012-SB·2025-D30-ZBB-预031",
            "wait",
            _("Received"),
            128,
            "2025-06-03",
        ),
        Sample(
            4,
            _("First calibration certificate of 60 pumps"),
            "Y012-SB·2025-D30-SBK-0190",
            "hold",
            _("Disposal hold"),
            2,
            "2025-07-08",
        ),
        Sample(
            5, _("Notes of a talk with a supplier"), "Y012-JJ·2025-Y-JWB-0012", "warn", _("Title only"), 3, "2025-06-20"
        ),
        Sample(6, _("Attached form that does not open"), "", "bad", _("Check failed"), 1, "2026-11-23"),
    ]


def table(request: HttpRequest) -> Table:
    """The sample table: sorted by its links, columns remembered."""
    columns = [
        Column("title", _("Title"), lambda row: row.title, sort=("title",), fixed=True),
        Column("code", _("Archival code"), lambda row: row.code, css="code dim"),
        Column("state", _("State"), lambda row: row.word, html=lambda row: state_badge(row.state, row.word), css="c-s"),
        Column("pages", _("Pages"), lambda row: row.pages, sort=("pages",), css="num c-xs"),
        Column("day", _("Date"), lambda row: row.day, sort=("day",), css="num c-s"),
    ]
    return Table(request, "samples", columns, default="-day", title=lambda row: row.title)


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything that ``ui/patterns.html`` shows."""
    shown = table(request)
    column, descending = shown.sorted_by
    rows = sorted(_rows(), key=lambda row: getattr(row, column.sort[0]), reverse=descending)
    wrong = SampleForm({"title": "", "period": "Y", "department": "YB", "date": "2026-02-30"})
    wrong.is_valid()
    return {
        "table": shown,
        "rows": shown.rows(rows),
        "page": SimpleNamespace(items=rows, next="next", previous=""),
        "form": wrong,
        "refusal": Unavailable(),
        "digest": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        "states": [
            ("ok", _("Archived")), ("wait", _("Received")), ("warn", _("Metadata missing")), ("bad", _("Does not open")),
            ("hold", _("Sealed")), ("plain", _("Draft")),
        ],
        "steps": [
            {"state": "done", "label": _("Head of department"), "text": _("agreed"), "when": "11-21 08:12"},
            {"state": "now", "label": _("You"), "text": _("waiting for your signature")},
            {"state": "", "label": _("Archive room"), "text": _("acts on it")},
        ],
        "shares": [
            (_("Cardiology"), 98.6, "data", "71 / 72"), (_("Obstetrics"), 86.4, "warn", "57 / 66"), (_("Orthopaedics"), 78.3, "bad", "65 / 83"),
        ],
        "buttons": [{"label": _("Accept"), "value": "accept"}, {"label": _("Return"), "value": "return", "kind": "danger"}],
        "icons": ["archive", "search", "file-plus", "inbox", "book", "books", "scale", "chart-bar", "basket", "shield-check", "virus", "fingerprint"],
    }  # fmt: skip
