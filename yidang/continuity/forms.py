"""Forms of these pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yidang.catalogue.models import RecordClass
from yidang.continuity.models import HeldFormat

RISKS = [(HeldFormat.LOW, _("low")), (HeldFormat.MEDIUM, _("medium")), (HeldFormat.HIGH, _("high"))]


class JudgementForm(forms.Form):
    """How an archivist judges a format."""

    risk = forms.ChoiceField(label=_("Risk"), choices=RISKS, widget=forms.RadioSelect)
    plan = forms.CharField(
        label=_("Plan"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is to be done with files of this format, and when it is looked at again."),
    )  # fmt: skip


class ConversionForm(forms.Form):
    """Which documents of a format are converted, and how many at first."""

    permanent_only = forms.BooleanField(label=_("Only records that are kept for ever"), required=False)
    again = forms.BooleanField(
        label=_("Also those that were not kept before"), required=False,
        help_text=_("Useful after the program or LibreOffice was renewed."),
    )  # fmt: skip
    most = forms.IntegerField(
        label=_("No more than"), required=False, min_value=1, max_value=10_000_000,
        help_text=_("Documents; empty for all. A first hundred shows what to expect."),
    )  # fmt: skip


class PackForm(forms.Form):
    """Which records a century pack holds; nothing chosen means all that the person may copy."""

    record_class = forms.ChoiceField(label=_("Class"), required=False)
    year = forms.IntegerField(label=_("Year"), required=False, min_value=1800, max_value=2999)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    record = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, language: str, **more: Any) -> None:
        super().__init__(*args, **more)
        classes = RecordClass.objects.order_by("code")
        choices = [("", _("all classes")), *((one.code, f"{one.code} {one.label(language)}") for one in classes)]
        self.fields["record_class"].choices = choices  # type: ignore[attr-defined]

    @property
    def selection(self) -> dict[str, Any]:
        """What was chosen, as a pack keeps it."""
        said = self.cleaned_data
        chosen = {
            "class": said["record_class"], "year": said["year"], "query": said["query"], "record": str(said["record"] or "")
        }  # fmt: skip
        return {name: value for name, value in chosen.items() if value}
