"""The fields of a class's scheme are facets once the class is chosen, counted among what the reader may see."""

import pytest

from yidang.search import indexing
from yidang.search.asking import Filter, Query
from yidang.search.facets import Facet
from yidang.search.queries import search
from yidang.search.tests.stage import Stage

pytestmark = pytest.mark.django_db
KJ = {"class": Filter(("KJ",))}


@pytest.fixture
def projects(stage: Stage) -> Stage:
    """Research records of two departments with their topics, and papers without."""
    for number, (topic, department) in enumerate([("肿瘤", "YB"), ("肿瘤", "CW"), ("护理", "YB"), ("影像", "CW")]):
        metadata = {"topic": topic, "identity": f"11010119900101{number:04d}"}
        stage.record(f"课题任务书{number}", of="KJ·KY", department=department, metadata=metadata)
    stage.record("课题通知", of="WS", metadata={"topic": "会议"})
    indexing.rebuild()
    return stage


def fields(stage: Stage, who: str, filters: dict[str, Filter]) -> list[Facet]:
    results = search(stage.actor(who), Query("课题", filters=filters))
    return [facet for facet in results.facets if facet.name == "fact"]


@pytest.mark.gbt39784("11.3-1")
def test_a_chosen_class_brings_the_fields_of_its_scheme(projects: Stage) -> None:
    [topic] = fields(projects, "lin", KJ)
    assert topic.label == "课题"
    assert {value.label: value.count for value in topic.values} == {"肿瘤": 2, "护理": 1, "影像": 1}
    assert fields(projects, "lin", {}) == []


def test_only_what_one_may_see_is_counted(projects: Stage) -> None:
    [topic] = fields(projects, "zhao", KJ)
    assert {value.label: value.count for value in topic.values} == {"肿瘤": 1, "影像": 1}


def test_a_value_narrows_and_its_facet_shows_what_the_others_would_give(projects: Stage) -> None:
    narrowed = {**KJ, "fact": Filter(("topic=肿瘤",))}
    assert search(projects.actor("lin"), Query("课题", filters=narrowed)).total == 2
    [topic] = fields(projects, "lin", narrowed)
    assert {value.label: (value.count, value.choice) for value in topic.values}["肿瘤"] == (2, "only")
    assert {value.label: (value.count, value.choice) for value in topic.values}["护理"] == (1, "")


def test_personal_fields_are_never_a_facet(projects: Stage) -> None:
    results = search(projects.actor("lin"), Query("课题", filters=KJ))
    assert not any("1101011990" in value.value for facet in results.facets for value in facet.values)
