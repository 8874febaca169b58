"""The catalogue's rows from the vault's objects, when the database is lost or older: what ``record.json`` tells becomes a record."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from yidang import audit, jobs
from yidang.audit import adopting
from yidang.catalogue import beside, copies, holding, holdings, package, reference, relating, row_digests
from yidang.catalogue.models import (
    ArchivalCode,
    CopyRule,
    Counter,
    Document,
    Fonds,
    Record,
    RecordChange,
    RecordClass,
    Rendition,
    RetentionRule,
    RetentionSchedule,
)
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.dates import parse_civil_date
from yidang.common.errors import YidangError
from yidang.people.models import Department, User
from yidang.people.row_digests import KINDS as PEOPLE_KINDS
from yidang.vault.models import Tombstone
from yidang.vault.recovering import FoundObject, Rebuilt, register_builder

REBUILDER = Actor.system("rebuild")
PLAIN = (
    "kind", "title", "document_number", "creator", "date", "year", "retention", "patient_number", "code", "code_state",
    "accession_number", "description", "keywords", "parties", "metadata", "workflow", "source_system", "source_id", "state",
)  # fmt: skip
# What a description tells of a record, beside its id and its fonds, which stay.
TOLD = (
    *PLAIN, "record_class", "level", "department", "retention_rule", "owner", "date_first", "date_last", "received_at", "archived_at",
    "updated_at",
)  # fmt: skip
DOCUMENT = ("number", "role", "name", "path", "size", "sha256", "sha512", "sm3", "format", "mime", "pages")
_NUMBER = re.compile(r"(.*?)(\d+)$")


def build_reference(objects: Sequence[FoundObject], done: Rebuilt) -> None:
    """Make fonds, classes, schemes, schedules and departments; other system objects are not the catalogue's."""
    for one in objects:
        if one.object_id != reference.OBJECT_ID:
            continue
        before = _copy_rules()
        reference.load_reference(json.loads(one.read(reference.PATH)))
        for schedule in RetentionSchedule.objects.all():
            audit.write(
                "catalogue.schedule.rebuilt", actor=REBUILDER, target_kind=row_digests.SCHEDULE, target=schedule.pk,
                facts={"version": schedule.version}, row=row_digests.digest_of_schedule(schedule),
            )  # fmt: skip
        for fonds in Fonds.objects.all():
            audit.write(
                "catalogue.fonds.rebuilt", actor=REBUILDER, target_kind=row_digests.FONDS, target=fonds.public_id,
                facts={"code": fonds.code}, row=row_digests.digest_of_fonds(fonds),
            )  # fmt: skip
        audit.bind(copies.RULE, {*before, *_copy_rules()}, actor=REBUILDER, now=clock.now())
        done.made |= {"fonds": Fonds.objects.count(), "classes": RecordClass.objects.count()}


def _copy_rules() -> list[UUID]:
    return list(CopyRule.objects.values_list("public_id", flat=True))


