"""Damage of every kind is found by one scrub and mended by one repair."""

import os
import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from yidang import vault
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import WrongState
from yidang.vault import errors, ocfl
from yidang.vault.kept import KeptObject, NewFile
from yidang.vault.models import Copy, ScrubFinding, ScrubRun, Site, StoredObject
from yidang.vault.queries import read_state
from yidang.vault.root import Root
from yidang.vault.scrubbing import BATCH
from yidang.vault.tests.conftest import BODY, assert_valid, keep_and_register, new_object

Pair = tuple[Root, Root]
pytestmark = pytest.mark.django_db(transaction=True)
SCRUB = Actor.system("scrub")
CLASSES = [
    "0=ocfl_object_1.1", "inventory.json", "inventory.json.sha512", "v1/inventory.json", "v1/inventory.json.sha512",
    "v1/content/record.json", "v1/content/metadata.xml", "v1/content/documents/0001.pdf", "v2/inventory.json",
    "v2/inventory.json.sha512", "v2/content/record.json",
]  # fmt: skip


def overwrite(place: Path, content: bytes) -> None:
    place.chmod(0o640)
    place.write_bytes(content)


def flip(place: Path) -> None:
    content = bytearray(place.read_bytes())
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    overwrite(place, bytes(content))


@pytest.mark.promise("B1")
def test_a_new_version_does_not_call_a_damaged_copy_good(kept_vault: Pair, filed) -> None:
    kept = filed()
    flip(kept_vault[0].object_folder(kept.object_id) / "v1/content/documents/0001.pdf")
    assert [state.findings for state in vault.scrub(actor=SCRUB)] == [1, 0]
    vault.add_version(kept.object_id, [NewFile("record.json", b"second")], message="m", user_name="lin")
    assert Copy.objects.get(site__key="main").state == Copy.State.DAMAGED
    done = vault.repair(actor=SCRUB)
    assert done.copies == [("main", str(kept.object_id))]
    assert not ScrubFinding.objects.filter(healed_at=None).exists()
    assert all(state.is_well for state in read_state())


def two_versions(filed: Callable[..., KeptObject]) -> KeptObject:
    kept = filed()
    return vault.add_version(kept.object_id, [NewFile("record.json", b"second")], message="m", user_name="lin")


def open_findings() -> list[tuple[str, str, str]]:
    found = ScrubFinding.objects.filter(healed_at=None).order_by("site_id", "path")
    return [(finding.site.key, finding.path, finding.kind) for finding in found]


def assert_heals(pair: Pair) -> None:
    """One repair makes everything good, a second scrub finds nothing, an independent validator agrees."""
    assert vault.repair(actor=SCRUB).is_well
    assert [state.findings for state in vault.scrub(actor=SCRUB)] == [0, 0]
    assert open_findings() == []
    assert not Copy.objects.exclude(state="ok").exists()
    assert {assert_valid(root.path) for root in pair} == {StoredObject.objects.count()}


def test_a_sound_vault_is_found_sound(kept_vault: Pair, filed) -> None:
    two_versions(filed)
    states = vault.scrub(actor=SCRUB)
    assert [(state.site, state.objects, state.findings, state.finished) for state in states] == [
        ("main", 1, 0, True), ("second", 1, 0, True),
    ]  # fmt: skip
    assert all(state.is_well for state in read_state())


@pytest.mark.promise("B1")
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("path", CLASSES)
def test_a_flipped_bit_in_any_file_is_found_and_mended(kept_vault: Pair, filed, path: str, which: int) -> None:
    kept = two_versions(filed)
    other = filed()
    flip(kept_vault[which].object_folder(kept.object_id) / path)
    vault.scrub(actor=SCRUB)
    found = open_findings()
    assert (kept_vault[which].key, path, "bitflip") in found
    assert {site for site, _, _ in found} == {kept_vault[which].key}
    damaged = Copy.objects.get(state="damaged")
    assert (damaged.object.object_id, damaged.site.key) == (kept.object_id, kept_vault[which].key)
    assert Entry.objects.filter(event="vault.copy.damaged", target=str(kept.object_id)).exists()
    assert_heals(kept_vault)
    assert Entry.objects.filter(event="vault.copy.repaired", target=str(kept.object_id)).exists()
    assert vault.read_bytes(other.object_id, "documents/0001.pdf") == BODY


