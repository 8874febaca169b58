"""What the checks after the receipt find: marks of state secrecy are kept out of the search, findings are settled by name."""

from unittest import mock

import pytest

from tests.archive import Archive
from yidang import formats, search
from yidang.common import clock
from yidang.digitisation import actions, queries, reading
from yidang.digitisation.models import LateFinding
from yidang.formats import PageText
from yidang.formats.findings import finding

pytestmark = pytest.mark.django_db


def test_a_mark_that_only_later_text_shows_keeps_the_text_out_of_the_search(archive: Archive, trail) -> None:
    record = archive.file(files={"扫描件.txt": "普通的通知".encode()})
    texts = [[PageText(1, "第一页"), PageText(2, "机密★10年\n某某方案")]]
    with mock.patch.object(formats, "extract_texts", lambda files: texts):
        for one in reading.read([archive.document(record)]):
            reading.put(one)
    assert archive.document(record).text_state == "failed"
    assert search.page_texts(record, 1) is None
    assert LateFinding.objects.get().params == {"mark": "机密★10年"}
    assert trail(event="digitisation.text.withheld").count() == 1


def found(archive: Archive) -> LateFinding:
    record = archive.file()
    reading.keep_findings(archive.document(record), [finding("page_broken", page=3)])
    return LateFinding.objects.get()


def test_a_finding_is_shown_to_the_archivist_and_settled_once(archive: Archive, trail) -> None:
    one, client = found(archive), archive.cast.client("lin")
    assert "第 3 页" in client.get("/texts/findings/").content.decode()
    submission = archive.submissions[one.document.record_id]
    assert "接收后检测发现" in client.get(f"/filings/{submission.public_id}/").content.decode()
    assert client.post(f"/texts/findings/{one.pk}/settlement/", {"note": " "}).status_code == 422
    assert client.post(f"/texts/findings/{one.pk}/settlement/", {"note": "已请院办重新导出"}).status_code == 302
    one.refresh_from_db()
    assert (one.settled_by, one.note) == ("lin", "已请院办重新导出")
    assert not queries.open_findings(archive.cast.actor("lin")).exists()
    with pytest.raises(actions.AlreadySettled):
        actions.settle(one, note="又一次", actor=archive.cast.actor("lin"), now=clock.now())
    assert trail(event="digitisation.finding.settled").count() == 1


@pytest.mark.parametrize("name", ["xu", "zhao", "sysadmin", "auditor"])
def test_others_neither_see_nor_settle(archive: Archive, name: str) -> None:
    one, client = found(archive), archive.cast.client(name)
    assert client.get("/texts/findings/").status_code == 404
    assert client.post(f"/texts/findings/{one.pk}/settlement/", {"note": "好"}).status_code in {403, 404}
    assert LateFinding.objects.get().settled_at is None
