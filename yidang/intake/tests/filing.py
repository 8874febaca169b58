"""Filing in tests: an envelope, its files, and what is left on disk afterwards."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps

from yidang.common import clock
from yidang.common.actor import Actor
from yidang.intake import staging
from yidang.intake.actions import Outcome, receive
from yidang.intake.envelope import read_envelope
from yidang.intake.staging import StagedFile

TEXT = "关于印发设备采购管理办法的通知。\n各科室：请遵照执行。\n".encode()


def said(source_id: str = "1", *, files: Mapping[str, bytes] | None = None, **more: Any) -> dict[str, Any]:
    """A submission in the form of the contract."""
    names = list(files or {"正文.txt": TEXT})
    return {
        "source_system": "oa", "source_id": source_id, "title": "关于设备采购的通知", "class": "WS·XZ", "date": "2026-03-05",
        "documents": [{"file": name} for name in names], **more,
    }  # fmt: skip


def stager(files: Mapping[str, bytes]) -> Callable[[UUID], Iterator[StagedFile]]:
    """How to stage these files."""

    def stage(public_id: UUID) -> Iterator[StagedFile]:
        for number, (name, content) in enumerate(files.items(), 1):
            yield staging.stage(staging.folder_of(public_id), number, name, [content])

    return stage


def file(actor: Actor, source_id: str = "1", *, files: Mapping[str, bytes] | None = None, **more: Any) -> Outcome:
    """File through the door."""
    files = files or {"正文.txt": TEXT}
    envelope = read_envelope(said(source_id, files=files, **more))
    return receive(envelope, stage=stager(files), actor=actor, channel="api", now=clock.now())


def left_in_quarantine(data: Path) -> list[str]:
    """Folders of submissions that lie in the quarantine."""
    return sorted(path.name for path in (data / "quarantine" / "submissions").glob("*"))


def places_holding(data: Path, needle: bytes) -> list[str]:
    """Every file of the data folder in which these bytes stand."""
    return [str(path.relative_to(data)) for path in data.rglob("*") if path.is_file() and needle in path.read_bytes()]


def tables_holding(needle: str) -> list[str]:
    """Every table in which this text stands, wherever the database lies."""
    escaped = needle.encode("unicode_escape").decode()
    return [
        model._meta.db_table
        for model in apps.get_models()
        for row in model._default_manager.values()
        if needle in str(row) or escaped in str(row)
    ]
