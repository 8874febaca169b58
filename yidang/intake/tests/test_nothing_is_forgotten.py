"""Reconciliation 应归尽归 names exactly what is missing, extra and altered (promise A7)."""

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.archive import Archive
from tests.cast import Cast
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.intake.actions import reconciling
from yidang.intake.list_reading import Line, read_json, read_text
from yidang.intake.models import ListedItem, SourceList, Submission, SubmittedDocument
from yidang.intake.tests.filing import file
from yidang.jobs.worker import Worker

pytestmark = pytest.mark.django_db


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def arrived(files: Iterable[tuple[str, Sequence[str]]], *, by: int | None = None, state: str = "archived") -> None:
    """Filings as rows: what came, each with the digests of its files."""
    now = clock.now()
    rows = [
        Submission(
            source_system="oa", source_id=source_id, content_key="", channel="api", state=state, title=f"关于{source_id}",
            payload={}, submitted_by_id=by, submitter="oa", submitted_at=now, changed_at=now,
        )
        for source_id, _digests in files
    ]  # fmt: skip
    Submission.objects.bulk_create(rows, batch_size=1000)
    SubmittedDocument.objects.bulk_create(
        (
            SubmittedDocument(submission=row, number=number, name="f", role="", size=1, sha256=text, sha512="", sm3="")
            for row, (_id, digests) in zip(rows, files, strict=True)
            for number, text in enumerate(digests, 1)
        ),
        batch_size=1000,
    )


def given(lines: list[Line], cast: Cast, *, who: str = "lin", **more: Any) -> SourceList:
    wanted = {"everything": True, "period": (None, None), "source_system": "oa", "name": "办结清单", **more}
    return reconciling.take_list(lines, actor=cast.actor(who), now=clock.now(), **wanted)


def told(of: SourceList, outcome: str) -> set[str]:
    return set(of.items.filter(outcome=outcome).values_list("source_id", flat=True))


@pytest.mark.promise("A7")
def test_of_ten_thousand_the_missing_the_extra_and_the_altered_are_named_exactly(cast: Cast, data) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    source = {f"BJ-{n:05}": [digest(f"{n}/{f}") for f in range(dice.choice([1, 1, 2, 3]))] for n in range(10_000)}
    dropped = set(dice.sample(sorted(source), 500))
    rest = sorted(source.keys() - dropped)
    truncated = set(dice.sample(rest, 500))
    here = []
    for source_id in rest:
        digests = list(source[source_id])
        if source_id in truncated:
            if len(digests) > 1:
                digests.pop(dice.randrange(len(digests)))  # a file that never came
            else:
                digests = [digest(f"half of {source_id}")]  # or came short
        here.append((source_id, digests))
    foreign = {f"QT-{n:03}" for n in range(500)}
    here += [(source_id, [digest(source_id)]) for source_id in foreign]
    dice.shuffle(here)  # the channel reorders, within a filing too
    arrived([(source_id, dice.sample(digests, len(digests))) for source_id, digests in here])
    listed = [{"source_id": source_id, "sha256": digests} for source_id, digests in source.items()]
    listed += dice.sample(listed, 500)  # the list says some twice
    dice.shuffle(listed)
    found = given(read_json(listed), cast)
    Worker(threads=1).run_pending()
    found.refresh_from_db()
    assert told(found, "missing") == dropped
    assert told(found, "altered") == truncated
    assert told(found, "extra") == foreign
    assert told(found, "held") == source.keys() - dropped - truncated
    assert found.counts == {
        "held": 9000, "stopped": 0, "altered": 500, "missing": 500, "excused": 0, "extra": 500,
    }  # fmt: skip


def test_a_real_filing_is_here_and_one_that_comes_later_is_no_longer_missing(archive: Archive, data, trail) -> None:
    cast = archive.cast
    file(cast.actor("zhao"), "1")
    found = given(read_text("编号\t题名\n1\t关于设备采购的通知\n2\t关于培训的通知"), cast, everything=False)
    assert (told(found, "held"), told(found, "missing")) == ({"1"}, {"2"})
    file(cast.actor("zhao"), "2")
    before = trail(event="intake.list.compared").count()
    reconciling.compare(found, actor=cast.actor("lin"), now=clock.now())
    assert told(found, "held") == {"1", "2"}
    reconciling.compare(found, actor=cast.actor("lin"), now=clock.now())
    assert trail(event="intake.list.compared").count() == before + 1  # the same again says nothing


