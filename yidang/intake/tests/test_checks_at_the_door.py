"""What fails waits in quarantine with its reasons, is mended under the same id, and is never dropped; secrets leave nothing."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from tests.archive import Archive
from yidang.catalogue.models import Record
from yidang.formats.tests import making
from yidang.intake.door import StateSecretRefused
from yidang.intake.envelope import MalformedSubmission
from yidang.intake.errors import ChecksFailed, NoSuchClass, NoSuchDepartment, NoSuchOwner
from yidang.intake.models import Finding, SecrecyRefusal, Submission
from yidang.intake.tests.filing import TEXT, file, left_in_quarantine, places_holding, tables_holding

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def _bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.bin", bytes(300 * 1024 * 1024))
    return held.getvalue()


def _pdf(folder: Path) -> bytes:
    return making.pdf(folder / "made.pdf", [["第一页 设备采购管理办法"]]).read_bytes()


def failing(kind: str, folder: Path) -> dict:
    """A filing of which a check fails."""
    whole = _pdf(folder)
    return {
        "digest": {"documents": [{"file": "正文.txt", "sha256": "0" * 64}]},
        "lie about the type": {"files": {"正文.pdf": b"PK\x03\x04 this is no pdf at all" + bytes(100)}},
        "broken": {"files": {"正文.pdf": whole[: len(whole) // 3]}},
        "empty": {"files": {"正文.txt": b""}},
        "metadata": {"class": "KU·PZ", "metadata": {"period": "2026-02-30", "first_number": "x"}},
    }[kind]


@pytest.mark.gbt39784("5.2-3", "5.2-2")
@pytest.mark.promise("A4")
@pytest.mark.parametrize("kind", ["digest", "lie about the type", "broken", "empty", "metadata"])
def test_what_fails_waits_with_its_reasons_and_is_mended_under_the_same_id(
    archive: Archive, data: Path, tmp_path: Path, kind: str
) -> None:
    actor = archive.cast.actor("xu")
    with pytest.raises(ChecksFailed) as refusal:
        file(actor, **failing(kind, tmp_path))
    assert str(refusal.value) and refusal.value.remedy
    for found in refusal.value.details["findings"]:
        assert found["what"] and found["remedy"], found
    waiting = Submission.objects.get()
    assert waiting.state == Submission.QUARANTINED
    assert waiting.findings.filter(level="fail").exists()
    assert left_in_quarantine(data) == [str(waiting.public_id)]
    assert not Record.objects.exists()
    mended = file(actor)
    assert mended.submission.state == Submission.RECEIVED and not mended.repeated
    waiting.refresh_from_db()
    assert waiting.state == Submission.SUPERSEDED
    assert Record.objects.count() == 1


def test_the_reasons_are_chinese_sentences_for_chinese_readers(archive: Archive, tmp_path: Path) -> None:
    for number, kind in enumerate(["digest", "lie about the type", "broken", "empty", "metadata"]):
        with pytest.raises(ChecksFailed) as refusal:
            file(archive.cast.actor("xu"), str(number), **failing(kind, tmp_path))
        for found in refusal.value.details["findings"]:
            for sentence in (found["what"], found["remedy"]):
                assert any("一" <= char <= "鿿" for char in sentence), found


@pytest.mark.promise("H4")
def test_an_archive_bomb_waits_and_does_no_harm(archive: Archive) -> None:
    with pytest.raises(ChecksFailed) as refusal:
        file(archive.cast.actor("xu"), files={"附件.zip": _bomb()})
    assert refusal.value.details["findings"]
    assert not Record.objects.exists()


def test_macros_and_unscanned_files_are_findings_not_silence(archive: Archive) -> None:
    outcome = file(archive.cast.actor("xu"))
    codes = set(Finding.objects.filter(submission=outcome.submission).values_list("code", flat=True))
    assert any("scan" in code or "virus" in code for code in codes), codes


@pytest.mark.promise("G4")
@pytest.mark.parametrize("place", ["title", "text", "name"])
def test_a_state_secret_is_refused_and_nothing_of_it_stays(archive: Archive, data: Path, place: str, trail) -> None:
    canary = "金丝雀七七四九"
    more = {
        "title": {"title": f"机密★10年 关于{canary}的请示"},
        "text": {"files": {"正文.txt": f"机密★10年\n关于{canary}的请示\n".encode()}},
        "name": {"files": {f"绝密★长期 {canary}.txt": TEXT + canary.encode()}},
    }[place]
    with pytest.raises(StateSecretRefused) as refusal:
        file(archive.cast.actor("xu"), **more)
    assert canary not in str(refusal.value)
    told = SecrecyRefusal.objects.get()
    assert told.submitter == "xu" and told.mark
    assert trail(event="intake.filing.refused").count() == 1
    assert not Submission.objects.exists()
    assert left_in_quarantine(data) == []
    assert places_holding(data, canary.encode()) == []
    assert places_holding(data, canary.encode("utf-16-le")) == []
    assert tables_holding(canary) == []


def test_a_duplicate_is_said_and_not_refused(archive: Archive) -> None:
    actor = archive.cast.actor("xu")
    file(actor)
    second = file(actor, "2")
    assert second.submission.findings.get(code="duplicate_content").level == "warn"
    assert Record.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"date": "2026-02-30"}, "date"),
        ({"date": "昨天"}, "date"),
        ({"retention": "forever"}, "retention"),
        ({"security": "5"}, "security"),
        ({"title": "  "}, "title"),
        ({"title": "长" * 1001}, "title"),
        ({"documents": []}, "documents"),
        ({"documents": [{"file": "a.txt"}, {"file": "a.txt"}]}, "documents"),
        ({"documents": [{"file": "a.txt", "sha256": "xyz"}]}, "documents[0].sha256"),
        ({"metadata": "x"}, "metadata"),
        ({"workflow": [1]}, "workflow"),
    ],
)  # fmt: skip
def test_a_malformed_description_is_refused_by_field_reason_and_remedy(
    archive: Archive, data: Path, more, field
) -> None:
    with pytest.raises(MalformedSubmission) as refusal:
        file(archive.cast.actor("xu"), **more)
    fault = refusal.value.details["faults"][0]
    assert fault["field"] == field and fault["detail"] and fault["remedy"]
    assert any("一" <= char <= "鿿" for char in fault["detail"])
    assert left_in_quarantine(data) == []


def test_every_fault_is_said_at_once(archive: Archive) -> None:
    with pytest.raises(MalformedSubmission) as refusal:
        file(archive.cast.actor("xu"), title="", date="2026-13-01", retention="x")
    assert [fault["field"] for fault in refusal.value.details["faults"]] == ["title", "date", "retention"]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"class": "XX"}, NoSuchClass),
        ({"class": "KU"}, NoSuchClass),
        ({"department": "ZZ"}, NoSuchDepartment),
        ({"class": "RS", "owner": "nobody"}, NoSuchOwner),
    ],
)
def test_what_does_not_exist_is_refused_and_nothing_stays(archive: Archive, data: Path, more, kind) -> None:
    with pytest.raises(kind) as refusal:
        file(archive.cast.actor("xu"), **more)
    assert refusal.value.field and refusal.value.remedy
    assert any("一" <= char <= "鿿" for char in str(refusal.value)), str(refusal.value)
    assert left_in_quarantine(data) == []
    assert not Submission.objects.exists()


@pytest.mark.promise("H5")
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\许芳\\正文.txt", "正文.txt"),
        ("‮txt.正文.txt", "_txt.正文.txt"),
        ("😀 汇报（定稿）.txt", "😀 汇报（定稿）.txt"),
        ("a\x00b\nc.txt", "a_b_c.txt"),
        ("很长" * 300 + ".txt", None),
        (".", "未命名"),
        ("con:正文?.txt", "con_正文_.txt"),
    ],
)  # fmt: skip
def test_awkward_names_are_kept_for_people_and_never_used_as_paths(
    archive: Archive, data: Path, name: str, kept: str | None
) -> None:
    from yidang.intake.names import display_name

    shown = display_name(name)
    assert shown == (kept or shown) and len(shown) <= 200 and shown.endswith((".txt", "未命名"))
    around = data.parent
    before = {path for path in around.iterdir() if path != data}
    outcome = file(archive.cast.actor("xu"), files={shown: TEXT})
    document = outcome.submission.record.documents.get()
    assert document.name == shown and document.path.startswith("documents/0001")
    assert {path for path in around.iterdir() if path != data} == before


def test_the_declared_digest_is_compared_and_said(archive: Archive) -> None:
    digest = hashlib.sha256(TEXT).hexdigest()
    outcome = file(archive.cast.actor("xu"), documents=[{"file": "正文.txt", "sha256": digest.upper()}])
    assert outcome.submission.findings.get(code="digest_agrees").level == "pass"
