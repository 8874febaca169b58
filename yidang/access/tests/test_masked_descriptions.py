"""What is found and masked on the pages is masked in title, description and file names, by every channel, and comes back."""

import io
import json
import zipfile
from typing import Any

import pytest

from tests.archive import Archive
from yidang import search, vault
from yidang.access import masks
from yidang.access.models import Mask
from yidang.audit.rows import check_rows
from yidang.catalogue import package
from yidang.catalogue.actions.description import FieldCovered, describe_record
from yidang.catalogue.models import CoveredDescription, Record
from yidang.common import clock
from yidang.formats.tests import making
from yidang.people.models import ApiClient
from yidang.search import Query, index_once, suggest

NAME, CARD = "欧阳明月", "11010519491231002X"


@pytest.fixture
def form(archive: Archive, tmp_path) -> Record:
    """A paper whose title, description, keywords, persons and file name hold what its page holds."""
    path = making.pdf(tmp_path / "a.pdf", [[f"身份证号 {CARD}", f"经办人 {NAME}", "设备管理办法"]])
    record = archive.file(
        f"关于{NAME}的设备管理办法", {f"{NAME}报告.pdf": path.read_bytes()}, of="WS·GZ", parties=[NAME, "许芳"],
        keywords=["设备", NAME], description=f"{NAME}，证件 {CARD}。", accepted=False,
    )  # fmt: skip
    archive.work()
    index_once()
    return record


def find(archive: Archive, record: Record) -> int:
    actor = archive.cast.actor("lin")
    count = masks.mask_found(archive.document(record), ["id_number"], [NAME], reason="", actor=actor, now=clock.now())
    record.refresh_from_db()
    return count


def lift(archive: Archive, record: Record) -> None:
    every = list(Mask.objects.filter(lifted_at=None).values_list("public_id", flat=True))
    masks.lift_masks(archive.document(record), every, actor=archive.cast.actor("lin"), now=clock.now())
    record.refresh_from_db()


def everywhere(archive: Archive, record: Record, by: str) -> str:
    """Everything that the pages and the API tell a reader of the record, in one text."""
    browser, token = (
        archive.cast.client(by),
        archive.cast.token(by, "records", "search", name=f"{by}-{ApiClient.objects.count()}"),
    )
    addresses = [
        f"/records/{record.public_id}/", "/search/?q=设备管理办法", f"/search/preview/{record.public_id}/?q=设备",
        "/catalogue/classes/WS·GZ/", "/", f"/requests/new/?record={record.public_id}",
        "/search/export/?q=设备管理办法", "/search/suggest/?q=设备",
    ]  # fmt: skip
    said = [text_of(b"".join(browser.get(address))) for address in addresses]
    for address in (f"/api/v1/records/{record.public_id}", "/api/v1/records", "/api/v1/search?q=设备管理办法"):
        answer = browser.get(address, HTTP_AUTHORIZATION=f"Bearer {token}")
        assert answer.status_code == 200
        said.append(json.dumps(answer.json(), ensure_ascii=False))
    return "\n".join(said)


def text_of(content: bytes) -> str:
    """A page, or what the parts of a spreadsheet say."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


@pytest.mark.promise("F1")
@pytest.mark.gbt39784("8.1-6")
def test_no_page_list_hit_or_api_tells_what_is_masked(archive, form):
    assert NAME in everywhere(archive, form, "zhao")
    assert find(archive, form) > 0
    assert form.title == "关于████的设备管理办法" and form.parties == ["████", "许芳"]
    # At once, while the index still holds the old title, and when it has the new one.
    for _time in range(2):
        said = everywhere(archive, form, "zhao")
        assert NAME not in said and CARD not in said and "████的设备管理办法" in said
        for text in (NAME, CARD, "ouyangmingyue"):
            assert not suggest(archive.cast.actor("zhao"), text)
            found = search.search(archive.cast.actor("zhao"), Query(text=text))
            # What is merely similar may still be found, by the figures of its code; never by what is masked.
            assert found.widened == "similar" or form.pk not in {hit.record.pk for hit in found.hits}
            assert not any(hit.spots for hit in found.hits)
        index_once()


def test_who_keeps_it_reads_the_whole_on_its_page_and_the_kept_object_and_the_log_agree(archive, form):
    find(archive, form)
    page = archive.cast.client("lin").get(f"/records/{form.public_id}/").content.decode()
    assert NAME in page and "对他人遮盖" in page
    archive.work()
    kept: dict[str, Any] = json.loads(vault.open_file(form.object_id, "record.json").read())
    assert kept["title"] == f"关于{NAME}的设备管理办法" and kept["documents"][0]["name"] == f"{NAME}报告.pdf"
    assert package.record_json(Record.objects.get(pk=form.pk))["parties"] == [NAME, "许芳"]
    assert list(check_rows()) == []
    CoveredDescription.objects.update(fields={"title": "别的题名"})
    assert [fault.kind for fault in check_rows()] == ["row_edited"]


def test_lifting_brings_everything_back(archive, form):
    before = {name: getattr(form, name) for name in ("title", "parties", "keywords", "description")}
    find(archive, form)
    lift(archive, form)
    assert {name: getattr(form, name) for name in before} == before
    assert archive.document(form).name == f"{NAME}报告.pdf" and not CoveredDescription.objects.exists()
    index_once()
    assert NAME in everywhere(archive, form, "zhao")
    assert list(check_rows()) == []


def test_a_covered_field_is_not_written_over_and_the_others_are(archive, form):
    find(archive, form)
    lin, now = archive.cast.actor("lin"), clock.now()
    with pytest.raises(FieldCovered):
        describe_record(form, {"title": "新题名"}, actor=lin, now=now)
    described = describe_record(form, {"title": form.title, "document_number": "仁医发〔2026〕9号"}, actor=lin, now=now)
    assert described.document_number and described.title == form.title
    lift(archive, form)
    assert form.title == f"关于{NAME}的设备管理办法" and form.document_number == "仁医发〔2026〕9号"
