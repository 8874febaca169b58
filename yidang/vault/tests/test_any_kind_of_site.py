"""One contract for every kind of site: whatever the vault promises holds on a folder and on a real S3 server's bucket."""

import contextlib
import errno
import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from tools.s3 import ACCESS_KEY, SECRET_KEY, Gateway, is_installed
from yidang import vault
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import challenging, fetching, sites, staging
from yidang.vault.bucket_writing import BucketWriter
from yidang.vault.errors import (
    DigestMismatch,
    FolderInUse,
    HeldByLock,
    LockMissing,
    NoGoodCopy,
    ObjectExists,
    SiteMissing,
    SiteReadOnly,
)
from yidang.vault.kept import KeptObject, NewFile, Warrant
from yidang.vault.models import Copy, ScrubFinding, StoredObject
from yidang.vault.objectstore import ObjectStore
from yidang.vault.queries import read_state
from yidang.vault.root import SET_ASIDE, STAGING, TOMBSTONES, Root
from yidang.vault.tests.conftest import BODY, assert_valid, keep_and_register, new_object
from yidang.vault.tests.faulty_store import Faulty
from yidang.vault.tests.stores import Behind, bucket_address, put_keys
from yidang.vault.writing import FolderWriter

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ACTOR = Actor.system("test")
KINDS = ["folder", "bucket"]


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    """A real S3 server for this file."""
    if not is_installed():
        pytest.fail("radosgw is not installed; tools/system_packages.sh test installs it.")
    server = Gateway()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def new_bucket(gateway: str) -> Callable[..., str]:
    """Makes buckets on it."""
    client = boto3.client(
        "s3", endpoint_url=gateway, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )  # fmt: skip

    def make(**more: object) -> str:
        name = f"vault-{uuid4().hex[:12]}"
        client.create_bucket(Bucket=name, **more)
        return name

    return make


@pytest.fixture
def bucket_site(data: Path, settings, gateway: str, new_bucket: Callable[..., str]) -> Callable[..., Root]:
    """Sets up a folder and a bucket as the vault's sites; answers the bucket's."""

    def set_up(*, follows: bool = False, first: bool = False, more: str = "", **how: object) -> Root:
        put_keys(data, "cloud")
        cloud = f"cloud={bucket_address(gateway, new_bucket(**how), more)}{';follows' if follows else ''}"
        local = f"local={data}/vault/local"
        settings.SITES = [cloud, local] if first else [local, cloud]
        vault.prepare_sites()
        return sites.root_of("cloud")

    return set_up


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
    for slot in list(staging.slots._waiting.values()):
        slot.done()
    staging.slots.forget()
    gc.collect()
    for held in Path("/proc/self/fd").iterdir():  # a dead process holds no locks
        try:
            if str(held.readlink()).endswith("/objects"):
                os.close(int(held.name))
        except OSError:
            continue
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


# ---- what only a bucket has -------------------------------------------------------------------------------------


def test_a_bucket_may_stand_first_or_follow(bucket_site: Callable[..., Root]) -> None:
    root = bucket_site(first=True)
    [kept] = keep_and_register([new_object()])
    assert Behind(root).read(kept.object_id, "v1/content/documents/0001.pdf") == BODY
    assert states(kept) == {"cloud": "ok", "local": "ok"}


def test_a_bucket_that_follows_is_filled_by_the_next_repair(bucket_site: Callable[..., Root]) -> None:
    root = bucket_site(follows=True)
    [kept] = keep_and_register([new_object()])
    assert states(kept) == {"local": "ok", "cloud": "lagging"}
    vault.repair(actor=ACTOR)
    assert states(kept) == {"local": "ok", "cloud": "ok"}
    assert Behind(root).read(kept.object_id, "v1/content/documents/0001.pdf") == BODY


