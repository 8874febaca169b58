"""Damage to copies as disks, operators and wrong restores do it; each asserts that bytes really changed."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

PAGE = 4096


def files_of(site: Path) -> list[Path]:
    """Every file of every object of a site."""
    return sorted(path for path in site.glob("[0-9a-f][0-9a-f]/*/*/**/*") if path.is_file())


def objects_of(site: Path) -> list[Path]:
    """Every object of a site."""
    return sorted(site.glob("[0-9a-f][0-9a-f]/*/*"))


def flip(path: Path, chance: random.Random) -> None:
    """Turn one bit."""
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    content[at] ^= 1 << chance.randrange(8)
    put(path, bytes(content))


def put(path: Path, content: bytes) -> None:
    """Write other bytes into a file without making a new one, as a bad disk does.

    :raises ValueError: nothing would change
    """
    if path.exists() and path.read_bytes() == content:
        raise ValueError(f"{path.name}: the damage changed nothing")
    path.chmod(0o640)
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()
    path.chmod(0o440)


def truncate(path: Path, chance: random.Random) -> None:
    """Cut the end off."""
    content = path.read_bytes()
    put(path, content[: chance.randrange(len(content))])


def zero(path: Path, chance: random.Random) -> None:
    """A page of zeros, where there were none."""
    content = bytearray(path.read_bytes())
    at = chance.randrange(max(1, len(content) // PAGE)) * PAGE
    size = min(PAGE, len(content) - at)
    if not any(content[at : at + size]):
        content[at] = 1  # an already zero page shows nothing; the neighbour's byte does
    else:
        content[at : at + size] = bytes(size)
    put(path, bytes(content))


def copy_chunk(path: Path, chance: random.Random) -> None:
    """A chunk written to the wrong place."""
    content = bytearray(path.read_bytes())
    size = max(1, min(512, len(content) // 3))
    for _try in range(50):
        start, to = (chance.randrange(len(content) - size + 1) for _ in range(2))
        if content[start : start + size] != content[to : to + size]:
            content[to : to + size] = content[start : start + size]
            return put(path, bytes(content))
    return flip(path, chance)  # a file of one letter has nothing to copy


def remove(path: Path, chance: random.Random) -> None:
    """Gone."""
    path.unlink()


def add(path: Path, chance: random.Random) -> None:
    """A file too many beside this one."""
    path.with_name(f"{path.name}.{chance.randrange(1000)}").write_bytes(b"not ours")


def swap(first: Path, second: Path) -> None:
    """Two files under each other's names."""
    aside = first.with_name("aside")
    first.rename(aside)
    second.rename(first)
    aside.rename(second)


def put_back(current: Path, earlier: Path) -> None:
    """An older, valid state of a whole object in the place of the present one."""
    shutil.rmtree(current)
    shutil.copytree(earlier, current)


SIMPLE: dict[str, Callable[[Path, random.Random], None]] = {
    "flip": flip, "truncate": truncate, "zeroed page": zero, "chunk elsewhere": copy_chunk, "missing": remove, "extra": add,
}  # fmt: skip
