"""A rectangle names the words that it covers: where the file tells them, title and file names are covered with the page."""

import pytest

from tests.archive import Archive
from yidang import formats
from yidang.access import masks
from yidang.access.models import Mask
from yidang.audit.rows import check_rows
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.digitisation.files import file_of
from yidang.formats.tests import making
from yidang.search import Query, index_once, page_texts, search

NAME, CARD = "欧阳明月", "11010519491231002X"


@pytest.fixture
def form(archive: Archive, tmp_path) -> Record:
    path = making.pdf(tmp_path / "a.pdf", [[f"身份证号 {CARD}", f"经办人 {NAME}", "设备管理办法"]])
    record = archive.file(
        f"关于{NAME}的设备管理办法", {f"{NAME}报告.pdf": path.read_bytes()}, of="WS·GZ", description=f"证件 {CARD}。",
        accepted=False,
    )  # fmt: skip
    archive.work()
    return record


def place_of(archive: Archive, record: Record, word: str) -> tuple[float, float, float, float]:
    path, known = file_of(archive.document(record))
    left, top, right, bottom = formats.locate(path, known, 1, [word])[0]
    return left, top, right, bottom


def draw(archive: Archive, record: Record, *places: tuple[float, float, float, float]) -> None:
    lin = archive.cast.actor("lin")
    masks.mask_regions(archive.document(record), 1, places, reason="个人信息", actor=lin, now=clock.now())
    record.refresh_from_db()


@pytest.mark.gbt39784("8.1-6")
def test_the_title_says_no_longer_what_a_rectangle_covers(archive, form):
    draw(archive, form, place_of(archive, form, NAME))
    assert form.title == "关于████的设备管理办法" and archive.document(form).name == "████报告.pdf"
    assert CARD in form.description, "what no rectangle covers stays"
    index_once()
    zhao = archive.cast.actor("zhao")
    assert search(zhao, Query(text=NAME)).total == 0
    assert not any(page_texts(form, 1) or []), "of a page with a drawn rectangle no text is kept"
    assert [fault for fault in check_rows() if fault.kind == "row_edited"] == []
    [mask] = Mask.objects.all()
    lin = archive.cast.actor("lin")
    masks.lift_masks(archive.document(form), [mask.public_id], actor=lin, now=clock.now())
    form.refresh_from_db()
    assert form.title == f"关于{NAME}的设备管理办法" and archive.document(form).name == f"{NAME}报告.pdf"


def test_a_passage_does_not_cover_every_word_of_it_elsewhere(archive, tmp_path):
    lines = [
        "设备 采购 管理 办法 说明 申请 人 " * 2,
        "患者欧阳明月同意使用病历资料",
        *["科室 会议 讨论 通过 执行 情况"] * 3,
    ]
    path = making.pdf(tmp_path / "a.pdf", [lines])
    record = archive.file(
        "设备采购管理办法", {"办法.pdf": path.read_bytes()}, of="WS·GZ", description="患者欧阳明月同意使用病历资料。"
    )
    archive.work()
    draw(archive, record, (0.0, 0.0, 1.0, 1.0))
    assert record.title == "设备采购管理办法" and "欧阳明月" not in record.description


def test_a_scan_tells_no_words_and_is_covered_all_the_same(archive, tmp_path):
    path = making.image(tmp_path / "scan.png", (600, 400))
    record = archive.file(f"{NAME}照片", {"scan.png": path.read_bytes()}, of="WS·GZ")
    draw(archive, record, (0.1, 0.1, 0.5, 0.5))
    assert Mask.objects.get().finds == [] and record.title == f"{NAME}照片"
