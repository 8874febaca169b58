"""The vault cares for itself: what recurs is registered, and a handler does its part."""

import pytest

from yidang import vault
from yidang.jobs.registry import RECURRING, TASKS, load_tasks
from yidang.vault.models import ScrubRun
from yidang.vault.root import Root
from yidang.vault.tests.conftest import assert_valid

Pair = tuple[Root, Root]
pytestmark = pytest.mark.django_db(transaction=True)


class Run:
    """A job's side of the conversation."""

    def __init__(self) -> None:
        self.told: list[dict] = []

    def progress(self, **figures: object) -> None:
        self.told.append(figures)

    def check_lease(self) -> None:
        """It is still ours."""


def test_scrub_repair_and_sweep_recur() -> None:
    load_tasks()
    assert {"vault.scrub", "vault.repair", "vault.sweep"} <= RECURRING.keys()


def test_a_days_care_finds_and_mends_damage(kept_vault: Pair, filed) -> None:
    load_tasks()
    kept = filed()
    (kept_vault[1].object_folder(kept.object_id) / "inventory.json").unlink()
    run = Run()
    TASKS["vault.scrub"].handler(run)
    assert ScrubRun.objects.filter(finished_at=None).count() == 0 and run.told[-1]["failed"] == 1
    TASKS["vault.repair"].handler(Run())
    TASKS["vault.sweep"].handler(Run())
    assert [copy.state for copy in vault.copies_of(kept.object_id)] == ["ok", "ok"]
    assert assert_valid(kept_vault[1].path) == 1
