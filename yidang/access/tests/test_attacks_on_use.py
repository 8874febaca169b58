"""What a reader tries who knows addresses, keeps old answers, is quick, or comes from elsewhere."""

import threading
import time
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from yidang.access import certificates, printing, ranges, requests, serving, uses
from yidang.access.models import Opening, Printout
from yidang.catalogue.actions import correcting
from yidang.catalogue.models import Record
from yidang.catalogue.tests.test_what_is_not_yours_is_not_there import first_difference, plain
from yidang.common import clock
from yidang.formats.tests import making
from yidang.permissions.actions import issue_grant, revoke_grant
from yidang.permissions.models import Grant


def paper_of(archive: Archive, folder) -> Record:
    path = making.pdf(folder / "a.pdf", [[f"第{number}页 付款"] for number in "一二三四"])
    return archive.file("财务科付款说明", {"付款说明.pdf": path.read_bytes()}, of="WS·XZ", by="xu")


@pytest.fixture
def paper(archive: Archive, tmp_path) -> Record:
    """Four pages that Zhao sees by a permission alone."""
    return paper_of(archive, tmp_path)


def granted(archive: Archive, record: Record, **said) -> Grant:
    now = clock.now()
    told = {"actions": {"view", "print", "copy"}, "until": now + timedelta(days=1), "reason": "审计", **said}
    return issue_grant(
        archive.cast.people["zhao"], record.pk, record=str(record.public_id), actor=archive.cast.actor("lin"), now=now,
        **told,
    )  # fmt: skip


def revoke(archive: Archive, grant: Grant) -> None:
    revoke_grant(grant, actor=archive.cast.actor("lin"), now=clock.now())


def page(record: Record, number: int = 1) -> str:
    return f"/records/{record.public_id}/documents/1/pages/{number}/"


def original(record: Record) -> str:
    return f"/records/{record.public_id}/documents/1/content/"


@pytest.mark.promise("F1")
@pytest.mark.gbt39784("8.1-1")
def test_guessed_numbers_of_other_peoples_affairs_are_answered_like_numbers_that_nobody_has(archive, paper):
    """Requests, prints, certified copies, corrections, permissions, uses and cases of others; whether they are there is not told."""
    lin, now = archive.cast.actor("lin"), clock.now()
    asked = requests.ask(
        requests.Ask([paper.code], ["view"], "work", 7, reason="核对"), actor=archive.cast.actor("chen"), now=now
    )
    printed = printing.order_print(paper, 1, pages="1", copies=1, actor=lin, now=now)
    came = uses.Came("张三", "11010519491231002X", "", "13800000000")
    copy = certificates.issue_certificate(
        paper, certificates.Ask(came, "justice", "court", "(2026)京01民初1号", {1: "1"}, Decimal(0)),
        address="http://archive.test/verify/?code={code}", actor=lin, now=now,
    )  # fmt: skip
    correction = correcting.propose_correction(
        paper, {"title": "财务科付款的说明"}, reason="见原件", actor=archive.cast.actor("xu"), now=now
    )
    use = uses.register_use(
        "counter", came=came, purpose="work", record=paper.code, asked="", result="given", actor=lin, now=now
    )
    grant = granted(archive, paper)
    grant.subject = archive.cast.people["chen"]
    grant.save()
    there = {
        "get": [
            ("/requests/{}/", asked), ("/requests/{}/supplement/", asked), ("/signing/{}/", asked.case),
            ("/signing/{}/", correction.case), ("/prints/{}/", printed), ("/certificates/{}/", copy),
            ("/certificates/{}/print/", copy), ("/catalogue/corrections/{}/", correction), ("/uses/{}/", use),
            ("/requests/new/?again={}", grant), ("/records/{}/documents/1/pages/1/?width=320", paper),
            ("/records/{}/documents/1/pages/1/?width=2000", paper), ("/records/{}/documents/1/content/?form=pdf", paper),
            ("/records/{}/documents/1/print/", paper), ("/records/{}/documents/1/certify/", paper),
            ("/records/{}/documents/1/pages/1/masks/", paper), ("/records/{}/seals/", paper),
            ("/requests/new/?record={}", paper), ("/catalogue/records/{}/correct/", paper),
        ],
        "post": [
            ("/requests/{}/withdraw/", asked), ("/signing/{}/decide/", asked.case), ("/signing/{}/take-back/", asked.case),
            ("/signing/{}/countersign/", asked.case), ("/certificates/{}/print/", copy), ("/certificates/{}/void/", copy),
            ("/catalogue/corrections/{}/withdraw/", correction), ("/grants/{}/give-back/", grant),
            ("/records/{}/basket/", paper),
        ],
    }  # fmt: skip
    zhao, wrong = archive.cast.client("zhao"), []
    for method, places in there.items():
        for place, thing in places:
            answers = []
            for number in (str(thing.public_id), str(uuid.uuid4())):
                said = {"reason": "x", "decision": "approve", "step": "0"} if method == "post" else {}
                answer = getattr(zhao, method)(place.format(number), said)
                answers.append((answer.status_code, plain(answer.content).replace(number.encode(), b"")))
            (status, body), (other, other_body) = answers
            if (status, body) != (other, other_body):
                wrong.append(f"{method} {place}: {status} and {other}{first_difference(body, other_body)}")
            if status not in (403, 404, 405) and "/requests/new/" not in place:
                wrong.append(f"{method} {place}: {status}")
    assert wrong == []
    asked.refresh_from_db()
    correction.refresh_from_db()
    assert (asked.state, correction.state) == ("waiting", "waiting")
    assert Grant.objects.get(pk=grant.pk).revoked_at is None and Printout.objects.get().fetched_at is None


