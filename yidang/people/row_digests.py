"""Accounts and their duties bound to the log: the digest of what a person may, as an act leaves it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from yidang.audit.chain import canonical, hash_body
from yidang.audit.rows import RowKind, register, register_fields
from yidang.people.models import ApiClient, Department, DepartmentName, DepartmentSuccession, User

USER = "user"
# What opens an account, apart from what it may: the same person's key in the log, another kind of row.
SECRET, CLIENT, DEPARTMENT, NAME, SUCCESSION = "password", "client", "department", "department_name", "succession"

KINDS = (USER, SECRET, CLIENT, DEPARTMENT, NAME, SUCCESSION)


def digest_of(user: User) -> str:
    """The digest of one account and its duties, as the database holds them now."""
    return digests_of_users([str(user.public_id)])[str(user.public_id)]


def digests_of_users(keys: Sequence[str]) -> dict[str, str]:
    """The digests of accounts by their public ids; names of persons are left out, because the log must outlive them."""
    rows = User.objects.filter(public_id__in=[UUID(key) for key in keys]).select_related("department")
    return {str(user.public_id): _digest(user) for user in rows.prefetch_related("duties__department")}


def _digest(user: User) -> str:
    duties = [
        [
            duty.role, list(duty.class_codes), duty.department.key if duty.department else "",
            str(duty.valid_from or ""), str(duty.valid_until or ""),
        ]
        for duty in user.duties.all()
    ]  # fmt: skip
    return hash_body(
        canonical(
            {
                "username": user.username, "department": user.department.key if user.department else "",
                "clearance": user.clearance, "active": user.is_active, "duties": sorted(duties),
            }
        )
    )  # fmt: skip


def _keys() -> Iterator[str]:
    for key in User.objects.order_by("pk").values_list("public_id", flat=True).iterator(chunk_size=2000):
        yield str(key)


def lend() -> None:
    """Have accounts, what opens them, and departments compared with the log."""
    register(RowKind(USER, digests_of_users, _keys))
    register_fields(SECRET, User, "public_id", ("password", "password_changed_at", "must_change_password"))
    register_fields(
        CLIENT, ApiClient, "public_id",
        ("name", "owner__username", "token_digest", "scopes", "addresses", "expires_at", "revoked_at"),
    )  # fmt: skip
    register_fields(DEPARTMENT, Department, "key", ("parent__key", "opened_on", "closed_on"))
    register_fields(NAME, DepartmentName, "pk", ("department__key", "zh", "en", "valid_from", "valid_until"))
    register_fields(SUCCESSION, DepartmentSuccession, "pk", ("predecessor__key", "successor__key", "on"))
