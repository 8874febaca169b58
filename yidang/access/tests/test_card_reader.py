"""A card reader types several fields in one go: they are shared out, and the register keeps them beside the use."""

import re

import pytest

from tests.archive import Archive
from yidang.access import uses
from yidang.access.card import Card, read_card
from yidang.access.models import Use
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.formats.tests import making

CARD = "11010519491231002X"  # the example of GB 11643
WHOLE = Card(CARD, "张三", "北京市朝阳区建国路 93 号院 2 号楼")


@pytest.mark.parametrize(
    "typed",
    [
        f"张三\t男\t汉\t19491231\t北京市朝阳区建国路 93 号院 2 号楼\t{CARD}\t北京市公安局朝阳分局\t20200101-长期",
        f"姓名：张三\n性别：男\n民族：汉族\n住址：北京市朝阳区建国路 93 号院 2 号楼\n公民身份号码：{CARD.lower()}",
        f"{CARD}|张三|女性|北京市朝阳区建国路 93 号院 2 号楼|",
        f"{CARD},张三,北京市朝阳区建国路 93 号院 2 号楼",
    ],
)
def test_the_fields_of_a_card_are_found_in_any_order(typed):
    assert read_card(typed) == WHOLE


@pytest.mark.parametrize("typed", ["", CARD, "张三", "张三\t男\t汉", "110105194912310021\t张三", "E12345678"])
def test_what_is_no_whole_card_stays_as_it_was_typed(typed):
    assert read_card(typed) is None


def test_names_of_all_peoples_are_names_and_the_police_is_not():
    read = read_card(f"阿依古丽·买买提\t女\t维吾尔族\t{CARD}\t乌鲁木齐市公安局天山区分局")
    assert read == Card(CARD, "阿依古丽·买买提", "")


@pytest.mark.gbt39784("8.4-1", "8.4-2")
def test_the_counter_shares_a_block_out_and_counts_the_year(archive: Archive, tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["第一页"], ["第二页"]])
    record = archive.file("设备管理办法", {"办法.pdf": path.read_bytes()}, of="WS·GZ")
    browser = archive.cast.client("lin")
    block = f"张三\t男\t汉\t北京市朝阳区建国路 93 号院 2 号楼\t{CARD}"
    assert browser.post("/uses/counter/card/", {"card": block}).json()["name"] == "张三"
    assert archive.cast.client("zhao").post("/uses/counter/card/", {"card": block}).status_code == 403
    said = {"kind": "counter", "id_number": block, "record": record.code, "purpose": "inspection", "result": "given"}
    assert browser.post("/uses/counter/", said).status_code == 302
    use = Use.objects.get()
    assert (use.reader.name, use.reader.id_number, use.reader.address) == ("张三", CARD, WHOLE.address)
    assert CARD not in browser.get(f"/uses/{use.public_id}/").content.decode()
    browser.post(f"/records/{record.public_id}/documents/1/print/", {"pages": "1-2", "copies": "3"})
    assert Record.objects.get(pk=record.pk).kind == Record.ITEM
    uses.register_use(
        "counter", came=uses.Came("李四"), purpose="work", record=record.code, asked="", result="nothing",
        actor=archive.cast.actor("lin"), now=clock.now(),
    )  # fmt: skip
    figures = browser.get("/uses/statistics/").content.decode()
    shown = dict(re.findall(r"<dt>(.*?)</dt>\s*<dd>(..)", figures))
    assert shown["复制（页）"].startswith("6") and shown["提供文件（件次）"].startswith("2")
