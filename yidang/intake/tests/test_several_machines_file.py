"""What waits at one machine is mended, filed and released at another; a machine that is filing is not disturbed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.archive import TEXT, Archive
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.intake import staging
from yidang.intake.actions import drafting
from yidang.intake.actions.recovering import finish_reserved, is_dead
from yidang.intake.models import Submission
from yidang.jobs import machines
from yidang.vault import sharing


@pytest.fixture
def on(archive: Archive, settings, tmp_path: Path):
    """``with on("b"):`` is another machine over the same database and the same shared place."""
    (tmp_path / "shared").mkdir()
    settings.SHARED = str(tmp_path / "shared")

    @contextmanager
    def machine(name: str) -> Iterator[None]:
        before = settings.DATA, settings.MACHINE
        settings.DATA, settings.MACHINE = tmp_path / name, name
        (settings.DATA / "keys").mkdir(parents=True, exist_ok=True)
        try:
            yield
        finally:
            settings.DATA, settings.MACHINE = before

    return machine


def test_a_draft_begun_at_one_machine_is_filed_at_another(archive: Archive, on) -> None:
    actor, now = archive.cast.actor("xu"), clock.now()
    with on("a"):
        draft = drafting.start_draft(actor=actor, now=now)
        drafting.add_file(draft, name="通知.txt", chunks=[TEXT], actor=actor, now=now)
        drafting.add_file(draft, name="附件.txt", chunks=[TEXT], actor=actor, now=now)
    with on("b"):
        drafting.remove_file(draft, 2)
        [staged] = list(drafting.staged_into(draft, draft.public_id))
        assert staged.path.read_bytes() == TEXT
        drafting.discard(draft)
    with on("c"):
        assert not sharing.take(drafting.folder_of(draft.public_id) / "0001")
    with on("a"):
        assert (drafting.folder_of(draft.public_id) / "0001").exists()
        assert drafting.clear_here(clock.now() + timedelta(hours=2)) == 1
        assert not drafting.folder_of(draft.public_id).exists()


def test_a_file_that_is_nowhere_is_refused_in_words(archive: Archive, on) -> None:
    actor, now = archive.cast.actor("xu"), clock.now()
    with on("a"):
        draft = drafting.start_draft(actor=actor, now=now)
        drafting.add_file(draft, name="通知.txt", chunks=[TEXT], actor=actor, now=now)
        sharing.withdraw(drafting.folder_of(draft.public_id))
    with on("b"), pytest.raises(drafting.FileGone):
        list(drafting.staged_into(draft, draft.public_id))


def test_what_waits_in_quarantine_is_looked_at_from_another_machine(archive: Archive, on) -> None:
    row = Submission(public_id="11111111-2222-4333-8444-555555555555")
    with on("a"):
        folder = staging.folder_of(row.public_id)
        staging.stage(folder, 1, "坏.pdf", [b"%PDF-"])
        staging.make_durable(folder)
    with on("b"):
        assert staging.is_at_hand(staging.folder_of(row.public_id) / "0001")


def test_a_filing_at_a_living_machine_is_not_given_back_by_another(archive: Archive, on) -> None:
    record = archive.file()
    now = clock.now()
    Submission.objects.filter(record=record).update(
        state=Submission.RESERVED, reserved_on="a", reserved_until=now + timedelta(minutes=10)
    )
    row = Submission.objects.get(record=record)
    with on("a"):
        machines.arrive(now)
    with on("b"):
        assert not is_dead(row, now)
        assert finish_reserved(actor=Actor.system("recovery"), now=now).released == 0
        assert is_dead(row, now + machines.SILENT + timedelta(seconds=1))  # killed, or cut off
        assert is_dead(row, now + timedelta(minutes=11))
    with on("a"):
        assert is_dead(row, now)  # it came back and knows that it files nothing
