"""Keep a small backup of this version, for later versions to show that they bring it back (promise E6).

`python -m tools.backup_fixture NAME [TREE]` fills an archive with the program in TREE (this one when left out), takes a
backup, and writes it to tests/backups/NAME.tar with NAME.json beside it. Done once for each release, before the next
migration is made; then the test tests/journeys/test_older_backups_come_back.py holds it for ever.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "backups"
# No secret: these backups hold an invented hospital, and their word stands here for everybody.
WORD = "EVERYBODY-MAY-READ-THIS"
MOST_BYTES = 1_000_000

FILL = """
import io, json, sys
from datetime import datetime, timezone
sys.path.insert(0, ".")
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import hashers
hashed = hashers.make_password("invented-1234567")
from yidang.people import passwords
passwords.make_password = lambda _word: hashed
from tests.archive import build_archive
from tests.cast import build_cast
from yidang.catalogue.actions.description import describe_record
from yidang.common import clock
archive = build_archive(build_cast())
records = [archive.file(), archive.file(accepted=False), archive.file(files={"一.txt": b"one", "二.txt": b"two"})]
describe_record(records[0], {"keywords": ["恢复"]}, actor=archive.cast.actor("lin"), now=clock.now())
archive.work()
from yidang.catalogue.models import Record
print(json.dumps([{"id": str(r.public_id), "code": r.code, "title": r.title, "state": r.state, "keywords": r.keywords,
    "sha256": [d.sha256 for d in r.documents.order_by("number")]} for r in Record.objects.order_by("pk")]))
"""


def keep(name: str, tree: Path = ROOT) -> Path:
    """Make one; answers its file."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yidang-fixture-") as there:
        data, place = Path(there) / "data", Path(there) / "yidang"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("YIDANG_")}
        environment = {
            **kept, "YIDANG_DATA": str(data), "YIDANG_CLAMD": "off", "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        filled = _run(["-c", FILL], tree, environment)
        if filled.returncode:
            raise SystemExit(filled.stderr[-3000:])
        taken = _run(["-m", "yidang", "backup", str(place), "--passphrase-stdin", "--json"], tree, environment)
        if taken.returncode:
            raise SystemExit(taken.stdout + taken.stderr[-3000:])
        told = {"records": json.loads(filled.stdout.splitlines()[-1]), "entries": json.loads(taken.stdout)["entries"]}
        (FOLDER / f"{name}.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        target = FOLDER / f"{name}.tar"
        with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
            tar.add(place, arcname="yidang", filter=_plain)
    size = target.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{target} has {size:,} bytes, more than {MOST_BYTES:,}: make the archive in it smaller.")
    print(f"{target.relative_to(ROOT)}: {size:,} bytes, {len(told['records'])} records")
    return target


def _run(words: list[str], tree: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *words],
        cwd=tree,
        env=environment,
        input=WORD + "\n",
        capture_output=True,
        text=True,
        check=False,
    )


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        raise SystemExit(__doc__)
    keep(sys.argv[1], Path(sys.argv[2]).resolve() if len(sys.argv) == 3 else ROOT)
