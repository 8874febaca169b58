"""The program's own wheel holds every file that the program reads, and none that it does not need."""

import json
import zipfile
from pathlib import Path

import pytest

from tools import bundle
from tools.lint import project_files

pytestmark = pytest.mark.slow


def test_the_wheel_holds_every_file_of_the_product_with_assets_and_translations(tmp_path: Path) -> None:
    bundle.build_program(tmp_path)
    [wheel] = tmp_path.glob("yidang-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    wanted = {
        str(path.relative_to(bundle.ROOT)) for path in project_files() if path.is_relative_to(bundle.ROOT / "yidang")
    }
    assert sorted(name for name in wanted if "/tests/" not in name and name not in names) == []
    assert [name for name in names if "/tests/" in name] == []
    assert "yidang/ui/static/vendor/htmx.min.js" in names
    assert "yidang/upkeep/locale/zh_Hans/LC_MESSAGES/django.mo" in names
    assert "config/settings.py" in names


def test_every_wheel_is_named_with_its_digest_and_the_oldest_glibc_it_runs_on(tmp_path: Path) -> None:
    for name in ("some_thing-1.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "b-3-py3-none-any.whl",
                 "c-1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"):  # fmt: skip
        (tmp_path / name).write_bytes(name.encode())
    lines = bundle.requirements_of(tmp_path).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["b==3", "c==1", "some_thing==1.2"]
    assert all(" --hash=sha256:" in line and len(line.rpartition(":")[2]) == 64 for line in lines)
    told = bundle.facts(tmp_path)
    assert told["libc"] == "2.27"
    assert json.dumps(told)
