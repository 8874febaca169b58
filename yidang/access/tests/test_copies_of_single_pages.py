"""A right to copy that names pages gives a file of those pages, marked as a print is; the original never leaves under it."""

import io
from datetime import timedelta

import pikepdf
import pytest

from tests.archive import Archive
from yidang.access.models import Opening, Printout, Use
from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.formats.tests import making
from yidang.permissions.actions import issue_grant, revoke_grant
from yidang.permissions.models import Grant


@pytest.fixture
def paper(archive: Archive, tmp_path) -> Record:
    path = making.pdf(tmp_path / "a.pdf", [["第一页 付款"], ["第二页 银杏树"], ["第三页"]])
    return archive.file("财务科付款说明", {"付款说明.pdf": path.read_bytes()}, of="WS·XZ", by="xu")


def grant(archive: Archive, record: Record, **said) -> Grant:
    now = clock.now()
    return issue_grant(
        archive.cast.people["zhao"], record.pk, record=str(record.public_id), actor=archive.cast.actor("lin"), now=now,
        actions={"copy"}, until=now + timedelta(days=1), reason="审计", **said,
    )  # fmt: skip


def places(record: Record) -> tuple[str, str]:
    base = f"/records/{record.public_id}/documents/1"
    return f"{base}/copy/", f"{base}/content/"


@pytest.mark.gbt39784("8.2-3")
def test_the_pages_leave_as_a_file_and_the_original_does_not(archive, paper):
    given = grant(archive, paper, pages="1,3", times=1)
    browser, (form, original) = archive.cast.client("zhao"), places(paper)
    shown = browser.get(f"/records/{paper.public_id}/").content.decode()
    assert form in shown and original not in shown
    for path in (original, f"{original}?form=pdfa", f"/api/v1/records/{paper.public_id}/documents/1/content"):
        assert browser.get(path).status_code in {403, 404}
    assert browser.post(form, {"pages": "1-2"}).status_code == 403, "a page that the permission does not name"
    assert browser.get(form).status_code == 200
    fetched = browser.get(browser.post(form, {"pages": ""}).url)
    with pikepdf.open(io.BytesIO(fetched.content)) as made:
        assert len(made.pages) == 2
        assert all(len(page.get_images()) == 1 and b"Tj" not in page.Contents.read_bytes() for page in made.pages)
    given.refresh_from_db()
    assert given.used == 1 and browser.post(form, {"pages": "1"}).status_code == 403, "its one use is taken"
    assert Opening.objects.get().pages == [1, 3] and not Opening.objects.get().original
    assert Use.objects.get().kind == "pages" and Entry.objects.filter(event="access.pages.made").count() == 1


def test_it_is_fetched_once_by_its_session_while_the_right_stands(archive, paper):
    given = grant(archive, paper, pages="1")
    browser, (form, _original) = archive.cast.client("zhao"), places(paper)
    address = browser.post(form, {"pages": "1"}).url
    assert archive.cast.client("zhao").get(address).status_code == 404, "another session"
    assert browser.get(address).status_code == 200
    assert browser.get(address).status_code == 409
    later = browser.post(form, {"pages": "1"}).url
    revoke_grant(given, actor=archive.cast.actor("lin"), now=clock.now())
    assert browser.get(later).status_code in {403, 404}
    assert Printout.objects.exclude(fetched_at=None).count() == 1


def test_a_download_that_ran_out_does_not_go_on_under_a_right_to_single_pages(archive, paper):
    """The whole was allowed once and that right has ended: the parts still to come are not covered by some pages of it."""
    whole = grant(archive, paper, times=1)
    browser, (_form, original) = archive.cast.client("zhao"), places(paper)
    assert browser.get(original).status_code == 200
    grant(archive, paper, pages="1")
    revoke_grant(whole, actor=archive.cast.actor("lin"), now=clock.now())
    assert browser.get(original, headers={"Range": "bytes=5-"}).status_code == 403


def test_without_a_right_to_copy_there_is_no_form(archive, paper):
    for who, status in (("zhao", 404), ("sysadmin", 404)):
        assert archive.cast.client(who).post(places(paper)[0], {"pages": "1"}).status_code == status
    Grant.objects.all().delete()
    given = grant(archive, paper, pages="1")
    Grant.objects.filter(pk=given.pk).update(may_copy=False)
    assert archive.cast.client("zhao").post(places(paper)[0], {"pages": "1"}).status_code == 403
    assert not Printout.objects.exists()