def test_what_was_returned_is_stopped_and_what_was_withdrawn_is_missing(cast: Cast, data) -> None:
    arrived([("a", [])], state="returned")
    arrived([("b", [])], state="withdrawn")
    arrived([("c", [])], state="withdrawn")
    arrived([("c", [])], state="received")
    found = given([Line("a"), Line("b"), Line("c")], cast)
    assert (told(found, "stopped"), told(found, "missing"), told(found, "held")) == ({"a"}, {"b"}, {"c"})


def test_the_number_of_files_alone_shows_one_that_is_gone(cast: Cast, data) -> None:
    arrived([("a", ["1", "2"]), ("b", ["1"])])
    found = given(read_text("a,甲,2\nb,乙,2"), cast)
    assert (told(found, "held"), told(found, "altered")) == ({"a"}, {"b"})


def test_a_list_of_a_period_calls_nothing_of_another_period_extra(archive: Archive, data) -> None:
    file(archive.cast.actor("zhao"), "1")  # of 2026-03-05
    march = (date(2026, 3, 1), date(2026, 3, 31))
    april = (date(2026, 4, 1), date(2026, 4, 30))
    assert told(given([Line("9")], archive.cast, everything=False, period=march), "extra") == {"1"}
    assert told(given([Line("9")], archive.cast, everything=False, period=april), "extra") == set()
    assert told(given([Line("9")], archive.cast, everything=False), "extra") == set()


def test_an_excused_document_stays_excused_until_it_comes(cast: Cast, data) -> None:
    found = given([Line("a"), Line("b")], cast)
    item = found.items.get(source_id="a")
    lin = cast.actor("lin")
    with pytest.raises(InvalidInput):
        reconciling.excuse(found, item, reason=" ", actor=lin, now=clock.now())
    with pytest.raises(NotAllowed):
        reconciling.excuse(found, item, reason="已作废", actor=cast.actor("zhao"), now=clock.now())
    reconciling.excuse(found, item, reason="OA 中已作废", actor=lin, now=clock.now())
    assert (found.counts["missing"], found.counts["excused"]) == (1, 1)
    reconciling.compare(found, actor=lin, now=clock.now())
    assert told(found, "excused") == {"a"}
    with pytest.raises(WrongState):
        reconciling.excuse(found, item, reason="OA 中已作废", actor=lin, now=clock.now())
    arrived([("a", [])])
    reconciling.compare(found, actor=lin, now=clock.now())
    assert told(found, "held") == {"a"}


