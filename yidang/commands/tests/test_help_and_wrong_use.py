"""Help and wrong use answer in words, end with the right number, and make no data folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from yidang.commands.main import COMMANDS, SHORT, take_data

HIDDEN = {"arrive", "web", "worker"}


def call(folder: Path, *line: str) -> "subprocess.CompletedProcess[str]":
    """Run the program in an empty folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YIDANG_")}
    root = str(Path(__file__).resolve().parents[3])
    return subprocess.run(
        [sys.executable, "-m", "yidang", *line],
        cwd=folder,
        env={**kept, "PYTHONPATH": root},
        capture_output=True,
        text=True,
    )


def test_the_program_lists_its_commands(tmp_path: Path) -> None:
    said = call(tmp_path, "--help")
    assert said.returncode == 0, said.stderr
    assert all(name in said.stdout for name in set(COMMANDS) - HIDDEN)
    assert set(SHORT) == set(COMMANDS) - HIDDEN


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(COMMANDS) - HIDDEN))
def test_each_command_has_help_that_makes_nothing(name: str, tmp_path: Path) -> None:
    said = call(tmp_path, name, "--help")
    assert said.returncode == 0, said.stderr
    assert "Usage:" in said.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", [["nothing"], ["search", "status", "--data"], ["demo", "--records", "no"]])
def test_wrong_use_ends_with_two(line: list[str], tmp_path: Path) -> None:
    said = call(tmp_path, *line)
    assert said.returncode == 2
    assert said.stdout == ""
    assert "Traceback" not in said.stderr


def test_the_data_folder_is_taken_from_anywhere_on_the_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YIDANG_DATA", "unset")
    assert take_data(["search", "status", "--data", str(tmp_path), "--json"]) == ["search", "status", "--json"]
    assert os.environ["YIDANG_DATA"] == str(tmp_path)
    assert take_data(["file", "--", "--data"]) == ["file", "--", "--data"]
