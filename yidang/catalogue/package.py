"""A record's whole description as files of its object: ``record.json`` for programs, ``metadata.xml`` for the archives.

Everything the catalogue knows of a record stands here, so that the catalogue can be rebuilt from the vault; receipts
and log entries do not, because they speak of the object and would change it.
"""

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from yidang.catalogue.drafts import DocumentDraft, RecordDraft
from yidang.catalogue.models import Document, Record

SCHEMA = Path(__file__).parent / "data" / "record.schema.json"
FORMAT = "yidang-record/1"
LEVELS = ("public", "internal", "sensitive", "restricted")


def schema_text() -> str:
    """The JSON Schema of ``record.json``, kept beside the objects on every site."""
    return SCHEMA.read_text(encoding="utf-8")


def files_of_draft(draft: RecordDraft) -> dict[str, bytes]:
    """The description files of a record that has no rows yet."""
    return _files(_from_draft(draft))


def files_of_record(record: Record) -> dict[str, bytes]:
    """The description files of a record as the catalogue knows it now."""
    return _files(record_json(record))


def _files(description: dict[str, Any]) -> dict[str, bytes]:
    return {
        "record.json": json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        "metadata.xml": metadata_xml(description),
    }


def _from_draft(draft: RecordDraft) -> dict[str, Any]:
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
    """The whole description of a record that has rows."""
    return _description(
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


def _description(*, record_class: str, level: int, **rest: Any) -> dict[str, Any]:
    return {"format": FORMAT, "class": record_class, "security": LEVELS[level], **rest}


def _document(part: DocumentDraft | Document) -> dict[str, Any]:
    return {
        "number": part.number, "role": part.role, "name": part.name, "path": part.path, "size": part.size,
        "sha256": part.sha256, "sha512": part.sha512, "sm3": part.sm3, "format": part.format, "mime": part.mime,
    }  # fmt: skip


# DA/T 46-2009 element names for the parts of a description.
_ELEMENTS = (
    ("档号", "code"), ("全宗号", "fonds"), ("类别号", "class"), ("年度", "year"), ("保管期限", "retention"), ("题名", "title"),
    ("文件编号", "document_number"), ("责任者", "creator"), ("日期", "date"), ("密级", "security"), ("机构", "department"),
    ("电子文件号", "id"), ("登记号", "accession_number"), ("摘要", "description"), ("来源系统", "source_system"), ("来源标识", "source_id"),
)  # fmt: skip


def metadata_xml(description: dict[str, Any]) -> bytes:
    """The description in the elements of DA/T 46-2009, for readers that know the standard and not us."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<电子文件元数据 标准="DA/T 46-2009">',
        " <文件实体>",
        "  <聚合层次>件</聚合层次>",
    ]
    parts += [
        f"  <{name}>{_xml(description[key])}</{name}>" for name, key in _ELEMENTS if description[key] not in ("", None)
    ]
    parts += [f"  <主题词>{_xml(word)}</主题词>" for word in description["keywords"]]
    parts += [f"  <人名>{_xml(name)}</人名>" for name in description["parties"]]
    parts += [
        f'  <扩展 名称="{_xml(key)}">{_xml("；".join(value) if isinstance(value, list) else value)}</扩展>'
        for key, value in description["metadata"].items()
    ]
    for document in description["documents"]:
        parts += [
            f'  <组件 序号="{document["number"]}">',
            f"   <稿本>{_xml(document['role'])}</稿本><计算机文件名>{_xml(document['name'])}</计算机文件名>",
            f"   <当前位置>{_xml(document['path'])}</当前位置><计算机文件大小>{document['size']}</计算机文件大小>",
            f"   <格式信息>{_xml(document['format'])}</格式信息>",
            f'   <数字摘要 算法="SHA-256">{document["sha256"]}</数字摘要><数字摘要 算法="SM3">{document["sm3"]}</数字摘要>',
            "  </组件>",
        ]
    parts.append(" </文件实体>")
    if description["workflow"]:
        parts.append(" <业务实体>")
        parts += [
            f'  <业务行为 行为时间="{_xml(step.get("at", ""))}" 机构人员名称="{_xml(step.get("who", ""))}">'
            f"{_xml(step.get('step', ''))} {_xml(step.get('opinion', ''))}</业务行为>"
            for step in description["workflow"]
        ]
        parts.append(" </业务实体>")
    parts.append("</电子文件元数据>")
    return "\n".join(parts).encode()


def _xml(value: Any) -> str:
    return escape(str(value), {'"': "&quot;"})
