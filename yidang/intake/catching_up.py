"""Submissions follow their records when an older database catches up with what the vault's sites hold."""

from collections.abc import Sequence

from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.intake.models import Submission
from yidang.vault.recovering import FoundObject, Rebuilt, register_builder

# What a record that was accepted or taken back after the moment of a backup means for its submission.
FOLLOWS = {Record.ARCHIVED: Submission.ARCHIVED, Record.WITHDRAWN: Submission.WITHDRAWN}


def _build(objects: Sequence[FoundObject], done: Rebuilt) -> None:
    """The records' rows stand by now: submissions that still wait for them are closed as they were."""
    ids = [one.object_id for one in objects]
    for state, then in FOLLOWS.items():
        Submission.objects.filter(record__public_id__in=ids, record__state=state, state=Submission.RECEIVED).update(
            state=then, changed_at=clock.now()
        )


def lend() -> None:
    """Have submissions follow."""
    register_builder("record", _build)
