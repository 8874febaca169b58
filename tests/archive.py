"""A hospital's archive for tests: the cast, the classes, and papers filed through the real door."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.cast import FOUNDER, Cast
from yidang import vault
from yidang.catalogue.models import Document, Fonds, Record, RecordClass
from yidang.catalogue.seed import load_hospital
from yidang.common import clock
from yidang.intake import staging
from yidang.intake.actions import accept, receive
from yidang.intake.envelope import read_envelope
from yidang.intake.models import Submission
from yidang.intake.staging import StagedFile
from yidang.jobs.worker import Worker

TEXT = "关于印发设备采购管理办法的通知。\n各科室：请遵照执行。\n".encode()


@dataclass
class Archive:
    """What a test files into and asks of."""

    cast: Cast
    fonds: Fonds
    filed: int = 0
    submissions: dict[int, Submission] = field(default_factory=dict)

    def record_class(self, code: str) -> RecordClass:
        """A class by its code."""
        return RecordClass.objects.select_related("scheme", "fonds", "parent").get(code=code)

    def file(
        self,
        title: str = "",
        files: dict[str, bytes] | None = None,
        *,
        by: str = "xu",
        accepted: bool = True,
        of: str = "WS·XZ",
        **said: Any,
    ) -> Record:
        """File one record through the door as a person does; accepted by the archivist unless said otherwise."""
        self.filed += 1
        title = title or f"关于第{self.filed}号事项的通知"
        files = files or {f"{title}.txt": f"{title}\n".encode() + TEXT}
        envelope = read_envelope(
            {"source_system": "oa", "source_id": f"T-{self.filed}", "title": title, "class": of, **said,
             "documents": [{"file": name} for name in files]}
        )  # fmt: skip

        def stage(public_id: UUID) -> Iterator[StagedFile]:
            for number, (name, content) in enumerate(files.items(), 1):
                yield staging.stage(staging.folder_of(public_id), number, name, [content])

        outcome = receive(envelope, stage=stage, actor=self.cast.actor(by), channel="api", now=clock.now())
        if accepted:
            self.accept(outcome.submission)
        record = Record.objects.select_related("record_class", "fonds", "department").get(
            pk=outcome.submission.record_id
        )
        self.submissions[record.pk] = outcome.submission
        return record

    def accept(self, submission: Submission) -> None:
        """The archivist takes it over."""
        accept(submission, actor=self.cast.actor("lin"), now=clock.now())

    def document(self, record: Record, number: int = 1) -> Document:
        """One of its documents, with the record at hand."""
        return Document.objects.select_related("record").get(record=record, number=number)

    def work(self) -> int:
        """Let everything that was asked for later happen now; how many jobs ran."""
        return Worker(threads=1).run_pending()


def build_archive(cast: Cast) -> Archive:
    """The fonds of the hospital with all its classes and two sites of the vault, without records."""
    build_hospital()
    return open_archive(cast)


def build_hospital() -> None:
    """The fonds with all its classes."""
    load_hospital(code="Y012", name="仁和医院", actor=FOUNDER)


def open_archive(cast: Cast) -> Archive:
    """The archive of the hospital that is there, with two sites of the vault."""
    vault.prepare_sites(actor=FOUNDER, now=clock.now())
    return Archive(cast, Fonds.objects.get(code="Y012"))
