"""The installer: checksums before anything, no network, the old version kept beside, a backup first, refusals in words."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bundle.stub import make_stub
from tools.bundle import without_network

Install = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def run(tmp_path: Path, data: Path) -> Install:
    """Call a bundle's installer with the network cut off."""
    settings = tmp_path / "yidang.env"
    settings.write_text(f"# a comment\nYIDANG_DATA={data}\nYIDANG_BACKUP=/mnt/backup\n")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("YIDANG_", "PIP_"))}

    def call(script: Path, deed: str, *more: str) -> "subprocess.CompletedProcess[str]":
        words = [*without_network(), str(script), deed, "--prefix", str(tmp_path / "opt"), "--settings", str(settings)]
        return subprocess.run(
            [*words, "--python", sys.executable, *more], env=kept, capture_output=True, text=True, check=False
        )

    return call


def calls(data: Path) -> list[str]:
    return (data / "calls").read_text().splitlines() if (data / "calls").is_file() else []


def current(tmp_path: Path) -> str:
    return (tmp_path / "opt/current").resolve().name


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "linked"])
def test_a_bundle_that_is_not_as_it_was_made_does_nothing_at_all(tmp_path: Path, run: Install, harm: str) -> None:
    made = make_stub(tmp_path, "1", known=["a.1"])
    wheel = next((made / "wheels").iterdir())
    if harm == "changed":
        content = bytearray(wheel.read_bytes())
        content[40] ^= 1
        wheel.write_bytes(content)
    elif harm == "missing":
        wheel.unlink()
    elif harm == "added":
        (made / "wheels/django-9.9-py3-none-any.whl").write_bytes(b"x")
    else:
        wheel.rename(tmp_path / "elsewhere")
        wheel.symlink_to(tmp_path / "elsewhere")
    done = run(made / "install", "install")
    assert done.returncode == 1
    assert ("django-9.9" if harm == "added" else wheel.name) in done.stderr
    assert not (tmp_path / "opt").exists()


def test_a_bundle_for_another_python_is_refused_in_words(tmp_path: Path, run: Install) -> None:
    done = run(make_stub(tmp_path, "1", known=[], python="3.99") / "install", "install")
    assert done.returncode == 1
    assert "for Python 3.99" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "opt").exists()


@pytest.mark.slow
def test_versions_come_and_go_with_a_backup_first_and_refusals_that_change_nothing(
    tmp_path: Path, run: Install, data: Path
) -> None:
    # One long story, because each version that is installed costs seconds.
    first = make_stub(tmp_path, "1", known=["a.1"])
    second = make_stub(tmp_path, "2", known=["a.1", "a.2_fixed"])
    assert run(first / "install", "install").returncode == 0
    assert (current(tmp_path), calls(data)) == ("1", [])

    done = run(second / "install", "install", "--backup", "broken")
    assert (done.returncode, current(tmp_path)) == (1, "1")
    assert "backup failed, so nothing was changed" in done.stderr

    (data / "serving").touch()
    with (data / "serving").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = run(second / "install", "install")
        assert (done.returncode, current(tmp_path)) == (1, "1")
        assert "still serves" in done.stderr

    assert run(second / "install", "install").returncode == 0
    assert (current(tmp_path), (tmp_path / "opt/previous").resolve().name) == ("2", "1")
    assert calls(data)[-3:] == ["1 backup /mnt/backup", "1 migrate --list --json", "2 migrate"]

    done = run(tmp_path / "opt/current/share/yidang/install", "rollback")
    assert (done.returncode, current(tmp_path)) == (1, "2")
    assert "a.2_fixed" in done.stderr
    assert "2 stays" in done.stderr

    broken = make_stub(tmp_path, "3", known=["a.1", "a.2_fixed", "a.3"], fails="migrate")
    done = run(broken / "install", "install", "--no-backup")
    assert (done.returncode, current(tmp_path)) == (1, "2")
    assert "could not be brought up to date" in done.stderr

    fourth = make_stub(tmp_path, "4", known=["a.1", "a.2_fixed", "a.4"])
    assert run(fourth / "install", "install", "--no-backup").returncode == 0
    assert current(tmp_path) == "4"
    assert calls(data)[-2:] == ["2 migrate --list --json", "4 migrate"]
    done = run(tmp_path / "opt/current/share/yidang/install", "rollback")
    assert done.returncode == 0, done.stderr
    assert current(tmp_path) == "2"
    assert calls(data)[-3:-1] == ["4 backup /mnt/backup", "2 migrate --list --json"]
    assert calls(data)[-1].startswith("4 migrate --back-to ")
    listed = run(tmp_path / "opt/current/share/yidang/install", "status")
    assert listed.stdout.splitlines() == ["1", "2  current", "3", "4  previous"]
