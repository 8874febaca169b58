"""Promise I4 for what leaves the hospital: the support bundle helps, and holds no name, title, number, account or secret."""

import io
import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import DatabaseError

from config.readers import Setting
from tests.archive import Archive
from yidang import audit
from yidang.audit.models import Entry
from yidang.commands.supporting import support_bundle
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.program_log import REQUESTS, keep_in_file
from yidang.jobs.models import Job
from yidang.people.models import User
from yidang.upkeep import checks, looking, sampling
from yidang.upkeep.bundling import make_bundle
from yidang.upkeep.redacting import redact

OPERATOR = Actor.system("operator")
CANARIES = {
    "title": "金丝雀之手术记录",
    "file": "金丝雀扫描件.txt",
    "name": "金丝雀某某",
    "patient": "ZY20269417755",
    "identity": "110101199003077571",
    "words": "金丝雀检索词",
    "password": "Kanarienvogel-9417",
    "token": "yd_canarytoken_5520187346",
    "database password": "canary-db-5520",
    "database host": "db7.kanarien.hospital",
    "bucket secret": "canaryS3secret0987654321",
    "passphrase": "canary passphrase of seven words",
    "metrics token": "canary-metrics-token-42",
    "place": "/mnt/kanarien-tape",
    "hospital": "金丝雀医院",
    "witness": "https://witness.kanarien.example/api",
    "mail": "kanarien@hospital.example",
}


@pytest.fixture
def told(archive: Archive, data: Path, settings) -> Archive:
    """An archive in which each canary stands where such things stand, the program's log and the doctor's findings included."""
    keys = data / "keys"
    (keys / "s3-cloud.json").write_text(json.dumps({"access_key": "AKIA", "secret_key": CANARIES["bucket secret"]}))
    (keys / "backup.passphrase").write_text(CANARIES["passphrase"])
    (keys / "metrics.token").write_text(CANARIES["metrics token"])
    for file in keys.iterdir():
        file.chmod(0o600)
    address = f"postgresql://yidang:{CANARIES['database password']}@{CANARIES['database host']}/yidang"
    given = {
        "YIDANG_DATABASE": ("address", address), "YIDANG_BACKUP": ("text", CANARIES["place"]),
        "YIDANG_HOSPITAL_NAME": ("text", CANARIES["hospital"]), "YIDANG_WITNESSES": ("list", f"far={CANARIES['witness']};k"),
        "YIDANG_THREADS": ("number", "16"),
    }  # fmt: skip
    settings.SETTINGS_GIVEN = [(Setting(name, kind, "", ""), value) for name, (kind, value) in given.items()]
    settings.HOSPITAL_NAME, settings.BACKUP = CANARIES["hospital"], CANARIES["place"]
    settings.METRICS_TOKEN_FILE, settings.SLOW_STATEMENT_MS = str(keys / "metrics.token"), 0
    handler = keep_in_file(data / "log", "web", mebibytes=1)
    try:
        metadata = {"patient_number": CANARIES["patient"], "patient_name": CANARIES["name"]}
        record = archive.file(
            CANARIES["title"], {CANARIES["file"]: b"x" * 60}, by="he", of="ZY·BA", accepted=False, department="BA",
            security="sensitive", metadata=metadata,
        )  # fmt: skip
        browser = archive.cast.client("lin")
        browser.get("/search/", {"q": CANARIES["words"]})
        browser.get(f"/records/{record.public_id}/")
        browser.get(f"/{CANARIES['identity']}/", headers={"authorization": f"Bearer {CANARIES['token']}"})
        browser.post("/sign-in/", {"username": CANARIES["mail"], "password": CANARIES["password"]})
        logging.getLogger("yidang.jobs.worker").error("job %s failed on %s", 7, CANARIES["title"])
    finally:
        for name in (None, REQUESTS):
            logging.getLogger(name).removeHandler(handler)
        handler.close()
    with (data / "log" / "worker.jsonl").open("a") as file:  # a line that a later version might write
        file.write(json.dumps({"at": "2026-11-24T00:00:00+00:00", "level": "error", "title": CANARIES["title"]}) + "\n")
    now = clock.now()
    error = f"{CANARIES['file']} of {CANARIES['patient']}"
    Job.objects.create(
        name="x.y", key=CANARIES["patient"], state=Job.SET_ASIDE, run_after=now, created_at=now, error=error
    )
    sampling.take(now)
    return archive


