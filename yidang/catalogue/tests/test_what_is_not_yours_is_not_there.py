"""A record outside one's reach leaves no trace on any channel: pages, lists, counts, years, the API, search."""

import io
import re
import zipfile

import pytest
from django.test import Client

from tests.archive import Archive
from yidang import search
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.intake.actions import withdraw

pytestmark = [pytest.mark.promise("F1"), pytest.mark.gbt39784("4.4-14", "8.1-1")]
TITLE = "关于院长办公会纪要的密封件"
LISTS = [
    "/", "/catalogue/", "/catalogue/classes/WS/", "/catalogue/classes/WS·XZ/", "/catalogue/classes/WS·XZ/?year=2026",
    "/catalogue/classes/WS·XZ/?sort=title", "/catalogue/classes/WS·XZ/print/?year=2026", "/catalogue/schedule/",
    "/search/?q=密封件", "/search/?q=Y012", "/search/", "/search/suggest/?q=密封", "/filing/", "/filings/",
]  # fmt: skip
# The moment of an answer and the time it took are all of it that may differ.
TOOK = re.compile(rb'"took_ms": ?[0-9.]+|[0-9-]{10} [0-9:]{8}|[0-9.]+ \xe7\xa7\x92')
API_LISTS = [
    "/api/v1/records", "/api/v1/records?class=WS", "/api/v1/records?year=2026&department=YB", "/api/v1/records?code=Y012-WS",
    "/api/v1/records?state=archived", "/api/v1/records?updated_since=2020-01-01T00:00:00Z", "/api/v1/search?q=密封件", "/api/v1/classes",
    "/api/v1/retention-rules",
]  # fmt: skip


def plain(body: bytes) -> bytes:
    """An answer without the tokens and times that differ from one answer to the next."""
    return TOOK.sub(b"", re.sub(rb'(csrf[a-z]*"?[^>]*?(?:value|content)=")[^"]+', rb"\1", body))


def seen(browser: Client, addresses: list[str], **headers: str) -> dict[str, tuple[int, bytes]]:
    """What a reader is answered."""
    answers = {}
    for address in addresses:
        answer = browser.get(address, **headers)
        answers[address] = (answer.status_code, plain(answer.content))
    return answers


def first_difference(one: bytes, other: bytes) -> str:
    """The place where two answers part, for the report."""
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f": {one[max(0, place - 80) : place + 80].decode(errors='replace')} | {other[max(0, place - 80) : place + 80].decode(errors='replace')}"


@pytest.fixture
def indexed(archive: Archive) -> Archive:
    """Something that everybody sees, in the index."""
    archive.file("设备采购管理办法", of="WS·GZ")
    archive.work()
    search.index_once()
    return archive


def file_secret(archive: Archive) -> Record:
    record = archive.file(TITLE, date="2026-03-05")
    archive.work()
    search.index_once()
    return record


@pytest.mark.parametrize("who", ["zhao", "chen"])
def test_a_hospital_with_a_secret_record_and_one_without_answer_alike(indexed, who, client):
    browser, bearer = indexed.cast.client(who), f"Bearer {indexed.cast.token(who, 'records', 'search', 'filing')}"
    pages, api = seen(browser, LISTS), seen(client, API_LISTS, HTTP_AUTHORIZATION=bearer)
    file_secret(indexed)
    for before, after in ((pages, seen(browser, LISTS)), (api, seen(client, API_LISTS, HTTP_AUTHORIZATION=bearer))):
        for address in before:
            assert before[address][0] == 200, address
            assert after[address] == before[address], address + first_difference(before[address][1], after[address][1])


@pytest.mark.parametrize("who", ["zhao", "chen"])
def test_a_record_out_of_reach_and_one_that_never_was_answer_alike(indexed, who, client):
    record = file_secret(indexed)
    browser, bearer = indexed.cast.client(who), f"Bearer {indexed.cast.token(who, 'records', 'search', 'filing')}"
    secret, nothing = str(record.public_id), "00000000-0000-4000-8000-000000000000"
    forms = [
        "/records/{}/", "/records/{}/hits/?q=a", "/records/{}/documents/1/pages/1/", "/records/{}/documents/1/content/",
        "/catalogue/records/{}/description/",
    ]  # fmt: skip
    api = ["/api/v1/records/{}", "/api/v1/records/{}/documents/1/pages/1", "/api/v1/records/{}/documents/1/content"]
    for reader, places, headers in ((browser, forms, {}), (client, api, {"HTTP_AUTHORIZATION": bearer})):
        for form in places:
            there, not_there = (
                seen(reader, [form.format(name)], **headers)[form.format(name)] for name in (secret, nothing)
            )
            assert there[0] == not_there[0] == 404, form
            assert there[1].replace(secret.encode(), b"") == not_there[1].replace(nothing.encode(), b""), form


