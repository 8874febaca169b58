"""A print is a PDF made for it, registered with its pages and copies, counted, and fetched once."""

import io
from datetime import timedelta

import numpy as np
import pikepdf
import pypdfium2
import pytest

from tests.archive import Archive
from yidang.access import printing
from yidang.access.models import Opening, Printout
from yidang.access.trace_reading import read_trace
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput
from yidang.formats.tests import making
from yidang.permissions.actions import issue_grant, revoke_grant


@pytest.fixture
def rules(archive: Archive, tmp_path) -> Record:
    """Three pages that the whole hospital sees."""
    path = making.pdf(tmp_path / "a.pdf", [["第一页 管理办法"], ["第二页"], ["第三页"]])
    return archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")


@pytest.fixture
def granted(archive: Archive, rules: Record):
    """Zhao may print four sheets of it."""
    return issue_grant(
        archive.cast.people["zhao"], rules.pk, record=str(rules.public_id), actions={"view", "print"},
        until=clock.now() + timedelta(days=1), reason="审计", actor=archive.cast.actor("lin"), now=clock.now(), sheets=4,
    )  # fmt: skip


def address(record: Record) -> str:
    return f"/records/{record.public_id}/documents/1/print/"


def test_seeing_a_page_is_no_right_to_print_it(archive, rules):
    browser = archive.cast.client("zhao")
    assert browser.get(address(rules)).status_code == 403
    assert browser.post(address(rules), {"pages": "1", "copies": "1"}).status_code == 403
    assert address(rules) not in browser.get(f"/records/{rules.public_id}/").content.decode()
    assert not Printout.objects.exists()


def test_a_print_holds_the_pages_and_copies_asked_for_and_names_its_opening(archive, rules, granted):
    browser = archive.cast.client("zhao")
    sent = browser.post(address(rules), {"pages": "1,3", "copies": "2"})
    assert sent.status_code == 302
    answer = browser.get(sent["Location"])
    assert answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "private, no-store"
    assert len(pikepdf.open(io.BytesIO(answer.content)).pages) == 4
    opening = Opening.objects.get()
    assert opening.pages == [1, 3] and opening.printout.copies == 2
    entry = Entry.objects.get(event="access.print.made")
    assert entry.target == str(rules.public_id) and opening.entry == entry.seq
    with pypdfium2.PdfDocument(answer.content) as paper:
        grey = np.asarray(paper[1].render(scale=1.6).to_pil().convert("L"))
    found = read_trace(grey)
    assert found is not None and found.number == opening.pk


def test_a_print_link_works_once_and_for_its_own_session_alone(archive, rules, granted):
    browser = archive.cast.client("zhao")
    link = browser.post(address(rules), {"pages": "1", "copies": "1"})["Location"]
    for other in ("chen", "lin", "zhao"):
        assert archive.cast.client(other).get(link).status_code == 404
    assert browser.get(link).status_code == 200
    assert browser.get(link).status_code == 409


def test_a_revoked_permission_stops_a_print_on_its_way(archive, rules, granted):
    browser = archive.cast.client("zhao")
    link = browser.post(address(rules), {"pages": "1", "copies": "1"})["Location"]
    revoke_grant(granted, actor=archive.cast.actor("lin"), now=clock.now())
    assert browser.get(link).status_code in (403, 404)
    assert Printout.objects.get().fetched_at is None


def test_a_print_takes_its_pages_times_its_copies(archive, rules, granted):
    browser = archive.cast.client("zhao")
    assert browser.post(address(rules), {"pages": "1-3", "copies": "1"}).status_code == 302
    refused = browser.post(address(rules), {"pages": "1", "copies": "2"})
    assert refused.status_code == 403 and "1" in refused.content.decode()
    assert browser.post(address(rules), {"pages": "2", "copies": "1"}).status_code == 302
    assert browser.post(address(rules), {"pages": "2", "copies": "1"}).status_code == 403
    granted.refresh_from_db()
    assert (granted.sheets_used, granted.used) == (4, 0) and Printout.objects.count() == 2


def test_without_a_number_of_sheets_a_print_takes_them_from_the_uses(archive, rules):
    now = clock.now()
    grant = issue_grant(
        archive.cast.people["zhao"], rules.pk, record=str(rules.public_id), actions={"print"}, times=3,
        until=now + timedelta(days=1), reason="审计", actor=archive.cast.actor("lin"), now=now,
    )  # fmt: skip
    browser = archive.cast.client("zhao")
    assert browser.post(address(rules), {"pages": "1,2", "copies": "2"}).status_code == 403
    assert browser.post(address(rules), {"pages": "1-3", "copies": "1"}).status_code == 302
    grant.refresh_from_db()
    assert (grant.used, grant.sheets_used) == (3, 3)


@pytest.mark.parametrize(("said", "meant"), [("", [1, 2, 3]), ("2", [2]), ("1-2，3", [1, 2, 3]), ("3 1", [1, 3])])
def test_page_lists_are_read(said, meant):
    assert printing.asked_pages(said, 3) == meant


@pytest.mark.parametrize("said", ["0", "4", "3-1", "1-99999999", "a", "-1", "１-２x"])
def test_page_lists_that_are_none_are_refused(said):
    with pytest.raises(InvalidInput):
        printing.asked_pages(said, 3)


def test_a_form_with_impossible_copies_is_answered_in_words(archive, rules, granted):
    for copies in ("0", "21", "x", ""):
        assert archive.cast.client("zhao").post(address(rules), {"copies": copies}).status_code == 422
    assert not Printout.objects.exists()