def files_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def spoken(archive: Archive) -> list[str]:
    """Everybody's names, titles, departments."""
    people = [word for user in User.objects.all() for word in (user.display_name, user.username) if len(word) > 3]
    return [*people, *(record.title for record in archive.fonds.records.all())]


@pytest.mark.promise("I4")
@pytest.mark.parametrize("fresh", [True, False])
def test_no_canary_is_in_any_byte_of_it(told: Archive, monkeypatch: pytest.MonkeyPatch, fresh: bool) -> None:
    def fails() -> None:
        raise DatabaseError(f"connection to {CANARIES['database host']} for {CANARIES['identity']} failed")

    monkeypatch.setattr(checks, "CHECKS", (*checks.CHECKS, fails))
    looking.look(clock.now())
    files = files_of(make_bundle(actor=OPERATOR, now=clock.now(), fresh=fresh).content)
    text = "\n".join(files.values())
    assert [name for name, canary in CANARIES.items() if canary in text or json.dumps(canary)[1:-1] in text] == []
    assert [word for word in spoken(told) if word in text] == []
    assert str(told.cast.people["lin"].pk) not in [
        json.loads(line).get("actor_id") for line in files["log-web.jsonl"].splitlines()
    ]


def test_it_holds_what_helps(told: Archive) -> None:
    files = files_of(make_bundle(actor=OPERATOR, now=clock.now(), fresh=True).content)
    assert json.loads(files["failed.json"]) == {}
    assert json.loads(files["versions.json"])["packages"]["Django"]
    assert {"name": "YIDANG_THREADS", "kind": "number", "given": True, "value": "16"} in json.loads(
        files["settings.json"]
    )
    assert {"name": "YIDANG_BACKUP", "kind": "text", "given": True} in json.loads(files["settings.json"])
    assert any(one["area"] == "jobs" for one in json.loads(files["findings.json"])["findings"])
    assert "yidang_jobs{" in files["figures.txt"]
    assert "jobs.open,1," in files["samples.csv"]
    assert json.loads(files["migrations.json"])["waiting"] == []
    assert {"name": "x.y", "state": "set_aside", "error_code": "", "count": 1} in json.loads(files["jobs.json"])
    lines = [json.loads(line) for line in files["log-web.jsonl"].splitlines()]
    assert any(line.get("route") == "search/" for line in lines)
    assert any(line.get("tables") for line in lines)
    assert json.loads(files["system.json"])["memory"]["MemTotal"] > 0


def test_the_button_hands_it_out_to_the_system_administrator_and_the_log_tells(told: Archive) -> None:
    assert told.cast.client("lin").post("/health/bundles/").status_code == 404
    answer = told.cast.client("sysadmin").post("/health/bundles/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert "README.txt" in files_of(answer.content)
    entry = Entry.objects.filter(event="upkeep.bundle.made").get()
    assert json.loads(entry.body)["facts"]["bytes"] == len(answer.content)


def test_a_database_that_is_down_is_told_and_the_operator_gets_the_rest(
    told: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_given: object, **_named: object) -> None:
        raise DatabaseError("no connection")

    monkeypatch.setattr(audit, "write", down)
    monkeypatch.setattr("yidang.upkeep.system.counts", down)
    made = make_bundle(actor=OPERATOR, now=clock.now(), fresh=True)
    assert made.logged is False
    assert json.loads(files_of(made.content)["failed.json"]) == {"counts.json": "DatabaseError"}
    with pytest.raises(DatabaseError):
        make_bundle(actor=replace(OPERATOR, kind="person", duties=frozenset({"system_admin"})), now=clock.now())


def test_the_command_writes_a_file_that_only_the_account_reads(told: Archive, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    answer = CliRunner().invoke(support_bundle, ["--output", str(file), "--lines", "5", "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    assert len(files_of(file.read_bytes())["log-web.jsonl"].splitlines()) == 5
    assert CliRunner().invoke(support_bundle, ["--output", str(file)]).exit_code == 2


def test_what_stands_escaped_in_json_is_taken_out_too() -> None:
    assert redact(json.dumps({"x": 'a"b钥匙'}), [('a"b钥匙', "<secret>")]) == '{"x": "<secret>"}'
