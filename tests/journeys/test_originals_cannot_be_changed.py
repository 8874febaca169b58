"""What was filed and accepted stays as it is, whoever tries which address with which verb (promise D1)."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client

from tests.architecture.routes import NOBODY, Route, routes
from tests.archive import Archive
from tests.cast import PASSWORD, PEOPLE
from yidang.audit.rows import check_rows
from yidang.catalogue.models import Document, Record
from yidang.people.models import User
from yidang.people.roles import scopes_of

# What forms of this program call their fields: something plausible for each of them.
SAID = {
    "reason": "试一试能不能改", "note": "试一试", "answer": "试一试", "title": "改过的题名", "name": "改过的名字",
    "do": "save", "choice": "approve", "decision": "approve", "verdict": "justified", "result": "given", "kind": "counter",
    "purpose": "work", "ground": "office", "ground_detail": "介绍信", "pages": "1", "days": "3", "actions": "copy", "state": "withdrawn",
    "retention": "D10", "level": "0", "password": PASSWORD, "confirm": "yes", "item": "1", "number": "1", "copies": "1",
    "present": "林静、何敏", "regions": "[]", "lines": "1\t甲", "source_system": "oa", "force": "yes", "delete": "yes",
}  # fmt: skip
# These end the reader's own session or change the reader's own word to enter with.
OWN_DOOR = ("/sign-out/", "/password/", "/sign-in/", "/first-start/")


def standing(data: Path, record: Record) -> dict[str, str]:
    """Digests of every byte of the record's object at every site."""
    object_files = [
        path for path in (data / "vault").rglob("*") if path.is_file() and str(record.object_id) in str(path)
    ]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in object_files}


def described(record: Record) -> dict[str, Any]:
    """The rows of the record and its documents."""
    row = Record.objects.filter(pk=record.pk).values().get()
    changing = {"updated_at"}
    return {
        **{key: value for key, value in row.items() if key not in changing},
        "documents": list(
            Document.objects.filter(record=record)
            .order_by("number")
            .values("number", "name", "size", "sha512", "sha256")
        ),
    }


def addresses(record: Record) -> Iterator[tuple[Route, str]]:
    """Every address, with the ids of this record in the places of made-up ones."""
    submission = str(record.submission.public_id)
    for route in routes():
        if route.path.startswith(OWN_DOOR):
            continue
        owner = submission if route.name.startswith("intake:") or "/filings" in route.path else str(record.public_id)
        yield route, route.path.replace(str(NOBODY), owner).replace("nothing", str(record.public_id))


@pytest.mark.slow
@pytest.mark.gbt39784("5.3-5")
@pytest.mark.promise("D1")
@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_changes_or_removes_what_was_filed(archive: Archive, data: Path, who: str) -> None:
    record = archive.file(by="lin" if who == "lin" else "xu")
    token = archive.cast.token(who, *sorted(scopes_of(archive.cast.actor(who).duties)))
    bytes_before, rows_before = standing(data, record), described(record)
    assert len(bytes_before) >= 8, "the object has files at two sites"
    browser = archive.cast.client(who)
    browser.raise_request_exception = False
    machine = Client(headers={"Authorization": f"Bearer {token}"})
    machine.raise_request_exception = False
    body = {
        **SAID,
        "record": str(record.public_id),
        "records": str(record.public_id),
        "chosen": str(record.submission.public_id),
    }
    since: list[str] = []
    for route, path in addresses(record):
        api = "/api/" in path
        caller = machine if api else browser
        for verb in ("post", "delete", "put", "patch") if api else ("post", "delete")[: 2 if who == "lin" else 1]:
            said = json.dumps(body) if verb != "post" or api else body
            kind = {"content_type": "application/json"} if isinstance(said, str) else {}
            answer = getattr(caller, verb)(path, said, **kind)
            since.append(f"{verb} {route.pattern}")
            if not api and answer.status_code == 302 and answer["Location"].startswith("/sign-in"):
                browser = archive.cast.client(who)
        if len(since) > 40:
            assert described(record) == rows_before, f"one of these changed the description: {since}"
            since.clear()
    assert described(record) == rows_before, f"one of these changed the description: {since}"
    assert standing(data, record).items() >= bytes_before.items()
    assert not list(check_rows()), "a row was changed without the log knowing"


@pytest.mark.promise("D1")
def test_there_are_no_pages_of_an_almighty_administrator() -> None:
    assert not apps.is_installed("django.contrib.admin")
    assert not {field.name for field in User._meta.get_fields()} & {"is_superuser", "is_staff"}
    assert not [route.pattern for route in routes() if "admin" in route.pattern.split("/")]


@pytest.mark.promise("D1")
def test_rows_of_what_was_filed_do_not_go_by_the_programs_own_means(archive: Archive, data: Path) -> None:
    record = archive.file()
    bytes_before = standing(data, record)
    for row in (record, record.submission, Document.objects.get(record=record)):
        try:
            with transaction.atomic():
                row.delete()
                assert list(check_rows()), f"{row!r} is gone and nothing tells"
                transaction.set_rollback(True)
        except ProtectedError:
            continue
    assert standing(data, record) == bytes_before
