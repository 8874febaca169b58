"""Departments keep what they were: renamed, moved, merged."""

from datetime import date

import pytest

from tests.cast import Cast
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.people import actions
from yidang.people.departments import department_name, departments_reached_from
from yidang.people.queries import department_tree


def test_a_renamed_department_has_both_names_each_in_its_time(cast: Cast) -> None:
    office = cast.departments["YB"]
    actions.rename_department(
        office, zh="党政办公室", on=date(2024, 1, 1), actor=cast.actor("secadmin"), now=clock.now()
    )
    assert department_name(office) == "党政办公室"
    assert department_name(office, on=date(2019, 6, 1)) == "院长办公室"
    assert department_name(office, on=date(2023, 12, 31)) == "院长办公室"
    assert department_name(office, on=date(2024, 1, 1)) == "党政办公室"
    with pytest.raises(InvalidInput):
        actions.rename_department(
            office, zh="办公室", on=date(2023, 1, 1), actor=cast.actor("secadmin"), now=clock.now()
        )


def test_a_merged_departments_people_and_papers_go_to_its_successor(cast: Cast) -> None:
    finance, office = cast.departments["CW"], cast.departments["YB"]
    actions.merge_department(finance, into=office, on=date(2026, 1, 1), actor=cast.actor("secadmin"), now=clock.now())
    assert finance.pk in departments_reached_from(office.pk)
    assert office.pk not in departments_reached_from(finance.pk)
    assert cast.actor("zhao").department_id == office.pk
    with pytest.raises(WrongState):
        actions.merge_department(
            finance, into=office, on=date(2026, 1, 1), actor=cast.actor("secadmin"), now=clock.now()
        )


def test_no_department_stands_below_itself(cast: Cast) -> None:
    secadmin, now = cast.actor("secadmin"), clock.now()
    actions.move_department(cast.departments["HL"], parent=cast.departments["YW"], actor=secadmin, now=now)
    with pytest.raises(WrongState):
        actions.move_department(cast.departments["YW"], parent=cast.departments["HL"], actor=secadmin, now=now)
    assert [(line.department.key, line.depth) for line in department_tree() if line.department.key in {"YW", "HL"}] == [
        ("YW", 0), ("HL", 1)
    ]  # fmt: skip


def test_departments_are_the_security_administrators(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        actions.create_department("ZZ", zh="再", actor=cast.actor("sysadmin"), now=clock.now())


@pytest.mark.gbt39784("11.4-3")
def test_the_pages_make_rename_and_merge(cast: Cast) -> None:
    browser = cast.client("secadmin")
    assert browser.post("/departments/", {"key": "xx", "zh": "信息科", "en": "", "parent": "YW"}).status_code == 302
    assert browser.post("/departments/", {"key": "xx", "zh": "信息科"}).status_code == 422
    assert browser.post("/departments/XX/name/", {"zh": "信息中心", "en": "", "on": "2026-03-01"}).status_code == 302
    page = browser.get("/departments/XX/").content.decode()
    assert "信息科" in page and "信息中心" in page
    assert browser.post("/departments/XX/merger/", {"into": "SB", "on": "2026-04-01"}).status_code == 302
    assert browser.get("/departments/").status_code == 200
    assert browser.get("/departments/NONE/").status_code == 404
