"""One table: a page, a fragment or a problem document, and never a word about the inside."""

import errno
import json

import pytest
from django.db import DatabaseError, OperationalError, close_old_connections, connection
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.http import Http404
from django.test import Client, RequestFactory
from ninja import NinjaAPI, Schema

from yidang.common.errors import (
    IntegrityFailure,
    InvalidInput,
    NotAllowed,
    NotFound,
    Unavailable,
    WrongState,
    YidangError,
)
from yidang.ui import errors
from yidang.ui.problems import install_on

pytestmark = pytest.mark.usefixtures("shell")
STATUSES = [
    (NotFound, 404),
    (NotAllowed, 403),
    (InvalidInput, 422),
    (WrongState, 409),
    (IntegrityFailure, 500),
    (Unavailable, 503),
]


@pytest.mark.parametrize(("kind", "status"), STATUSES)
def test_each_kind_has_its_status(kind: type[YidangError], status: int) -> None:
    assert errors.status_of(kind()) == status


def test_a_concrete_refusal_takes_the_status_of_its_kind_unless_its_code_has_one() -> None:
    class ClassUnknown(InvalidInput):
        code = "class_unknown"

    assert errors.status_of(ClassUnknown()) == 422
    assert errors.status_of(InvalidInput(code="malformed_request")) == 400
    assert errors.status_of(Unavailable(code="storage_full")) == 507


def test_a_program_gets_a_problem_document() -> None:
    response = Client().get("/api/v1/raise/input/")
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["code"], body["field"], body["detail"], body["remedy"]) == (
        "invalid_input",
        "title",
        "题名是空的。",
        "请填写题名。",
    )
    assert body["title"] == "请检查填写的内容"


def test_the_problem_document_speaks_the_callers_language() -> None:
    body = Client().get("/api/v1/raise/unavailable/", headers={"accept-language": "en"}).json()
    assert body["title"] == "Not available right now"


def test_a_page_says_what_is_wrong_and_what_to_do() -> None:
    response = Client().get("/raise/unavailable/")
    assert response.status_code == 503
    assert "请稍后再试" in response.content.decode()


def test_htmx_gets_a_fragment_and_a_toast_and_the_page_stays() -> None:
    response = Client().get("/raise/input/", headers={"hx-request": "true"})
    assert response.status_code == 422
    assert response["HX-Reswap"] == "none"
    assert json.loads(response["HX-Trigger"])["toast"]["text"] == "题名是空的。\n请填写题名。"
    assert "<html" not in response.content.decode()


def test_a_fault_tells_nothing_of_the_inside(caplog) -> None:
    client = Client(raise_request_exception=False)
    for address in ("/raise/fault/", "/api/v1/raise/fault/"):
        response = client.get(address)
        assert response.status_code == 500
        text = response.content.decode()
        assert "secret" not in text
        assert "RuntimeError" not in text
        assert "Traceback" not in text
    assert "fault while answering GET /raise/fault/" in caplog.text


@pytest.mark.promise("A3")
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OperationalError("database or disk is full")]
)
def test_a_full_disk_is_said_wherever_it_shows(error: Exception) -> None:
    refusal = errors.as_refusal(error)
    assert (refusal.code, errors.status_of(refusal)) == ("disk_trouble", 503)
    assert str(refusal) == "服务器磁盘已满或无法写入。"
    assert errors.as_refusal(OperationalError("no such table")).code == "internal_error"


@pytest.mark.promise("A1")
@pytest.mark.django_db
def test_a_database_that_is_away_is_said_and_is_no_fault_of_ours() -> None:
    away = PostgreSQL({**connection.settings_dict, "HOST": "/nowhere", "NAME": "yidang", "OPTIONS": {}})
    with pytest.raises(OperationalError) as raised:
        away.ensure_connection()
    refusal = errors.as_refusal(raised.value)
    assert (refusal.code, errors.status_of(refusal)) == ("database_unreachable", 503)
    assert str(refusal) == "数据库暂时没有应答。"


@pytest.mark.promise("A1")
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_line_to_the_database_that_breaks_is_said_and_the_next_question_is_answered() -> None:
    with connection.cursor() as cursor, pytest.raises(OperationalError) as raised:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert errors.as_refusal(raised.value).code == "database_unreachable"
    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with pytest.raises(DatabaseError) as wrong:
            cursor.execute("SELECT nothing")
    assert errors.as_refusal(wrong.value).code == "internal_error"


def test_not_there_and_not_visible_look_the_same() -> None:
    request = RequestFactory().get("/records/1/")
    request.META["CSRF_COOKIE"] = "x" * 32
    first, second = errors.respond(request, Http404("no such row")), errors.respond(request, NotFound(code="not_found"))

    def steady(response) -> str:
        lines = response.content.decode().splitlines()
        return "\n".join(line for line in lines if "csrf" not in line and '"no"' not in line)

    assert first.status_code == second.status_code == 404
    assert steady(first) == steady(second)


def test_somebody_who_is_not_signed_in_is_sent_to_sign_in_and_back() -> None:
    response = Client().get("/raise/allowed/?nobody=1")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=%2Fraise%2Fallowed%2F%3Fnobody%3D1"
    fragment = Client().get("/raise/allowed/?nobody=1", headers={"hx-request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (401, "/sign-in/")


def test_a_form_that_is_too_old_says_so() -> None:
    response = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert response.status_code == 403
    assert "此表单已失效" in response.content.decode()


def test_an_error_page_needs_no_working_rail(settings) -> None:
    settings.YIDANG_NAVIGATION = ["yidang.ui.tests.test_refusals_become_answers.broken"]
    response = Client(raise_request_exception=False).get("/raise/unavailable/")
    assert response.status_code == 503


def broken(actor):
    raise RuntimeError("the counts cannot be read")


class _Body(Schema):
    title: str


def test_the_api_answers_everything_with_a_problem_document() -> None:
    api = NinjaAPI(urls_namespace="ui-problems")
    install_on(api)

    @api.post("/things")
    def thing(request, body: _Body):
        raise Unavailable(details={"site": "main"})

    from ninja.testing import TestClient

    client = TestClient(api)
    invalid = client.post("/things", json={})
    assert (invalid.status_code, invalid.json()["field"]) == (422, "body.title")
    assert client.post("/things", data="{", content_type="application/json").json()["code"] == "malformed_request"
    assert client.post("/things", json={"title": "x"}).status_code == 503
