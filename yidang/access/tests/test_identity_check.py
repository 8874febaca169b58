"""The authority is asked whether name and number belong together; the register keeps its word about exactly those."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.archive import Archive
from yidang.access.use_models import Use
from yidang.audit.models import Entry, PersonalFacts
from yidang.common.signing import archive_key, verify_text

NUMBER, OTHER = "11010519491231002X", "440524188001010014"


class Authority(BaseHTTPRequestHandler):
    """Knows one person; keeps what it was asked."""

    asked: list[tuple[dict[str, str], bytes]] = []
    answer: bytes | None = None
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).asked.append((dict(self.headers), body))
        said = json.loads(body)
        known = {NUMBER: "王芳"}.get(said["id_number"])
        result = "unknown" if known is None else "match" if known == said["name"] else "mismatch"
        content = self.answer if self.answer is not None else json.dumps({"result": result}).encode()
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: object) -> None:
        """Silent."""


@pytest.fixture
def authority(settings) -> Iterator[type[Authority]]:
    Authority.asked, Authority.answer, Authority.status = [], None, 200
    server = HTTPServer(("127.0.0.1", 0), Authority)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.IDENTITY_CHECK = f"http://127.0.0.1:{server.server_port}/identity"
    yield Authority
    server.shutdown()
    server.server_close()


def ask(browser, name: str, number: str) -> dict[str, str]:
    answer = browser.post("/uses/identity/", {"name": name, "id_number": number})
    assert answer.status_code == 200
    return answer.json()


def registered(browser, archive: Archive, **said: str) -> Use:
    record = archive.file("设备采购合同")
    form = {
        "kind": "counter",
        "name": "王芳",
        "id_number": NUMBER,
        "record": record.code,
        "purpose": "inspection",
        "result": "given",
    }
    answer = browser.post("/uses/counter/", {**form, **said})
    assert answer.status_code == 302, answer.content.decode()
    return Use.objects.select_related("reader").get(record=record)


@pytest.mark.gbt39784("8.4-3")
def test_the_counter_asks_and_the_register_keeps_the_answer(archive: Archive, authority) -> None:
    browser = archive.cast.client("lin")
    assert "核验姓名与号码" in browser.get("/uses/counter/").content.decode()
    told = ask(browser, "王芳", NUMBER)
    assert (told["kind"], told["word"]) == ("ok", "姓名与号码一致")
    use = registered(browser, archive, checked=told["ticket"])
    assert use.reader.checked == "match"
    assert "姓名与号码一致" in browser.get(f"/uses/{use.public_id}/").content.decode()
    [(headers, body)] = authority.asked
    assert verify_text(archive_key().public_raw, body.decode(), headers["X-Yidang-Signature"])
    entry = Entry.objects.get(event="access.identity.checked")
    assert "match" in entry.body and NUMBER not in entry.body
    assert PersonalFacts.objects.filter(entry=entry).exists()


def test_what_does_not_belong_together_and_what_nobody_knows_is_said(archive: Archive, authority) -> None:
    browser = archive.cast.client("lin")
    assert ask(browser, "王芬", NUMBER)["kind"] == "bad"
    assert ask(browser, "王芳", OTHER)["kind"] == "warn"


@pytest.mark.parametrize("change", [{"name": "王芬"}, {"id_number": ""}, {"checked": "forged:ticket"}])
def test_an_answer_about_somebody_else_is_not_kept(archive: Archive, authority, change) -> None:
    browser = archive.cast.client("lin")
    told = ask(browser, "王芳", NUMBER)
    assert registered(browser, archive, **{"checked": told["ticket"], **change}).reader.checked == ""


def test_a_name_put_right_later_was_not_asked_about(archive: Archive, authority) -> None:
    browser = archive.cast.client("lin")
    use = registered(browser, archive, checked=ask(browser, "王芳", NUMBER)["ticket"])
    browser.post(f"/uses/{use.public_id}/reader/", {"name": "王芳", "unit": "区档案馆"})
    use.reader.refresh_from_db()
    assert use.reader.checked == "match"
    browser.post(f"/uses/{use.public_id}/reader/", {"name": "王芬"})
    use.reader.refresh_from_db()
    assert use.reader.checked == ""


@pytest.mark.parametrize(
    ("status", "answer"), [(500, b"{}"), (200, b"yes"), (200, b"[]"), (200, b'{"result": "perhaps"}')]
)
def test_an_authority_that_fails_stops_no_registering(archive: Archive, authority, status, answer) -> None:
    authority.status, authority.answer = status, answer
    browser = archive.cast.client("lin")
    told = ask(browser, "王芳", NUMBER)
    assert "没有回应" in told["word"] and "ticket" not in told
    assert registered(browser, archive).reader.checked == ""


def test_nobody_is_asked_without_need_or_right(archive: Archive, authority, settings) -> None:
    assert ask(archive.cast.client("lin"), "", NUMBER)["kind"] == "warn"
    assert ask(archive.cast.client("lin"), "王芳", "E12345678")["kind"] == "warn"
    assert archive.cast.client("zhao").post("/uses/identity/", {"name": "王芳", "id_number": NUMBER}).status_code == 403
    assert authority.asked == []
    settings.IDENTITY_CHECK = ""
    browser = archive.cast.client("lin")
    assert "核验姓名与号码" not in browser.get("/uses/counter/").content.decode()
    assert "尚未设置" in ask(browser, "王芳", NUMBER)["word"]
