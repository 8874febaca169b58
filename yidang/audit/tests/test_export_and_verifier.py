"""Anyone can check an export without us: the verifier that stands in it needs only Python."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import transaction

from yidang import audit
from yidang.audit import checkpoints, notes
from yidang.audit.chain import canonical, hash_body
from yidang.audit.commands import audit as group
from yidang.audit.exporting import VERIFIER, export_log
from yidang.audit.models import Entry
from yidang.audit.proofs import Growing
from yidang.common import signing
from yidang.common.actor import Actor


@pytest.fixture
def exported(db: None, data: Path, tmp_path: Path) -> Path:
    with transaction.atomic():
        for number in range(30):
            audit.write(
                "test.thing.done", actor=Actor("person", "lin"), target_kind="thing", target=number,
                personal={"name": f"病人{number}"} if number % 2 else None,
            )  # fmt: skip
    return export_log(tmp_path / "export", actor=Actor.system("test"), with_personal=True).folder


def check(folder: Path, *kept: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(folder / "verify_audit.py"), str(folder), *map(str, kept)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.promise("C7")
def test_a_whole_export_is_accepted(exported: Path) -> None:
    done = check(exported)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"GOOD: {Entry.objects.count()} entries")


@pytest.mark.promise("C7")
def test_the_verifier_stands_alone_and_is_short() -> None:
    text = VERIFIER.read_text(encoding="utf-8")
    assert "yidang." not in text and len(text.splitlines()) <= 200


@pytest.mark.promise("C7")
@pytest.mark.parametrize("seed", range(12))
def test_a_tampered_export_is_refused(exported: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = exported / "entries.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = rng.randrange(len(lines) - 2)
    match seed % 6:
        case 0:
            lines[at] = lines[at].replace("lin", "he").replace("system", "sistem")
        case 1:
            del lines[at]
        case 2:
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        case 3:
            lines = lines[:-1]
        case 4:
            lines.insert(at, lines[at])
        case 5:
            entry = json.loads(lines[at])
            lines[at] = json.dumps(entry | {"hash": f"{rng.getrandbits(256):064x}"})
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = check(exported)
    assert done.returncode == 1 and done.stdout.startswith("BAD"), done.stdout + done.stderr


def test_another_signature_or_key_is_refused(exported: Path) -> None:
    note = exported / "checkpoint.txt"
    whole = note.read_text(encoding="utf-8")
    note.write_text(whole[:-6] + ("A" if whole[-6] != "A" else "B") + whole[-5:], encoding="utf-8")
    assert check(exported).returncode == 1


@pytest.mark.promise("C2", "C7")
def test_a_log_written_anew_is_refused_by_a_checkpoint_that_somebody_kept(exported: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text((exported / "checkpoint.txt").read_text(encoding="utf-8"), encoding="utf-8")
    later = export_log(tmp_path / "later", actor=Actor.system("test")).folder
    assert check(later, kept).returncode == 0
    # Written anew with the program's own rules and the stolen key: whole in itself.
    lines = (later / "entries.jsonl").read_text(encoding="utf-8").splitlines()
    previous, growing, anew = "0" * 64, Growing(), []
    for number, line in enumerate(lines):
        body = json.loads(json.loads(line)["body"]) | {"previous": previous}
        if number == 4:
            body["actor"]["username"] = "somebody"
        previous = hash_body(canonical(body))
        growing.add(bytes.fromhex(previous))
        anew.append(json.dumps({"body": canonical(body), "hash": previous}, ensure_ascii=False))
    (later / "entries.jsonl").write_text("\n".join(anew) + "\n", encoding="utf-8")
    head = notes.Head(checkpoints.origin(), growing.size, growing.root())
    note = notes.sign(head.text, name=head.origin, key=signing.archive_key())
    for name in ("checkpoint.txt", "checkpoints.txt"):
        (later / name).write_text(note, encoding="utf-8")
    assert check(later).returncode == 0, "nobody else has seen anything"
    done = check(later, kept)
    assert done.returncode == 1 and "kept.txt" in done.stdout, done.stdout


def test_personal_facts_stay_behind_unless_asked_for(exported: Path, tmp_path: Path) -> None:
    assert "病人3" in (exported / "entries.jsonl").read_text(encoding="utf-8")
    without = export_log(tmp_path / "without", actor=Actor.system("test")).folder
    assert "病人3" not in (without / "entries.jsonl").read_text(encoding="utf-8")
    assert check(without).returncode == 0


def test_the_commands_answer_as_json_and_by_their_exit(exported: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    done = run(group, ["checkpoint", "--json"])
    note = json.loads(done.output)["note"]
    kept = tmp_path / "kept.txt"
    kept.write_text(note, encoding="utf-8")
    done = run(group, ["verify", "--against", str(kept), "--json"])
    assert done.exit_code == 0 and json.loads(done.output)["well"]
    proof = json.loads(run(group, ["proof", "3", "--json"]).output)
    assert proof["index"] == 2 and checkpoints.read(proof["checkpoint"]).size == json.loads(done.output)["entries"]
    again = run(group, ["export", str(exported), "--json"])
    assert again.exit_code == 1 and json.loads(again.output)["code"] == "folder_not_empty"
    kept.write_text("nothing", encoding="utf-8")
    assert run(group, ["verify", "--against", str(kept)]).exit_code == 1