@pytest.mark.promise("F2")
@pytest.mark.gbt39784("8.2-5")
def test_what_a_browser_kept_opens_nothing_after_the_permission_ended(archive, paper):
    """Entity tags, dates, ranges and small pictures: nothing is «not modified» for who may no longer look."""
    grant = granted(archive, paper)
    browser = archive.cast.client("zhao")
    whole = browser.get(original(paper))
    tag = whole["ETag"]
    b"".join(whole.streaming_content)
    assert browser.get(original(paper), HTTP_RANGE="bytes=10-20", HTTP_IF_RANGE=tag).status_code == 206
    for width in (320, 1240):
        answer = browser.get(f"{page(paper)}?width={width}")
        assert answer.status_code == 200 and "ETag" not in answer and "Last-Modified" not in answer
    link = browser.post(f"/records/{paper.public_id}/documents/1/print/", {"pages": "1", "copies": "1"})["Location"]
    revoke(archive, grant)
    tries = [
        {"HTTP_IF_NONE_MATCH": tag}, {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"HTTP_RANGE": "bytes=0-9"}, {"HTTP_RANGE": "bytes=10-20"}, {"HTTP_RANGE": "bytes=-5", "HTTP_IF_RANGE": tag}, {},
    ]  # fmt: skip
    for headers in tries:
        for method in (browser.get, browser.head):
            for address in (original(paper), page(paper), page(paper) + "?width=320", link):
                answer = method(address, **headers)
                assert answer.status_code in (403, 404, 405), (address, headers, answer.status_code)
                assert "ETag" not in answer and "Content-Range" not in answer and not answer.streaming


@pytest.mark.promise("F2")
def test_a_download_under_way_breaks_off_when_the_permission_ends(archive, monkeypatch):
    content = b"\n".join(b"%08d" % number for number in range(120_000))
    record = archive.file("财务科明细", {"明细.txt": content}, of="WS·XZ", by="xu")
    grant = granted(archive, record, times=1)
    browser = archive.cast.client("zhao")
    monkeypatch.setattr(ranges, "ASK_AGAIN", 0.0)
    whole = b"".join(browser.get(original(record)).streaming_content)
    assert whole == content, "the last use is taken by this download and carries it to its end"
    Grant.objects.update(times=None)
    parts = iter(browser.get(original(record)).streaming_content)
    sent = next(parts)
    revoke(archive, grant)
    assert sent + b"".join(parts) == content[: ranges.CHUNK]


