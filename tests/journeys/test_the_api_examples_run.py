"""The examples of docs/developer/api.md run, in their order, and print what the page says."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tools.server import Server

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = re.compile(r"```sh\n(.*?)```\s*```text\n(.*?)```", re.DOTALL)


@pytest.mark.slow
@pytest.mark.gbt39784("4.1-1", "4.1-2")
def test_the_examples_print_what_the_page_says(hospital: Server, tmp_path: Path) -> None:
    page = (ROOT / "docs/developer/api.md").read_text(encoding="utf-8")
    examples = EXAMPLE.findall(page)
    assert len(examples) == page.count("```sh\n"), "Every block of commands is followed by what it prints."
    environment = {**os.environ, "YIDANG": hospital.address, "TOKEN": hospital.accounts["archivist"].token}
    for commands, printed in examples:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        answers = [path.read_text(errors="replace")[:800] for path in tmp_path.glob("*.json")]
        assert (done.stdout, done.returncode) == (printed, 0), f"{commands}\n{done.stderr}\n{answers}"
