"""The shared place, a folder or a bucket on a real server, keeps the same promises."""

from collections.abc import Callable
from pathlib import Path

import pytest

from yidang.vault import sharing
from yidang.vault.tests.stores import bucket_address, put_keys


@pytest.fixture(params=["folder", "bucket"])
def two_machines(request: pytest.FixtureRequest, tmp_path: Path, settings) -> Callable[[str], Path]:
    """Answers the data folder of a machine and makes it the present one."""
    if request.param == "folder":
        (tmp_path / "shared").mkdir()
        settings.SHARED = str(tmp_path / "shared")
    else:
        gateway, new_bucket = request.getfixturevalue("gateway"), request.getfixturevalue("new_bucket")
        settings.SHARED = bucket_address(gateway, new_bucket())

    def on(name: str) -> Path:
        settings.DATA = tmp_path / name
        (settings.DATA / "keys").mkdir(parents=True, exist_ok=True)
        put_keys(settings.DATA, sharing.NAME)
        return settings.DATA

    return on


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_what_one_gives_another_takes(two_machines: Callable[[str], Path]) -> None:
    here = two_machines("a")
    large = b"0123456789abcdef" * 100_000
    sharing.give(write(here / "quarantine/drafts/x/0001", b"one"), write(here / "quarantine/drafts/x/0002", large))
    there = two_machines("b")
    assert sharing.take(there / "quarantine/drafts/x/0001")
    assert (there / "quarantine/drafts/x/0001").read_bytes() == b"one"
    sharing.take_folder(there / "quarantine/drafts/x")
    assert (there / "quarantine/drafts/x/0002").read_bytes() == large
    assert not [path for path in there.rglob(".*") if path.is_file()]


def test_what_nobody_gave_is_not_there(two_machines: Callable[[str], Path]) -> None:
    assert sharing.take(two_machines("a") / "derived/text/1.z") is False


def test_withdrawing_a_folder_leaves_its_neighbours(two_machines: Callable[[str], Path]) -> None:
    here = two_machines("a")
    sharing.give(write(here / "quarantine/drafts/x/0001", b"1"), write(here / "quarantine/drafts/xy/0001", b"2"))
    sharing.withdraw(here / "quarantine/drafts/x")
    sharing.withdraw(here / "quarantine/drafts/x")
    there = two_machines("b")
    assert sharing.take(there / "quarantine/drafts/x/0001") is False
    assert sharing.take(there / "quarantine/drafts/xy/0001") is True
    sharing.withdraw(there / "quarantine/drafts/xy/0001")
    assert sharing.take(two_machines("c") / "quarantine/drafts/xy/0001") is False


def test_a_folder_that_is_not_mounted_is_no_empty_one(tmp_path: Path, settings) -> None:
    settings.DATA, settings.SHARED = tmp_path / "a", str(tmp_path / "not mounted")
    with pytest.raises(OSError, match="shared folder is not there"):
        sharing.take(tmp_path / "a/derived/text/1.z")
    with pytest.raises(OSError, match="shared folder is not there"):
        sharing.give(write(tmp_path / "a/derived/text/1.z", b""))


def test_one_machine_alone_shares_nothing(tmp_path: Path, settings) -> None:
    settings.DATA, settings.SHARED = tmp_path, ""
    path = write(tmp_path / "derived/text/1.z", b"")
    sharing.give(path)
    sharing.withdraw(path)
    assert sharing.take(path)
    assert not sharing.take(tmp_path / "derived/text/2.z")
