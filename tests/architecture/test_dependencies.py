"""Every dependency has its reason, its pin, its hashes and a licence that fits ours."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = re.compile(r"^([A-Za-z0-9_.-]+)", re.MULTILINE)
REFUSED = re.compile(r"\b(?:A?GPL)|Affero|(?<!Lesser )General Public License", re.IGNORECASE)


def named(file: str) -> list[str]:
    """The packages named in a .in file."""
    lines = (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
    return [NAME.match(line)[1] for line in lines if line and line[0] not in "#-"]


def pinned(file: str) -> list[str]:
    """The packages pinned in a .txt file."""
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    return re.findall(r"^([a-z0-9_.-]+)==", text, re.MULTILINE)


def same(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("kind", ["build", "runtime", "dev"])
def test_every_named_dependency_is_pinned_and_has_its_reason(kind: str) -> None:
    reasons = (ROOT / "docs/developer/dependencies.md").read_text(encoding="utf-8").lower()
    pins = {same(name) for name in pinned(f"{kind}.txt")}
    for name in named(f"{kind}.in"):
        assert same(name) in pins, f"{name} is in {kind}.in but not pinned; run make pins."
        assert re.search(rf"\b{re.escape(name.lower())}\b", reasons), f"{name} has no reason in dependencies.md."


@pytest.mark.parametrize("kind", ["build", "runtime", "dev"])
def test_every_pin_has_hashes_and_no_address(kind: str) -> None:
    text = (ROOT / "requirements" / f"{kind}.txt").read_text(encoding="utf-8")
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if "==" in block:
            assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text


def test_the_two_pin_files_agree() -> None:
    def versions(file: str) -> dict[str, str]:
        text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9_.-]+)==(\S+)", text, re.MULTILINE))

    runtime, dev = versions("runtime.txt"), versions("dev.txt")
    assert {name: dev.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", pinned("runtime.txt"))
def test_no_dependency_of_the_product_is_under_the_gpl_or_agpl(name: str) -> None:
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return  # for another platform
    words = [metadata.get("License-Expression") or "", *metadata.get_all("Classifier", [])]
    if not words[0]:
        words.append((metadata.get("License") or "")[:200])
    for word in words:
        assert not REFUSED.search(re.sub(r"LGPL|Lesser General Public License", "", word)), f"{name}: {word}"