@pytest.mark.promise("F2")
@pytest.mark.parametrize("deed", ["page", "print"])
def test_what_was_revoked_while_a_page_was_drawn_does_not_leave(archive, paper, monkeypatch, deed):
    grant = granted(archive, paper)
    browser = archive.cast.client("zhao")
    module, address = serving, page(paper, 2)
    if deed == "print":
        module = printing
        form = f"/records/{paper.public_id}/documents/1/print/"
        address = browser.post(form, {"pages": "1", "copies": "1"})["Location"]
    draw = module.watermarked

    def revoked_meanwhile(*given, **named):
        image = draw(*given, **named)
        revoke(archive, grant)
        return image

    monkeypatch.setattr(module, "watermarked", revoked_meanwhile)
    answer = browser.get(address)
    assert answer.status_code in (403, 404) and answer["Content-Type"].startswith("text/html")


@pytest.mark.slow
@pytest.mark.promise("F2")
@pytest.mark.django_db(transaction=True)
def test_no_page_leaves_after_the_answer_to_the_revocation(data, transactional_db, tmp_path):
    """Four readers turn pages as fast as they can while the archivist revokes: what is asked for afterwards is refused."""
    archive = build_archive(build_cast())
    record = paper_of(archive, tmp_path)
    late, before = [], []
    for _round in range(3):
        grant = granted(archive, record)
        browsers = [archive.cast.client("zhao") for _reader in range(4)]
        ended, all_look = threading.Event(), threading.Barrier(5)

        def turn(browser: Client, number: int, ended: threading.Event, all_look: threading.Barrier) -> None:
            address = f"{page(record, number)}?width=320" if number < 4 else original(record)
            refused = 0
            try:
                assert browser.get(address).status_code == 200
                all_look.wait(60)
                while refused < 3:
                    asked_after = ended.is_set()
                    answer = browser.get(address)
                    (late if asked_after else before).append(answer.status_code)
                    refused += asked_after
                    answer.close()
            finally:
                connection.close()

        threads = [
            threading.Thread(target=turn, args=(browser, number, ended, all_look))
            for number, browser in enumerate(browsers, 1)
        ]
        for thread in threads:
            thread.start()
        all_look.wait(60)
        time.sleep(0.05)
        revoke(archive, grant)
        ended.set()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
    assert len(late) == 36 and set(late) <= {403, 404} and set(before) <= {200, 403, 404}


@pytest.mark.promise("F1")
@pytest.mark.parametrize("proxy", [False, True])
def test_a_forged_address_brings_nobody_to_the_terminal_of_a_permission(archive, paper, settings, proxy):
    settings.BEHIND_PROXY = proxy
    granted(archive, paper, address="10.1.20.0/24")
    browser = archive.cast.client("zhao")
    here, elsewhere = "10.1.20.9", "10.1.21.7"

    def opens(claimed: str, **headers: str) -> int:
        """The status where the connection comes from elsewhere and the reader claims an address; a proxy adds what it saw."""
        if proxy:
            headers = {**headers, "HTTP_X_FORWARDED_FOR": f"{claimed}, {elsewhere}", "REMOTE_ADDR": "127.0.0.1"}
        else:
            headers = {**headers, "HTTP_X_FORWARDED_FOR": claimed, "REMOTE_ADDR": elsewhere}
        return browser.get(page(paper), **headers).status_code

    for claimed in (here, f"{here}, {here}", f"{here}\t", f" {here}", "127.0.0.1", "::ffff:10.1.20.9", ""):
        assert opens(claimed) == 403, claimed
    for name in ("X_REAL_IP", "FORWARDED", "CLIENT_IP", "TRUE_CLIENT_IP", "X_CLUSTER_CLIENT_IP"):
        assert opens(here, **{f"HTTP_{name}": f"for={here}" if name == "FORWARDED" else here}) == 403, name
    assert not Opening.objects.exists()
    seen_by = {"HTTP_X_FORWARDED_FOR": here, "REMOTE_ADDR": "127.0.0.1"} if proxy else {"REMOTE_ADDR": here}
    assert browser.get(page(paper), **seen_by).status_code == 200


@pytest.mark.promise("F1")
def test_a_token_opens_no_page_elsewhere_than_its_owners_permission(archive, paper, client):
    granted(archive, paper, address="10.1.20.0/24")
    address = f"/api/v1/records/{paper.public_id}/documents/1/pages/1"
    bearer = f"Bearer {archive.cast.token('zhao', 'records')}"
    for place, status in (("10.1.21.7", 403), ("10.1.20.9", 200)):
        assert client.get(address, HTTP_AUTHORIZATION=bearer, REMOTE_ADDR=place).status_code == status
