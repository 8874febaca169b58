"""A backup is taken while the program writes, and an empty machine becomes the archive again."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection

from yidang.audit.models import Entry
from yidang.catalogue.actions.description import describe_record
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity import drilling, wrapping
from yidang.continuity.backing_up import back_up, place_of
from yidang.continuity.beginning import begin
from yidang.continuity.drilling import drill
from yidang.continuity.engine import Place
from yidang.continuity.errors import BackupDamaged, BackupUnderWay, NoBackupThere, WrongPassphrase
from yidang.continuity.models import BackupRun, DrillRun
from yidang.continuity.tests.conftest import WORD, Living

OPERATOR = Actor.system("test")


def restore(living: Living, target: Path, **more: str) -> tuple[int, dict, str]:
    return living.run("restore", living.backups, "--data", str(target), **more)


@pytest.mark.slow
@pytest.mark.promise("E1", "E3")
@pytest.mark.gbt39784("4.4-11", "7.1-2", "7.1-5")
def test_an_empty_machine_becomes_the_archive_again(living: Living, tmp_path: Path) -> None:
    run = back_up(living.backups, WORD, actor=OPERATOR)
    assert run.outcome == BackupRun.DONE and run.records == 3 and run.entries > 10
    target = tmp_path / "elsewhere"
    code, told, said = restore(living, target)
    assert code == 0, (told, said)
    assert told["records"] == 3 and len(told["sample"]) == 3 and told["faults"] == []
    assert all(one["documents"] == 1 for one in told["sample"])
    assert not (target / "restoring").exists()
    for command in (["vault", "scrub", "--all"], ["vault", "status"], ["audit", "verify"]):
        done = subprocess.run(
            [sys.executable, "-m", "yidang", *command, "--json", "--data", str(target)], capture_output=True, text=True
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    code, _told, said = restore(living, target)
    assert code == 1 and str(target) in said, "a folder that holds something is not touched"


@pytest.mark.slow
@pytest.mark.promise("E3")
def test_a_backup_taken_while_people_file_and_describe_is_of_one_moment(living: Living, tmp_path: Path) -> None:
    ended, trouble = threading.Event(), []

    def work() -> None:
        try:
            for number in range(60):
                if ended.is_set():
                    break
                record = living.archive.file()
                describe_record(
                    record, {"keywords": [f"词{number}"]}, actor=living.archive.cast.actor("lin"), now=clock.now()
                )
                living.archive.work()
        except Exception as error:
            trouble.append(error)
        finally:
            connection.close()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        time.sleep(1)
        run = back_up(living.backups, WORD, actor=OPERATOR)
    finally:
        ended.set()
        writer.join()
    assert trouble == []
    code, told, said = restore(living, tmp_path / "elsewhere", sample="100")
    assert code == 0 and told["faults"] == [], (told, said)
    assert told["records"] >= run.records


@pytest.mark.promise("E1")
@pytest.mark.gbt39784("7.1-3")
def test_the_next_backup_writes_only_what_is_new(living: Living) -> None:
    living.archive.file(files={"长文.txt": "\n".join(f"{random.random()}" for _line in range(200_000)).encode()})
    first = back_up(living.backups, WORD, actor=OPERATOR)
    living.archive.file()
    second = back_up(living.backups, WORD, actor=OPERATOR)
    assert second.bytes > first.bytes * 0.9 and second.added < first.added / 2
    assert [one.id for one in place_of(living.backups, WORD).snapshots()] == [first.snapshot, second.snapshot]
    assert Entry.objects.filter(event="continuity.backup.made", outcome="done").count() == 2


def test_another_passphrase_opens_nothing_and_writes_nothing(living: Living, tmp_path: Path) -> None:
    back_up(living.backups, WORD, actor=OPERATOR)
    with pytest.raises(WrongPassphrase):
        back_up(living.backups, "another", actor=OPERATOR)
    assert BackupRun.objects.filter(outcome=BackupRun.FAILED).count() == 1
    code, told, _said = living.run(
        "restore", living.backups, "--data", str(tmp_path / "elsewhere"), passphrase="another"
    )
    assert code == 1 and told["code"] == "wrong_passphrase"
    assert not (tmp_path / "elsewhere" / "database" / "yidang.sqlite3").exists()
    assert len(place_of(living.backups, WORD).snapshots()) == 1


def test_where_no_backup_is_that_is_said_and_no_folder_is_made(living: Living, tmp_path: Path) -> None:
    with pytest.raises(NoBackupThere):
        begin(place_of(str(tmp_path / "not-mounted" / "backups"), WORD))
    assert not (tmp_path / "not-mounted").exists()
    code, told, _said = living.run("drill", str(tmp_path / "nothing"), "--data", str(living.data))
    assert code == 1 and told["error"]


@pytest.mark.slow
@pytest.mark.promise("E1", "B1")
def test_a_flipped_bit_in_the_backup_is_found(living: Living) -> None:
    back_up(living.backups, WORD, actor=OPERATOR)
    place = place_of(living.backups, WORD)
    place.check()
    packs = sorted(path for path in (Path(living.backups) / "data").rglob("*") if path.is_file())
    rng = random.Random()
    path = rng.choice(packs)
    content = bytearray(path.read_bytes())
    at = rng.randrange(len(content))
    content[at] ^= 1 << rng.randrange(8)
    path.chmod(0o600)
    path.write_bytes(content)
    with pytest.raises(BackupDamaged):
        place.check()


@pytest.mark.slow
@pytest.mark.promise("E1")
@pytest.mark.gbt39784("7.5-3")
def test_a_drill_restores_aside_compares_and_reports(living: Living) -> None:
    back_up(living.backups, WORD, actor=OPERATOR)
    living.archive.file()
    done = drill(living.backups, WORD, actor=OPERATOR, sample=10)
    assert done.is_well, (done.error, done.differences)
    assert done.records == 3 and len(done.sample) == 3 and done.seconds > 0
    assert done.newest_record_at == Record.objects.order_by("received_at")[2].received_at
    assert not list((living.data / "cache").glob("drill-*")), "nothing of it is left"
    assert Entry.objects.filter(event="continuity.drill.made", outcome="done").count() == 1


@pytest.mark.slow
@pytest.mark.promise("E1")
def test_a_drill_that_does_not_fit_says_what_is_missing_and_begins_nothing(
    living: Living, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    back_up(living.backups, WORD, actor=OPERATOR)
    weight = place_of(living.backups, WORD).weigh()
    vault = [path.stat().st_size for path in (living.data / "vault" / "main").rglob("*") if path.is_file()]
    assert weight.files > len(vault) and weight.bytes > sum(vault)
    free = {"bytes": weight.bytes + weight.files * 4096}  # room for the backup, none for what filing needs beside it
    monkeypatch.setattr(drilling.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free["bytes"]))
    monkeypatch.setattr(Place, "check", lambda *_: pytest.fail("everything was read before room was looked for"))
    settings.DRILL_FOLDER = str(tmp_path / "drills")
    done = drill(living.backups, WORD, actor=OPERATOR)
    assert not done.is_well and done.minutes == 0 and list((tmp_path / "drills").iterdir()) == []
    assert f"{tmp_path}/drills 有 " in done.error and "还差 " in done.error and "YIDANG_DRILL_FOLDER" in done.error
    assert Entry.objects.filter(event="continuity.drill.made", outcome="failed").count() == 1
    monkeypatch.undo()
    assert drill(living.backups, WORD, actor=OPERATOR).is_well


@pytest.mark.slow
@pytest.mark.promise("E1")
def test_a_drill_on_a_damaged_backup_is_red(living: Living) -> None:
    back_up(living.backups, WORD, actor=OPERATOR)
    for path in (Path(living.backups) / "data").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2] + bytes(len(content) - len(content) // 2))
    done = drill(living.backups, WORD, actor=OPERATOR)
    assert not done.is_well and done.error
    assert DrillRun.objects.get().pk == done.pk


@pytest.mark.slow
@pytest.mark.promise("E4")
def test_a_backup_killed_anywhere_offers_no_half_one_and_the_next_one_works(living: Living, tmp_path: Path) -> None:
    back_up(living.backups, WORD, actor=OPERATOR)
    rng = random.Random()
    before = {one.id for one in place_of(living.backups, WORD).snapshots()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
    connection.close()
    for _try in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "yidang", "backup", living.backups, "--data", str(living.data), "--passphrase-stdin"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=kept, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(f"{WORD}\n".encode())
        process.stdin.close()
        time.sleep(rng.uniform(0.8, 3.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    place = place_of(living.backups, WORD)
    place.check()
    assert before <= {one.id for one in place.snapshots()}
    run = back_up(living.backups, WORD, actor=OPERATOR)
    assert not BackupRun.objects.filter(outcome=BackupRun.RUNNING).exists()
    code, told, said = restore(living, tmp_path / "elsewhere")
    assert code == 0 and told["snapshot"] == run.snapshot, (told, said)


def test_two_backups_at_once_are_one(living: Living) -> None:
    import fcntl

    with (living.data / "cache" / "backup.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BackupUnderWay):
            back_up(living.backups, WORD, actor=OPERATOR)


def test_keys_are_wrapped_and_the_passphrase_stays_behind(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "secret").write_text("s" * 50)
    (keys / "backup.passphrase").write_text(WORD)
    wrapped = wrapping.wrap(keys, WORD, without=frozenset({"backup.passphrase"}))
    assert b"ssss" not in wrapped and json.loads(wrapped)["kdf"]["name"] == "scrypt"
    assert wrapping.unwrap(wrapped, WORD, tmp_path / "back") == ["secret"]
    assert (tmp_path / "back" / "secret").stat().st_mode & 0o777 == 0o600
    with pytest.raises(WrongPassphrase):
        wrapping.unwrap(wrapped, WORD + "x", tmp_path / "no")