@pytest.mark.promise("B3")
@pytest.mark.parametrize("path", CLASSES)
@pytest.mark.parametrize("damage", ["truncated", "zeroed", "missing", "longer"])
def test_files_cut_zeroed_lengthened_or_missing_are_found_and_mended(
    kept_vault: Pair, filed, path: str, damage: str
) -> None:
    kept = two_versions(filed)
    place = kept_vault[0].object_folder(kept.object_id) / path
    content = place.read_bytes()
    if damage == "missing":
        place.unlink()
    else:
        made = {"truncated": content[:-1], "zeroed": bytes(len(content)), "longer": content + b"\0"}
        overwrite(place, made[damage])
    vault.scrub(actor=SCRUB)
    assert ("main", path, "missing" if damage == "missing" else "bitflip") in open_findings()
    assert_heals(kept_vault)


@pytest.mark.promise("B3")
def test_an_older_version_put_back_is_found_by_name_and_brought_up_to_date(
    kept_vault: Pair, filed, tmp_path: Path
) -> None:
    kept = filed()
    folder = kept_vault[1].object_folder(kept.object_id)
    shutil.copytree(folder, tmp_path / "old")
    vault.add_version(kept.object_id, [NewFile("record.json", b"second")], message="m", user_name="lin")
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "old", folder)
    vault.scrub(actor=SCRUB)
    assert ("second", "inventory.json", "version") in open_findings()
    assert_heals(kept_vault)


def test_a_version_that_was_never_acknowledged_is_taken_back(kept_vault: Pair, filed) -> None:
    kept = two_versions(filed)
    row = StoredObject.objects.get()
    StoredObject.objects.update(head=1, inventory_sha512=row.earlier_sha512[0], earlier_sha512=[])
    vault.scrub(actor=SCRUB)
    assert {(path, kind) for _, path, kind in open_findings()} >= {("inventory.json", "version")}
    assert_heals(kept_vault)
    assert not (kept_vault[0].object_folder(kept.object_id) / "v2").exists()


@pytest.mark.promise("B3")
def test_two_swapped_files_and_two_swapped_objects_are_found(kept_vault: Pair, filed) -> None:
    first, second = filed(), filed(files={"record.json": b"b", "documents/0001.pdf": b"other"})
    folders = [kept_vault[0].object_folder(kept.object_id) for kept in (first, second)]
    third = filed(files={"documents/0001.pdf": b"one", "documents/0002.pdf": b"two"})
    content = kept_vault[1].object_folder(third.object_id) / "v1/content/documents"
    for one, other in [folders, [content / "0001.pdf", content / "0002.pdf"]]:
        aside = one.with_name("aside")
        one.rename(aside)
        other.rename(one)
        aside.rename(other)
    vault.scrub(actor=SCRUB)
    assert {site for site, _, _ in open_findings()} == {"main", "second"}
    assert Copy.objects.filter(state="damaged").count() == 3
    assert_heals(kept_vault)


@pytest.mark.promise("B4")
def test_content_and_inventory_changed_together_on_every_site_are_still_found(kept_vault: Pair, filed, trail) -> None:
    kept = filed()
    for root in kept_vault:
        folder = root.object_folder(kept.object_id)
        overwrite(folder / "v1/content/record.json", b"forged")
        raw = (folder / "inventory.json").read_bytes()
        forged = raw.replace(ocfl.digest_of(b'{"title": "t"}').encode(), ocfl.digest_of(b"forged").encode())
        overwrite(folder / "inventory.json", forged)
        overwrite(folder / "inventory.json.sha512", ocfl.sidecar(ocfl.digest_of(forged)))
        assert_valid(root.path)
    vault.scrub(actor=SCRUB)
    assert {(site, path, kind) for site, path, kind in open_findings() if path == "inventory.json"} == {
        ("main", "inventory.json", "foreign"), ("second", "inventory.json", "foreign"),
    }  # fmt: skip
    done = vault.repair(actor=SCRUB)
    assert len(done.lost) == 2 and not done.copies
    assert trail(event="vault.copy.lost").count() == 2


