"""What every answer carries."""

import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("shell")


@pytest.mark.parametrize(
    "address", ["/patterns/", "/sign-in/", "/nowhere/", "/raise/unavailable/", "/api/v1/raise/input/"]
)
def test_nothing_from_outside_runs_and_nothing_is_kept_by_caches(address: str) -> None:
    response = Client().get(address)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_pattern_page_is_for_people_who_are_signed_in() -> None:
    assert Client().get("/patterns/").status_code == 200
    assert Client().get("/patterns/?nobody=1").status_code == 404
