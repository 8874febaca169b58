"""What only a bucket does: stand first or follow, take parts, be locked, fail now and then as stores do."""

import contextlib
import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from yidang import vault
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import fetching, sites
from yidang.vault.errors import (
    FolderInUse,
    HeldByLock,
    LockMissing,
    NoGoodCopy,
    SiteMissing,
    SiteReadOnly,
)
from yidang.vault.kept import KeptObject, NewFile, Warrant
from yidang.vault.models import Copy, ScrubFinding
from yidang.vault.objectstore import ObjectStore
from yidang.vault.queries import read_state
from yidang.vault.root import Root
from yidang.vault.tests.conftest import BODY, keep_and_register, new_object
from yidang.vault.tests.faulty_store import Faulty
from yidang.vault.tests.stores import Behind, bucket_address, put_keys

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ACTOR = Actor.system("test")


def states(kept: KeptObject) -> dict[str, str]:
    """Site → what the rows say of its copy."""
    return dict(Copy.objects.filter(object__object_id=kept.object_id).values_list("site__key", "state"))


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
