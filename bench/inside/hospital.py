"""A generated hospital of any size: rows, page texts and the feed of changes, written straight to where they belong."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.core.management import call_command
from django.db import transaction

from bench import samples
from bench.inside.pouring import Mould, next_key, settle
from yidang.catalogue import holdings
from yidang.catalogue.models import Document, Fonds, MetadataScheme, Record, RecordClass
from yidang.common.actor import Actor
from yidang.common.ids import new_public_id
from yidang.people.models import Department, DepartmentName, Duty, User
from yidang.permissions.models import Grant
from yidang.search import pagetext

CLASSES = 40
CHARACTERS = 260
CHUNK = 2000
T = TypeVar("T")
BEGIN = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class People:
    """Who asks: one who may see everything, one of a department."""

    archivist: Actor
    colleague: Actor


def furnish() -> People:
    """Tables, departments, classes, two people."""
    call_command("migrate", verbosity=0)
    fonds = Fonds.objects.create(code="Y012", labels={"zh": "仁和医院", "en": "Renhe Hospital"})
    for number, name in enumerate(samples.DEPARTMENTS):
        department = Department.objects.create(key=f"D{number:02d}", position=number)
        DepartmentName.objects.create(department=department, zh=name)
    # A third is open to the hospital, the rest to the department that made it: a normal user sees some 35 % of all.
    for number in range(CLASSES):
        RecordClass.objects.create(
            fonds=fonds,
            code=f"K{number:02d}",
            labels={"zh": f"门类{number}", "en": f"Class {number}"},
            visibility="hospital" if number % 3 == 0 else "department",
        )
    archivist = User.objects.create(username="lin", display_name="林静", clearance=3)
    Duty.objects.create(user=archivist, role="archivist")
    colleague = User.objects.create(
        username="zhao", display_name="赵磊", clearance=2, department=Department.objects.get(key="D00")
    )
    return People(
        Actor("person", "lin", "林静", archivist.pk, None, frozenset({"archivist"})),
        Actor("person", "zhao", "赵磊", colleague.pk, colleague.department_id, frozenset({"staff"})),
    )


@dataclass(frozen=True)
class Places:
    """Where generated records go: classes as (key, code)."""

    fonds: int
    classes: list[tuple[int, str]]
    departments: list[int]

    @classmethod
    def found(cls) -> "Places":
        """What the database has; personal classes are left to real files."""
        open_ones = RecordClass.objects.filter(takes_records=True, visibility__in=["hospital", "department"])
        return cls(
            Fonds.objects.order_by("pk")[0].pk,
            list(open_ones.order_by("code").values_list("pk", "code")),
            list(Department.objects.order_by("key").values_list("pk", flat=True)),
        )


def _record_mould(places: Places) -> Mould:
    return Mould(Record, fonds_id=places.fonds, code_state="final", state="archived")


def _record(number: int, chance: random.Random, places: Places, *, skewed: bool) -> dict[str, Any]:
    """What is a record's own."""
    # Of a real hospital the later years hold more, and a few classes and departments hold most.
    year = min(2026, 2000 + int(27 * chance.random() ** 0.6)) if skewed else chance.randint(2000, 2026)
    day = date(year, chance.randint(1, 12), chance.randint(1, 28))
    received = BEGIN + timedelta(seconds=number * 60)
    record_class, class_code = _one_of(places.classes, chance, skewed)
    return {
        "public_id": new_public_id(),
        "record_class_id": record_class,
        "title": samples.title(chance),
        "document_number": f"仁医发〔{year}〕{chance.randint(1, 400)}号",
        "creator": chance.choice(samples.DEPARTMENTS),
        "parties": [samples.person(chance)],
        "department_id": _one_of(places.departments, chance, skewed),
        "date": day.isoformat(),
        "date_first": day,
        "date_last": day,
        "year": year,
        "retention": chance.choice(("Y", "D30", "D10")),
        "level": chance.choice((0, 1, 1, 1, 2, 3)),
        "code": f"Y012-{class_code}·{year}-D30-G{number:07d}",
        "accession_number": f"G{year}-{number:08d}",
        "received_at": received,
        "archived_at": received,
        "updated_at": received,
    }


