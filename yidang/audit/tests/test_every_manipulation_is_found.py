"""The log tells the truth: whatever the database's owner does to its file is found, and the first bad entry named.

Each damage is done by SQL in the database itself, with its triggers dropped, inside a transaction that is rolled back
afterwards; on PostgreSQL the same statements run there.
"""

import random

import pytest
from django.db import DatabaseError, connection, transaction

from yidang import audit
from yidang.audit import checkpoints
from yidang.audit.models import Entry, Head, PersonalFacts
from yidang.audit.tests import log_builders
from yidang.audit.verify import Seen, verify
from yidang.common.actor import Actor

SIZE = 25
TRIES = 10


@pytest.fixture
def size(db: None) -> int:
    """Entries, each with personal facts beside it; the answer is how many the log has."""
    for number in range(SIZE):
        with transaction.atomic():
            audit.write(
                "test.thing.done", actor=Actor("person", f"user{number % 3}", address="10.0.0.1"), target_kind="thing",
                target=str(number), facts={"number": number}, personal={"name": f"张{number}"},
            )  # fmt: skip
    return Head.objects.get(pk=1).size


def test_an_untouched_log_is_whole(size: int) -> None:
    assert list(verify()) == []


@pytest.mark.promise("C1")
@pytest.mark.parametrize("damage", log_builders.SEEN_INSIDE, ids=lambda kind: kind.__name__)
def test_each_of_ten_kinds_is_found_ten_times_and_the_first_bad_entry_named(damage, size: int) -> None:
    rng = random.Random(damage.__name__)
    with log_builders.as_owner():
        for _try in range(TRIES):
            at = rng.randint(size - SIZE + 2, size - 1)
            with log_builders.undone():
                damage(at, size, rng)
                faults = list(verify())
            assert faults, f"{damage.__name__} at {at} of {size} was not found"
            assert faults[0].seq - at in log_builders.SEEN_INSIDE[damage], (damage.__name__, at, faults[:2])
    assert list(verify()) == []


@pytest.mark.promise("C1", "C2")
@pytest.mark.parametrize("damage", log_builders.SEEN_AGAINST_CHECKPOINT, ids=lambda kind: kind.__name__)
def test_a_log_rolled_back_or_rewritten_whole_is_found_by_a_checkpoint_kept_elsewhere(damage, size: int, data) -> None:
    head = checkpoints.read(checkpoints.take().note)
    kept = [Seen(head.size, head.root, "a folder elsewhere")]
    assert list(verify(kept)) == []
    rng = random.Random(damage.__name__)
    with log_builders.as_owner():
        for _try in range(TRIES):
            at = rng.randint(size - SIZE + 2, size - 1)
            with log_builders.undone():
                damage(at, size, rng)
                faults = list(verify(kept))
            assert [fault.kind for fault in faults] == ["cut" if damage is log_builders.roll_back else "rewritten"]
            assert "a folder elsewhere" in faults[0].detail and str(size) in faults[0].detail


def test_personal_facts_may_be_erased_by_law_and_the_chain_still_holds(size: int) -> None:
    PersonalFacts.objects.filter(entry_id=size).delete()
    assert list(verify()) == []


@pytest.mark.promise("F5")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'x'",
        "DELETE FROM audit_entry",
        "UPDATE audit_personalfacts SET body = '{}'",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_refuses_to_change_the_log(statement: str, size: int) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == size


def test_the_log_is_written_inside_a_transaction_only(transactional_db: None) -> None:
    from yidang.common.errors import Unavailable

    with pytest.raises(Unavailable):
        audit.write("test.thing.done", actor=Actor.system("test"))
