"""The tree is the architecture: each package says what it is for, and ARCHITECTURE.md and the linter list it."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = sorted(path.parent.name for path in (ROOT / "yidang").glob("*/__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_in_two_sentences_what_it_is_for_and_what_it_leans_on(package: str) -> None:
    text = (ROOT / "yidang" / package / "__init__.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    sentences = [part for part in docstring.replace("\n", " ").replace("。", ". ").split(". ") if part.strip()]
    assert len(sentences) == 2, f"yidang/{package}/__init__.py says {len(sentences)} sentences: «{docstring}»"
    assert "eans on" in docstring, f"yidang/{package}/__init__.py does not say what it leans on."


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_listed_in_the_architecture(package: str) -> None:
    assert f"\n{package}/ " in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_architecture_lists_no_package_that_is_not_there_without_saying_so() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tree = text.partition("Packages, top leans on bottom")[2].partition("```")[2].partition("```")[0]
    listed = {line.split("/")[0] for line in tree.splitlines() if line[:1].isalpha() and "(later)" not in line}
    assert listed == set(PACKAGES)


def test_the_linter_orders_every_package_as_the_architecture_does() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = [
        name.strip("()")
        for name in configuration["tool"]["importlinter"]["contracts"][0]["layers"]
        if "__main__" not in name
    ]
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    positions = [text.index(f"\n{name}/ ") for name in layers]
    assert positions == sorted(positions), "pyproject.toml and ARCHITECTURE.md give different orders."
    assert set(PACKAGES) <= set(layers)


def test_tests_are_one_file_per_deed() -> None:
    for path in (ROOT / "yidang").rglob("tests/*.py"):
        if not path.name.startswith("test_"):
            text = path.read_text(encoding="utf-8")
            assert "\ndef test_" not in text, f"{path.relative_to(ROOT)} holds tests that are never run."
