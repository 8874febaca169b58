"""A process that dies between the exchange of an object and its row leaves a version that nobody was told of."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from yidang import vault
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import unfinished, versions
from yidang.vault.bucket_writing import BucketWriter
from yidang.vault.errors import SiteFull
from yidang.vault.folder import Folder
from yidang.vault.kept import NewFile
from yidang.vault.models import Copy, ScrubFinding, StoredObject
from yidang.vault.root import STAGING, Root
from yidang.vault.tests.conftest import assert_valid
from yidang.vault.writing import FolderWriter

Pair = tuple[Root, Root]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.promise("A1")]
ROBOT = Actor.system("test")


class Died(BaseException):
    """The process is gone: nothing is undone."""


def describe(object_id: UUID, text: bytes = b'{"title": "other"}'):
    return vault.add_version(object_id, [NewFile("record.json", text)], message="described", user_name="lin")


@pytest.fixture
def die(monkeypatch: pytest.MonkeyPatch) -> Callable[[UUID], None]:
    """Describes an object and dies before the row is there."""

    def died(object_id: UUID) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(versions, "register", lambda kept: (_ for _ in ()).throw(Died()))
            for writer in (FolderWriter, BucketWriter):
                patch.setattr(writer, "undo", lambda self: False)
            with pytest.raises(Died):
                describe(object_id)

    return died


def taken_back() -> int:
    return Entry.objects.filter(event="vault.version.taken_back").count()


def assert_as_acknowledged(roots: Pair, object_id: UUID) -> None:
    assert StoredObject.objects.get(object_id=object_id).head == 1
    for root in roots:
        assert not (root.object_folder(object_id) / "v2").exists()
        assert_valid(root.path)
    assert not ScrubFinding.objects.exists() and not Copy.objects.exclude(state="ok").exists()
    assert not Entry.objects.filter(event="vault.copy.damaged").exists()


def test_a_scrub_takes_it_back_and_calls_nothing_damaged(kept_vault: Pair, filed, die) -> None:
    kept = filed()
    die(kept.object_id)
    assert (kept_vault[0].object_folder(kept.object_id) / "v2").is_dir()
    assert vault.read_bytes(kept.object_id, "record.json") == b'{"title": "t"}', "readers never see it"
    assert [state.findings for state in vault.scrub(actor=ROBOT)] == [0, 0]
    assert_as_acknowledged(kept_vault, kept.object_id)
    assert taken_back() == 2
    assert describe(kept.object_id).head == 2
    assert [state.findings for state in vault.scrub(actor=ROBOT)] == [0, 0]


def test_the_sweep_takes_it_back_before_it_forgets_the_dead(kept_vault: Pair, filed, die) -> None:
    kept = filed()
    die(kept.object_id)
    vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(minutes=1))
    assert_as_acknowledged(kept_vault, kept.object_id)
    assert not unfinished.is_unfinished(kept.object_id)
    assert all(list(slot.glob("objects")) for slot in unfinished.slots_of(kept_vault[0])), "only our own slot is left"


def test_the_next_version_is_made_over_it(kept_vault: Pair, filed, die) -> None:
    kept = filed()
    die(kept.object_id)
    assert describe(kept.object_id, b'{"title": "third"}').head == 2
    assert vault.read_bytes(kept.object_id, "record.json") == b'{"title": "third"}'
    vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(minutes=1))
    assert [state.findings for state in vault.scrub(actor=ROBOT)] == [0, 0]
    assert taken_back() == 0


def test_a_version_that_no_dead_writer_explains_stays_a_finding(kept_vault: Pair, filed, die) -> None:
    kept = filed()
    die(kept.object_id)
    for root in kept_vault:
        for slot in (root.path / STAGING).iterdir():
            for left in slot.glob("objects"):
                left.write_text("")
    assert [state.kinds["version"] for state in vault.scrub(actor=ROBOT)] == [1, 1]
    assert taken_back() == 0


def test_a_site_that_takes_nothing_is_read_to_its_end_all_the_same(kept_vault: Pair, filed, die, monkeypatch) -> None:
    kept = filed()
    filed()
    die(kept.object_id)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "check_room", lambda self, needed: (_ for _ in ()).throw(SiteFull(self.key)))
        states = vault.scrub(actor=ROBOT)
    assert [(state.objects, state.finished, state.kinds["version"]) for state in states] == [(2, True, 1), (2, True, 1)]
    assert [state.findings for state in vault.scrub(actor=ROBOT)] == [0, 0], "with room again it is taken back"
    assert taken_back() == 2


def test_damage_beside_it_is_still_told(kept_vault: Pair, filed, die) -> None:
    kept = filed()
    die(kept.object_id)
    paper = kept_vault[1].object_folder(kept.object_id) / "v1/content/documents/0001.pdf"
    paper.chmod(0o640)
    paper.write_bytes(b"other bytes")
    first, second = vault.scrub(actor=ROBOT)
    assert first.findings == 0 and second.kinds["bitflip"] >= 1
    assert vault.repair(actor=ROBOT).is_well
    assert [state.findings for state in vault.scrub(actor=ROBOT)] == [0, 0]


def test_an_object_that_a_restored_database_does_not_know_is_never_removed(kept_vault: Pair, filed, die) -> None:
    kept = filed()
    die(kept.object_id)
    StoredObject.objects.filter(object_id=kept.object_id).delete()
    swept = vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(minutes=1))
    assert swept.objects == []
    assert all(root.object_folder(kept.object_id).is_dir() for root in kept_vault)