def _one_of(choices: Sequence[T], chance: random.Random, skewed: bool) -> T:
    return choices[int(len(choices) * chance.random() ** 3)] if skewed else chance.choice(choices)


def crowd(people: int, grants: int, *, seed: int = 5) -> None:
    """Put in so many people of all departments, and as many permissions, one in a hundred of them to ``zhao``."""
    chance = random.Random(seed)
    departments = list(Department.objects.order_by("key").values_list("pk", flat=True))
    made = User.objects.bulk_create(
        (
            User(
                username=f"g{number:05d}", display_name=samples.person(chance), clearance=chance.choice((1, 1, 2)),
                department_id=_one_of(departments, chance, True),
            )
            for number in range(people)
        ),
        batch_size=CHUNK,
    )  # fmt: skip
    zhao, last = User.objects.get(username="zhao"), Record.objects.order_by("-pk").values_list("pk", flat=True)[0]
    until = datetime.now(UTC) + timedelta(days=30)
    Grant.objects.bulk_create(
        (
            Grant(
                subject=zhao if number % 100 == 0 else chance.choice(made),
                record_id=chance.randint(1, last),
                until=until,
            )
            for number in range(grants)
        ),
        batch_size=CHUNK,
    )


def hold_texts() -> None:
    """Give the schemes of the classes a personal field for texts, so that ten million of them need no ten million files."""
    field = {
        "key": samples.TEXT,
        "type": "text",
        "personal": True,
        "labels": {"zh": "生成的正文", "en": "Generated text"},
    }
    bare = RecordClass.objects.filter(scheme=None)
    if bare.exists():
        bare.update(scheme=MetadataScheme.objects.create(key="generated", labels={"zh": "生成"}, fields=[]))
    for scheme in MetadataScheme.objects.all():
        if not any(entry["key"] == samples.TEXT for entry in scheme.fields):
            MetadataScheme.objects.filter(pk=scheme.pk).update(fields=[*scheme.fields, field])


def fill(
    records: int, *, seed: int = 7, skewed: bool = False, texts: bool = True, inline: bool = False
) -> Iterator[int]:
    """Write so many more records with one document and one page of text each; yields how many there are after each step.

    :param skewed: with the unevenness of a real hospital
    :param texts: the pages' texts as well, one file each
    :param inline: the texts in the field of :func:`hold_texts` instead
    """
    places, chance = Places.found(), random.Random(seed)
    before = Record.objects.filter(accession_number__startswith="G2").count()
    record_key, document_key = next_key(Record), next_key(Document)
    of_records, of_documents = _record_mould(places), _document_mould()
    for first in range(0, records, CHUNK):
        record_rows, document_rows = [], []
        for number in range(first, min(first + CHUNK, records)):
            own = _record(before + number, chance, places, skewed=skewed)
            if inline:
                own["metadata"] = {samples.TEXT: samples.prose(chance, CHARACTERS)}
            mark = _text(own["public_id"], chance) if texts else ""
            record_rows.append(of_records.cast(id=record_key + number, **own))
            document_rows.append(
                of_documents.cast(
                    id=document_key + number,
                    record_id=record_key + number,
                    sha256=f"{record_key + number:064x}",
                    sha512=f"{record_key + number:0128x}",
                    sm3=f"{record_key + number:064x}",
                    text_state="ready" if mark else "none",
                    text_mark=mark,
                )
            )
        with transaction.atomic():
            of_records.pour(record_rows)
            of_documents.pour(document_rows)
        yield min(first + CHUNK, records)
    settle(Record, Document)
    with transaction.atomic():
        holdings.recount()


def _document_mould() -> Mould:
    return Mould(
        Document,
        number=1,
        name="正文.pdf",
        path="documents/0001.pdf",
        size=20_000,
        format="fmt/276",
        mime="application/pdf",
        pages=1,
    )


def _text(public_id: UUID, chance: random.Random) -> str:
    return pagetext.write_pages(public_id, 1, [samples.prose(chance, CHARACTERS)])[0]
