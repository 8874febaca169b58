"""An archive on a database file of its own, and a place for its backups."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from tests.fixtures import _hash
from yidang.people import passwords

WORD = "TESTED-PASSPHRASE"


@dataclass
class Living:
    """An archive that is alive, and the folder that its backups go to."""

    archive: Archive
    data: Path
    backups: str

    def run(self, *words: str, passphrase: str = WORD, **environment: str) -> tuple[int, dict[str, Any], str]:
        """A command in a process of its own: its exit, what it answered, what it said."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
        done = subprocess.run(
            [sys.executable, "-m", "yidang", *words, "--passphrase-stdin", "--json"], input=passphrase + "\n",
            capture_output=True, text=True, env={**kept, "YIDANG_CLAMD": "off", **environment}, check=False,
        )  # fmt: skip
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = {}
        return done.returncode, answer, done.stderr


@pytest.fixture
def living(
    own_database: Path, data: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, settings
) -> Living:
    """Three records with files, their log, their two sites."""
    if shutil.which("restic") is None:
        pytest.fail("restic is missing; tools/system_packages.sh test installs it")
    settings.BACKUP_PASSPHRASE_FILE = data / "keys" / "backup.passphrase"
    monkeypatch.setattr(passwords, "make_password", lambda _password: _hash())
    archive = build_archive(build_cast())
    for _number in range(3):
        archive.file()
    return Living(archive, data, str(tmp_path_factory.mktemp("backups") / "yidang"))
