"""The database is gone: one site alone gives back everything that the catalogue knew."""

import json
import shutil
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.archive import Archive
from yidang import vault
from yidang.audit import rows
from yidang.catalogue import holding, numbers, package, reference, relating
from yidang.catalogue.actions import (
    create_volume,
    describe_record,
    end_relation,
    extend_retention,
    lift_hold,
    place_hold,
    relate,
    withdraw_record,
)
from yidang.catalogue.models import ArchivalCode, Document, Holding, Record, Relation, RetentionHold
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.people.models import User
from yidang.vault import errors, sites
from yidang.vault.models import Copy, StoredObject, Tombstone
from yidang.vault.recovering import NotEmpty

pytestmark = pytest.mark.django_db(transaction=True)
REBUILDER = Actor.system("rebuild")


def export() -> dict[str, Any]:
    """Everything that the catalogue knows, without the numbers of this one database."""
    records = Record.objects.select_related(
        "fonds", "record_class", "department", "retention_rule", "owner", "volume"
    ).prefetch_related("documents")
    dates = records.order_by("public_id").values_list("date_first", "date_last")
    codes = ArchivalCode.objects.order_by("code").values_list("code", "series", "number", "state", "fonds__code")
    return {
        "reference": reference.reference_json(),
        "records": [package.record_json(record) for record in records.order_by("public_id")],
        "dates": [[str(day) for day in pair] for pair in dates],
        "codes": [list(row) for row in codes],
        "pages": list(
            Document.objects.order_by("sha256", "record__public_id", "number").values_list("pages", flat=True)
        ),
        "holds": [holding.hold_json(hold) for hold in RetentionHold.objects.order_by("public_id")],
        "relations": [
            relating.relation_json(one)
            for one in Relation.objects.select_related("source", "target").order_by("public_id")
        ],
        "holdings": sorted(
            Holding.objects.filter(count__gt=0).values_list("record_class__code", "level", "year", "count")
        ),
    }


def full_archive(archive: Archive) -> list[Record]:
    """Records of several kinds: plain, described, waiting, taken back, in a volume, about a person."""
    plain, waiting = archive.file(keywords=["设备"]), archive.file(accepted=False)
    back = archive.file(accepted=False)
    with transaction.atomic():
        withdraw_record(back, actor=archive.cast.actor("lin"), now=clock.now())
    items = [
        archive.file(of="KJ·KY", date=day, metadata={"project_number": "2026KY"})
        for day in ("2025-01-10", "2025-06-01")
    ]
    volume = create_volume(items, title="课题一", actor=archive.cast.actor("lin"), now=clock.now())
    describe_record(plain, {"description": "补充的摘要"}, actor=archive.cast.actor("lin"), now=clock.now())
    actor, now = archive.cast.actor("lin"), clock.now()
    place_hold(plain, reason="合同纠纷未了结", actor=actor, now=now)
    lift_hold(
        waiting,
        place_hold(waiting, reason="审计期间", actor=actor, now=now).public_id,
        note="审计结束",
        actor=actor,
        now=now,
    )
    extend_retention(plain, period="Y", reason="重大基本建设", actor=actor, now=now)
    relate(plain, waiting, kind="answers", actor=actor, now=now)
    end_relation(plain, relate(volume, plain, kind="based_on", actor=actor, now=now).public_id, actor=actor, now=now)
    archive.work()
    reference.keep_reference()
    return [plain, waiting, back, *items, volume]


def lose_the_database() -> None:
    call_command("flush", verbosity=0, interactive=False)
    assert not StoredObject.objects.exists() and not User.objects.exists()


@pytest.mark.promise("B8")
def test_an_export_before_and_after_is_equal(archive: Archive) -> None:
    full_archive(archive)
    before = export()
    shutil.rmtree(sites.roots()[0].path)
    lose_the_database()
    done = vault.rebuild(site="second", actor=REBUILDER)
    assert done.unreadable == [] and done.made["records"] == len(before["records"])
    # Texts are read again, and pages counted where the count came after the receipt.
    archive.work()
    after = export()
    for part, told in before.items():
        assert json.loads(json.dumps(after[part], default=str)) == json.loads(json.dumps(told, default=str)), part
    # The other site is filled again and every row stands in the new log as it is.
    assert Copy.objects.filter(site__key="main").exclude(state="lagging").count() == 0
    assert vault.repair(actor=REBUILDER).is_well
    assert [state.findings for state in vault.scrub(actor=REBUILDER)] == [0, 0]
    assert list(rows.check_rows()) == []


def test_numbers_go_on_behind_the_highest(archive: Archive) -> None:
    first = archive.file()
    reference.keep_reference()
    lose_the_database()
    vault.rebuild(actor=REBUILDER)
    year, _dash, number = first.accession_number.rpartition("-")
    series = ArchivalCode.objects.get(code=first.code).series
    with transaction.atomic():
        assert numbers.take(f"accession/{year}", 1)[0] == int(number) + 1
        assert f"{series}{numbers.take(f'code/{series}', 1)[0]:04d}" > first.code


def test_what_was_destroyed_does_not_come_back_with_an_old_disk(archive: Archive, tmp_path) -> None:
    gone, stays = archive.file(), archive.file()
    reference.keep_reference()
    second = sites.roots()[1]
    shutil.copytree(second.object_folder(gone.object_id), tmp_path / "old")
    warrant = vault.Warrant((gone.object_id,), "XH-2026-1", "retention is over", clock.now(), ("lin", "zhou"))
    vault.purge(warrant, actor=REBUILDER)
    shutil.copytree(tmp_path / "old", second.object_folder(gone.object_id))
    lose_the_database()
    done = vault.rebuild(site="second", actor=REBUILDER)
    assert done.refused == [str(gone.object_id)]
    assert list(Record.objects.values_list("public_id", flat=True)) == [stays.public_id]
    assert Tombstone.objects.get().certificate == "XH-2026-1"


def test_a_database_that_knows_objects_is_left_alone_and_a_spoilt_object_is_named(archive: Archive) -> None:
    good, bad = archive.file(), archive.file()
    reference.keep_reference()
    with pytest.raises(NotEmpty):
        vault.rebuild(actor=REBUILDER)
    path = sites.roots()[0].object_folder(bad.object_id) / "v1/content/record.json"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace("通知".encode(), "通告".encode()))
    lose_the_database()
    done = vault.rebuild(site="main", actor=REBUILDER)
    assert [place for place, _why in done.unreadable] == [str(bad.object_id)] and not done.is_well
    assert Record.objects.get().public_id == good.public_id
    with pytest.raises(errors.UnknownSite):
        sites.root_of("third")
