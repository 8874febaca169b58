"""Keeping: both sites, both flushes, all or nothing."""

import shutil
from pathlib import Path
from threading import Barrier, Thread
from uuid import uuid4

import pytest

from yidang import vault
from yidang.common.errors import InvalidInput, WrongState
from yidang.vault import errors, ocfl
from yidang.vault.kept import NewFile
from yidang.vault.layout import object_path
from yidang.vault.root import STAGING, Root
from yidang.vault.tests.conftest import BODY, MOMENT, assert_valid, keep_and_register, new_object

Pair = tuple[Root, Root]


def staged(root: Root) -> list[Path]:
    slots = list((root.path / STAGING).iterdir())
    return [entry for slot in slots for entry in slot.iterdir() if entry.name != "objects" or entry.stat().st_size]


def test_an_object_stands_on_both_sites_and_an_independent_validator_accepts_them(
    pair: Pair, settings, each_flush
) -> None:
    settings.FLUSH = each_flush
    [kept] = vault.keep([new_object()])
    for root in pair:
        folder = root.path / object_path(kept.object_id)
        assert (folder / "v1/content/documents/0001.pdf").read_bytes() == BODY
        assert ocfl.digest_of((folder / "inventory.json").read_bytes()) == kept.inventory_sha512
        assert assert_valid(root.path) == 1
    assert kept.sites == ("main", "second")
    assert [file.logical_path for file in kept.files] == ["documents/0001.pdf", "metadata.xml", "record.json"]


def test_a_group_is_kept_whole(pair: Pair) -> None:
    kept = vault.keep([new_object() for _ in range(20)])
    assert len({one.object_id for one in kept}) == 20
    assert assert_valid(pair[0].path) == assert_valid(pair[1].path) == 20


@pytest.mark.django_db(transaction=True)
def test_however_much_is_kept_no_more_files_stay_open(kept_vault: Pair) -> None:
    def keep_and_fail() -> None:
        keep_and_register([new_object()])
        with pytest.raises(errors.ObjectExists):
            vault.keep([new_object(keep_and_register([new_object()])[0].object_id)])

    keep_and_fail()
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(4):
        keep_and_fail()
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_files_with_the_same_bytes_are_stored_once(pair: Pair) -> None:
    [kept] = vault.keep([new_object(files={"documents/0001.pdf": BODY, "documents/0002.pdf": BODY})])
    assert {file.content_path for file in kept.files} == {"v1/content/documents/0001.pdf"}
    assert kept.size == len(BODY)
    assert_valid(pair[0].path)


def test_a_large_file_is_copied_from_its_place(pair: Pair, tmp_path: Path) -> None:
    source = tmp_path / "large.bin"
    source.write_bytes(b"0123456789" * 600_000)
    [kept] = vault.keep([new_object(files={"documents/0001.bin": source})])
    for root in pair:
        assert (root.object_folder(kept.object_id) / "v1/content/documents/0001.bin").stat().st_size == 6_000_000
    assert kept.files[0].size == 6_000_000
    assert_valid(pair[1].path)


@pytest.mark.gbt39784("7.5-3")
@pytest.mark.parametrize("broken", ["sha512", "sha256"])
def test_bytes_that_are_not_as_announced_are_refused_and_leave_nothing(pair: Pair, broken: str) -> None:
    new = new_object()
    lie = NewFile("documents/0002.pdf", BODY + b"2", **{broken: "0" * (128 if broken == "sha512" else 64)})
    with pytest.raises(errors.DigestMismatch):
        vault.keep([new_object(), type(new)(uuid4(), [lie], "m", "xu", MOMENT)])
    for root in pair:
        assert staged(root) == [] and assert_valid(root.path) == 0


def test_a_fixity_digest_of_the_receipt_stands_in_the_inventory(pair: Pair) -> None:
    from yidang.common.digests import digest_bytes

    new = new_object()
    file = NewFile("documents/0001.pdf", BODY, sha256=digest_bytes(BODY).sha256)
    [kept] = vault.keep([type(new)(uuid4(), [file], "m", "xu", MOMENT)])
    raw = (pair[0].object_folder(kept.object_id) / "inventory.json").read_text()
    assert digest_bytes(BODY).sha256 in raw
    assert_valid(pair[0].path)


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "a\nb"])
def test_paths_that_lead_out_are_refused(pair: Pair, path: str) -> None:
    with pytest.raises(InvalidInput):
        vault.keep([new_object(files={path: b"x"})])
    assert staged(pair[0]) == []


def test_a_source_that_vanished_is_refused_before_anything_is_written(pair: Pair, tmp_path: Path) -> None:
    with pytest.raises(errors.SourceMissing):
        vault.keep([new_object(files={"documents/0001.pdf": tmp_path / "gone.pdf"})])


@pytest.mark.parametrize("which", [0, 1])
def test_a_missing_site_is_refused_in_a_clear_sentence_and_not_made_anew(pair: Pair, which: int) -> None:
    shutil.rmtree(pair[which].path)
    pair[which].path.mkdir()
    with pytest.raises(errors.SiteMissing) as refusal:
        vault.keep([new_object()])
    assert pair[which].key in str(refusal.value)
    assert list(pair[which].path.iterdir()) == []
    assert assert_valid(pair[1 - which].path) == 0


def test_a_site_without_room_is_refused(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yidang.vault.folder.RESERVE", 1 << 60)
    with pytest.raises(errors.SiteFull):
        vault.keep([new_object()])


def test_a_second_object_of_the_same_id_is_refused_and_the_first_is_untouched(pair: Pair) -> None:
    [kept] = vault.keep([new_object()])
    with pytest.raises(errors.ObjectExists):
        vault.keep([new_object(kept.object_id, {"record.json": b"other"})])
    for root in pair:
        assert (
            ocfl.digest_of((root.object_folder(kept.object_id) / "inventory.json").read_bytes())
            == kept.inventory_sha512
        )
        assert len(staged(root)) <= 1  # the first object still waits for its row


def test_of_writers_of_one_id_exactly_one_wins(pair: Pair, each_flush, settings) -> None:
    settings.FLUSH = each_flush
    for _ in range(5):
        object_id, start, results = uuid4(), Barrier(4), []

        def write(number: int, object_id=object_id, start=start, results=results) -> None:
            start.wait()
            try:
                results.append(vault.keep([new_object(object_id, {"record.json": b"%d" % number})])[0])
            except WrongState as refusal:
                results.append(refusal)

        writers = [Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        won = [result for result in results if not isinstance(result, WrongState)]
        assert len(won) == 1 and len(results) == 4
        for root in pair:
            raw = (root.object_folder(object_id) / "inventory.json").read_bytes()
            assert ocfl.digest_of(raw) == won[0].inventory_sha512
    assert assert_valid(pair[0].path) == assert_valid(pair[1].path) == 5