def test_a_large_file_goes_in_parts_and_one_that_was_never_ended_is_dropped(
    bucket_site: Callable[..., Root], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yidang.vault.objectstore.PART", 5 * 1024 * 1024)
    root = bucket_site()
    source = tmp_path / "film.bin"
    source.write_bytes(bytes(range(256)) * (12 * 1024 * 4) + b"end")
    [kept] = keep_and_register([new_object(files={"record.json": b"{}", "documents/0001.bin": source})])
    assert Behind(root).read(kept.object_id, "v1/content/documents/0001.bin") == source.read_bytes()
    store = root.store
    store.client.create_multipart_upload(Bucket=store.access.bucket, Key="archive/half")
    assert root.sweep(clock.now(), remove=True) == ["half"]
    assert root.sweep(clock.now(), remove=False) == []


def test_a_locked_site_keeps_against_everybody_and_says_so_before_anything_is_removed(
    bucket_site: Callable[..., Root],
) -> None:
    """Promise D1 on the real store: compliance mode, refused to the bucket's own keys."""
    root = bucket_site(more="&lock_days=2", ObjectLockEnabledForBucket=True)
    [kept] = keep_and_register([new_object()])
    vault.add_version(kept.object_id, [NewFile("record.json", b'{"title": "2"}')], message="2", user_name="xu")
    store, top = root.store, root.object_folder(kept.object_id).key
    for key in store.keys(f"{top}/"):
        for version in store.versions(key):
            with pytest.raises(store.client.exceptions.ClientError, match="AccessDenied"):
                store.client.delete_object(
                    Bucket=store.access.bucket, Key=f"archive/{key}", VersionId=version,
                    BypassGovernanceRetention=True,
                )  # fmt: skip
    warrant = Warrant((kept.object_id,), "XH-2026-2", "period over", clock.now(), ("lin", "zhou"))
    with pytest.raises(HeldByLock, match="cloud"):
        vault.purge(warrant, actor=ACTOR)
    assert Behind(sites.root_of("local")).read(kept.object_id, "v1/content/documents/0001.pdf") == BODY
    assert not Entry.objects.filter(event="vault.object.purged").exists()
    # Somebody with the keys puts other bytes over it: found, mended, and the first version never left.
    Behind(root).write(kept.object_id, "v1/content/documents/0001.pdf", b"forged")
    vault.scrub(actor=ACTOR)
    assert vault.repair(actor=ACTOR).is_well
    assert Behind(root).read(kept.object_id, "v1/content/documents/0001.pdf") == BODY


def test_a_lock_asked_of_a_bucket_without_it_is_refused(bucket_site: Callable[..., Root]) -> None:
    with pytest.raises(LockMissing):
        bucket_site(more="&lock_days=2")


def test_wrong_keys_and_a_server_that_is_away_are_a_missing_site(
    bucket_site: Callable[..., Root], settings, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yidang.vault.objectstore.ATTEMPTS", 2)
    root = bucket_site()
    (data / "keys/s3-away.json").write_text('{"access_key": "no", "secret_key": "nobody"}')
    settings.SITES = [*settings.SITES, f"away=s3://{root.access.bucket}/archive?endpoint={root.access.endpoint}"]
    assert sites.root_of("away").marker_id == ""
    settings.SITES = [*settings.SITES[:2], "away=s3://bucket/archive?endpoint=http://127.0.0.1:9"]
    with pytest.raises(SiteMissing):
        sites.root_of("away").check()


def test_a_bucket_that_holds_something_else_is_not_taken(
    data: Path, settings, gateway: str, new_bucket: Callable[..., str]
) -> None:
    put_keys(data, "cloud")
    settings.SITES = [f"cloud={bucket_address(gateway, new_bucket())}"]
    root = sites.root_of("cloud")
    root.store.put("thesis.doc", b"somebody's")
    with pytest.raises(FolderInUse):
        root.initialise()


def test_answers_that_fail_now_and_then_are_asked_for_again(
    data: Path, settings, gateway: str, new_bucket: Callable[..., str]
) -> None:
    """Every seventh request is refused as busy, cut off in the middle, or told an inner error; nothing is lost or doubled."""
    put_keys(data, "cloud")
    with Faulty(gateway) as faulty:
        settings.SITES = [f"local={data}/vault/local", f"cloud={bucket_address(faulty.address, new_bucket())}"]
        vault.prepare_sites()
        faulty.every = 7
        kept = keep_and_register([new_object() for _ in range(3)])
        vault.scrub(actor=ACTOR)
        assert faulty.failed > 5
    assert not ScrubFinding.objects.exists()
    assert {state for one in kept for state in states(one).values()} == {"ok"}


def test_a_server_that_goes_away_in_the_middle_of_a_scrub_is_no_damage(
    data: Path, settings, gateway: str, new_bucket: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yidang.vault.bucket.BELIEVED_SECONDS", 3600)
    monkeypatch.setattr("yidang.vault.objectstore.ATTEMPTS", 2)
    put_keys(data, "cloud")
    with Faulty(gateway) as faulty:
        settings.SITES = [f"local={data}/vault/local", f"cloud={bucket_address(faulty.address, new_bucket())}"]
        vault.prepare_sites()
        keep_and_register([new_object() for _ in range(3)])
        faulty.down = True
        with pytest.raises(SiteMissing):
            vault.scrub(actor=ACTOR, site="cloud")
    assert not ScrubFinding.objects.exists()


def test_a_store_that_takes_no_writes_is_refused_in_a_sentence(
    bucket_site: Callable[..., Root], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = bucket_site()

    def refuse(*words: object, **more: object) -> None:
        raise OSError(errno.EACCES, "AccessDenied")

    monkeypatch.setattr("yidang.vault.objectstore.ObjectStore.put", refuse)
    with pytest.raises(SiteReadOnly, match="cloud"):
        vault.keep([new_object()])
    assert [state.state for state in read_state()] == ["ok", "read_only"]
    monkeypatch.undo()
    assert list(root.standing()) == []


def test_the_server_is_asked_to_encrypt_where_the_address_says_so(bucket_site: Callable[..., Root]) -> None:
    """The test server has no key service and refuses such a put; what is sent is what counts."""
    root = bucket_site()
    sent: list[dict[str, object]] = []
    store = ObjectStore(replace(root.access, encryption="AES256"))
    store.client.meta.events.register("before-parameter-build.s3.*", lambda params, **more: sent.append(params))
    for call in (lambda: store.put("e", b"v"), lambda: store.copy("0=ocfl_1.1", "f")):
        with contextlib.suppress(OSError):
            call()
    assert [one["ServerSideEncryption"] for one in sent if "ServerSideEncryption" in one] == ["AES256", "AES256"]


def test_local_copies_of_a_buckets_files_are_compared_and_bounded(bucket_site: Callable[..., Root], data: Path) -> None:
    root = bucket_site()
    [kept] = keep_and_register([new_object()])
    Behind(sites.root_of("local")).lose_everything()
    path = vault.local_path(kept.object_id, "documents/0001.pdf")
    assert path.is_relative_to(data / "cache") and path.read_bytes() == BODY
    assert fetching.trim(0) == 1 and not path.exists()
    Behind(root).write(kept.object_id, "v1/content/documents/0001.pdf", b"forged")
    with pytest.raises(NoGoodCopy):
        vault.local_path(kept.object_id, "documents/0001.pdf")
