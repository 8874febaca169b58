"""What happens to a kept document's text: read, put aside for recognition, or said to be unreadable."""

from pathlib import Path
from unittest import mock

import pytest

from tests.archive import Archive
from yidang import formats, search
from yidang.catalogue.models import RecordChange
from yidang.digitisation import reading
from yidang.digitisation.models import LateFinding
from yidang.digitisation.tests import making
from yidang.formats import ReadingFailed
from yidang.formats.findings import finding
from yidang.jobs.models import Job
from yidang.jobs.registry import TASKS
from yidang.jobs.worker import Worker

pytestmark = pytest.mark.django_db


def run(name: str) -> int:
    """Run the jobs of one name now."""
    worker = Worker(threads=1)
    with mock.patch.dict(TASKS):
        for other in [key for key in TASKS if key != name]:
            del TASKS[other]
        return worker.run_pending()


def test_the_text_of_a_pdf_is_put_down_page_by_page(archive: Archive, tmp_path: Path) -> None:
    content = making.pdf(tmp_path, "设备采购管理办法", "附件一 采购目录")
    record = archive.file(files={"办法.pdf": content})
    run("digitisation.extract")
    document = archive.document(record)
    assert (document.text_state, document.pages) == ("ready", 2)
    texts = search.page_texts(record, 1)
    assert ["采购管理" in texts[0], "采购目录" in texts[1]] == [True, True]
    assert RecordChange.objects.filter(record_id=record.pk, kind=RecordChange.TEXT).exists()


def test_the_texts_of_many_records_are_read_in_one_group(archive: Archive) -> None:
    records = [archive.file() for _ in range(5)]
    handed: list[int] = []
    real = reading.put
    with mock.patch.object(reading, "put", lambda one: (handed.append(one.document.record_id), real(one))):
        assert run("digitisation.extract") == 5
    assert handed == [record.pk for record in records]
    assert {archive.document(record).text_state for record in records} == {"ready"}


def test_a_document_without_any_text_says_so(archive: Archive) -> None:
    record = archive.file(files={"空白.txt": b" \n \n"})
    run("digitisation.extract")
    assert archive.document(record).text_state == "none"


def test_a_scan_stays_pending_and_recognition_is_asked_for_once(archive: Archive) -> None:
    record = archive.file(files={"扫描.tif": making.scan("医院档案")})
    run("digitisation.extract")
    Job.objects.filter(name="digitisation.extract").update(state=Job.WAITING, attempts=0)
    run("digitisation.extract")
    assert archive.document(record).text_state == "pending"
    assert Job.objects.filter(name="digitisation.recognise").count() == 1


def test_a_document_that_does_not_open_is_kept_with_its_reason_and_holds_nobody_up(archive: Archive) -> None:
    good, bad = archive.file(), archive.file()
    real = formats.extract_texts

    def read(files: list[tuple[Path, formats.Format, Path | None]]) -> list[list[formats.PageText] | ReadingFailed]:
        texts = real(files)
        for at, (path, *_) in enumerate(files):
            if str(bad.object_id) in str(path):
                texts[at] = ReadingFailed(finding("reader_memory"))
        return texts

    with mock.patch.object(formats, "extract_texts", read):
        run("digitisation.extract")
    assert archive.document(good).text_state == "ready"
    assert archive.document(bad).text_state == "failed"
    assert LateFinding.objects.get().document == archive.document(bad)
    assert not Job.objects.filter(state=Job.SET_ASIDE).exists()


def test_a_document_of_many_pages_is_checked_whole(archive: Archive, tmp_path: Path) -> None:
    one = archive.file(files={"一.pdf": making.pdf(tmp_path, "一页的通知")})
    two = archive.file(files={"二.pdf": making.pdf(tmp_path, "两页的", "通知")})
    run("digitisation.extract")
    asked = set(Job.objects.filter(name="digitisation.check").values_list("ids__document_id", flat=True))
    assert asked == {archive.document(two).pk}
    assert archive.document(one).pk not in asked
    assert run("digitisation.check") == 1
    assert Job.objects.get(name="digitisation.check").state == Job.DONE
