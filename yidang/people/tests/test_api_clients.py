"""Tokens: shown once, kept as a digest, never more than the owner may, from allowed addresses, until they end."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import FOUNDER, Cast
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.errors import InvalidInput
from yidang.people import actions, clients
from yidang.people.actions.api_clients import ScopeTooWide
from yidang.people.models import ApiClient


def call(token: str, **kwargs: str):
    return Client(enforce_csrf_checks=True, **kwargs).get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


def test_a_client_acts_for_its_owner_within_its_scopes(cast: Cast) -> None:
    answer = call(cast.token("lin", "records", "search", name="oa")).json()
    assert answer["kind"] == "client" and answer["on_behalf_of"] == "lin"
    assert answer["scopes"] == ["records", "search"] and answer["duties"] == ["archivist"]


def test_a_client_never_gets_more_than_its_owner_may(cast: Cast) -> None:
    with pytest.raises(ScopeTooWide):
        cast.token("zhao", "audit")
    with pytest.raises(ScopeTooWide):
        cast.token("auditor", "records")
    with pytest.raises(InvalidInput):
        cast.token("zhao", "everything")


@pytest.mark.promise("F2")
def test_a_revoked_or_expired_token_opens_nothing(cast: Cast) -> None:
    token = cast.token("lin", "records")
    client = ApiClient.objects.get()
    assert call(token).status_code == 200
    ApiClient.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert call(token).status_code == 401
    ApiClient.objects.update(expires_at=clock.now() + timedelta(days=1))
    actions.revoke_client(client, actor=cast.actor("secadmin"), now=clock.now())
    assert call(token).status_code == 401
    assert clients.actor_of(str(client.public_id), address="10.0.0.1") is None


def test_a_token_works_from_its_networks_only(cast: Cast) -> None:
    _client, token = actions.create_client(
        "his", owner=cast.people["lin"], scopes=["records"], days=1, addresses=["10.8.0.0/16", "fd00::/8"],
        actor=FOUNDER, now=clock.now(),
    )  # fmt: skip
    assert call(token, REMOTE_ADDR="10.8.3.4").status_code == 200
    assert call(token, REMOTE_ADDR="fd00::7").status_code == 200
    assert call(token, REMOTE_ADDR="10.9.3.4").status_code == 401


def test_the_address_behind_a_proxy_is_the_one_the_nearest_proxy_saw(cast: Cast, settings) -> None:
    _client, token = actions.create_client(
        "his",
        owner=cast.people["lin"],
        scopes=["records"],
        days=1,
        addresses=["10.8.0.0/16"],
        actor=FOUNDER,
        now=clock.now(),
    )
    forged = {"HTTP_X_FORWARDED_FOR": "10.8.0.1", "REMOTE_ADDR": "192.0.2.1"}
    assert call(token, **forged).status_code == 401
    settings.BEHIND_PROXY = True
    assert call(token, HTTP_X_FORWARDED_FOR="10.8.0.1, 192.0.2.9", REMOTE_ADDR="127.0.0.1").status_code == 401
    assert call(token, HTTP_X_FORWARDED_FOR="192.0.2.9, 10.8.0.1", REMOTE_ADDR="127.0.0.1").status_code == 200


@pytest.mark.promise("I4")
def test_neither_database_nor_log_holds_a_token(cast: Cast) -> None:
    token = cast.token("lin", "records")
    call(token)
    everything = "".join(Entry.objects.values_list("body", flat=True)) + str(list(ApiClient.objects.values()))
    assert token not in everything and token[3:] not in everything


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Bearer yd_" + "a" * 43, "Basic eDp5", "Ticket x", "bearer " + "y" * 5000],
)
def test_a_token_that_is_none_is_answered_with_a_problem(cast: Cast, header: str) -> None:
    answer = Client().get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "signed_out"


def test_the_page_shows_the_token_once(cast: Cast) -> None:
    browser = cast.client("secadmin")
    form = {"name": "oa", "owner": "xu", "scopes": ["filing"], "days": "30", "addresses": ""}
    text = browser.post("/clients/", form).content.decode()
    token = text.split('id="token">')[1].split("<")[0]
    assert call(token).status_code == 200
    assert token not in browser.get("/clients/").content.decode()
