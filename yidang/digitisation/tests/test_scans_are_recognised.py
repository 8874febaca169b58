"""Recognition of scans: real characters from a real picture, and a stop in the middle that costs one page at most."""

from unittest import mock

import pytest

from tests.archive import Archive
from yidang import formats, search
from yidang.catalogue.models import Document
from yidang.digitisation import reading
from yidang.digitisation.tests import making
from yidang.formats import PageText, ReadingFailed
from yidang.formats.findings import finding
from yidang.jobs.registry import Stopped

pytestmark = pytest.mark.django_db


def quiet(done: int, left: int) -> None:
    """Progress that nobody watches."""


@pytest.mark.slow
def test_chinese_in_a_picture_becomes_searchable_text(archive: Archive) -> None:
    record = archive.file(files={"扫描.tif": making.scan("医院档案管理办法")})
    reading.recognise(archive.document(record), done=0, progress=quiet)
    assert archive.document(record).text_state == "ready"
    assert "档案管理" in search.page_texts(record, 1)[0]


@pytest.fixture
def scan(archive: Archive) -> Document:
    """A scan of four pages."""
    return archive.document(archive.file(files={"扫描.tif": making.scan("一", "二", "三", "四", size=(300, 300))}))


def read_page(seen: list[int]) -> object:
    """A recogniser that says which page it was given."""

    def read(_path: object, _known: object, page: int) -> PageText:
        seen.append(page)
        return PageText(page, f"第{page}页的字", "ocr")

    return mock.patch.object(formats, "recognise_page", read)


def test_a_scan_stopped_in_the_middle_goes_on_after_its_last_finished_page(scan: Document) -> None:
    finished: list[int] = []

    def stop_after_two(done: int, left: int) -> None:
        finished.append(done)
        if done == 2:
            raise Stopped

    with read_page([]), pytest.raises(Stopped):
        reading.recognise(scan, done=0, progress=stop_after_two)
    seen: list[int] = []
    with read_page(seen):
        reading.recognise(scan, done=finished[-1], progress=quiet)
    assert seen == [3, 4]
    assert search.page_texts(scan.record, 1) == [f"第{page}页的字" for page in range(1, 5)]


def test_when_the_half_finished_texts_are_deleted_the_pages_are_read_again(scan: Document) -> None:
    seen: list[int] = []
    with read_page(seen):
        reading.recognise(scan, done=3, progress=quiet)
    assert seen == [1, 2, 3, 4]


def test_a_page_that_cannot_be_read_leaves_the_other_pages_their_text(scan: Document) -> None:
    def read(_path: object, _known: object, page: int) -> PageText:
        if page == 2:
            raise ReadingFailed(finding("reader_memory"))
        return PageText(page, f"第{page}页的字", "ocr")

    with mock.patch.object(formats, "recognise_page", read):
        reading.recognise(scan, done=0, progress=quiet)
    scan.refresh_from_db()
    assert scan.text_state == "ready"
    assert search.page_texts(scan.record, 1)[1] == ""
    assert scan.late_findings.count() == 1


def test_a_scan_whose_reader_failed_is_not_taken_for_an_empty_one(scan: Document) -> None:
    def fail(*_arguments: object) -> PageText:
        raise ReadingFailed(finding("took_too_long", seconds="300"))

    with mock.patch.object(formats, "recognise_page", fail):
        reading.recognise(scan, done=0, progress=quiet)
    scan.refresh_from_db()
    assert scan.text_state == "failed"
    assert scan.late_findings.get().code == "took_too_long"
