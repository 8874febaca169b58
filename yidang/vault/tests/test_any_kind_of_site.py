"""One contract for every kind of site: whatever the vault promises holds on a folder and on a real S3 server's bucket."""

from datetime import timedelta
from pathlib import Path

import pytest

from yidang import vault
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import challenging, sites, staging
from yidang.vault.bucket_writing import BucketWriter
from yidang.vault.errors import (
    DigestMismatch,
    ObjectExists,
    SiteMissing,
)
from yidang.vault.kept import KeptObject, NewFile, Warrant
from yidang.vault.models import Copy, ScrubFinding, StoredObject
from yidang.vault.queries import read_state
from yidang.vault.root import SET_ASIDE, STAGING, TOMBSTONES
from yidang.vault.tests.conftest import BODY, assert_valid, keep_and_register, new_object
from yidang.vault.tests.stores import Behind
from yidang.vault.writing import FolderWriter

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ACTOR = Actor.system("test")
KINDS = ["folder", "bucket"]


@pytest.fixture(params=KINDS)
def behind(request: pytest.FixtureRequest, data: Path, settings) -> Behind:
    """The second site of two, of either kind; both are required."""
    if request.param == "bucket":
        return Behind(request.getfixturevalue("bucket_site")())
    settings.SITES = [f"local={data}/vault/local", f"cloud={data}/vault/cloud"]
    vault.prepare_sites()
    return Behind(sites.root_of("cloud"))


def states(kept: KeptObject) -> dict[str, str]:
    """Site → what the rows say of its copy."""
    return dict(Copy.objects.filter(object__object_id=kept.object_id).values_list("site__key", "state"))


def test_what_is_kept_is_there_and_an_independent_validator_finds_it_valid(behind: Behind, tmp_path: Path) -> None:
    kept = keep_and_register([new_object() for _ in range(3)])
    vault.add_version(kept[0].object_id, [NewFile("record.json", b'{"title": "u"}')], message="u", user_name="xu")
    assert behind.read(kept[1].object_id, "v1/content/documents/0001.pdf") == BODY
    assert sorted(one.object_id for one in behind.root.standing()) == sorted(one.object_id for one in kept)
    assert assert_valid(behind.as_folder(tmp_path / "copy")) == 3
    assert not [key for key in behind.everything() if key.startswith(STAGING) and not key.endswith("/objects")]
    assert [state.state for state in read_state()] == ["ok", "ok"]


def test_each_version_reads_as_it_was_from_this_site_alone(behind: Behind) -> None:
    [kept] = keep_and_register([new_object()])
    vault.add_version(kept.object_id, [NewFile("record.json", b'{"title": "2"}')], message="2", user_name="xu")
    vault.add_version(
        kept.object_id, [NewFile("more.txt", b"3")], message="3", user_name="xu", removed=["metadata.xml"]
    )
    Behind(sites.root_of("local")).lose_everything()
    assert vault.read_bytes(kept.object_id, "record.json", version=1) == b'{"title": "t"}'
    assert vault.read_bytes(kept.object_id, "record.json") == b'{"title": "2"}'
    assert vault.read_bytes(kept.object_id, "metadata.xml", version=2) == b"<m/>"
    assert vault.local_path(kept.object_id, "documents/0001.pdf", check=True).read_bytes() == BODY
    with vault.open_file(kept.object_id, "more.txt") as stream:
        assert stream.read() == b"3"


