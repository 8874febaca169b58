"""No request without its entry, and no content when the entry cannot be written."""

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import resolve

from tests.architecture.routes import Route, routes
from tests.cast import Cast
from yidang.approval import subjects
from yidang.approval.routing import current_routes
from yidang.audit import writer
from yidang.audit.models import Entry
from yidang.people.public import is_quiet

pytestmark = pytest.mark.sqlite


def is_told(route: Route) -> bool:
    """Whether the log tells of this address: all but those that say why they stay out of it."""
    match = resolve(route.path)
    return not is_quiet(match.func, match.view_name)


@pytest.mark.gbt39784("4.4-3", "4.4-10", "11.5-6")
@pytest.mark.promise("C5")
@pytest.mark.parametrize("username", ["", "lin", "auditor"])
@pytest.mark.parametrize("route", [route for route in routes() if is_told(route)], ids=lambda route: route.pattern)
def test_every_address_leaves_an_entry(route: Route, username: str, cast: Cast) -> None:
    for kind in subjects.kinds():  # laid down, and bound to the log, by whoever asks first: not the visit's own entry
        current_routes(kind.kind)
    client = cast.client(username) if username else Client()
    client.raise_request_exception = False
    for method in ("get", "post"):
        before = Entry.objects.count()
        answer = getattr(client, method)(route.path)
        written = Entry.objects.count() - before
        assert written == 1, (
            f"{method} {route.pattern} as {username or 'nobody'}: {answer.status_code}, {written} entries"
        )
        if route.pattern == "/sign-out/" and username:
            client = cast.client(username)


@pytest.mark.promise("C6")
def test_nothing_is_shown_when_the_log_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = cast.client("secadmin")

    def broken(*_args, **_kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(writer, "_link", broken)
    answer = browser.get("/accounts/")
    assert answer.status_code == 503
    assert "林静" not in answer.content.decode()
    assert browser.get("/api/v1/me").json()["code"] == "log_unavailable"


def test_an_entry_that_was_rolled_back_does_not_count(cast: Cast) -> None:
    from django.db import transaction

    from yidang.common.actor import Actor

    writer.begin_counting()
    with pytest.raises(RuntimeError), transaction.atomic():
        writer.write("test.thing.done", actor=Actor.system("test"))
        raise RuntimeError
    assert not writer.spoke_here()


@pytest.mark.gbt39784("11.5-1", "11.5-2")
def test_the_entry_names_who_what_and_how_it_ended(cast: Cast) -> None:
    cast.client("lin").get("/accounts/")
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.event, entry.actor, entry.outcome) == ("web.people.accounts.seen", "lin", "refused")
    Client(REMOTE_ADDR="10.9.9.9").get("/accounts/")
    entry = Entry.objects.order_by("-seq")[0]
    assert (entry.actor, entry.address, entry.outcome) == ("", "10.9.9.9", "refused")
