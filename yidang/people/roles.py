"""The duties that a person can hold, and which of them exclude each other."""

from django.utils.translation import gettext_lazy as _

ROLES = {
    "archivist": _("Archivist"),
    "records_clerk": _("Medical records clerk"),
    "department_clerk": _("Department filing clerk"),
    "staff": _("Staff"),
    "clinician": _("Clinician"),
    "approver": _("Approver"),
    "leader": _("Hospital leader"),
    "system_admin": _("System administrator"),
    "security_admin": _("Security administrator"),
    "audit_admin": _("Audit administrator"),
}

# Three separated administrators (DA/T 92-2022 9.1.3): each holds that duty and no other.
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
