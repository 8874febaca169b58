"""Forms of these pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

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
