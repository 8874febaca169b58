"""A record's whole description as files of its object: ``record.json`` for programs, ``metadata.xml`` for the archives.

Everything the catalogue knows of a record stands here, so that the catalogue can be rebuilt from the vault; receipts
and log entries do not, because they speak of the object and would change it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from yidang.catalogue.beside import PARTS
from yidang.catalogue.drafts import DocumentDraft, RecordDraft
from yidang.catalogue.holding import hold_json
from yidang.catalogue.models import CoveredDescription, Document, MetadataScheme, Record, Rendition
from yidang.catalogue.relating import FROM, TO, kinds, relations_json

SCHEMA = Path(__file__).parent / "data" / "record.schema.json"
FORMAT = "yidang-record/1"
RENDITION_FILE = ("path", "size", "sha256", "sha512", "sm3", "format", "mime")
LEVELS = ("public", "internal", "sensitive", "restricted")


def schema_text() -> str:
    """The JSON Schema of ``record.json``, kept beside the objects on every site."""
    return SCHEMA.read_text(encoding="utf-8")


def files_of_draft(draft: RecordDraft) -> dict[str, bytes]:
    """The description files of a record that has no rows yet."""
    return _files(draft_json(draft), draft.record_class.scheme, draft.documents)


def files_of_record(record: Record, *, adding: Sequence[Rendition] = ()) -> dict[str, bytes]:
    """The description files of a record as the catalogue knows it now; conversions only where there are some.

    :param adding: conversions whose rows follow their bytes
    """
    told = (
        Rendition.objects.filter(document__record=record).exclude(outcome=Rendition.FAILED).select_related("document")
    )
    renditions = [rendition_json(one) for one in (*told, *adding)]
    holds = [hold_json(hold) for hold in record.holds.all()]
    beside = {"renditions": renditions, "holds": holds, "relations": relations_json(record)}
    beside |= {part.name: part.tell(record) for part in PARTS}
    description = record_json(record) | {name: rows for name, rows in beside.items() if rows}
    return _files(description, record.record_class.scheme, record.documents.all())


def _files(
    description: dict[str, Any], scheme: MetadataScheme | None, parts: Iterable[DocumentDraft | Document]
) -> dict[str, bytes]:
    # Counted once when a file came in, and not part of the row's digest in the log.
    pages = {part.number: part.pages for part in parts}
    documents = [{**one, "pages": pages[one["number"]]} for one in description["documents"]]
    description = {**description, "documents": documents}
    return {
        "record.json": json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        "metadata.xml": metadata_xml(description, element_names(scheme)),
    }


def draft_json(draft: RecordDraft) -> dict[str, Any]:
    """The whole description of a record that has no rows yet."""
    rule = draft.retention_rule
    return _description(
        id=str(draft.public_id), fonds=draft.fonds.code, record_class=draft.record_class.code, kind=draft.kind, volume=None,
        title=draft.title, document_number=draft.document_number, creator=draft.creator, department=draft.department_key,
        date=draft.date, year=draft.year, retention=draft.retention, retention_rule=rule.key if rule else "",
        level=draft.level, owner=draft.owner_username, patient_number=draft.patient_number, code=draft.code,
        code_state=draft.code_state, accession_number=draft.accession_number, description=draft.description,
        keywords=list(draft.keywords), parties=list(draft.parties), metadata=dict(draft.metadata),
        workflow=[dict(step) for step in draft.workflow], source_system=draft.source_system, source_id=draft.source_id,
        state=Record.RECEIVED, received_at=draft.received_at.isoformat(), archived_at=None,
        documents=[_document(part) for part in draft.documents],
    )  # fmt: skip


def record_json(record: Record) -> dict[str, Any]:
    """The whole description of a record that has rows, conversions apart; what is masked stands in it as it is kept."""
    told = _description(
        id=str(record.public_id), fonds=record.fonds.code, record_class=record.record_class.code, kind=record.kind,
        volume=str(record.volume.public_id) if record.volume else None,
        title=record.title, document_number=record.document_number, creator=record.creator,
        department=record.department.key if record.department else "",
        date=record.date, year=record.year, retention=record.retention,
        retention_rule=record.retention_rule.key if record.retention_rule else "",
        level=record.level, owner=record.owner.username if record.owner else "", patient_number=record.patient_number,
        code=record.code, code_state=record.code_state, accession_number=record.accession_number,
        description=record.description, keywords=record.keywords, parties=record.parties, metadata=record.metadata,
        workflow=record.workflow, source_system=record.source_system, source_id=record.source_id,
        state=record.state, received_at=record.received_at.isoformat(),
        archived_at=record.archived_at.isoformat() if record.archived_at else None,
        documents=[_document(document) for document in record.documents.all()],
    )  # fmt: skip
    covered: CoveredDescription | None = getattr(record, "covered", None)
    if covered is not None:
        told |= covered.fields
        for one in told["documents"]:
            one["name"] = covered.names.get(str(one["number"]), one["name"])
    return told


def _description(*, record_class: str, level: int, **rest: Any) -> dict[str, Any]:
    return {"format": FORMAT, "class": record_class, "security": LEVELS[level], **rest}


def _document(part: DocumentDraft | Document) -> dict[str, Any]:
    return {
        "number": part.number, "role": part.role, "name": part.name, "path": part.path, "size": part.size,
        "sha256": part.sha256, "sha512": part.sha512, "sm3": part.sm3, "format": part.format, "mime": part.mime,
    }  # fmt: skip


def rendition_json(one: Rendition) -> dict[str, Any]:
    """One conversion of a document: what was made or why it was not, and how it compares with the original."""
    return {
        "id": str(one.public_id), "document": one.document.number, "target": one.target, "outcome": one.outcome,
        "made_at": one.made_at.isoformat(), "made_by": one.made_by, "facts": one.facts,
        **{name: getattr(one, name) for name in RENDITION_FILE},
    }  # fmt: skip


# The parts of a description under the names of DA/T 46-2009's elements; containers hold their parts.
_CODE = (
    ("全宗号", "fonds"),
    ("年度", "year"),
    ("保管期限", "retention"),
    ("机构或问题", "department"),
    ("类别号", "class"),
)
_CONTENT = (("文件编号", "document_number"), ("责任者", "creator"), ("日期", "date"), ("密级", "security"))
# What the standard has no element for.
_OURS = (("接收登记号", "accession_number"), ("来源系统", "source_system"), ("来源标识", "source_id"))
_LEVEL_NAMES = {Record.ITEM: "件", Record.VOLUME: "卷"}
# XML has no way to write these, not even escaped; they come in with words pasted from old programs.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def element_names(scheme: MetadataScheme | None) -> dict[str, str]:
    """The elements of DA/T 46-2009 that the fields of a scheme fill."""
    return {item["key"]: item["element"] for item in scheme.fields if item.get("element")} if scheme else {}


def metadata_xml(description: dict[str, Any], elements: Mapping[str, str]) -> bytes:
    """The description in the elements of DA/T 46-2009, for readers that know the standard and not us.

    :param elements: which fields of the class's scheme fill an element, by their keys
    """
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<电子文件元数据 标准="DA/T 46-2009">',
        " <文件实体>",
        f"  <聚合层次>{_LEVEL_NAMES[description['kind']]}</聚合层次>",
        f"  <电子文件号>{description['id']}</电子文件号>",
        f'  <档号 值="{_xml(description["code"])}">',
        *(f"   <{name}>{_xml(description[key])}</{name}>" for name, key in _CODE if description[key]),
        "  </档号>",
        "  <内容描述>",
        f"   <题名>{_xml(description['title'])}</题名>",
        *(f"   <关键词>{_xml(word)}</关键词>" for word in description["keywords"]),
        *(f"   <人名>{_xml(name)}</人名>" for name in description["parties"]),
    ]
    if description["description"]:
        parts.append(f"   <摘要>{_xml(description['description'])}</摘要>")
    parts += [f"   <{name}>{_xml(description[key])}</{name}>" for name, key in _CONTENT if description[key]]
    parts += [
        f"   <{elements[key]}>{_xml(_words(value))}</{elements[key]}>"
        for key, value in sorted(description["metadata"].items())
        if key in elements
    ]
    parts.append("  </内容描述>")
    for document in description["documents"]:
        parts += _component(document)
    renditions = description.get("renditions", [])
    for one in renditions:
        if one["outcome"] == Rendition.KEPT:
            parts += _component(
                {**one, "number": one["document"], "role": "格式转换件", "name": one["path"].split("/")[-1]}
            )
    parts += [f'  <扩展 名称="{name}">{_xml(description[key])}</扩展>' for name, key in _OURS if description[key]]
    parts += [
        f'  <扩展 名称="{_xml(key)}">{_xml(_words(value))}</扩展>'
        for key, value in sorted(description["metadata"].items())
        if key not in elements
    ]
    parts.append(" </文件实体>")
    for one in description.get("relations", []):
        if not one["ended_at"]:
            parts += _relation(description["id"], one)
    for step in (*description["workflow"], *map(_conversion, renditions)):
        parts += _business(step)
    parts.append("</电子文件元数据>")
    return "\n".join(parts).encode()


def _component(document: Mapping[str, Any]) -> list[str]:
    return [
        f'  <组件 序号="{document["number"]}" 稿本="{_xml(document["role"])}">',
        "   <电子属性>",
        f"    <格式信息>{_xml(document['format'])}</格式信息>",
        f"    <计算机文件名>{_xml(document['name'])}</计算机文件名>",
        f"    <计算机文件大小>{document['size']}</计算机文件大小>",
        "   </电子属性>",
        f"   <存储位置><当前位置>{_xml(document['path'])}</当前位置></存储位置>",
        f'   <数字摘要 算法="SHA-256">{document["sha256"]}</数字摘要>',
        f'   <数字摘要 算法="SM3">{document["sm3"]}</数字摘要>',
        "  </组件>",
    ]


def _relation(record: str, one: Mapping[str, Any]) -> list[str]:
    """A standing relation as the record itself would say it."""
    mine, other = (FROM, TO) if one[FROM] == record else (TO, FROM)
    return [
        " <实体关系>",
        f"  <实体标识符>{one[other]}</实体标识符>",
        "  <关系类型>文件实体之间</关系类型>",
        f"  <关系>{_xml(kinds()[one['kind']].words[mine]['zh'])}</关系>",
        " </实体关系>",
    ]


def _conversion(one: Mapping[str, Any]) -> dict[str, str]:
    """A conversion as the step of business that it is; the program did it, so that no person's name stands there."""
    what = {"pdfa": "PDF/A-2b", "tiff": "TIFF"}.get(one["target"], one["target"])
    how = "另存于原件旁" if one["outcome"] == Rendition.KEPT else "未采用，原因见 record.json"
    opinion = f"组件{one['document']}转换为{what}：{how}"
    return {"step": "格式转换", "at": one["made_at"], "opinion": opinion, "who": "医档（Yidang）"}


def _business(step: Mapping[str, Any]) -> list[str]:
    return [
        " <业务实体>",
        f"  <业务行为>{_xml(step.get('step', ''))}</业务行为>",
        f"  <行为时间>{_xml(step.get('at', ''))}</行为时间>",
        f"  <行为描述>{_xml(step.get('opinion', ''))}</行为描述>",
        f"  <机构人员名称>{_xml(step.get('who', ''))}</机构人员名称>",
        " </业务实体>",
    ]


def _words(value: Any) -> str:
    return "；".join(map(str, value)) if isinstance(value, list) else str(value)


def _xml(value: Any) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", str(value)), {'"': "&quot;"})