def test_a_list_with_something_missing_is_closed_with_a_reason_only(cast: Cast, data) -> None:
    found = given([Line("a")], cast)
    lin = cast.actor("lin")
    with pytest.raises(InvalidInput):
        reconciling.close(found, note="", actor=lin, now=clock.now())
    found.refresh_from_db()
    reconciling.close(found, note="OA 迁移丢失，已报告院办", actor=lin, now=clock.now())
    with pytest.raises(WrongState):
        reconciling.compare_now(found, actor=lin, now=clock.now())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_list"),
        (",无编号", "bad_list_line"),
        ("a,甲,many", "bad_list_line"),
        ("a,甲,2\nb,乙\na,甲,3", "contradicting_lines"),
        ("x" * 201, "bad_list_line"),
    ],
)
def test_a_list_that_cannot_be_right_is_refused_with_its_line(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_text(text)
    assert refused.value.code == code


def test_titles_with_commas_and_line_ends_of_any_kind_are_read() -> None:
    lines = read_text('流水号,题名\r\na,"关于一,二的通知"\r\n\r\nb;c,乙\r\n')
    assert [(line.source_id, line.title) for line in lines] == [("a", "关于一,二的通知"), ("b;c", "乙")]


def test_only_archivists_and_systems_that_file_give_lists(cast: Cast, data) -> None:
    for who in ("zhao", "chen", "zhou", "sysadmin", "secadmin", "auditor"):
        with pytest.raises(NotAllowed):
            given([Line("a")], cast, who=who)
    browser = cast.client("zhao")
    found = given([Line("a")], cast)
    for address in ("/inbox/completeness/", f"/inbox/completeness/{found.public_id}/"):
        assert browser.get(address).status_code == 404
    assert browser.post(f"/inbox/completeness/{found.public_id}/end/", {"note": "aus"}).status_code == 404


def test_the_archivist_pastes_a_list_reads_what_is_missing_and_takes_it_to_excel(archive: Archive, data) -> None:
    browser = archive.cast.client("lin")
    file(archive.cast.actor("zhao"), "1")
    said = {"source_system": "oa", "name": "三月办结", "lines": "1\t甲\n=2+3\t乙", "extent": "everything"}
    answer = browser.post("/inbox/completeness/", said)
    assert answer.status_code == 302
    page = browser.get(answer["Location"]).content.decode()
    assert "乙" in page
    assert "甲" not in page.split("<tbody>")[1]
    assert browser.get(answer["Location"] + "?outcome=all").content.decode().count("<tr") == 3
    sheet = browser.get(answer["Location"] + "?outcome=missing&as=xlsx")
    assert sheet["Content-Type"].startswith("application/vnd.openxmlformats")
    assert "乙" not in browser.get("/").content.decode()
    assert "三月办结" in browser.get("/").content.decode()
    item = ListedItem.objects.get(title="乙")
    browser.post(answer["Location"] + "excuses/", {"item": item.pk, "reason": "作废"})
    assert "三月办结" not in browser.get("/").content.decode()


def test_a_csv_of_an_old_system_in_its_own_encoding_is_read(cast: Cast, data) -> None:
    browser = cast.client("lin")
    csv = SimpleUploadedFile("清单.csv", "编号,题名\nA1,关于设备维修保养的管理办法\n".encode("gb18030"))
    browser.post("/inbox/completeness/", {"source_system": "oa", "name": "旧系统", "file": csv})
    assert ListedItem.objects.get().title == "关于设备维修保养的管理办法"
    refused = browser.post(
        "/inbox/completeness/",
        {"source_system": "oa", "name": "x", "file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")},
    )
    assert refused.status_code == 422


def test_a_system_asks_after_its_own_filings_and_never_after_those_of_others(archive: Archive, data) -> None:
    cast = archive.cast
    file(cast.actor("zhao"), "theirs")
    token = cast.token("xu", "filing")
    arrived([("mine", [digest("x")])], by=cast.people["xu"].pk)
    body = {
        "source_system": "oa", "name": "十月", "everything": True,
        "items": [{"source_id": "mine", "sha256": [digest("x")]}, {"source_id": "theirs"}, {"source_id": "lost"}],
    }  # fmt: skip
    call = {"content_type": "application/json", "headers": {"Authorization": f"Bearer {token}"}}
    browser = Client()
    answer = browser.post("/api/v1/source-lists", json.dumps(body), **call)
    assert answer.status_code == 201, answer.content
    assert answer.json()["counts"] == {"held": 1, "stopped": 0, "altered": 0, "missing": 2, "excused": 0, "extra": 0}
    address = f"/api/v1/source-lists/{answer.json()['id']}"
    lines = browser.get(f"{address}/items?outcome=missing", headers=call["headers"]).json()["items"]
    assert {line["source_id"] for line in lines} == {"theirs", "lost"}
    assert browser.get(f"{address}/items?outcome=nonsense", headers=call["headers"]).status_code == 422
    given([Line("a")], cast)
    other = SourceList.objects.filter(whole=True).get()
    assert browser.get(f"/api/v1/source-lists/{other.public_id}", headers=call["headers"]).status_code == 404


@pytest.mark.parametrize(("address", "most"), [("", 24), ("{}/", 26)])
def test_the_pages_ask_as_often_for_many_lines_as_for_few(
    cast: Cast, data, django_assert_max_num_queries, address: str, most: int
) -> None:
    for number in range(3):
        found = given([Line(f"{number}-{n}") for n in range(60)], cast)
    browser = cast.client("lin")
    there = "/inbox/completeness/" + address.format(found.public_id)
    browser.get(there)
    with django_assert_max_num_queries(most):
        browser.get(there)
