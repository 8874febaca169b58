"""People of every kind with accounts of their own; prints each as one line of JSON."""

import json
from datetime import UTC, datetime

from bench.load import ROLES
from yidang.common.actor import Actor
from yidang.people.actions import create_client, create_user
from yidang.people.models import Department
from yidang.people.roles import scopes_of

FOUNDER = Actor.system("bench")
AT_ARCHIVE = {"archivist", "records_clerk"}


def main(people: int) -> None:
    """Employ them in turn: archivists in the archive, the others spread over all departments."""
    now = datetime.now(UTC)
    archive = Department.objects.get(key="DA")
    offices = list(Department.objects.exclude(pk=archive.pk).order_by("key"))
    for number in range(people):
        role = ROLES[number % len(ROLES)]
        username, password = f"day{number:03d}", f"Songtao-{number:03d}-yunduan"
        user = create_user(
            username=username, display_name=f"值班{number:03d}", password=password, roles=[role], must_change=False, clearance=1,
            department=archive if role in AT_ARCHIVE else offices[number % len(offices)],
            staff_number=f"DAY{number:03d}", actor=FOUNDER, now=now,
        )  # fmt: skip
        _client, token = create_client(
            f"{username}-bench",
            owner=user,
            scopes=sorted(scopes_of(frozenset({role}))),
            days=30,
            actor=FOUNDER,
            now=now,
        )
        print(json.dumps([username, role, password, token]), flush=True)
