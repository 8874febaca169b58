"""Settings refuse nonsense at start with a sentence that names the setting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("YIDANG_THREADS", "many", "not a whole number"),
        ("YIDANG_THREADS", "1", "too small"),
        ("YIDANG_HTTPS", "perhaps", "not a switch"),
        ("YIDANG_METRICS_FROM", "everywhere", "not an address"),
        ("YIDANG_DATABASE", "oracle://x/y", "sqlite:/// or postgresql://"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_the_program_with_a_sentence(
    name: str, value: str, sentence: str, tmp_path: Path
) -> None:
    environment = {**os.environ, "YIDANG_DATA": str(tmp_path), name: value}
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.startswith(f"{name}: ")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
