"""What holds for every address there is, those of tomorrow included."""

import pytest
from django.test import Client

from tests.architecture.routes import Route, routes
from yidang.people.public import is_public

pytestmark = pytest.mark.sqlite

# What a stranger may open, and why; a view that is marked public and does not stand here fails.
PUBLIC = {
    "people:sign_in": "the door",
    "people:first_start": "makes the three administrators, once, while there is nobody",
    "jobs:healthz": "whether the program lives, without data",
    "upkeep:readyz": "whether the proxy should send people to this machine, without data",
    "upkeep:metrics": "figures of the machine for a monitor that shows its token or its address; nothing of persons or records",
    "ui:bundle": "style sheet and script of the shell",
    "ui:language": "the choice of language",
    "approval:link": "a one-time link of the to-do list; it asks for the signer's password",
    "access:verify": "whether a certified copy is one of ours; date, sheets, digest, valid or void, nothing else",
    "access:archive_key": "the public half of the archive's key, for checks without the hospital's page",
    "access:verifier": "the small program that checks certified copies",
    "intake:button": "the script that an OA's page includes; it holds nothing",
}
REFUSALS = {301, 302, 303, 401, 403, 404, 405}
UNSAFE = ("post", "put", "patch", "delete")


def name_of(route: Route) -> str:
    return route.pattern


@pytest.fixture
def stranger() -> Client:
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def test_what_a_stranger_may_open_is_known_and_has_its_reason() -> None:
    assert {route.name for route in routes() if is_public(route.view, route.name)} <= set(PUBLIC)


@pytest.mark.django_db
@pytest.mark.promise("F1")
@pytest.mark.parametrize("route", routes(), ids=name_of)
def test_a_stranger_gets_the_door_and_nothing_else(route: Route, stranger: Client) -> None:
    answer = stranger.get(route.path)
    if is_public(route.view, route.name):
        assert answer.status_code < 500
        return
    assert answer.status_code in REFUSALS, f"A stranger got {answer.status_code} from {route.pattern}."
    if answer.status_code in {301, 302, 303}:
        assert answer.headers["Location"].startswith(("/sign-in/", "/first-start/", route.path + "/", "/"))


@pytest.mark.django_db
@pytest.mark.promise("H2")
@pytest.mark.parametrize("route", routes(), ids=name_of)
def test_a_change_without_its_token_is_refused(route: Route, stranger: Client) -> None:
    for method in UNSAFE:
        answer = getattr(stranger, method)(route.path)
        assert answer.status_code in REFUSALS, (
            f"{method} {route.pattern} without a token answered {answer.status_code}."
        )


@pytest.mark.django_db
@pytest.mark.promise("H1")
@pytest.mark.parametrize("route", routes(), ids=name_of)
def test_every_answer_carries_the_policy(route: Route, stranger: Client) -> None:
    headers = stranger.get(route.path).headers
    policy = headers.get("Content-Security-Policy", "")
    assert "unsafe" not in policy
    for part in ("object-src 'none'", "base-uri 'none'"):
        assert part in policy, f"{route.pattern} answers without {part}."
    assert headers.get("X-Content-Type-Options") == "nosniff"
