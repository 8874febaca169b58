"""Backups of earlier versions are brought back by today's: tables brought up, log whole, every file as it was filed.

They stand in tests/backups and were made by tools/backup_fixture.py with the program of their time.
"""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tools.backup_fixture import FOLDER, MOST_BYTES, WORD

NAMES = sorted(path.stem for path in FOLDER.glob("*.tar"))


def run(data: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
    done = subprocess.run(
        [sys.executable, "-m", "yidang", *words, "--data", str(data), "--json"], input=WORD + "\n", capture_output=True,
        text=True, env={**kept, "YIDANG_CLAMD": "off"}, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_at_least_three_versions_are_kept_and_each_is_small() -> None:
    assert len(NAMES) >= 3
    assert all((FOLDER / f"{name}.tar").stat().st_size < MOST_BYTES for name in NAMES)


@pytest.mark.slow
@pytest.mark.promise("E6")
@pytest.mark.parametrize("name", NAMES)
def test_a_backup_of_an_earlier_version_comes_back_whole(name: str, tmp_path: Path) -> None:
    told = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    with tarfile.open(FOLDER / f"{name}.tar") as tar:
        tar.extractall(tmp_path, filter="data")
    data = tmp_path / "data"
    code, answer, said = run(data, "restore", str(tmp_path / "yidang"), "--passphrase-stdin", "--whole")
    assert (code, answer.get("faults")) == (0, []), said
    assert answer["records"] == len(told["records"]) and answer["entries"] >= told["entries"]
    for words in (["audit", "verify"], ["vault", "scrub", "--all"]):
        code, found, said = run(data, *words)
        assert code == 0, (words, found, said)
    look = (
        "import django, json; django.setup(); from yidang.catalogue.models import Record; print(json.dumps(["
        "{'id': str(r.public_id), 'code': r.code, 'title': r.title, 'state': r.state, 'keywords': r.keywords,"
        " 'sha256': [d.sha256 for d in r.documents.order_by('number')]} for r in Record.objects.order_by('pk')]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True,
        env={**os.environ, "YIDANG_DATA": str(data), "YIDANG_DATABASE": "", "DJANGO_SETTINGS_MODULE": "config.settings"},
    )  # fmt: skip
    assert json.loads(done.stdout) == told["records"]
