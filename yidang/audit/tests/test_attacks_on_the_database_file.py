"""Whoever holds the database's file edits it with sqlite3, and even holds the key: each attack is found and named."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection, transaction

from yidang import audit
from yidang.audit import checkpoints, notes, verifying, witnesses
from yidang.audit.chain import canonical, hash_body
from yidang.audit.models import Verification
from yidang.audit.proofs import Growing
from yidang.audit.tests.log_builders import TRIGGERS
from yidang.common import clock, signing
from yidang.common.actor import Actor

SIZE, AT = 40, 17


@pytest.fixture
def witness(own_database: Path, tmp_path: Path, settings) -> Path:
    """A log of forty entries and a folder elsewhere that has seen it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    settings.WITNESSES = [f"usb={folder}"]
    for number in range(SIZE):
        with transaction.atomic():
            audit.write("test.thing.done", actor=Actor("person", "lin"), target_kind="thing", target=number)
        if number in {9, SIZE - 1}:
            checkpoints.take()
            assert [one.trouble for one in witnesses.show_all(clock.now())] == [""]
    return folder


def verified() -> Verification:
    asked = Verification.objects.create(asked_at=clock.now(), asked_by="test")
    return verifying.run_verification(asked)


def attack(path: Path, deed: Callable[[sqlite3.Connection], None]) -> None:
    """Change the file from outside, its triggers dropped, foreign keys forgotten."""
    connection.close()
    with closing(sqlite3.connect(path)) as file, file:
        for trigger in TRIGGERS:
            file.execute(f"DROP TRIGGER {trigger}")
        deed(file)


def edit_a_field(file: sqlite3.Connection) -> None:
    file.execute("UPDATE audit_entry SET actor = 'he' WHERE seq = ?", (AT,))


def edit_the_text(file: sqlite3.Connection) -> None:
    file.execute("UPDATE audit_entry SET body = replace(body, 'lin', 'he '), actor = 'he ' WHERE seq = ?", (AT,))


def spoil_the_time(file: sqlite3.Connection) -> None:
    file.execute("UPDATE audit_entry SET at = 'N/A' WHERE seq = ?", (AT,))


def set_the_time_to_no_day(file: sqlite3.Connection) -> None:
    file.execute("UPDATE audit_entry SET at = '2026-02-31 08:00:00' WHERE seq = ?", (AT,))


def delete_a_row(file: sqlite3.Connection) -> None:
    file.execute("DELETE FROM audit_entry WHERE seq = ?", (AT,))


def delete_the_tail(file: sqlite3.Connection) -> None:
    file.execute("DELETE FROM audit_entry WHERE seq >= ?", (AT,))


def delete_the_tail_and_set_the_head(file: sqlite3.Connection) -> None:
    delete_the_tail(file)
    last = file.execute("SELECT hash FROM audit_entry WHERE seq = ?", (AT - 1,)).fetchone()[0]
    file.execute("UPDATE audit_head SET size = ?, hash = ?", (AT - 1, last))
    file.execute("DELETE FROM audit_checkpoint WHERE size >= ?", (AT,))
    file.execute("DELETE FROM audit_sighting")


def swap_two(file: sqlite3.Connection) -> None:
    for old, new in ((AT, -1), (AT + 1, AT), (-1, AT + 1)):
        file.execute("UPDATE audit_entry SET seq = ? WHERE seq = ?", (new, old))


def insert_one(file: sqlite3.Connection) -> None:
    size = file.execute("SELECT size FROM audit_head").fetchone()[0]
    for seq in range(size, AT - 1, -1):
        file.execute("UPDATE audit_entry SET seq = ? WHERE seq = ?", (seq + 1, seq))
    columns = "at, event, outcome, actor, address, target_kind, target, body, hash"
    file.execute(
        f"INSERT INTO audit_entry (seq, {columns}) SELECT ?, {columns} FROM audit_entry WHERE seq = ?", (AT, AT - 2)
    )
    file.execute("UPDATE audit_head SET size = size + 1")


def edit_a_checkpoint(file: sqlite3.Connection) -> None:
    file.execute("UPDATE audit_checkpoint SET root = ? WHERE size = 10", ("0" * 64,))


