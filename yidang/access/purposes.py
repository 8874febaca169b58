"""What archives are used for: one vocabulary for requests, the register of uses and the yearly report."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PURPOSES = {
    "work": _("Reference for work"),
    "care": _("Treatment"),
    "patient": _("Asked by the patient or their proxy"),
    "insurance": _("Insurance claim"),
    "justice": _("Courts, police, lawyers"),
    "inspection": _("Audit or inspection"),
    "research": _("Research and teaching"),
    "history": _("Writing history"),
    "publicity": _("Publicity"),
    "other": pgettext_lazy("purpose", "Other"),
}


def purpose_label(key: str) -> str:
    """A purpose in words; an unknown one by its key."""
    return str(PURPOSES.get(key, key))