def test_foreign_files_are_set_aside_and_never_deleted(kept_vault: Pair, filed) -> None:
    kept = filed()
    folder = kept_vault[0].object_folder(kept.object_id)
    (folder / "v1/content/documents/0009.exe").write_bytes(b"stranger")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "v1/empty").mkdir()
    vault.scrub(actor=SCRUB)
    assert [(path, kind) for _, path, kind in open_findings()] == [
        ("link", "extra"), ("v1/content/documents/0009.exe", "extra"), ("v1/empty", "extra"),
    ]  # fmt: skip
    assert_heals(kept_vault)
    aside = [
        path
        for path in kept_vault[0].set_aside(kept.object_id).glob("**/*")
        if path.is_file() and not path.is_symlink()
    ]
    assert [path.read_bytes() for path in aside] == [b"stranger"]


def test_changed_bytes_are_kept_as_evidence_outside_the_object(kept_vault: Pair, filed) -> None:
    kept = filed()
    place = kept_vault[0].object_folder(kept.object_id) / "v1/content/documents/0001.pdf"
    flip(place)
    bad = place.read_bytes()
    vault.scrub(actor=SCRUB)
    assert_heals(kept_vault)
    [aside] = kept_vault[0].set_aside(kept.object_id).glob("*/v1/content/documents/0001.pdf")
    assert aside.read_bytes() == bad and place.read_bytes() == BODY


def test_strangers_in_the_root_are_named_and_left_alone(kept_vault: Pair, filed) -> None:
    filed()
    [loose] = vault.keep([new_object()])
    (kept_vault[0].path / "notes.txt").write_text("hello")
    shutil.copytree(kept_vault[0].object_folder(loose.object_id), kept_vault[0].path / "ab/cd/urn%3auuid%3anonsense")
    later = clock.now() + timedelta(hours=2)
    vault.scrub(actor=SCRUB, now=later)
    names = {path.rpartition("/")[2] for _, path, kind in open_findings() if kind == "foreign"}
    assert names == {"notes.txt", "urn%3auuid%3anonsense", f"urn%3auuid%3a{loose.object_id}"}
    assert kept_vault[0].object_folder(loose.object_id).is_dir()
    assert not all(state.is_well for state in read_state())


def test_an_object_that_waits_for_its_row_is_no_stranger(kept_vault: Pair) -> None:
    vault.keep([new_object()])
    vault.scrub(actor=SCRUB)
    assert open_findings() == []


@pytest.mark.promise("B6")
def test_copies_damaged_in_different_places_mend_each_other(kept_vault: Pair, filed) -> None:
    kept = two_versions(filed)
    flip(kept_vault[0].object_folder(kept.object_id) / "v1/content/documents/0001.pdf")
    flip(kept_vault[0].object_folder(kept.object_id) / "inventory.json")
    flip(kept_vault[1].object_folder(kept.object_id) / "v2/content/record.json")
    vault.scrub(actor=SCRUB)
    assert_heals(kept_vault)


@pytest.mark.promise("B6")
@pytest.mark.parametrize("first", ["good", "bad", "missing", "away"])
@pytest.mark.parametrize("second", ["good", "bad", "missing", "away"])
def test_repair_never_makes_it_worse(kept_vault: Pair, filed, first: str, second: str) -> None:
    kept = filed()
    before = {}
    for root, state in zip(kept_vault, (first, second), strict=True):
        folder = root.object_folder(kept.object_id)
        if state == "bad":
            flip(folder / "v1/content/documents/0001.pdf")
        elif state == "missing":
            shutil.rmtree(folder)
        elif state == "away":
            root.path.rename(root.path.with_name(f"{root.key}-away"))
        if state == "bad":
            before[folder] = (folder / "v1/content/documents/0001.pdf").read_bytes()
    vault.scrub(actor=SCRUB)
    done = vault.repair(actor=SCRUB)
    if "good" in (first, second):
        assert done.is_well
        for root, state in zip(kept_vault, (first, second), strict=True):
            if state != "away":
                assert (root.object_folder(kept.object_id) / "v1/content/documents/0001.pdf").read_bytes() == BODY
    else:
        for folder, content in before.items():
            assert (folder / "v1/content/documents/0001.pdf").read_bytes() == content
        reachable = [state for state in (first, second) if state != "away"]
        assert len(done.lost) == len(reachable)


