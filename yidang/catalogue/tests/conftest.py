"""The hospital's classes and people for every test of the catalogue."""

import pytest

from tests.cast import FOUNDER, Cast
from yidang.catalogue.models import Fonds
from yidang.catalogue.seed import load_hospital


@pytest.fixture
def fonds(cast: Cast) -> Fonds:
    """The fonds Y012 with its classes, schemes and schedule, and the cast."""
    return load_hospital(code="Y012", name="仁和医院", actor=FOUNDER)
