"""Three copies in every state that they can be in together, and random damage of six kinds, by seed."""

import itertools
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from yidang import vault
from yidang.audit.models import Entry
from yidang.common.actor import Actor
from yidang.vault import sites
from yidang.vault.kept import KeptObject, NewFile
from yidang.vault.models import Copy, ScrubFinding, StoredObject
from yidang.vault.root import Root
from yidang.vault.tests.conftest import BODY, assert_valid, keep_and_register, new_object

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SCRUB = Actor.system("scrub")
CONTENT = "v1/content/documents/0001.pdf"
STATES = ("good", "bad", "missing", "away")
ROUNDS = int(os.environ.get("YIDANG_FLIPS", "30"))
Trio = tuple[Root, Root, Root]


@pytest.fixture
def trio(data: Path, settings) -> Trio:
    """Three required sites."""
    settings.SITES = [f"{key}={data}/{key}" for key in ("one", "two", "three")]
    vault.prepare_sites()
    first, second, third = sites.roots()
    return first, second, third


def change(place: Path, content: bytes) -> None:
    assert content != place.read_bytes()
    place.chmod(0o640)
    place.write_bytes(content)


@pytest.mark.promise("B6")
def test_repair_never_makes_it_worse_in_any_of_64_states(trio: Trio) -> None:
    for states in itertools.product(STATES, repeat=3):
        [kept] = keep_and_register([new_object()])
        folders = [root.object_folder(kept.object_id) for root in trio]
        for number, (root, folder, state) in enumerate(zip(trio, folders, states, strict=True)):
            if state == "bad":
                # Each differs from the others, so that no two bad copies could outvote anything.
                change(folder / CONTENT, BODY[:-1] + bytes([number]))
            elif state == "missing":
                shutil.rmtree(folder)
            elif state == "away":
                root.path.rename(root.path.with_name(f"{root.key}-away"))
        done = vault.repair(actor=SCRUB, objects=[StoredObject.objects.get(object_id=kept.object_id)])
        for root, state in zip(trio, states, strict=True):
            if state == "away":
                root.path.with_name(f"{root.key}-away").rename(root.path)
        reached = [state for state in states if state != "away"]
        found = [(folder / CONTENT).read_bytes() if folder.is_dir() else None for folder in folders]
        if "good" in states:
            assert done.is_well, states
            assert all(content == BODY for content in found if content), states
            assert sum(content == BODY for content in found) >= len(reached), states
        else:
            assert [state for state in reached if state == "bad"] == [
                "bad" for number, state in enumerate(states)
                if state == "bad" and found[number] == BODY[:-1] + bytes([number])
            ], states  # fmt: skip
            assert len(done.lost) == len(reached), states
            if "away" not in states:
                # Asked again, it is not said again.
                vault.repair(actor=SCRUB, objects=[StoredObject.objects.get(object_id=kept.object_id)])
                told = Entry.objects.filter(event="vault.copy.lost", target=str(kept.object_id))
                assert told.count() == len(reached), states


def two_versions(number: int) -> KeptObject:
    [kept] = keep_and_register([new_object(files={"record.json": b"{}", "documents/0001.bin": os.urandom(9000)})])
    return vault.add_version(kept.object_id, [NewFile("record.json", b"%d" % number)], message="m", user_name="lin")


def flip(dice: random.Random, place: Path, _other: Path) -> None:
    content = bytearray(place.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    change(place, bytes(content))


def truncate(dice: random.Random, place: Path, _other: Path) -> None:
    content = place.read_bytes()
    change(place, content[: dice.randrange(len(content))])


def zero(dice: random.Random, place: Path, _other: Path) -> None:
    content = place.read_bytes()
    start = dice.randrange(len(content))
    change(place, content[:start] + bytes(len(content[start : start + 4096])) + content[start + 4096 :])


def misplace(dice: random.Random, place: Path, _other: Path) -> None:
    """A piece of the file stands a second time where another piece was."""
    content = place.read_bytes()
    half = len(content) // 2
    change(place, content[:half] + content[: len(content) - half] if content[:half] != content[half:] else b"")


def swap(_dice: random.Random, place: Path, other: Path) -> None:
    aside = place.with_name("aside")
    place.rename(aside)
    other.rename(place)
    aside.rename(other)


def go_back(_dice: random.Random, place: Path, _other: Path) -> None:
    """The inventory of the version before, whole in itself, stands in the place of the present one."""
    for name in ("inventory.json", "inventory.json.sha512"):
        (place / name).unlink()
        shutil.copy(place / "v1" / name, place / name)


KINDS: list[Callable[[random.Random, Path, Path], None]] = [flip, truncate, zero, misplace, swap, go_back]


@pytest.mark.promise("B1", "B3")
def test_random_damage_of_six_kinds_is_found_by_one_scrub_and_mended_by_one_repair(trio: Trio) -> None:
    seed = int(os.environ.get("YIDANG_SEED", random.randrange(2**32)))
    print(f"YIDANG_SEED={seed}")
    dice = random.Random(seed)
    objects = [two_versions(number) for number in range(3)]
    for turn in range(ROUNDS):
        root, kept, damage = dice.choice(trio), dice.choice(objects), KINDS[turn % len(KINDS)]
        folder = root.object_folder(kept.object_id)
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 1)
        other = root.object_folder(dice.choice([one for one in objects if one is not kept]).object_id)
        if damage is go_back:
            go_back(dice, folder, folder)
        elif damage is swap:
            swap(dice, folder / "v1/content/documents/0001.bin", other / "v1/content/documents/0001.bin")
        else:
            damage(dice, dice.choice(files), folder)
        vault.scrub(actor=SCRUB)
        found = set(ScrubFinding.objects.filter(healed_at=None).values_list("site__key", "object_id"))
        assert (root.key, kept.object_id) in found, (seed, turn, damage.__name__)
        assert {site for site, _ in found} == {root.key}
        assert vault.repair(actor=SCRUB).is_well
        assert not Copy.objects.exclude(state="ok").exists(), (seed, turn)
        assert not ScrubFinding.objects.filter(healed_at=None).exists()
    assert not any(state.findings for state in vault.scrub(actor=SCRUB))
    assert [assert_valid(root.path) for root in trio] == [len(objects)] * 3
