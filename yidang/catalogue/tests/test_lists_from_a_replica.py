"""Lists and counts are read from a streaming replica while it is near, and never show what the present forbids."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import NO_DB_ALIAS

from config.readers import database_facts
from tools.harness import environment
from yidang.catalogue import holdings
from yidang.catalogue.models import Record
from yidang.catalogue.queries import RecordFilter, Visible
from yidang.common.db import replica
from yidang.search.tests.stage import build_stage
from yidang.ui.paging import page
from yidang.upkeep import figures
from yidang.upkeep.checks import several

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def processes(pid: int) -> list[int]:
    """A process with its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, children)]


@pytest.fixture
def copy(data, transactional_db, monkeypatch):
    """A real replica of the run's PostgreSQL, known to this process."""
    cluster, address = environment.cluster().follow()
    monkeypatch.setattr(replica, "ALIAS", NO_DB_ALIAS)  # the one name besides its own that a test may connect to
    facts = {**database_facts("replica", address), "NAME": connection.settings_dict["NAME"]}
    whole = connections.configure_settings({"default": connection.settings_dict, replica.ALIAS: facts})
    monkeypatch.setitem(connections.settings, replica.ALIAS, whole[replica.ALIAS])
    monkeypatch.setattr(replica, "_watch", None)
    monkeypatch.setattr(replica, "LOOK", 0.0)
    monkeypatch.setattr(replica, "AGAIN", 0.0)
    yield cluster, f"{address.replace('/yidang?', '/' + facts['NAME'] + '?')}"
    cluster.stop()


def becomes(state: str, seconds: float = 30) -> None:
    """Wait until the replica is so; near means here that it has everything."""
    deadline = time.monotonic() + seconds
    while (found := replica.standing()).state != state or (state == replica.NEAR and found.seconds):
        assert time.monotonic() < deadline, replica.standing()
        time.sleep(0.1)


def listed(stage, who: str = "zhao") -> tuple[list[str], int]:
    """The titles of the list, and how many the tree counts."""
    visible, wanted = Visible(stage.actor(who)), RecordFilter(record_class="WS")
    rows, strands = visible.listed(wanted)
    shown = visible.page(rows, lambda asked: page(asked, order_by=("-received_at", "-id"), strands=strands))
    return [record.title for record in shown], visible.number_of(wanted)


def told(name: str) -> list[float]:
    return [one.value for one in figures.database() if one.name == name]


def test_a_list_comes_from_the_replica_and_from_the_primary_while_that_is_late_silent_or_gone(
    copy, settings, monkeypatch
):
    cluster, address = copy
    stage = build_stage()
    first, second = stage.record("通知甲", level=0), stage.record("通知乙", level=0)
    holdings.count([first, second])
    becomes(replica.NEAR)
    asked = []
    monkeypatch.setattr(replica, "ask", lambda question, ask=replica.ask: asked.append(ask(question)) or asked[-1])
    assert listed(stage) == (["通知乙", "通知甲"], 2) and [from_copy for _answer, from_copy in asked] == [True, True]
    assert told("yidang_replica_near") == [1] and list(several.replica_near()) == []

    with psycopg.connect(address, autocommit=True) as beside:
        beside.execute("SELECT pg_wal_replay_pause()")
        settings.DATABASE_REPLICA_SECONDS = 3600  # as near as anybody likes
        Record.objects.filter(pk=first.pk).update(level=3)
        Record.objects.filter(pk=second.pk).update(title="通知乙（更正）")
        titles, _number = listed(stage)
        assert asked[-1][1] and titles == [
            "通知乙（更正）"
        ]  # what was closed meanwhile is not shown, what is shown is present
        settings.DATABASE_REPLICA_SECONDS = 1
        third = stage.record("通知丙", level=0)
        holdings.count([third])
        becomes(replica.LATE)
        assert listed(stage) == (["通知丙", "通知乙（更正）"], 3) and not asked[-1][1]
        assert told("yidang_replica_near") == [0] and told("yidang_replica_lag_seconds")[0] > 1
        assert [one.level for one in several.replica_near()] == ["warn"]
        beside.execute("SELECT pg_wal_replay_resume()")
    becomes(replica.NEAR)
    assert listed(stage)[0] == ["通知丙", "通知乙（更正）"] and asked[-1][1]

    monkeypatch.setattr(replica, "LOOK", 60.0)  # nobody looks before somebody asks
    becomes(replica.NEAR)
    monkeypatch.setattr(replica, "PATIENCE", 1.0)
    stopped = processes(cluster.pid)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert listed(stage)[0] == ["通知丙", "通知乙（更正）"] and not asked[-1][1]
        assert time.monotonic() - began < 10 and replica.standing().state == replica.SILENT
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    monkeypatch.setattr(replica, "LOOK", 0.0)
    becomes(replica.NEAR)

    os.kill(cluster.pid, signal.SIGQUIT)  # ends at once, as if killed
    becomes(replica.SILENT)
    assert listed(stage)[0] == ["通知丙", "通知乙（更正）"] and not asked[-1][1]
    assert told("yidang_replica_lag_seconds") == []


def test_the_primary_itself_is_no_replica_and_within_a_transaction_nobody_asks_one(copy, monkeypatch):
    becomes(replica.NEAR)
    with transaction.atomic():
        assert replica.ask(lambda using: using) == ("default", False)
    monkeypatch.setitem(connections.settings, replica.ALIAS, dict(connection.settings_dict))
    monkeypatch.setattr(replica, "_watch", None)
    becomes(replica.NO_COPY)
    assert replica.ask(lambda using: using) == ("default", False)
