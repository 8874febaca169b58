"""Departments: made, renamed, moved and merged; what they were is kept, because their records carry it."""

import re
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yidang import audit
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState
from yidang.people import row_digests
from yidang.people.departments import departments_reached_from
from yidang.people.models import Department, DepartmentName, DepartmentSuccession, Duty, User
from yidang.people.policy import require_administers

KEY = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")


def _check_name(zh: str) -> None:
    if not zh.strip():
        raise InvalidInput(_("The department's Chinese name is missing."), field="zh")


def create_department(
    key: str,
    *,
    zh: str,
    actor: Actor,
    now: datetime,
    en: str = "",
    parent: Department | None = None,
    opened_on: date | None = None,
) -> Department:
    """Make a department.

    :param key: its short code, used in archival codes, such as YB
    :raises NotAllowed: the actor is not the security administrator
    :raises InvalidInput: the key is taken or cannot be used
    """
    require_administers(actor)
    key = key.strip().upper()
    _check_name(zh)
    if not KEY.fullmatch(key):
        raise InvalidInput(
            _("A department's key has 1 to 20 capitals, digits and hyphens."), field="key",
            remedy=_("Use the initials, such as YB for 院长办公室."),
        )  # fmt: skip
    if Department.objects.filter(key=key).exists():
        raise InvalidInput(_("There is a department «%(key)s» already.") % {"key": key}, field="key")
    with transaction.atomic():
        department = Department.objects.create(
            key=key, parent=parent, opened_on=opened_on, position=Department.objects.filter(parent=parent).count()
        )
        DepartmentName.objects.create(department=department, zh=zh.strip(), en=en.strip(), valid_from=opened_on)
        audit.write(
            "people.department.created", actor=actor, target_kind="department", target=department.key, now=now,
            facts={"name": zh.strip(), "parent": parent.key if parent else ""},
        )  # fmt: skip
        audit.bind(row_digests.DEPARTMENT, [department.key], actor=actor, now=now)
        audit.bind(row_digests.NAME, department.names.values_list("pk", flat=True), actor=actor, now=now)
    return department


def rename_department(
    department: Department, *, zh: str, on: date, actor: Actor, now: datetime, en: str = ""
) -> DepartmentName:
    """Call a department otherwise from a day on; what it was called before is kept, and so are its records.

    :raises NotAllowed: the actor is not the security administrator
    :raises InvalidInput: the day is not after the day on which the present name began
    """
    require_administers(actor)
    _check_name(zh)
    with transaction.atomic():
        present = DepartmentName.objects.select_for_update().filter(department=department, valid_until=None).first()
        if present is not None:
            if present.valid_from and on <= present.valid_from:
                raise InvalidInput(
                    _("The new name has to begin after %(day)s.") % {"day": present.valid_from}, field="on",
                    remedy=_("The present name began on that day."),
                )  # fmt: skip
            DepartmentName.objects.filter(pk=present.pk).update(valid_until=on - timedelta(days=1))
        name = DepartmentName.objects.create(department=department, zh=zh.strip(), en=en.strip(), valid_from=on)
        audit.write(
            "people.department.renamed", actor=actor, target_kind="department", target=department.key, now=now,
            facts={"from": present.zh if present else "", "to": name.zh, "on": on.isoformat()},
        )  # fmt: skip
        audit.bind(row_digests.NAME, [one.pk for one in (present, name) if one is not None], actor=actor, now=now)
    return name


def move_department(department: Department, *, parent: Department | None, actor: Actor, now: datetime) -> None:
    """Hang a department under another one.

    :raises NotAllowed: the actor is not the security administrator
    :raises WrongState: it would stand below itself
    """
    require_administers(actor)
    with transaction.atomic():
        if parent is not None and parent.pk in departments_reached_from(department.pk):
            raise WrongState(_("A department cannot stand below itself."), code="department_circle")
        department.parent = parent
        department.save(update_fields=["parent"])
        audit.write(
            "people.department.moved", actor=actor, target_kind="department", target=department.key, now=now,
            facts={"parent": parent.key if parent else ""},
        )  # fmt: skip
        audit.bind(row_digests.DEPARTMENT, [department.key], actor=actor, now=now)


def merge_department(
    department: Department, *, into: Department, on: date, actor: Actor, now: datetime
) -> DepartmentSuccession:
    """Close a department; another one takes over its work, its papers and its people.

    :raises NotAllowed: the actor is not the security administrator
    :raises WrongState: one was closed before, or it would take over itself
    """
    require_administers(actor)
    if department.closed_on is not None or into.closed_on is not None:
        raise WrongState(_("This department is closed already."), code="department_closed")
    if department.pk == into.pk or into.pk in departments_reached_from(department.pk):
        raise WrongState(
            _("A department cannot be merged into itself or into one below it."), code="department_circle_of_merging"
        )
    with transaction.atomic():
        succession = DepartmentSuccession.objects.create(predecessor=department, successor=into, on=on)
        department.closed_on = on
        department.save(update_fields=["closed_on"])
        moved = User.objects.filter(Q(department=department) | Q(duties__department=department)).distinct()
        keys = [str(key) for key in moved.values_list("public_id", flat=True)]
        people = User.objects.filter(department=department).update(department=into)
        Duty.objects.filter(department=department).update(department=into)
        digests = row_digests.digests_of_users(keys)
        audit.write_many(
            [
                *(
                    audit.Event("people.user.moved", actor, row_digests.USER, key, facts={"into": into.key}, row=digests[key])
                    for key in keys
                ),
                audit.Event(
                    "people.department.merged", actor, "department", department.key,
                    facts={"into": into.key, "on": on.isoformat(), "people": people},
                ),
            ],
            now=now,
        )  # fmt: skip
        audit.bind(row_digests.DEPARTMENT, [department.key], actor=actor, now=now)
        audit.bind(row_digests.SUCCESSION, [succession.pk], actor=actor, now=now)
    return succession
