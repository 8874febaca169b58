"""A site that survived gives back what was acknowledged after the last backup: records, acceptances, descriptions, codes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from yidang import vault
from yidang.audit.rows import check_rows
from yidang.catalogue.actions.description import describe_record
from yidang.catalogue.models import ArchivalCode, Counter, Record
from yidang.catalogue.reference import keep_reference
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.continuity.backing_up import back_up
from yidang.continuity.tests.conftest import WORD, Living
from yidang.intake.models import Submission
from yidang.vault import sites, tombstones
from yidang.vault.kept import Warrant
from yidang.vault.models import Copy, StoredObject

OPERATOR = Actor.system("test")


def ask(data: Path, sites_: str, *words: str) -> tuple[int, dict]:
    """A command on the machine that came back."""
    done = subprocess.run(
        [sys.executable, "-m", "yidang", *words, "--json", "--data", str(data)], capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin", "YIDANG_SITES": sites_, "YIDANG_CLAMD": "off"}, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or "{}")


@pytest.mark.slow
@pytest.mark.promise("A1", "E1")
def test_filings_after_the_last_backup_are_in_the_catalogue_again(
    living: Living, tmp_path_factory: pytest.TempPathFactory
) -> None:
    waiting = living.archive.file(accepted=False)
    described = living.archive.file()
    keep_reference()
    living.archive.work()
    run = back_up(living.backups, WORD, actor=OPERATOR)
    later = [living.archive.file(), living.archive.file()]
    living.archive.accept(Submission.objects.get(record=waiting))
    describe_record(described, {"keywords": ["后来的词"]}, actor=living.archive.cast.actor("lin"), now=clock.now())
    living.archive.work()
    told = {str(one.public_id): (one.code, one.state, one.keywords) for one in Record.objects.all()}

    # The machine burns; the second site's disk is carried out.
    elsewhere = tmp_path_factory.mktemp("new-machine")
    survived = elsewhere / "second"
    shutil.copytree(living.data / "vault" / "second", survived)
    where = f"main={elsewhere}/main,second={survived}"
    code, answer, said = living.run(
        "restore", living.backups, "--data", str(elsewhere / "data"), "--whole", YIDANG_SITES=where
    )
    assert answer.get("faults") == [], said
    assert answer["records"] == len(told) == run.records + 2 and answer["taken_in"] >= 4, answer
    assert answer["objects"] >= len(told) and answer["bytes"] > 0

    facts = connection.settings_dict
    before = facts["NAME"]
    connection.close()
    facts["NAME"] = str(elsewhere / "data" / "database" / "yidang.sqlite3")
    try:
        back = {str(one.public_id): (one.code, one.state, one.keywords) for one in Record.objects.all()}
        assert back == told
        assert Submission.objects.get(record__public_id=waiting.public_id).state == Submission.ARCHIVED
        codes = ArchivalCode.objects.filter(code=later[0].code).get()
        series = Counter.objects.get(series=f"code/{codes.series}")
        assert series.last >= codes.number, "the next number is a new one"
        assert list(check_rows()) == []
        assert not Copy.objects.exclude(state=Copy.State.OK).exists()
    finally:
        connection.close()
        facts["NAME"] = before
    for words in (["vault", "scrub", "--all"], ["audit", "verify"]):
        code, answer = ask(elsewhere / "data", where, *words)
        assert code == 0, (words, answer)


@pytest.mark.slow
def test_a_first_site_that_survived_is_kept_and_its_damage_mended_from_the_backup(
    living: Living, tmp_path_factory: pytest.TempPathFactory
) -> None:
    damaged = living.archive.file()
    back_up(living.backups, WORD, actor=OPERATOR)
    later = living.archive.file()
    elsewhere = tmp_path_factory.mktemp("new-machine")
    shutil.copytree(living.data / "vault" / "main", elsewhere / "main")
    place = next((elsewhere / "main").glob(f"??/??/*{damaged.object_id}*/v1/content/documents/*"))
    place.chmod(0o600)
    content = place.read_bytes()
    place.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    where = f"main={elsewhere}/main,second={elsewhere}/second"
    code, answer, said = living.run(
        "restore", living.backups, "--data", str(elsewhere / "data"), "--whole", YIDANG_SITES=where
    )
    assert (code, answer.get("faults")) == (0, []) and answer["taken_in"] >= 1, said
    assert place.read_bytes() == content
    assert list((elsewhere / "second").glob(f"??/??/*{later.object_id}*")), (
        "and the new second site holds the later one"
    )


@pytest.mark.slow
def test_another_archives_site_is_left_alone(living: Living, tmp_path_factory: pytest.TempPathFactory) -> None:
    back_up(living.backups, WORD, actor=OPERATOR)
    elsewhere = tmp_path_factory.mktemp("new-machine")
    shutil.copytree(living.data / "vault" / "main", elsewhere / "main")
    marker = elsewhere / "main" / "extensions" / "yidang-site" / "site.json"
    marker.chmod(0o600)
    marker.write_text(json.dumps({"site": "main", "id": str(uuid4())}))
    before = sorted(path for path in (elsewhere / "main").rglob("*"))
    code, answer, _said = living.run(
        "restore", living.backups, "--data", str(elsewhere / "data"),
        YIDANG_SITES=f"main={elsewhere}/main,second={elsewhere}/second",
    )  # fmt: skip
    assert code == 1 and any(str(elsewhere / "main") in fault for fault in answer["faults"])
    assert sorted(path for path in (elsewhere / "main").rglob("*")) == before


def test_what_was_destroyed_is_not_taken_in_and_a_forged_version_is_named(living: Living) -> None:
    gone, forged = living.archive.file(), living.archive.file()
    living.archive.work()
    warrant = Warrant((gone.object_id,), "XH-1", "到期", clock.now(), ("lin",))
    for root in sites.roots():
        tombstones.put_on_site(root, warrant, clock.now())
    row = StoredObject.objects.get(object_id=gone.object_id)
    row.copies.all().delete()
    row.delete()
    StoredObject.objects.filter(object_id=forged.object_id).update(
        head=1, inventory_sha512="0" * 128, earlier_sha512=[]
    )
    describe = StoredObject.objects.get(object_id=forged.object_id)
    done = vault.take_in(actor=OPERATOR)
    assert str(gone.object_id) in done.refused and done.made.get("records", 0) == 0
    assert not StoredObject.objects.filter(object_id=gone.object_id).exists()
    if any(sites.roots()[0].object_folder(describe.object_id).glob("v2")):
        assert str(forged.object_id) in dict(done.unreadable)
