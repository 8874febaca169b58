"""The tree grows with the log at checkpoints; its roots and proofs are those of the book, over several kept levels."""

from base64 import b64decode

import pytest
from django.db import transaction

from tests.archive import Archive
from yidang import audit
from yidang.audit import checkpoints, notes, proofs, proving, tree
from yidang.audit.models import Checkpoint, Entry, Head, Subtree
from yidang.audit.tests.test_proofs_are_checked_strictly import growth_by_the_book, path_by_the_book, root_by_the_book
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.jobs.models import Job


def write(count: int) -> None:
    events = [audit.Event("test.thing.done", Actor.system("test"), "thing", str(number)) for number in range(count)]
    with transaction.atomic():
        audit.write_many(events)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of four instead of 256, so that a small log has four levels."""
    monkeypatch.setattr(tree, "BITS", 2)
    monkeypatch.setattr(tree, "WIDTH", 4)
    monkeypatch.setattr(tree, "GROUPS", 3)


def test_roots_and_proofs_are_those_of_the_book(db: None, narrow: None) -> None:
    write(300 - Head.objects.get(pk=1).size)
    tree.catch_up(300)
    assert Subtree.objects.filter(level=4).count() == 1
    leaves = [bytes.fromhex(one) for one in Entry.objects.order_by("seq").values_list("hash", flat=True)]
    for size in (1, 3, 4, 5, 63, 64, 65, 255, 256, 257, 300):
        assert tree.root(size) == root_by_the_book(leaves[:size])
        for index in {0, size // 2, size - 1}:
            assert tree.inclusion(index, size) == path_by_the_book(index, leaves[:size])
        for old in {1, size // 3 or 1, size}:
            assert tree.consistency(old, size) == growth_by_the_book(old, leaves[:size])


def test_catching_up_twice_or_in_steps_is_the_same(db: None, narrow: None) -> None:
    write(100)
    for size in (10, 10, 50, 100):
        tree.catch_up(size)
    kept = list(Subtree.objects.order_by("level", "number").values_list("level", "number", "hash"))
    Subtree.objects.all().delete()
    tree.catch_up(100)
    assert kept == list(Subtree.objects.order_by("level", "number").values_list("level", "number", "hash"))


def test_a_checkpoint_is_a_signed_note_that_others_can_read(db: None, data) -> None:
    write(5)
    taken = checkpoints.take()
    origin, size, root, blank, signature = taken.note.rstrip("\n").split("\n")
    assert (origin, int(size), blank) == (checkpoints.origin(), Head.objects.get(pk=1).size, "")
    assert b64decode(root).hex() == taken.root == tree.root(int(size)).hex()
    assert signature.startswith(f"\u2014 {origin} ")
    key = notes.read_key(str(checkpoints.own_key()))
    assert notes.parse(taken.note).signed_by(key)
    assert checkpoints.take().note == taken.note, "the same size is signed once"


def test_the_name_of_the_log_stays_when_the_key_is_replaced(db: None, data) -> None:
    write(1)
    before = checkpoints.take()
    (data / "keys" / "archive.ed25519").rename(data / "keys" / "archive.ed25519.2026")
    write(1)
    after = checkpoints.take()
    assert after.origin == before.origin and after.note.split()[-1] != before.note.split()[-1]
    assert checkpoints.read(before.note).size == before.size


def test_an_entry_is_proven_by_a_checkpoint(db: None, data) -> None:
    write(9)
    seq = Head.objects.get(pk=1).size - 4
    proof = proving.proof_of(seq)
    head = checkpoints.read(proof.note)
    leaf = proofs.leaf_hash(Entry.objects.get(seq=seq).body.encode())
    proofs.check_inclusion(index=seq - 1, size=head.size, leaf=leaf, proof=proof.parts, root=head.root)


def test_a_checkpoint_is_taken_while_something_happens_and_after_a_thousand_entries(archive: Archive) -> None:
    archive.work()
    Job.objects.all().delete()
    write(3)
    assert checkpoints.take_if_due(clock.now()) is not None
    assert checkpoints.take_if_due(clock.now()) is None, "nothing happened since"
    size = Head.objects.get(pk=1).size
    write(1000 - size % 1000 - 1)
    assert not Job.objects.filter(name="audit.checkpoint").exists()
    write(1)
    assert Job.objects.filter(name="audit.checkpoint").count() == 1
    archive.work()
    assert checkpoints.latest().size == size + 1000 - size % 1000
    assert checkpoints.exposure().entries == 0


def test_entries_about_witnesses_alone_make_no_checkpoint(db: None, data) -> None:
    write(1)
    checkpoints.take()
    with transaction.atomic():
        audit.write("audit.witness.cosigned", actor=Actor.system("test"))
    assert checkpoints.take_if_due(clock.now()) is None


def test_of_old_checkpoints_one_a_day_is_kept(db: None, data) -> None:
    write(1)
    note = checkpoints.take().note
    Checkpoint.objects.all().delete()
    for size, at in ((1, "2020-01-01T08:00Z"), (2, "2020-01-01T09:00Z"), (3, "2020-01-02T08:00Z")):
        Checkpoint.objects.create(size=size, origin="x", root="0" * 64, note=note, at=at)
    assert checkpoints.thin(clock.now()) == 1
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [2, 3]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("\n", "\r", 1),
        lambda note: note[:-20],
        lambda note: "",
        lambda note: "x\n\ny",
        lambda note: note.replace("\u2014", "-"),
        lambda note: note.replace("\n", "\n0", 1),
        lambda note: "\n".join(["other/log", *note.split("\n")[1:]]),
    ],
)
def test_what_is_not_a_checkpoint_of_ours_is_refused(db: None, data, spoil) -> None:
    write(1)
    with pytest.raises(checkpoints.CheckpointRefused):
        checkpoints.read(spoil(checkpoints.take().note))