def write_everything_anew_and_sign(file: sqlite3.Connection) -> None:
    """The whole chain with the program's own rules, the head, the tree, and checkpoints signed with the stolen key."""
    previous, growing = "0" * 64, Growing()
    rows = file.execute("SELECT seq, body FROM audit_entry ORDER BY seq").fetchall()
    file.execute("DELETE FROM audit_checkpoint")
    file.execute("DELETE FROM audit_subtree")
    file.execute("DELETE FROM audit_sighting")
    for seq, text in rows:
        body = json.loads(text) | {"previous": previous}
        if seq == AT:
            body["actor"]["username"] = "he"
            file.execute("UPDATE audit_entry SET actor = 'he' WHERE seq = ?", (seq,))
        text = canonical(body)
        previous = hash_body(text)
        file.execute("UPDATE audit_entry SET body = ?, hash = ? WHERE seq = ?", (text, previous, seq))
        growing.add(bytes.fromhex(previous))
        if seq in {10, SIZE}:
            head = notes.Head(ORIGIN[0], seq, growing.root())
            note = notes.sign(head.text, name=head.origin, key=signing.archive_key())
            values = (seq, head.origin, head.root.hex(), note, "2026-01-01 00:00:00")
            file.execute("INSERT INTO audit_checkpoint (size, origin, root, note, at) VALUES (?, ?, ?, ?, ?)", values)
    file.execute("UPDATE audit_head SET hash = ?", (previous,))


ORIGIN: list[str] = []
FOUND = {
    edit_a_field: (AT, "edited"),
    edit_the_text: (AT, "edited"),
    spoil_the_time: (AT, "edited"),
    set_the_time_to_no_day: (AT, "unreadable"),
    delete_a_row: (AT, "missing"),
    delete_the_tail: (AT, "cut"),
    delete_the_tail_and_set_the_head: (AT, "cut"),
    swap_two: (AT, "edited"),
    insert_one: (AT, "edited"),
    edit_a_checkpoint: (10, "checkpoint_edited"),
    write_everything_anew_and_sign: (SIZE, "rewritten"),
}


@pytest.mark.promise("B2")
def test_a_column_that_an_index_still_has_right_is_found_in_the_file(witness: Path, own_database: Path) -> None:
    connection.close()
    with closing(sqlite3.connect(own_database)) as file, file:
        file.execute("INSERT INTO django_content_type (app_label, model) VALUES ('wrong', 'indexed')")
        file.commit()
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = own_database.read_bytes()
    at = content.index(b"wrongindexed")
    own_database.write_bytes(content[:at] + b"Wrongindexed" + content[at + 12 :])
    faults = verified().faults
    assert "file_damaged" in {fault["kind"] for fault in faults}, faults


@pytest.mark.promise("C1", "C2")
@pytest.mark.gbt39784("11.5-4")
@pytest.mark.parametrize("deed", FOUND, ids=lambda deed: deed.__name__)
def test_each_attack_on_the_file_is_found_and_the_message_says_what_and_where(
    deed: Callable[[sqlite3.Connection], None], witness: Path, own_database: Path
) -> None:
    whole = verified()
    assert whole.is_well, whole.faults
    assert {"who": "usb", "size": SIZE} in whole.compared
    ORIGIN[:] = [checkpoints.origin()]
    attack(own_database, deed)
    first = verified().faults[0]
    assert (first["seq"], first["kind"]) == FOUND[deed], first
    if deed is write_everything_anew_and_sign:
        assert "usb" in first["detail"] and f"11 至第 {SIZE}" in first["detail"], first


@pytest.mark.promise("C2")
def test_without_any_witness_a_log_written_anew_is_whole_in_itself_which_is_why_one_is_asked_for(
    witness: Path, own_database: Path, settings
) -> None:
    settings.WITNESSES = []
    ORIGIN[:] = [checkpoints.origin()]
    attack(own_database, write_everything_anew_and_sign)
    assert verified().is_well


def test_a_rolled_back_log_shows_itself_when_the_witness_is_next_shown_a_checkpoint(
    witness: Path, own_database: Path
) -> None:
    attack(own_database, delete_the_tail_and_set_the_head)
    with transaction.atomic():
        audit.write("test.thing.done", actor=Actor.system("test"))
    checkpoints.take()
    [told] = witnesses.show_all(clock.now())
    assert told.trouble == f"ahead {SIZE}"


def test_a_rewritten_log_is_not_added_to_the_folder_that_saw_the_true_one(witness: Path, own_database: Path) -> None:
    ORIGIN[:] = [checkpoints.origin()]
    held = {path.name: path.read_bytes() for path in witness.iterdir()}
    attack(own_database, write_everything_anew_and_sign)
    with transaction.atomic():
        audit.write("test.thing.done", actor=Actor.system("test"))
    checkpoints.take()
    [told] = witnesses.show_all(clock.now())
    assert told.trouble == f"disagrees {SIZE}"
    assert {path.name: path.read_bytes() for path in witness.iterdir()} == held


def test_a_folder_that_is_not_there_is_told_and_not_made(own_database: Path, tmp_path: Path, settings) -> None:
    settings.WITNESSES = [f"usb={tmp_path / 'unplugged'}"]
    with transaction.atomic():
        audit.write("test.thing.done", actor=Actor.system("test"))
    checkpoints.take()
    [told] = witnesses.show_all(clock.now())
    assert told.trouble.startswith("missing") and not (tmp_path / "unplugged").exists()
    done = verified()
    assert done.is_well and {"who": "usb", "silent": "missing", "detail": str(tmp_path / "unplugged")} in done.compared
