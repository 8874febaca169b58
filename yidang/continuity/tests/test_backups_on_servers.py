"""Backups on a real S3 server and a real sftp server: taken, restored, drilled; damaged, cut off, refused."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from django.conf import settings as in_force

from tools.s3 import ACCESS_KEY, SECRET_KEY
from tools.sshd import Sshd, is_installed
from yidang.common.actor import Actor
from yidang.continuity import backing_up, reaching
from yidang.continuity.backing_up import back_up, place_of
from yidang.continuity.drilling import drill
from yidang.continuity.engine import Place
from yidang.continuity.errors import BackupDamaged, BadAddress, BadCredentials, PlaceRefuses, PlaceSilent
from yidang.continuity.models import BackupRun
from yidang.continuity.tests.conftest import WORD, Living
from yidang.continuity.tests.wire import Wire

OPERATOR = Actor.system("test")
pytestmark = pytest.mark.slow


def write_keys(file: Path, **keys: str) -> None:
    file.write_text(json.dumps(keys))
    file.chmod(0o600)


@dataclass
class Server:
    """One kind of server: its address through any port, its keys, and a hand at what it keeps."""

    port: int
    address: Callable[[int], str]
    keys: dict[str, str]
    flip: Callable[[], None]


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    if not is_installed():
        pytest.fail("sshd is not installed; tools/system_packages.sh test installs it.")
    server = Sshd()
    server.start()
    yield server
    server.stop()


def s3(endpoint: str) -> Server:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )
    bucket = f"backup-{uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)

    def flip() -> None:
        listed = client.list_objects_v2(Bucket=bucket, Prefix="yidang/data/")["Contents"]
        key = random.SystemRandom().choice(listed)["Key"]
        content = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        client.put_object(Bucket=bucket, Key=key, Body=one_bit_other(content))

    port = int(endpoint.rpartition(":")[2])
    keys = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    return Server(port, lambda at: f"s3:http://127.0.0.1:{at}/{bucket}/yidang", keys, flip)


def sftp(server: Sshd) -> Server:
    server.store = server.folder / uuid4().hex
    server.store.mkdir()

    def flip() -> None:
        path = random.SystemRandom().choice([one for one in server.store.glob("yidang/data/*/*") if one.is_file()])
        path.chmod(0o600)
        path.write_bytes(one_bit_other(path.read_bytes()))

    # Another port is another host to ssh: what stands for all of them is one key under a pattern.
    host = server.known_hosts.read_text().split(" ", 1)[1]
    server.known_hosts.write_text(f"[127.0.0.1]:* {host}")
    return Server(
        server.port, server.address, {"ssh_key": str(server.key), "known_hosts": str(server.known_hosts)}, flip
    )


def one_bit_other(content: bytes) -> bytes:
    changed = bytearray(content)
    changed[random.SystemRandom().randrange(len(changed))] ^= 1
    return bytes(changed)


@pytest.fixture(params=["s3", "sftp"])
def server(request: pytest.FixtureRequest, living: Living) -> Server:
    """Each kind in turn, its keys where the program looks for them."""
    chosen = s3(request.getfixturevalue("gateway")) if request.param == "s3" else sftp(request.getfixturevalue("sshd"))
    in_force.BACKUP_CREDENTIALS = living.data / "keys" / "backup-access.json"
    write_keys(in_force.BACKUP_CREDENTIALS, **chosen.keys)
    return chosen


@pytest.mark.promise("E1")
def test_a_server_takes_backups_gives_them_back_and_shows_damage(
    server: Server, living: Living, tmp_path_factory: pytest.TempPathFactory
) -> None:
    address = server.address(server.port)
    living.archive.file(files={"长文.txt": random.randbytes(3_000_000).hex().encode()})
    first = back_up(address, WORD, actor=OPERATOR)
    living.archive.file()
    second = back_up(address, WORD, actor=OPERATOR)
    assert second.outcome == BackupRun.DONE and second.added < first.added / 3
    assert [one.id for one in place_of(address, WORD).snapshots()] == [first.snapshot, second.snapshot]

    elsewhere = tmp_path_factory.mktemp("new-machine")
    write_keys(elsewhere / "access.json", **server.keys)
    asked = ["restore", address, "--data", str(elsewhere / "data")]
    code, told, said = living.run(*asked, YIDANG_BACKUP_CREDENTIALS=str(elsewhere / "access.json"))
    assert code == 0 and told["records"] == 5 and told["faults"] == [], (told, said)
    done = drill(address, WORD, actor=OPERATOR)
    assert done.is_well and done.records == 5, (done.error, done.differences)

    server.flip()
    with pytest.raises(BackupDamaged):
        replace(place_of(address, WORD), cache=elsewhere / "no-cache").check()


@pytest.mark.promise("E4")
def test_a_wire_cut_in_the_middle_leaves_no_half_backup_and_one_that_is_mended_is_not_noticed(
    server: Server, living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backing_up, "Place", lambda *words: Place(*words, patience=2.0))
    direct = server.address(server.port)
    first = back_up(direct, WORD, actor=OPERATOR)
    living.archive.file(files={"长文.txt": random.randbytes(8_000_000).hex().encode()})
    wire = Wire(server.port, cut_after=2_000_000)
    began = time.monotonic()
    with pytest.raises(PlaceSilent):
        back_up(server.address(wire.port), WORD, actor=OPERATOR)
    assert wire.is_cut and time.monotonic() - began < 120
    assert (
        "回答" in BackupRun.objects.order_by("-id")[0].error or "answer" in BackupRun.objects.order_by("-id")[0].error
    )
    assert [one.id for one in place_of(direct, WORD).snapshots()] == [first.snapshot]
    second = back_up(direct, WORD, actor=OPERATOR)
    place = place_of(direct, WORD)
    place.check()
    assert [one.id for one in place.snapshots()] == [first.snapshot, second.snapshot]


def test_a_short_break_of_the_network_is_waited_for(living: Living, gateway: str) -> None:
    server = s3(gateway)
    in_force.BACKUP_CREDENTIALS = living.data / "keys" / "backup-access.json"
    write_keys(in_force.BACKUP_CREDENTIALS, **server.keys)
    back_up(server.address(server.port), WORD, actor=OPERATOR)
    living.archive.file(files={"长文.txt": random.randbytes(8_000_000).hex().encode()})
    wire = Wire(server.port, cut_after=2_000_000)

    def mend() -> None:
        while not wire.is_cut:
            time.sleep(0.05)
        time.sleep(3)
        wire.mend()

    hand = threading.Thread(target=mend, daemon=True)
    hand.start()
    run = back_up(server.address(wire.port), WORD, actor=OPERATOR)
    hand.join()
    assert run.outcome == BackupRun.DONE
    place_of(server.address(server.port), WORD).check()


def test_wrong_keys_are_said_and_files_that_others_may_read_are_not_used(server: Server, living: Living) -> None:
    address = server.address(server.port)
    wrong = {"access_key": "testkey", "secret_key": "x"}
    if "ssh_key" in server.keys:
        wrong = {**server.keys, "known_hosts": "/dev/null"}
    write_keys(in_force.BACKUP_CREDENTIALS, **wrong)
    with pytest.raises(PlaceRefuses):
        back_up(address, WORD, actor=OPERATOR)
    write_keys(in_force.BACKUP_CREDENTIALS, **server.keys)
    in_force.BACKUP_CREDENTIALS.chmod(0o644)
    with pytest.raises(BadCredentials):
        back_up(address, WORD, actor=OPERATOR)


def test_secrets_are_never_on_a_command_line(server: Server, living: Living, monkeypatch: pytest.MonkeyPatch) -> None:
    from yidang.continuity import engine

    called: list[list[str]] = []
    start = engine.subprocess.Popen

    def watch(words: list[str], **more: object) -> object:
        called.append(words)
        return start(words, **more)

    monkeypatch.setattr(engine.subprocess, "Popen", watch)
    back_up(server.address(server.port), WORD, actor=OPERATOR)
    spoken = " ".join(word for words in called for word in words)
    assert called and WORD not in spoken and SECRET_KEY not in spoken
    if "ssh_key" in server.keys:
        assert Path(server.keys["ssh_key"]).read_text().split("\n")[1] not in spoken


@pytest.mark.parametrize("address", ["s3:https://server", "sftp:///no-server"])
def test_an_address_without_a_place_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        reaching.bucket_of(address) or reaching.options_of(address, Path("ssh.log"))