def test_a_lost_site_is_refilled_only_when_somebody_asks(kept_vault: Pair, filed) -> None:
    kept = [two_versions(filed), filed()]
    shutil.rmtree(kept_vault[1].path)
    kept_vault[1].path.mkdir()
    vault.prepare_sites()
    assert [state.state for state in read_state()] == ["ok", "missing"]
    assert vault.repair(actor=SCRUB).is_well and list(kept_vault[1].path.iterdir()) == []
    with pytest.raises(errors.SiteMissing):
        vault.scrub(actor=SCRUB, site="second")
    assert vault.refill("second", actor=SCRUB) == len(kept)
    assert [state.missing for state in read_state()] == [0, 2]
    assert_heals(kept_vault)
    assert [state.state for state in read_state()] == ["ok", "ok"]
    assert Site.objects.get(key="second").marker_id == kept_vault[1].marker_id


def test_a_folder_with_other_things_is_not_taken_for_a_lost_site(kept_vault: Pair, filed) -> None:
    shutil.rmtree(kept_vault[1].path)
    kept_vault[1].path.mkdir()
    (kept_vault[1].path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(WrongState):
        vault.refill("second", actor=SCRUB)


def test_a_new_site_is_filled_from_the_others(kept_vault: Pair, filed, data, settings) -> None:
    filed()
    two_versions(filed)
    settings.SITES = [f"main={kept_vault[0].path}", f"second={kept_vault[1].path}", f"third={data}/third"]
    vault.prepare_sites()
    vault.refill("third", actor=SCRUB)
    assert vault.repair(actor=SCRUB).is_well
    assert assert_valid(data / "third") == 2


def test_a_stopped_scrub_goes_on_where_it_stood(kept_vault: Pair) -> None:
    keep_and_register([new_object() for _ in range(BATCH + 5)])

    class Stop(Exception):
        pass

    def stop(_: object) -> None:
        raise Stop

    with pytest.raises(Stop):
        vault.scrub(actor=SCRUB, site="main", progress=stop)
    [state] = vault.scrub(actor=SCRUB, site="main")
    assert state.resumed and state.finished and state.objects == BATCH + 5
    run = ScrubRun.objects.get()
    assert run.objects_read == BATCH + 5 and run.finished_at


def test_a_scrub_keeps_to_its_rate(kept_vault: Pair, filed) -> None:
    for _ in range(3):
        filed(files={"documents/0001.bin": os.urandom(200_000)})
    [state] = vault.scrub(actor=SCRUB, site="main", bytes_per_second=2_000_000)
    assert state.seconds >= 0.2


def test_purge_wants_a_warrant_and_then_leaves_nothing(kept_vault: Pair, filed) -> None:
    kept, stays = two_versions(filed), filed()
    for warrant in (None, vault.Warrant((kept.object_id,), "", "", clock.now())):
        with pytest.raises(errors.NoWarrant):
            vault.purge(warrant, actor=SCRUB)
    warrant = vault.Warrant((kept.object_id,), "XH-2026-1", "retention is over", clock.now(), ("lin", "zhou"))
    assert vault.purge(warrant, actor=SCRUB) == 1
    for root in kept_vault:
        assert [path.parent.name for path in root.path.glob(f"**/*{kept.object_id}*")] == ["yidang-tombstones"]
        assert assert_valid(root.path) == 1
    assert list(StoredObject.objects.values_list("object_id", flat=True)) == [stays.object_id]
