"""Which tests a database run holds: all on SQLite; on PostgreSQL those that touch a database; or those that touch none."""

import pytest

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup", "django_db_reset_sequences"}


def touches_database(item: pytest.Item) -> bool:
    """Whether the test opens the configured database, or asks for PostgreSQL by name."""
    if item.get_closest_marker("django_db") or item.get_closest_marker("postgres"):
        return True
    return bool(DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ())))


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop tests that would only repeat themselves, and those of the other database."""
    if config.getoption("--marks"):
        return
    if config.getoption("--without-database"):
        kept = [item for item in items if not touches_database(item)]
    elif config.getoption("--database") == "postgresql":
        kept = [item for item in items if touches_database(item)]
    else:
        kept = [item for item in items if item.get_closest_marker("postgres") is None]
    dropped = [item for item in items if item not in set(kept)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
