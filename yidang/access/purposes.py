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


# What lets somebody look at what is private to somebody else (PIPL, articles 13, 29 and 34).
BASES = {
    "consent": _("Consent of the person, in writing"),
    "care": _("Necessary for treating the person"),
    "duty": _("A duty or power of the hospital by law"),
    "authority": _("An order of a court or an authority"),
    "research": _("Research that the ethics committee approved"),
    "emergency": _("To save life or health in an emergency"),
}
# Of a program that names none: what the purpose itself says.
BASIS_OF_PURPOSE = {"care": "care", "justice": "authority", "inspection": "duty"}


def basis_label(key: str) -> str:
    """A legal basis in words."""
    return str(BASES.get(key, key))
