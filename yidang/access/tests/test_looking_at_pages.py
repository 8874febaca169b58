"""Looking at a page is written to the log before a byte of it leaves, and the page carries its reader's name."""

import io
import time
from datetime import timedelta

import pytest
from django.conf import settings
from PIL import Image, ImageChops

from tests.archive import Archive
from yidang import audit
from yidang.access import actions
from yidang.access.models import Opening
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import Unavailable
from yidang.formats.tests import making

OPENED, CLOSED = "access.document.opened", "access.document.closed"


def page(record: Record, number: int = 1, page: int = 1, width: str = "320") -> str:
    return f"/records/{record.public_id}/documents/{number}/pages/{page}/?width={width}"


@pytest.fixture
def rules(archive: Archive, tmp_path) -> Record:
    """A document of three pages that is open to the whole hospital."""
    path = making.pdf(tmp_path / "a.pdf", [["第一页 管理办法"], ["第二页"], ["第三页"]])
    return archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")


@pytest.mark.gbt39784("7.5-2", "8.2-8")
def test_two_readers_get_the_same_page_with_different_marks(archive, rules):
    images = []
    for who in ("zhao", "chen"):
        answer = archive.cast.client(who).get(page(rules, width="800"))
        assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
        images.append(Image.open(io.BytesIO(answer.content)).convert("L"))
    assert images[0].size == images[1].size and images[0].width == 800
    assert ImageChops.difference(*images).getbbox() is not None


def test_every_quarter_of_the_page_carries_the_mark(archive, rules):
    from yidang import digitisation

    marked = Image.open(io.BytesIO(archive.cast.client("zhao").get(page(rules, page=3, width="800")).content)).convert(
        "L"
    )
    clean = Image.open(digitisation.page_image(archive.document(rules), 3, 800)).convert("L")
    difference = ImageChops.difference(marked, clean).point(lambda value: 255 if value > 25 else 0)
    width, height = difference.size
    for left in (0, width // 2):
        for top in (0, height // 2):
            assert difference.crop((left, top, left + width // 2, top + height // 2)).getbbox() is not None


@pytest.mark.promise("C5")
@pytest.mark.gbt39784("8.4-4")
def test_an_opening_is_one_entry_and_its_further_pages_are_told_when_it_ends(archive, rules):
    browser = archive.cast.client("zhao")
    for number in (1, 2, 2, 3):
        assert browser.get(page(rules, page=number)).status_code == 200
    [entry] = Entry.objects.filter(event=OPENED)
    assert (entry.target, entry.outcome) == (str(rules.public_id), "done")
    opening = Opening.objects.get()
    assert opening.pages == [1, 2, 3] and opening.entry == entry.seq and opening.because == "class.hospital"
    system = Actor.system("access")
    assert actions.close_openings(actor=system, now=clock.now()) == 0, "it still runs"
    assert actions.close_openings(actor=system, now=clock.now() + timedelta(minutes=16)) == 1
    assert Entry.objects.filter(event=CLOSED, target=str(rules.public_id)).count() == 1
    assert actions.close_openings(actor=system, now=clock.now() + timedelta(minutes=17)) == 0


def test_a_new_session_is_a_new_opening(archive, rules, trail):
    for _session in range(2):
        archive.cast.client("zhao").get(page(rules))
    assert trail(event=OPENED).count() == 2


@pytest.mark.promise("C6")
def test_no_page_leaves_when_the_log_cannot_be_written(archive, rules, monkeypatch):
    def full(*_args: object, **_facts: object) -> None:
        raise Unavailable("The log cannot be written.", code="log_unavailable")

    browser = archive.cast.client("zhao")
    monkeypatch.setattr(audit, "write", full)
    answer = browser.get(page(rules))
    assert answer.status_code == 503
    assert b"\xff\xd8\xff" not in answer.content
    assert not Opening.objects.exists()


@pytest.mark.parametrize(("asked", "given"), [("", 1240), ("1", 320), ("320", 320), ("321", 800), ("99999", 2000)])
def test_widths_are_those_that_we_keep(archive, rules, asked, given):
    answer = archive.cast.client("zhao").get(page(rules, width=asked))
    assert Image.open(io.BytesIO(answer.content)).width == given


@pytest.mark.parametrize("width", ["wide", "-1", "3.5", "１２", "999999", "0x10"])
def test_a_width_that_is_none_is_refused_in_words(archive, rules, width):
    answer = archive.cast.client("zhao").get(page(rules, width=width), HTTP_ACCEPT="application/json")
    assert answer.status_code == 422, answer.content


@pytest.mark.parametrize(
    ("number", "wanted"), [(1, 0), (1, 4), (2, 1), (99999999999999999999, 1), (1, 99999999999999999999)]
)
def test_a_page_or_document_that_is_not_there_is_not_found(archive, rules, number, wanted):
    assert archive.cast.client("zhao").get(page(rules, number, wanted)).status_code == 404


def test_nothing_of_a_page_is_kept_by_browsers_and_proxies(archive, rules):
    answer = archive.cast.client("zhao").get(page(rules))
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "ETag" not in answer


def test_the_api_gives_the_same_page_to_a_client_with_the_scope(archive, rules, trail):
    token = archive.cast.token("zhao", "records")
    address = f"/api/v1/records/{rules.public_id}/documents/1/pages/1?width=320"
    answer = archive.cast.client("lin").__class__().get(address, HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 200 and answer.content[:3] == b"\xff\xd8\xff"
    assert trail(event=OPENED).count() == 1


def test_a_client_without_the_scope_gets_no_page(archive, rules):
    token = archive.cast.token("zhao", "filing")
    address = f"/api/v1/records/{rules.public_id}/documents/1/pages/1"
    answer = archive.cast.client("lin").__class__().get(address, HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 403


def test_a_file_without_pages_is_said_to_have_none(archive):
    record = archive.file(
        "录音",
        {"录音.wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\0\0\0\0"},
        of="WS·GZ",
    )
    assert archive.cast.client("zhao").get(page(record)).status_code == 503
    assert not Entry.objects.filter(event=OPENED).exists(), "nothing was looked at"


@pytest.mark.promise("F2")
@pytest.mark.gbt39784("8.2-3", "7.5-1")
def test_another_departments_page_is_not_there(archive):
    record = archive.file(accepted=True)
    browser = archive.cast.client("zhao")
    assert browser.get(page(record)).status_code == 404
    assert browser.get(f"/records/{record.public_id}/").status_code == 404
    assert browser.get(f"/records/{record.public_id}/hits/?q=通知").status_code == 404
    assert not Opening.objects.exists()


def test_the_next_page_is_drawn_while_one_is_read(archive, rules):
    assert archive.cast.client("zhao").get(page(rules, page=1)).status_code == 200
    kept = settings.DATA / "cache" / "pages" / archive.document(rules).sha256[:2] / archive.document(rules).sha256
    until = time.monotonic() + 60
    while not list(kept.glob("2-320-*.jpg")) and time.monotonic() < until:
        time.sleep(0.05)
    assert list(kept.glob("2-320-*.jpg")) and not list(kept.glob("3-*"))
    assert Opening.objects.get().pages == [1], "nobody looked at it yet"
