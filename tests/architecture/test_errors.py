"""Refusals are instructions: each kind has a code of its own, a sentence and what to do next."""

import importlib
import pkgutil
import re

import pytest
from django.utils import translation

import yidang
from yidang.common import errors

BASES = {
    errors.NotFound,
    errors.NotAllowed,
    errors.InvalidInput,
    errors.WrongState,
    errors.IntegrityFailure,
    errors.Unavailable,
}


def _load_everything() -> None:
    for module in pkgutil.walk_packages(yidang.__path__, "yidang."):
        if not {"tests", "migrations", "__main__"} & set(module.name.split(".")):
            importlib.import_module(module.name)


def _kinds(base: type) -> list[type]:
    return [kind for child in base.__subclasses__() for kind in (child, *_kinds(child))]


def concrete() -> list[type[errors.YidangError]]:
    """Every kind of refusal that the product defines."""
    _load_everything()
    return [kind for kind in _kinds(errors.YidangError) if kind not in BASES and kind.__module__.startswith("yidang.")]


def test_every_refusal_is_one_of_the_six_kinds() -> None:
    for kind in concrete():
        assert BASES & set(kind.__mro__), f"{kind.__module__}.{kind.__name__} is none of the six kinds."


def test_no_two_refusals_share_a_code() -> None:
    codes: dict[str, type] = {}
    for kind in concrete():
        if "code" in vars(kind):
            other = codes.setdefault(kind.code, kind)
            assert other is kind, f"{kind.__qualname__} and {other.__qualname__} share the code «{kind.code}»."


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_general_refusal_says_what_is_wrong_in_the_readers_language(language: str) -> None:
    with translation.override(language):
        for kind in BASES:
            sentence = str(kind())
            assert sentence.endswith(("。", "."))
            assert (language == "zh-hans") == bool(re.search("[一-鿿]", sentence)), sentence
