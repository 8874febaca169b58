"""``record.json`` and ``metadata.xml``: whole, valid, the same before and after there are rows, quick."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest
from lxml import etree

from tests.cast import Cast
from yidang.catalogue import package
from yidang.catalogue.models import Fonds, Record
from yidang.catalogue.tests.drafting import archived, keep, make_draft

STEPS = ({"step": "拟稿", "who": "李四", "at": "2026-03-01T09:00:00+08:00", "opinion": "请审"},)
FULL = {
    "title": "关于印发《<管理> & \"办法\"》的通知", "document_number": "仁医发〔2026〕12号", "creator": "院长办公室", "keywords": ("档案", "制度"),
    "parties": ("张三",), "description": "两行\n摘要", "metadata": {"recipient": "各科室", "urgency": "urgent", "pages": 3}, "workflow": STEPS,
    "source_system": "oa", "source_id": "2026-000123",
}  # fmt: skip
# The elements of DA/T 46-2009 as the seed of the standard names them.
ELEMENTS = set(
    "聚合层次 来源 档案馆名称 档案馆代码 全宗名称 立档单位名称 电子文件号 档号 全宗号 目录号 年度 保管期限 机构或问题 类别号 室编案卷号 馆编案卷号 "
    "室编件号 馆编件号 文档序号 页号 内容描述 题名 并列题名 副题名 说明题名文字 主题词 关键词 人名 摘要 分类号 文件编号 责任者 日期 文种 紧急程度 主送 "
    "抄送 密级 保密期限 形式特征 文件组合类型 件数 页数 语种 稿本 电子属性 格式信息 计算机文件名 计算机文件大小 文档创建程序 信息系统描述 数字化属性 "
    "存储位置 当前位置 脱机载体编号 脱机载体存址 缩微号 权限管理 附注 机构人员类型 机构人员名称 组织机构代码 个人职位 业务状态 业务行为 行为时间 行为依据 "
    "行为描述 实体标识符 关系类型 关系 关系描述".split()
)
OURS = {"电子文件元数据", "文件实体", "业务实体", "组件", "数字摘要", "扩展"}


@pytest.mark.gbt39784("6.4-1", "5.1-6")
def test_the_description_is_the_same_before_and_after_there_are_rows(cast: Cast, fonds: Fonds) -> None:
    draft = make_draft(**FULL)
    [record] = keep(draft)
    before, after = package.files_of_draft(draft), package.files_of_record(Record.objects.get(pk=record.pk))
    assert json.loads(before["record.json"]) == json.loads(after["record.json"])
    assert before == after


def test_the_description_is_valid_by_its_schema_and_whole(cast: Cast, fonds: Fonds) -> None:
    schema = jsonschema_rs.validator_for(json.loads(package.schema_text()))
    for record in [
        *keep(make_draft(**FULL), make_draft("ZY·BA")),
        *archived(make_draft("RS", owner_id=cast.people["zhao"].pk)),
    ]:
        schema.validate(json.loads(package.files_of_record(record)["record.json"]))
    told = package.record_json(Record.objects.get(title=FULL["title"]))
    # Every column of the record is told, except what is derived from another or belongs to this database alone.
    columns = {field.name for field in Record._meta.get_fields() if field.concrete}
    renamed = {"public_id": "id", "record_class": "class", "level": "security"}
    left_out = {"date_first", "date_last", "updated_at"} | {"pk"}
    assert {renamed.get(name, name) for name in columns - left_out} <= set(told) | {"id"}


@pytest.mark.gbt39784("11.3-13", "11.3-12")
def test_the_standards_elements_hold_the_description(cast: Cast, fonds: Fonds) -> None:
    root = etree.fromstring(package.files_of_draft(make_draft(**FULL))["metadata.xml"])
    assert {element.tag for element in root.iter()} <= ELEMENTS | OURS
    assert root.findtext(".//题名") == FULL["title"]
    assert (
        root.findtext(".//紧急程度") == "urgent"
        and root.findtext(".//主送") == "各科室"
        and root.findtext(".//页数") == "3"
    )
    assert [element.text for element in root.iterfind(".//关键词")] == ["档案", "制度"]
    assert root.findtext(".//业务行为") == "拟稿" and root.findtext(".//机构人员名称") == "李四"
    assert root.find(".//组件").get("稿本") == "正本"


@pytest.mark.parametrize("sign", ["\x0b", "\x00", "￾", "\x1f"])
def test_signs_that_xml_cannot_write_do_not_break_it(cast: Cast, fonds: Fonds, sign: str) -> None:
    root = etree.fromstring(package.files_of_draft(make_draft(title=f"通知{sign}一"))["metadata.xml"])
    assert root.findtext(".//题名") == "通知�一"


def test_every_naughty_string_is_packaged(cast: Cast, fonds: Fonds) -> None:
    lines = Path("tests/corpora/naughty_strings.txt").read_text(encoding="utf-8").splitlines()
    for line in filter(None, lines):
        files = package.files_of_draft(make_draft(title=line[:1000], metadata={"recipient": line}, keywords=[line]))
        assert json.loads(files["record.json"])["title"] == line[:1000]
        etree.fromstring(files["metadata.xml"])


def test_packaging_takes_less_than_a_millisecond(cast: Cast, fonds: Fonds) -> None:
    draft = make_draft(**FULL)
    best = min(_timed(lambda: package.files_of_draft(draft)) for _ in range(50))
    assert best < 0.001


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
