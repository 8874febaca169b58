"""With the program's account, its environment and all its keys: a locked bucket gives back every backup all the same."""

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from django.conf import settings as in_force

from tools.s3 import ACCESS_KEY, SECRET_KEY
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity import locking, measuring
from yidang.continuity.as_of import as_of
from yidang.continuity.backing_up import back_up, place_of
from yidang.continuity.errors import NotLocked
from yidang.continuity.models import BackupRun
from yidang.continuity.tests.conftest import WORD, Living
from yidang.continuity.tests.test_backups_on_servers import write_keys
from yidang.upkeep.checks import keeping

OPERATOR = Actor.system("test")
DAYS = 30
RUINED = b"nothing of what was here"


@pytest.fixture
def locked(gateway: str, living: Living) -> tuple[Any, str, str]:
    """A bucket that was made with Object Lock, and our keys to it."""
    client = boto3.client(
        "s3",
        endpoint_url=gateway,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )
    bucket = f"locked-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    client.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": DAYS}}
        },
    )  # fmt: skip
    in_force.BACKUP_CREDENTIALS = living.data / "keys" / "backup-access.json"
    write_keys(in_force.BACKUP_CREDENTIALS, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    return client, bucket, f"s3:{gateway}/{bucket}/yidang"


def succeeded(call: Callable[[], Any]) -> bool:
    try:
        call()
    except ClientError:
        return False
    return True


def destroy(client: Any, bucket: str, address: str, cache: Path) -> list[str]:
    """Everything that somebody with our account can try; what removed or shortened anything."""
    harm = []
    environment = {
        **os.environ, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "RESTIC_PASSWORD": WORD,
        "RESTIC_REPOSITORY": address, "RESTIC_CACHE_DIR": str(cache), "RESTIC_NEW_PASSWORD": "theirs",
    }  # fmt: skip
    theirs = cache.with_name("theirs")
    theirs.write_text("theirs\n")
    for words in (
        ["key", "passwd", "--new-password-file", str(theirs)],  # re-keyed: our word opens nothing any more
        ["--password-file", str(theirs), "forget", "--prune", "--group-by", "", "--keep-last", "1"],
    ):
        subprocess.run(["restic", *words], env=environment, capture_output=True, check=False)
    versions = client.list_object_versions(Bucket=bucket)["Versions"]
    for one in versions:
        which = {"Bucket": bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        if succeeded(lambda which=which: client.delete_object(**which)):
            harm.append(f"deleted {one['Key']}")
        if succeeded(lambda which=which: client.delete_object(**which, BypassGovernanceRetention=True)):
            harm.append(f"deleted past the lock {one['Key']}")
        soon = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(seconds=5)}
        if succeeded(lambda which=which, soon=soon: client.put_object_retention(**which, Retention=soon)):
            harm.append(f"shortened {one['Key']}")
    for key in {one["Key"] for one in versions}:
        client.put_object(Bucket=bucket, Key=key, Body=RUINED)
        client.delete_object(Bucket=bucket, Key=key)
    for name, call in (
        ("unversioned", lambda: client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})),
        ("bucket removed", lambda: client.delete_bucket(Bucket=bucket)),
    ):  # fmt: skip
        if succeeded(call):
            harm.append(name)
    return harm


@pytest.mark.slow
@pytest.mark.promise("E5")
@pytest.mark.gbt39784("7.1-5")
def test_deleted_overwritten_pruned_and_rekeyed_a_locked_backup_comes_back_as_of_a_moment(
    locked: tuple[Any, str, str], living: Living, tmp_path_factory: pytest.TempPathFactory
) -> None:
    client, bucket, address = locked
    back_up(address, WORD, actor=OPERATOR)
    living.archive.file()
    run = back_up(address, WORD, actor=OPERATOR)
    assert run.locked_until and run.locked_until > clock.now() + timedelta(days=DAYS - 1) and run.error == ""
    moment = datetime.now(UTC)
    elsewhere = tmp_path_factory.mktemp("new-machine")

    harm = destroy(client, bucket, address, elsewhere / "cache")
    assert harm == []
    keys = in_force.BACKUP_CREDENTIALS
    code, told, said = living.run(
        "restore", address, "--data", str(elsewhere / "now"), YIDANG_BACKUP_CREDENTIALS=str(keys)
    )
    assert code == 1 and told.get("code") in {"no_backup_there", "backup_damaged", "backup_failed"}, said
    code, told, said = living.run(
        "restore", address, "--data", str(elsewhere / "then"), "--as-of", moment.isoformat(), "--whole",
        YIDANG_BACKUP_CREDENTIALS=str(keys),
    )  # fmt: skip
    assert code == 0 and told["faults"] == [] and told["records"] == 4, (told, said)
    assert told["snapshot"] == run.snapshot


@pytest.mark.slow
@pytest.mark.promise("E5")
def test_locks_are_extended_long_before_they_end(locked: tuple[Any, str, str], living: Living) -> None:
    client, bucket, address = locked
    first = back_up(address, WORD, actor=OPERATOR)
    again = back_up(address, WORD, actor=OPERATOR)
    assert again.renewed_at == first.renewed_at, "not every time"
    BackupRun.objects.update(renewed_at=clock.now() - timedelta(days=DAYS / 3 + 1))
    # Everything was written by a bucket that locks for thirty days; from today on it is to be ninety.
    client.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 90}}
        },
    )  # fmt: skip
    BackupRun.objects.update(renewed_at=clock.now() - timedelta(days=31))
    run = back_up(address, WORD, actor=OPERATOR)
    assert run.renewed_at and run.renewed_at > clock.now() - timedelta(minutes=5)
    store = locking.store_of(address)
    assert store is not None
    for one in locking.first_versions(store):
        if one.name.startswith("locks/"):
            continue
        told = client.get_object_retention(Bucket=bucket, Key=f"yidang/{one.name}", VersionId=one.version)
        assert told["Retention"]["RetainUntilDate"] > datetime.now(UTC) + timedelta(days=89), one.name


@pytest.mark.promise("E5")
def test_the_doctor_says_when_this_account_can_destroy_the_backups(living: Living, settings: Any) -> None:
    settings.BACKUP = living.backups
    now = clock.now()
    run = BackupRun.objects.create(asked_by="x", started_at=now, address=living.backups, outcome=BackupRun.DONE)
    said = [one.sentence for one in keeping.backup_lock()]
    assert len(said) == 1 and living.backups in said[0]
    settings.BACKUP_OFFLINE = "每周移动硬盘，东区"
    assert list(keeping.backup_lock()) == [], "a copy that is put away is out of this account's reach"
    settings.BACKUP_OFFLINE = ""
    BackupRun.objects.filter(pk=run.pk).update(locked_until=now + timedelta(days=30), address="s3:https://s/b")
    assert list(keeping.backup_lock()) == []
    assert {one.key: one for one in measuring.measure()}["offline"].is_met
    BackupRun.objects.filter(pk=run.pk).update(locked_until=now + timedelta(days=3))
    assert [one.level for one in keeping.backup_lock()] == [keeping.BAD], "it runs out and nobody extends it"


def test_a_folder_cannot_be_read_as_of_a_moment(living: Living) -> None:
    with pytest.raises(NotLocked), as_of(place_of(living.backups, WORD), clock.now()):
        pass
