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

# What an API client may be allowed at most, by the duties of its owner; who holds no duty at all is treated as staff.
_USE = frozenset({"filing", "records", "search", "requests"})
SCOPES_OF_ROLE = {
    "archivist": _USE | {"climate"},
    "records_clerk": _USE,
    "department_clerk": _USE,
    "staff": _USE,
    "clinician": _USE,
    "approver": _USE,
    "leader": _USE,
    "system_admin": frozenset({"admin", "climate"}),
    "security_admin": frozenset({"admin"}),
    "audit_admin": frozenset({"audit"}),
}
SCOPES = {
    "filing": _("File documents and ask after them"),
    "records": _("Read records"),
    "search": _("Search"),
    "requests": _("Ask for access and decide about it"),
    "climate": _("Hand in climate readings"),
    "audit": _("Read the log"),
    "admin": _("Administer"),
}


def scopes_of(duties: frozenset[str]) -> frozenset[str]:
    """The scopes that a client of a person with these duties may have."""
    return frozenset().union(*(SCOPES_OF_ROLE.get(role, frozenset()) for role in (duties or {"staff"})))