@pytest.mark.parametrize("who", ["zhao", "chen"])
def test_conditions_and_ranges_tell_no_more_than_that_there_is_nothing(indexed, who):
    """304 and 206 would say that it exists; so would another refusal for its print, its masks or its review of formats."""
    record = file_secret(indexed)
    browser, nothing = indexed.cast.client(who), "00000000-0000-4000-8000-000000000000"
    digest = f'"{record.documents.get().sha256}"'
    forms = [
        "/records/{}/documents/1/content/", "/records/{}/documents/1/pages/1/?width=320", "/records/{}/documents/1/print/",
        "/records/{}/documents/1/pages/1/masks/", "/requests/new/?record={}", "/search/preview/{}/?q=a",
        "/catalogue/records/{}/retention/",
    ]  # fmt: skip
    for headers in ({"HTTP_IF_NONE_MATCH": digest}, {"HTTP_RANGE": "bytes=0-10"}, {"HTTP_IF_RANGE": digest}):
        for form in forms:
            there, not_there = (
                seen(browser, [form.format(name)], **headers)[form.format(name)]
                for name in (str(record.public_id), nothing)
            )
            assert there[0] == not_there[0] and there[0] not in {206, 304}, form
            assert there[1].replace(str(record.public_id).encode(), b"") == not_there[1].replace(nothing.encode(), b"")


@pytest.mark.parametrize("who", ["zhao", "chen"])
def test_an_exported_sheet_is_the_same_with_the_record_and_without(indexed, who):
    browser = indexed.cast.client(who)

    def cells() -> list[str]:
        """The sheets' own parts; the moment of making stands elsewhere in the file."""
        whole = io.BytesIO(b"".join(browser.get("/search/export/?q=办法 OR 密封件")))
        with zipfile.ZipFile(whole) as packed:
            return [
                packed.read(name).decode() for name in sorted(packed.namelist())
                if "sheet" in name or "sharedStrings" in name
            ]  # fmt: skip

    before = cells()
    file_secret(indexed)
    assert cells() == before and "密封件" not in "".join(before[1:])


def test_who_may_sees_it_everywhere(indexed, client):
    """So that the tests above are about permission and not about broken pages."""
    file_secret(indexed)
    pages = seen(
        indexed.cast.client("lin"),
        ["/catalogue/", "/catalogue/classes/WS·XZ/", "/catalogue/classes/WS·XZ/print/?year=2026", "/search/?q=密封件"],
    )
    for address, (status, body) in pages.items():
        assert status == 200 and "密封件".encode() in body, address
    bearer = f"Bearer {indexed.cast.token('lin', 'records', 'search')}"
    for address in ("/api/v1/records", "/api/v1/search?q=密封件"):
        assert "密封件" in client.get(address, HTTP_AUTHORIZATION=bearer).json()["items"][0]["title"], address


@pytest.mark.parametrize("who", ["sysadmin", "secadmin", "auditor"])
def test_the_three_administrators_have_no_catalogue(indexed, who):
    browser = indexed.cast.client(who)
    for address in (
        "/catalogue/",
        "/catalogue/classes/WS/",
        "/catalogue/schedule/",
        "/catalogue/classes/WS/print/?year=2026",
    ):
        assert browser.get(address).status_code == 404, address


def test_a_withdrawn_record_is_gone_for_everybody(indexed, client):
    record = indexed.file(TITLE, accepted=False)
    withdraw(indexed.submissions[record.pk], actor=indexed.cast.actor("xu"), reason="文件有误", now=clock.now())
    indexed.work()
    search.index_once()
    for who in ("lin", "xu", "zhao"):
        browser = indexed.cast.client(who)
        for address in (
            f"/records/{record.public_id}/",
            f"/records/{record.public_id}/documents/1/pages/1/",
            f"/records/{record.public_id}/documents/1/content/",
        ):
            assert browser.get(address).status_code == 404, (who, address)
        assert TITLE.encode() not in browser.get("/catalogue/classes/WS/").content
        assert TITLE.encode() not in browser.get("/search/?q=密封件").content.replace(b"/search/?q=", b"")
