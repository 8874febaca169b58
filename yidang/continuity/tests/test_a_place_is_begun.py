"""A beginning that is cut anywhere leaves a place that the next backup can use; nothing is begun over backups."""

import os
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from tools.s3 import ACCESS_KEY, SECRET_KEY
from yidang.continuity.backing_up import place_of
from yidang.continuity.beginning import CONFIG, FOLDERS, begin
from yidang.continuity.engine import Place
from yidang.continuity.errors import BackupDamaged, BackupFailed, NoBackupThere
from yidang.continuity.tests.test_backups_on_servers import write_keys

WORD = "a passphrase"
pytestmark = [pytest.mark.promise("E4"), pytest.mark.skipif(not shutil.which("restic"), reason="needs restic")]


@pytest.fixture
def folder(data: Path) -> Path:
    return data / "backups"


@pytest.fixture
def place(folder: Path) -> Place:
    return place_of(str(folder), WORD)


def take(place: Place, data: Path) -> str:
    (data / "paper.txt").write_text("kept")
    return place.write([data / "paper.txt"]).snapshot


def test_a_new_place_is_begun_once_and_opened_afterwards(place: Place, folder: Path, data: Path) -> None:
    assert begin(place) and not begin(place)
    assert sorted(path.name for path in folder.iterdir()) == [CONFIG, *FOLDERS]
    taken = take(place, data)
    assert [one.id for one in place.snapshots()] == [taken]


def test_a_folder_with_other_things_in_it_keeps_them(place: Place, folder: Path, data: Path) -> None:
    (folder / "lost+found").mkdir(parents=True)
    (folder / "README.txt").write_text("the disk of the second building")
    assert begin(place)
    take(place, data)
    assert (folder / "README.txt").read_text() == "the disk of the second building" and (folder / "lost+found").is_dir()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("call", ["fsync", "renameat"])
def test_killed_at_any_call_of_its_beginning_the_next_one_works(
    place: Place, folder: Path, data: Path, call: str
) -> None:
    """restic alone is killed, at its n-th call, where it would write straight into the place, as an earlier version let it."""
    words = {
        **os.environ,
        "RESTIC_PASSWORD": WORD,
        "RESTIC_REPOSITORY": str(folder),
        "RESTIC_CACHE_DIR": str(data / "c"),
    }
    killed = 0
    for number in (1, 2, 3, 4):
        shutil.rmtree(folder, ignore_errors=True)
        inject = f"--inject={call}:signal=KILL:when={number}"
        ran = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", f"--trace={call}", inject, "restic", "init"], env=words, capture_output=True, check=False
        )  # fmt: skip
        killed += ran.returncode != 0
        begin(place)
        taken = take(place, data)
        assert [one.id for one in place.snapshots()] == [taken], f"{call} {number}"
    if call == "fsync":
        assert killed, "no call was hit"


def test_a_beginning_that_died_while_it_was_moved_into_place_is_begun_anew(
    place: Place, folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.name == CONFIG:
            raise KeyboardInterrupt
        return moved(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        begin(place)
    monkeypatch.undo()
    assert not (folder / CONFIG).exists() and any((folder / "keys").iterdir())
    assert begin(place)
    taken = take(place, data)
    assert [one.id for one in place.snapshots()] == [taken]


def test_nothing_is_begun_over_backups_whose_config_is_gone(place: Place, folder: Path, data: Path) -> None:
    begin(place)
    take(place, data)
    (folder / CONFIG).rename(data / "config")
    with pytest.raises(BackupDamaged):
        begin(place)
    (data / "config").rename(folder / CONFIG)
    assert len(place.snapshots()) == 1


@pytest.mark.slow
def test_a_key_alone_in_a_bucket_does_not_spoil_it(gateway: str, data: Path, settings) -> None:
    bucket = f"begin-{uuid4().hex[:12]}"
    client = boto3.client(
        "s3", endpoint_url=gateway, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name="us-east-1"
    )  # fmt: skip
    client.create_bucket(Bucket=bucket)
    keys = data / "keys" / "backup.json"
    write_keys(keys, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    settings.BACKUP_CREDENTIALS = str(keys)
    place = place_of(f"s3:{gateway}/{bucket}/yidang", WORD)
    begin(place)
    client.delete_object(Bucket=bucket, Key=f"yidang/{CONFIG}")
    with pytest.raises(NoBackupThere):
        place.snapshots()
    begin(place)
    taken = take(place, data)
    assert [one.id for one in place.snapshots()] == [taken]
    client.delete_object(Bucket=bucket, Key=f"yidang/{CONFIG}")
    with pytest.raises((BackupDamaged, BackupFailed)):
        begin(place)
