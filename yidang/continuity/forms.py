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
