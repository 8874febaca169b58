"""A century pack asked for on a page: chosen, made in the background, taken by who asked, under copy right, on the record."""

import io
import shutil
import zipfile
from datetime import timedelta

import pytest

from tests.archive import Archive
from yidang.audit.models import Entry
from yidang.catalogue.actions import create_volume
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import NotFound
from yidang.continuity import packs
from yidang.continuity.century import NothingChosen
from yidang.continuity.models import PackRun
from yidang.continuity.verify_pack import verify
from yidang.people import actions as people

NEW = "/continuity/packs/new/"


def test_a_pack_is_chosen_made_and_taken_and_every_step_is_told(archive: Archive, tmp_path) -> None:
    records = [archive.file() for _number in range(3)]
    other = archive.file(of="KJ·KY", metadata={"project_number": "2026KY"})
    lin = archive.cast.client("lin")
    counted = lin.post(NEW, {"record_class": "WS", "count": "1"}).content.decode()
    assert "3 份档案" in counted and not PackRun.objects.exists()
    assert lin.post(NEW, {"record_class": "WS", "make": "1"}).status_code == 302
    archive.work()
    run = PackRun.objects.get()
    assert run.is_there and (run.records, run.left, run.problems) == (3, 0, [])
    page = lin.get("/continuity/packs/").content.decode()
    assert f"/continuity/packs/{run.pk}/file/" in page and run.sums_sha256[:24] in page
    file = lin.get(f"/continuity/packs/{run.pk}/file/")
    with zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))) as packed:
        packed.extractall(tmp_path)
    assert verify(tmp_path / f"pack-{run.pk}")[1] == []
    text = (tmp_path / f"pack-{run.pk}" / "checklist.csv").read_text(encoding="utf-8")
    assert all(record.title in text for record in records) and other.title not in text
    assert [entry.event for entry in Entry.objects.filter(event__startswith="continuity.pack").order_by("seq")] == [
        "continuity.pack.asked", "continuity.pack.made", "continuity.pack.taken",
    ]  # fmt: skip


def test_a_pack_is_there_for_who_asked_and_keeps_records_and_for_nobody_else(archive: Archive) -> None:
    archive.file()
    run = packs.ask_pack({}, actor=archive.cast.actor("lin"), now=clock.now())
    archive.work()
    for number, username in enumerate(["he", "xu", "zhao", "sysadmin", "auditor"]):
        browser = archive.cast.client(username, REMOTE_ADDR=f"10.4.1.{number}")
        assert browser.get(f"/continuity/packs/{run.pk}/file/").status_code == 404
        assert browser.get(NEW).status_code == (200 if username == "he" else 404), username
    with pytest.raises(NotFound):
        packs.ask_pack({}, actor=archive.cast.actor("xu"), now=clock.now())


def test_what_the_person_may_not_copy_is_not_in_it_and_a_right_that_ended_gives_nothing(archive: Archive) -> None:
    archive.file()
    medical = Record.objects.visible_to(archive.cast.actor("he"), "copy")
    assert packs.chosen({}, actor=archive.cast.actor("he")).count() == medical.count()
    run = packs.ask_pack({}, actor=archive.cast.actor("lin"), now=clock.now())
    lin = archive.cast.people["lin"]
    duty = lin.duties.get(role="archivist")
    people.end_duty(duty, actor=archive.cast.actor("secadmin"), now=clock.now())
    archive.work()
    run.refresh_from_db()
    assert run.trouble == "right" and not packs.place_of(run).exists()
    with pytest.raises(NotFound):
        packs.take(run, actor=archive.cast.actor("lin"), now=clock.now())


def test_a_volume_a_search_and_nothing_are_selections(archive: Archive) -> None:
    lin = archive.cast.actor("lin")
    items = [archive.file(of="KJ·KY", metadata={"project_number": "2026KY"}) for _number in range(2)]
    volume = create_volume(items, title="课题一", actor=lin, now=clock.now())
    archive.file(title="关于呼吸机的请示")
    assert packs.chosen({"record": str(volume.public_id)}, actor=lin).count() == 3
    assert packs.chosen({"year": 1999}, actor=lin).count() == 0
    with pytest.raises(NothingChosen):
        packs.ask_pack({"year": 1999}, actor=lin, now=clock.now())
    browser = archive.cast.client("lin")
    assert browser.get(f"{NEW}?record={volume.public_id}").status_code == 200
    assert browser.post(NEW, {"year": "1999", "make": "1"}).status_code == 422


def test_a_full_disk_is_said_before_and_old_packs_go(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.file()
    lin = archive.cast.actor("lin")
    run = packs.ask_pack({}, actor=lin, now=clock.now())
    archive.work()
    run.refresh_from_db()
    assert packs.clear(clock.now()) == 0 and packs.clear(clock.now() + timedelta(days=8)) == 1
    run.refresh_from_db()
    assert run.removed_at and not packs.place_of(run).exists()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    with pytest.raises(packs.NoRoomForPack):
        packs.ask_pack({}, actor=lin, now=clock.now())
