"""The century pack opens by double click, is searched without a network, and its verifier finds one changed bit."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archive import Archive
from yidang import vault
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.catalogue.queries import NoSuchRecord, chosen_records
from yidang.common.actor import Actor
from yidang.continuity.century import SUMS, DestinationInUse, NothingChosen, make_pack
from yidang.continuity.verify_pack import verify
from yidang.vault import sites

OPERATOR = Actor.system("operator")
HOSTILE = "=cmd()</script><img src=x onerror=alert(1)>关于“采购”的通知"


@pytest.fixture
def packed(archive: Archive, tmp_path: Path) -> Path:
    """Three records, one of them with a hostile title and a name to be quoted."""
    archive.file()
    archive.file(title=HOSTILE, files={"附件 #1?.txt": b"annex"}, keywords=["呼吸机"], metadata={"recipient": "各科室"})
    archive.file(files={"一.txt": b"one", "二.txt": b"two"})
    make_pack(Record.objects.all(), tmp_path / "pack", actor=OPERATOR)
    return tmp_path / "pack"


def test_every_record_is_in_it_whole_and_standard_tools_verify_it(packed: Path) -> None:
    assert verify(packed) == (len((packed / SUMS).read_text().splitlines()), [])
    done = subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=packed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    for record in Record.objects.all():
        [top] = packed.glob(f"records/*/*{str(record.public_id)[:8]}")
        assert json.loads((top / "record.json").read_bytes())["title"] == record.title
        for document in record.documents.all():
            content = (top / document.path).read_bytes()
            assert hashlib.sha256(content).hexdigest() == document.sha256
            assert vault.read_bytes(record.object_id, document.path) == content
    entry = Entry.objects.get(event="continuity.pack.made")
    assert json.loads(entry.body)["facts"]["sums_sha256"] == hashlib.sha256((packed / SUMS).read_bytes()).hexdigest()
    rows = list(csv.reader(io.StringIO((packed / "checklist.csv").read_text(encoding="utf-8-sig"))))
    assert len(rows) == 4 and "'=cmd()" in {row[2][:7] for row in rows}, "no cell is a formula"


@pytest.mark.parametrize("kind", ["flip", "remove", "add"])
def test_the_verifier_alone_finds_what_was_changed(packed: Path, kind: str) -> None:
    victim = next(packed.glob("records/*/*/documents/*"))
    if kind == "flip":
        content = victim.read_bytes()
        victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif kind == "remove":
        victim.unlink()
    else:
        victim.with_name("0099.txt").write_bytes(b"planted")
    done = subprocess.run(
        [sys.executable, "-I", str(packed / "verify.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and victim.parent.parent.name in done.stdout and "1 problems" in done.stdout


def test_a_document_without_a_good_copy_is_named_and_the_rest_is_there(archive: Archive, tmp_path: Path) -> None:
    record, _other = archive.file(), archive.file()
    for root in sites.roots():
        next(root.object_folder(record.object_id).glob("v*/content/documents/0001*")).unlink()
    pack = make_pack(Record.objects.all(), tmp_path / "pack", actor=OPERATOR)
    assert [path.rpartition("/")[2][:4] for path, _why in pack.problems] == ["0001"] and not pack.is_well
    assert "0001" in (tmp_path / "pack/PROBLEMS.txt").read_text()
    assert verify(tmp_path / "pack")[1] == []


def test_nothing_is_overwritten_and_an_empty_selection_is_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NothingChosen):
        make_pack(Record.objects.all(), tmp_path / "pack", actor=OPERATOR)
    record = archive.file()
    (tmp_path / "mine").mkdir()
    with pytest.raises(DestinationInUse):
        make_pack(Record.objects.all(), tmp_path / "mine", actor=OPERATOR)
    assert list(chosen_records([record.code])) == list(chosen_records([str(record.public_id)])) == [record]
    assert list(chosen_records([], class_code="WS", year=record.year)) == [record]
    with pytest.raises(NoSuchRecord, match="Y999"):
        chosen_records([record.code, "Y999"])


@pytest.mark.browser
def test_it_opens_by_double_click_and_finds_without_a_network(packed: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto((packed / "index.html").as_uri())
        assert page.locator("#hits tr").count() == 3
        page.fill("#words", "呼吸机 通知")
        assert page.locator("#hits tr").count() == 1
        page.click("#hits a")
        assert page.locator("h1").inner_text() == HOSTILE and "各科室" in page.inner_text("table")
        page.click("text=附件 #1?.txt")
        assert page.inner_text("body") == "annex"
        assert dialogs == []
        browser.close()
