"""Changed descriptions become versions; earlier ones never change."""

from datetime import timedelta
from threading import Thread

import pytest

from yidang import vault
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput
from yidang.vault import errors
from yidang.vault.kept import NewFile, NewVersion
from yidang.vault.models import StoredObject
from yidang.vault.root import Root
from yidang.vault.tests.conftest import BODY, MOMENT, assert_valid
from yidang.vault.writing import FolderWriter

Pair = tuple[Root, Root]
pytestmark = pytest.mark.django_db(transaction=True)


def describe(object_id, text: bytes, **more):
    return vault.add_version(object_id, [NewFile("record.json", text)], message="described", user_name="lin", **more)


def test_a_new_version_stores_only_what_is_new(kept_vault: Pair, filed, settings, each_flush) -> None:
    settings.FLUSH = each_flush
    kept = filed()
    second = describe(kept.object_id, b'{"title": "other"}')
    assert second.head == 2 and second.size == kept.size + 18
    for root in kept_vault:
        folder = root.object_folder(kept.object_id)
        assert sorted(str(path.relative_to(folder)) for path in folder.glob("v2/content/**/*")) == [
            "v2/content/record.json"
        ]
        assert_valid(root.path)
    assert vault.read_bytes(kept.object_id, "record.json") == b'{"title": "other"}'
    assert vault.read_bytes(kept.object_id, "record.json", version=1) == b'{"title": "t"}'
    assert vault.read_bytes(kept.object_id, "documents/0001.pdf") == BODY


def test_earlier_versions_stay_byte_for_byte(kept_vault: Pair, filed) -> None:
    kept = filed()
    folder = kept_vault[0].object_folder(kept.object_id)
    before = {path.relative_to(folder): path.read_bytes() for path in folder.glob("v1/**/*") if path.is_file()}
    for number in range(3):
        describe(kept.object_id, b"%d" % number)
    assert {path.relative_to(folder): path.read_bytes() for path in folder.glob("v1/**/*") if path.is_file()} == before
    row = StoredObject.objects.get(object_id=kept.object_id)
    assert row.head == 4 and len(row.earlier_sha512) == 3 and row.earlier_sha512[0] == kept.inventory_sha512
    assert_valid(kept_vault[1].path)


def test_a_version_that_changes_nothing_is_not_made(kept_vault: Pair, filed) -> None:
    kept = filed()
    assert describe(kept.object_id, b'{"title": "t"}').head == 1


def test_a_file_can_be_withdrawn_and_stays_in_its_version(kept_vault: Pair, filed) -> None:
    kept = filed()
    vault.add_version(kept.object_id, [], removed=["metadata.xml"], message="m", user_name="lin")
    assert [file.logical_path for file in vault.files_of(kept.object_id)] == ["documents/0001.pdf", "record.json"]
    assert vault.read_bytes(kept.object_id, "metadata.xml", version=1) == b"<m/>"
    with pytest.raises(InvalidInput):
        vault.add_version(kept.object_id, [], removed=["metadata.xml"], message="m", user_name="lin")


def test_a_group_of_versions_is_made_whole_or_not_at_all(kept_vault: Pair, filed) -> None:
    first, second = filed(), filed()
    lie = NewFile("record.json", b"x", sha512="0" * 128)
    versions = [
        NewVersion(first.object_id, [NewFile("record.json", b"1")], "m", "lin", MOMENT + timedelta(days=1)),
        NewVersion(second.object_id, [lie], "m", "lin", MOMENT),
    ]
    with pytest.raises(errors.DigestMismatch):
        vault.add_versions(versions)
    assert not StoredObject.objects.filter(head=2).exists()
    assert assert_valid(kept_vault[0].path) == 2
    assert vault.read_bytes(first.object_id, "record.json") == b'{"title": "t"}'
    assert [one.head for one in vault.add_versions(versions[:1])] == [2]


def test_bytes_go_back_when_the_rows_fail(kept_vault: Pair, filed, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = filed()

    def fail(*_: object, **__: object) -> None:
        raise errors.StaleVersion

    monkeypatch.setattr("yidang.vault.versions.register", fail)
    with pytest.raises(errors.StaleVersion):
        describe(kept.object_id, b"never")
    for root in kept_vault:
        assert not (root.object_folder(kept.object_id) / "v2").exists()
        assert_valid(root.path)


def test_a_version_left_by_a_crash_does_not_hide_the_one_that_was_acknowledged(kept_vault: Pair, filed) -> None:
    kept = filed()
    describe(kept.object_id, b"lost")
    # As if the rows had never been written: killed between bytes and rows.
    StoredObject.objects.update(head=1, inventory_sha512=kept.inventory_sha512, earlier_sha512=[])
    assert vault.read_bytes(kept.object_id, "record.json") == b'{"title": "t"}'
    assert describe(kept.object_id, b"again").head == 2
    assert vault.read_bytes(kept.object_id, "record.json") == b"again"
    assert_valid(kept_vault[0].path)


def test_a_missing_required_site_stops_a_version(kept_vault: Pair, filed) -> None:
    kept = filed()
    kept_vault[1].path.rename(kept_vault[1].path.with_name("elsewhere"))
    with pytest.raises(errors.SiteMissing):
        describe(kept.object_id, b"x")


def test_writers_of_one_object_follow_each_other(kept_vault: Pair, filed) -> None:
    from django.db import connection

    kept, failures = filed(), []

    def write(number: int) -> None:
        try:
            describe(kept.object_id, b"%d" % number)
        except Exception as problem:
            failures.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert StoredObject.objects.get(object_id=kept.object_id).head == 5
    assert_valid(kept_vault[0].path)


class Killed(BaseException):
    pass


@pytest.mark.promise("A1")
@pytest.mark.parametrize("step", ["write", "read_again", "exchange", "settle"])
@pytest.mark.parametrize("site", ["main", "second"])
def test_killed_at_any_step_the_old_version_is_read_and_the_copies_can_be_mended(
    kept_vault: Pair, filed, monkeypatch: pytest.MonkeyPatch, step: str, site: str
) -> None:
    kept = filed()
    real = getattr(FolderWriter, step)

    def die(writer: FolderWriter, *words: object) -> None:
        real(writer, *words)
        if writer.root.key == site:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(FolderWriter, step, die)
        patch.setattr(FolderWriter, "undo", lambda writer: False)  # the dead undo nothing
        with pytest.raises(Killed):
            describe(kept.object_id, b"never acknowledged")
    assert vault.read_bytes(kept.object_id, "record.json") == b'{"title": "t"}'
    vault.scrub(actor=Actor.system("scrub"))
    assert vault.repair(actor=Actor.system("repair")).is_well
    assert [state.findings for state in vault.scrub(actor=Actor.system("scrub"))] == [0, 0]
    assert describe(kept.object_id, b"acknowledged").head == 2
    for root in kept_vault:
        assert_valid(root.path)
