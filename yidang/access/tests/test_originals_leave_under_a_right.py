"""Originals leave whole or in ranges, under a right to copy, after the log took note of it."""

import hashlib
from urllib.parse import quote

import pytest

from tests.archive import Archive
from yidang import audit
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common.errors import Unavailable

BODY = "".join(f"第{number}条 设备采购应当公开。\n" for number in range(400)).encode()
NAME = "关于印发《设备采购管理办法》的通知 (终稿).txt"


@pytest.fixture
def record(archive: Archive) -> Record:
    return archive.file("设备采购管理办法", {NAME: BODY}, of="WS·GZ")


def content(record: Record) -> str:
    return f"/records/{record.public_id}/documents/1/content/"


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.gbt39784("8.1-5", "8.1-2")
def test_the_archivist_gets_every_byte_and_the_log_says_so(archive, record):
    answer = archive.cast.client("lin").get(content(record))
    assert answer.status_code == 200 and body(answer) == BODY
    assert answer["Content-Length"] == str(len(BODY)) and answer["Accept-Ranges"] == "bytes"
    assert answer["ETag"] == f'"{hashlib.sha256(BODY).hexdigest()}"'
    [entry] = Entry.objects.filter(event="access.original.released")
    assert entry.target == str(record.public_id)


def test_the_chinese_name_comes_along(archive, record):
    disposition = archive.cast.client("lin").get(content(record))["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    assert disposition.endswith(f"filename*=UTF-8''{quote(NAME, safe='')}")
    assert disposition.isascii() and "\n" not in disposition


@pytest.mark.promise("G6")
def test_whatever_it_is_a_browser_runs_nothing_of_it(archive):
    record = archive.file(
        "网页",
        {
            "网页.html": "<html><head><meta charset='utf-8'><title>通知</title></head><body><p>通知</p></body></html>".encode()
        },
        of="WS·GZ",
    )
    answer = archive.cast.client("lin").get(content(record))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.gbt39784("7.5-4")
@pytest.mark.parametrize("who", ["zhao", "chen", "xu", "wu", "zhou", "he"])
def test_who_may_look_may_not_copy(archive, record, who):
    browser = archive.cast.client(who)
    assert browser.get(f"/records/{record.public_id}/").status_code == 200
    assert browser.get(content(record)).status_code == 403
    assert not Entry.objects.filter(event="access.original.released").exists()


@pytest.mark.parametrize("who", ["sysadmin", "secadmin", "auditor"])
def test_the_three_administrators_find_nothing(archive, record, who):
    browser = archive.cast.client(who)
    for address in (
        content(record),
        f"/records/{record.public_id}/",
        f"/records/{record.public_id}/documents/1/pages/1/",
    ):
        assert browser.get(address).status_code == 404


@pytest.mark.promise("C6")
def test_no_original_leaves_when_the_log_cannot_be_written(archive, record, monkeypatch):
    def full(*_args: object, **_facts: object) -> None:
        raise Unavailable("The log cannot be written.", code="log_unavailable")

    browser = archive.cast.client("lin")
    monkeypatch.setattr(audit, "write", full)
    for header in (
        {},
        {"HTTP_RANGE": "bytes=0-9"},
        {"HTTP_RANGE": "bytes=1-"},
        {"HTTP_RANGE": "bytes=-200000"},
        {"HTTP_RANGE": "nonsense"},
    ):
        answer = browser.get(content(record), **header)
        assert answer.status_code == 503, header
        assert "第1条".encode() not in answer.content


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=0-999999999", 0, None),
        ("bytes=5-5", 5, 5),
    ],
)
def test_a_range_is_answered_with_its_bytes(archive, record, asked, first, last):
    answer = archive.cast.client("lin").get(content(record), HTTP_RANGE=asked)
    start = first if first >= 0 else len(BODY) + first
    end = len(BODY) - 1 if last is None else last
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{end}/{len(BODY)}"
    assert body(answer) == BODY[start : end + 1]


@pytest.mark.parametrize("asked", [f"bytes={len(BODY)}-", "bytes=999999-1000000", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(archive, record, asked):
    answer = archive.cast.client("lin").get(content(record), HTTP_RANGE=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(BODY)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-3", "pages=1-2", "bytes=a-b", "bytes=-", "bytes=0-1,4-5", "bytes=" + "9" * 5000 + "-", "bytes=１-２"],
)
def test_a_range_that_is_none_gives_the_whole(archive, record, asked):
    answer = archive.cast.client("lin").get(content(record), HTTP_RANGE=asked)
    assert answer.status_code == 200 and body(answer) == BODY


def test_a_range_of_another_version_gives_the_whole(archive, record):
    browser = archive.cast.client("lin")
    etag = f'"{hashlib.sha256(BODY).hexdigest()}"'
    assert browser.get(content(record), HTTP_RANGE="bytes=0-9", HTTP_IF_RANGE='"other"').status_code == 200
    assert browser.get(content(record), HTTP_RANGE="bytes=0-9", HTTP_IF_RANGE=etag).status_code == 206


def test_the_later_parts_of_one_download_are_not_logged_again(archive, record, trail):
    browser = archive.cast.client("lin")
    for start in range(0, len(BODY), 4096):
        body(browser.get(content(record), HTTP_RANGE=f"bytes={start}-{start + 4095}"))
    assert trail(event="access.original.released").count() == 1


@pytest.mark.parametrize("asked", ["bytes=1-", "bytes=-100", "bytes=7-20"])
def test_a_download_that_skips_the_beginning_is_logged_all_the_same(archive, record, asked, trail):
    """Whoever leaves out the first byte has still taken the record away."""
    body(archive.cast.client("lin").get(content(record), HTTP_RANGE=asked))
    assert trail(event="access.original.released").count() == 1


def test_the_api_gives_the_original_under_the_same_right(archive, record, client):
    for who, status in (("lin", 200), ("zhao", 403)):
        token = archive.cast.token(who, "records")
        answer = client.get(
            f"/api/v1/records/{record.public_id}/documents/1/content", HTTP_AUTHORIZATION=f"Bearer {token}"
        )
        assert answer.status_code == status
