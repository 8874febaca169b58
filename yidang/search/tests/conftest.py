"""The stage of each test of search."""

import pytest

from yidang.search.tests.stage import Stage, build_stage


@pytest.fixture
def stage(data, db) -> Stage:
    """A hospital without records, with an empty data folder."""
    return build_stage()