class RecordBuilder:
    """Makes records batch by batch, and at the end what can only be said of all of them together."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._items: dict[str, list[str]] = defaultdict(list)
        self._built: list[str] = []
        self._given_back: list[tuple[int, str, str]] = []
        self._relations: dict[str, dict[str, Any]] = {}
        self._rows: _Rows | None = None

    def build(self, objects: Sequence[FoundObject], done: Rebuilt) -> None:
        """Make the records of a batch with documents and codes, or bring them up to it, and put them on the feed."""
        self._rows = self._rows or _Rows()
        now, records, told = clock.now(), [], []
        for one in objects:
            try:
                description = json.loads(one.read("record.json"))
                records.append(self._rows.record(one, description))
                told.append(description)
            except (OSError, ValueError, KeyError, TypeError, YidangError) as problem:
                done.unreadable.append((str(one.object_id), f"{type(problem).__name__}: {problem}"))
                continue
            if description.get("volume"):
                self._items[description["volume"]].append(description["id"])
            for row in description.get("relations", ()):
                if (
                    row["ended_at"] or row["id"] not in self._relations
                ):  # both objects tell of it, one perhaps of its end
                    self._relations[row["id"]] = row
            if records[-1].state == Record.WITHDRAWN:
                self._give_back(one, records[-1])
        _save(records)
        Document.objects.bulk_create(
            (
                Document(record=record, **{name: part.get(name) for name in DOCUMENT})
                for record, description in zip(records, told, strict=True)
                for part in description["documents"]
            ),
            update_conflicts=True, unique_fields=["record", "number"], update_fields=list(DOCUMENT[1:]),
        )  # fmt: skip
        _make_renditions(records, told)
        holding.make_holds(records, told)
        for part in beside.PARTS:
            with_it = [(record, one[part.name]) for record, one in zip(records, told, strict=True) if part.name in one]
            if with_it:
                part.make(with_it, self._rows.person, REBUILDER)
        _give_codes([_code(one.fonds_id, one.code, one.code_state, one.pk) for one in records if one.code])
        self._built += [str(record.public_id) for record in records]
        RecordChange.objects.bulk_create(RecordChange(record_id=record.pk, at=now) for record in records)
        # By its name: the package that reads texts stands above this one. A worker without it leaves the jobs alone.
        jobs.later_many("digitisation.extract", [{"record_id": record.pk} for record in records])
        done.made["records"] = done.made.get("records", 0) + len(records)
        done.made["documents"] = done.made.get("documents", 0) + sum(len(one["documents"]) for one in told)

    def _give_back(self, one: FoundObject, record: Record) -> None:
        """A record that was taken back bore a code once, which its earlier description tells."""
        for version in range(one.inventory.head - 1, 0, -1):
            if code := json.loads(one.read("record.json", version=version)).get("code"):
                state = ArchivalCode.RELEASED if record.record_class.without_gaps else ArchivalCode.VOID
                self._given_back.append((record.fonds_id, code, state))
                return

    def finish(self, done: Rebuilt) -> None:
        """Items into their volumes, codes that nobody bears, counters, counts, and every row into the log."""
        for volume_id, item_ids in self._items.items():
            volume = Record.objects.get(public_id=volume_id)
            items = Record.objects.filter(public_id__in=item_ids)
            items.update(volume=volume)
            last = items.order_by("date_first", "code").values_list("date_last", flat=True).last()
            Record.objects.filter(pk=volume.pk).update(date_last=last)
        _give_codes([_code(fonds_id, code, state, None) for fonds_id, code, state in self._given_back])
        _count_on()
        holdings.recount()
        _into_the_log(self._built)
        self._relate(done)
        # Departments, and the closed accounts of persons whom files are about, came without an act of their own.
        adopting.adopt_unknown(actor=REBUILDER, reason="rebuild", kinds=PEOPLE_KINDS)
        done.made["volumes"] = len(self._items)
        self._forget()

    def _relate(self, done: Rebuilt) -> None:
        """Relations once all records are there; one to a record that was destroyed ended with it."""
        for key in relating.make_relations(self._relations, REBUILDER):
            ends = [self._relations[key][end] for end in (relating.FROM, relating.TO)]
            if not Tombstone.objects.filter(object_id__in=ends).exists():
                done.unreadable.append((key, "a relation to a record that is not here: {} {}".format(*ends)))


def _save(records: Sequence[Record]) -> None:
    """Make the rows of records that are not there, and give those that are there what their descriptions tell now."""
    known = dict(Record.objects.filter(public_id__in=[one.public_id for one in records]).values_list("public_id", "pk"))
    for one in records:
        one.pk = known.get(UUID(str(one.public_id)))
    made = Record.objects.bulk_create(one for one in records if one.pk is None)
    there = [one for one in records if one not in made]
    if there:
        Record.objects.bulk_update(there, TOLD)
        # A code that a record no longer bears is not given to another one.
        borne = [one.code for one in there if one.code]
        ArchivalCode.objects.filter(record_id__in=[one.pk for one in there]).exclude(code__in=borne).update(
            state=ArchivalCode.VOID, record_id=None
        )


def _give_codes(codes: Sequence[ArchivalCode]) -> None:
    ArchivalCode.objects.bulk_create(
        codes, update_conflicts=True, unique_fields=["fonds", "code"], update_fields=["state", "record_id"]
    )


class _Rows:
    """What records refer to, by the keys that their descriptions use."""

    def __init__(self) -> None:
        self.fonds = {row.code: row for row in Fonds.objects.all()}
        self.classes = {(row.fonds_id, row.code): row for row in RecordClass.objects.all()}
        self.departments = {row.key: row.pk for row in Department.objects.all()}
        # The newest schedule that has the rule; later ones overwrite.
        rules = RetentionRule.objects.select_related("schedule").order_by("schedule_id")
        self.rules = {(row.schedule.fonds_id, row.key): row.pk for row in rules}
        self.people = {row.username: row.pk for row in User.objects.all()}

    def record(self, one: FoundObject, told: dict[str, Any]) -> Record:
        """The row, not saved."""
        fonds = self.fonds[told["fonds"]]
        civil = parse_civil_date(told["date"]) if told["date"] else None
        made = one.inventory.content["versions"][f"v{one.inventory.head}"]["created"]
        return Record(
            public_id=told["id"],
            fonds=fonds,
            record_class=self.classes[fonds.pk, told["class"]],
            level=package.LEVELS.index(told["security"]),
            department_id=self.departments[told["department"]] if told["department"] else None,
            retention_rule_id=self.rules[fonds.pk, told["retention_rule"]] if told["retention_rule"] else None,
            owner_id=self.person(told["owner"]) if told["owner"] else None,
            date_first=civil.first if civil else None,
            date_last=civil.last if civil else None,
            received_at=datetime.fromisoformat(told["received_at"]),
            archived_at=datetime.fromisoformat(told["archived_at"]) if told["archived_at"] else None,
            updated_at=datetime.fromisoformat(made),
            **{name: told[name] for name in PLAIN},
        )

    def person(self, username: str) -> int:
        """The account of a person whom a file is about; made anew it is inactive until the security administrator looks."""
        if username not in self.people:
            person = User(username=username, display_name=username, is_active=False, must_change_password=True)
            person.set_unusable_password()
            person.save()
            self.people[username] = person.pk
        return self.people[username]


def _make_renditions(records: Sequence[Record], told: Sequence[dict[str, Any]]) -> None:
    """The conversions that descriptions tell of, beside their documents."""
    of = {str(record.public_id): record.pk for record in records}
    wanted = [(of[one["id"]], rendition) for one in told for rendition in one.get("renditions", ())]
    rows = Document.objects.filter(record__in={record_id for record_id, _rendition in wanted}) if wanted else []
    documents = {(row.record_id, row.number): row for row in rows}
    Rendition.objects.bulk_create(
        (Rendition(
            public_id=one["id"], document=documents[record_id, one["document"]],
            made_at=datetime.fromisoformat(one["made_at"]),
            **{name: one[name] for name in ("target", "outcome", "made_by", "facts", *package.RENDITION_FILE)},
        )
        for record_id, one in wanted),
        ignore_conflicts=True,
    )  # fmt: skip


def _code(fonds_id: int, code: str, state: str, record_id: int | None) -> ArchivalCode:
    match = _NUMBER.fullmatch(code)
    series, number = (match[1], int(match[2])) if match else (code, 0)
    return ArchivalCode(
        fonds_id=fonds_id, code=code, series=series, number=number, state=state, record_id=record_id
    )  # fmt: skip


def _count_on() -> None:
    """Set the counters behind the highest numbers that were given out."""
    last: dict[str, int] = defaultdict(int)
    for series, number in ArchivalCode.objects.values_list("series", "number").iterator(chunk_size=2000):
        last[f"code/{series}"] = max(last[f"code/{series}"], number)
    for accession in Record.objects.values_list("accession_number", flat=True).iterator(chunk_size=2000):
        year, _dash, counted = accession.rpartition("-")
        if counted.isdecimal():
            last[f"accession/{year}"] = max(last[f"accession/{year}"], int(counted))
    for series, number in Counter.objects.filter(series__in=last).values_list("series", "last"):
        last[series] = max(last[series], number)
    Counter.objects.bulk_create(
        (Counter(series=series, last=number) for series, number in last.items()), batch_size=500,
        update_conflicts=True, unique_fields=["series"], update_fields=["last"],
    )  # fmt: skip


def _into_the_log(keys: Sequence[str]) -> None:
    """Bind every row that was built to the log by its digest."""
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        digests = row_digests.digests_of_records(part)
        audit.write_many(
            [
                audit.Event("catalogue.record.rebuilt", REBUILDER, row_digests.RECORD, key, row=digest)
                for key, digest in digests.items()
            ],
            now=clock.now(),
        )
        for one in Rendition.objects.filter(document__record__public_id__in=part).select_related("document__record"):
            audit.write(
                "catalogue.rendition.rebuilt", actor=REBUILDER, target_kind=row_digests.RENDITION, target=one.public_id,
                row=row_digests.digest_of_rendition(one),
            )  # fmt: skip
        holding.bind_rebuilt(REBUILDER, part)


def lend() -> None:
    """Have the vault's rebuild make the catalogue's rows."""
    builder = RecordBuilder()
    register_builder("system", build_reference)
    register_builder("record", builder.build, builder.finish)