PATHS = [
    "0=ocfl_object_1.1", "inventory.json", "inventory.json.sha512", "v1/inventory.json", "v1/inventory.json.sha512",
    "v1/content/record.json", "v1/content/metadata.xml", "v1/content/documents/0001.pdf", "v2/content/record.json",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_flipped_bit_anywhere_is_found_by_one_scrub_and_healed_by_one_repair(behind: Behind, path: str) -> None:
    """Promise B1, for each kind of file in an object."""
    [kept] = keep_and_register([new_object()])
    vault.add_version(kept.object_id, [NewFile("record.json", b'{"title": "2"}')], message="2", user_name="xu")
    good = behind.read(kept.object_id, path)
    bad = good[:-1] + bytes([good[-1] ^ 0x10])
    behind.write(kept.object_id, path, bad)
    vault.scrub(actor=ACTOR)
    finding = ScrubFinding.objects.get()
    assert (finding.object_id, finding.path, finding.site.key) == (kept.object_id, path, "cloud")
    done = vault.repair(actor=ACTOR)
    assert done.is_well and done.copies == [("cloud", str(kept.object_id))]
    assert behind.read(kept.object_id, path) == good
    aside = [key for key in behind.everything() if key.startswith(f"{SET_ASIDE}/{kept.object_id}/")]
    assert [key for key in aside if key.endswith(path)], "the bad bytes stay for somebody to look at"
    vault.scrub(actor=ACTOR, anew=True)
    assert not ScrubFinding.objects.filter(healed_at=None).exists()


def test_missing_foreign_swapped_and_older_files_are_found_and_healed(behind: Behind, tmp_path: Path) -> None:
    first, second = keep_and_register([new_object(), new_object()])
    old = {path: behind.read(first.object_id, path) for path in ("inventory.json", "inventory.json.sha512")}
    vault.add_version(first.object_id, [NewFile("record.json", b'{"title": "2"}')], message="2", user_name="xu")
    for path, content in old.items():
        behind.write(first.object_id, path, content)
    behind.remove(second.object_id, "v1/content/metadata.xml")
    behind.write(second.object_id, "v1/content/stranger.txt", b"not ours")
    vault.scrub(actor=ACTOR)
    kinds = sorted(ScrubFinding.objects.values_list("kind", flat=True))
    assert {"version", "missing", "extra"} <= set(kinds)
    assert vault.repair(actor=ACTOR).is_well
    vault.scrub(actor=ACTOR, anew=True)
    assert not ScrubFinding.objects.filter(healed_at=None).exists()
    assert "v1/content/stranger.txt" not in behind.paths(second.object_id)
    assert assert_valid(behind.as_folder(tmp_path / "copy")) == 2


def test_a_site_that_was_lost_whole_is_filled_from_the_other(behind: Behind, tmp_path: Path) -> None:
    kept = keep_and_register([new_object() for _ in range(4)])
    behind.lose_everything()
    with pytest.raises(SiteMissing):
        vault.keep([new_object()])
    assert [state.state for state in read_state()] == ["ok", "missing"]
    assert vault.refill("cloud", actor=ACTOR) == 4
    assert vault.repair(actor=ACTOR).is_well
    assert {state for one in kept for state in states(one).values()} == {"ok"}
    assert assert_valid(behind.as_folder(tmp_path / "copy")) == 4


def test_the_second_of_two_writers_of_one_object_is_refused_and_harms_nothing(behind: Behind) -> None:
    [kept] = keep_and_register([new_object()])
    before = sorted(key for key in behind.everything() if not key.startswith(STAGING))
    with pytest.raises(ObjectExists):
        vault.keep([new_object(kept.object_id, {"record.json": b"other"})], sites=["cloud"])
    assert sorted(key for key in behind.everything() if not key.startswith(STAGING)) == before
    assert behind.read(kept.object_id, "v1/content/record.json") == b'{"title": "t"}'


def test_bytes_that_are_not_what_was_announced_leave_nothing_behind(behind: Behind) -> None:
    wrong = new_object()
    wrong.files[0] = NewFile("record.json", b"{}", sha512="0" * 128)
    with pytest.raises(DigestMismatch):
        vault.keep([new_object(), wrong])
    assert list(behind.root.standing()) == []
    assert not [key for key in behind.everything() if key.startswith(STAGING) and not key.endswith("/objects")]


@pytest.mark.parametrize("step", ["write", "read_again", "place", "settle"])
def test_what_a_crash_left_is_found_and_swept(behind: Behind, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = BucketWriter if behind.root.flush_mode == "store" else FolderWriter
    real = getattr(kind, step)

    def die(writer: object, *words: object) -> None:
        real(writer, *words)
        if writer.root.key == "cloud":  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(kind, step, die)
        for each in (BucketWriter, FolderWriter):
            patch.setattr(each, "undo", lambda writer: False)  # the dead undo nothing
        with pytest.raises(KeyboardInterrupt):
            vault.keep([new_object()])
    staging.slots.close()  # a dead process holds no locks
    vault.sweep(older_than=timedelta(0), now=clock.now() + timedelta(days=2))
    for root in sites.roots():
        assert list(root.standing()) == []
    assert not [key for key in behind.everything() if key.startswith(STAGING)]


def test_a_signed_destruction_leaves_a_tombstone_and_no_byte(behind: Behind) -> None:
    kept, other = keep_and_register([new_object(), new_object()])
    vault.local_path(kept.object_id, "documents/0001.pdf")
    warrant = Warrant((kept.object_id,), "XH-2026-1", "period over", clock.now(), ("lin", "zhou"))
    assert vault.purge(warrant, actor=ACTOR) == 1
    left = [key for key in behind.everything() if str(kept.object_id) in key]
    assert left == [f"{TOMBSTONES}/{kept.object_id}.json"]
    assert behind.read(other.object_id, "v1/content/documents/0001.pdf") == BODY


def test_a_site_proves_that_it_holds_the_bytes(behind: Behind) -> None:
    """Promise B7."""
    kept, _other = keep_and_register([new_object(), new_object()])
    assert challenging.challenge(actor=ACTOR).failed == ()
    behind.write(kept.object_id, "v1/content/documents/0001.pdf", b"x" * len(BODY))
    assert challenging.challenge(actor=ACTOR).failed == (("cloud", str(kept.object_id)),)


def test_the_rows_come_back_from_this_site_alone(behind: Behind) -> None:
    kept = keep_and_register([new_object(files={"documents/0001.pdf": BODY}) for _ in range(3)])
    vault.add_version(kept[0].object_id, [NewFile("more.txt", b"2")], message="2", user_name="xu")
    before = list(StoredObject.objects.order_by("object_id").values("object_id", "head", "inventory_sha512", "size"))
    StoredObject.objects.all().delete()
    done = vault.rebuild(site="cloud", actor=ACTOR)
    assert (done.objects, done.unreadable) == (3, [])
    after = list(StoredObject.objects.order_by("object_id").values("object_id", "head", "inventory_sha512", "size"))
    assert after == before
