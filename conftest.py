"""Fixtures for every test; the rest of the harness is loaded earlier, see tools/harness."""

from tests.fixtures import archive, cast, gateway, house_language, own_database
from tools.harness.fixtures import data, django_db_modify_db_settings, feed_from_one, trail

__all__ = [
    "archive",
    "cast",
    "data",
    "django_db_modify_db_settings",
    "feed_from_one",
    "gateway",
    "house_language",
    "own_database",
    "trail",
]
