"""Routes as people who do not program change them: by a form, tried out before, a new version each time."""

import pytest

from tests.cast import Cast
from yidang.approval import actions, subjects
from yidang.approval.models import Case, Route
from yidang.approval.subjects import Subject
from yidang.audit.models import Entry
from yidang.common import clock

USUAL = {
    "key": "usual", "labels": {"zh": "一般", "en": "Usual"}, "conditions": {}, "position": 9,
    "steps": [{"signers": [{"by": "duty", "value": "approver"}], "need": "any", "escalate": [{"by": "duty", "value": "leader"}]}],
}  # fmt: skip
HEAVY = {
    "label": "大批量", "position": "0", "hours": "12", "amount": "10", "purpose": ["care"], "step-0-0": "department_head",
    "step-0-1": "duty:approver", "step-0-1-of": "YW", "step-1-0": "person", "step-1-0-of": "lin", "step-1-0-need": "any",
    "step-1-reauth": "yes",
}  # fmt: skip


@pytest.fixture
def case(cast: Cast, monkeypatch) -> Case:
    """One past case on the route that is laid down first."""
    lending = Subject(
        "lending", lambda *_all: None, default_routes=[{key: value for key, value in USUAL.items() if key != "position"}],
        labels={"zh": "借阅", "en": "Lending"}, facts=lambda: {"purpose": {"care": "诊疗", "work": "工作"}},
    )  # fmt: skip
    monkeypatch.setattr(subjects, "_subjects", {"lending": lending})
    facts = {"amount": 12, "purpose": "care", "days": 3}
    return actions.open_case("lending", "R-1", facts=facts, actor=cast.actor("zhao"), now=clock.now(), label="LY-1")


@pytest.mark.gbt39784("7.5-1", "8.2-1")
def test_a_route_is_tried_on_past_cases_and_saved_as_data(cast: Cast, case: Case) -> None:
    lin = cast.client("lin")
    assert "一般" in lin.get("/signing/routes/").content.decode()
    assert lin.get("/signing/routes/lending/new/").status_code == 200
    page = lin.post("/signing/routes/lending/new/", HEAVY | {"do": "rehearse"}).content.decode()
    assert "LY-1" in page and "吴建国" in page and "林静" in page
    assert Route.objects.count() == 1, "a rehearsal saves nothing"
    assert lin.post("/signing/routes/lending/new/", HEAVY | {"do": "save"}).status_code == 302
    made = Route.objects.exclude(key="usual").get()
    assert made.conditions == {"purpose": ["care"], "amount": {"min": 10}} and made.target_hours == 12
    assert made.steps[1]["signers"] == [{"by": "person", "value": "lin"}] and made.steps[1]["reauth"]
    facts = {"amount": 12, "purpose": "care"}
    later = actions.open_case("lending", "R-2", facts=facts, actor=cast.actor("zhao"), now=clock.now())
    assert later.route == made
    case.refresh_from_db()
    assert case.route.key == "usual", "a case under way keeps its route"
    assert Entry.objects.get(event="approval.route.changed").target == f"lending/{made.key}"


def test_a_change_is_a_new_version_and_keeps_what_the_form_does_not_show(cast: Cast, case: Case) -> None:
    lin = cast.client("lin")
    form = {"label": "一般", "hours": "8", "position": "9", "step-0-0": "duty:leader", "do": "save"}
    assert lin.post("/signing/routes/lending/usual/", form).status_code == 302
    assert list(Route.objects.order_by("version").values_list("version", "is_current")) == [(1, False), (2, True)]
    assert Route.objects.get(version=2).steps[0]["escalate"] == [{"by": "duty", "value": "leader"}]
    assert lin.post("/signing/routes/lending/usual/", {"do": "retire"}).status_code == 422, (
        "one must take everything else"
    )
    case.refresh_from_db()
    assert case.route.version == 1


@pytest.mark.parametrize(
    "wrong", [{"label": ""}, {"step-0-0": ""}, {"step-0-0": "person", "step-0-0-of": "nobody"}, {"hours": "x"},
              {"step-0-0": "duty:approver", "step-0-0-of": "NOWHERE"}]
)  # fmt: skip
def test_a_form_that_cannot_work_is_refused(cast: Cast, case: Case, wrong) -> None:
    form = {"label": "甲", "step-0-0": "duty:leader", "do": "save"} | wrong
    assert cast.client("lin").post("/signing/routes/lending/new/", form).status_code == 422
    assert Route.objects.count() == 1


def test_the_archive_room_alone_keeps_the_routes(cast: Cast, case: Case) -> None:
    for username in ("wu", "zhou", "zhao", "secadmin"):
        browser = cast.client(username)
        assert browser.get("/signing/routes/").status_code == 403
        assert browser.post("/signing/routes/lending/usual/", HEAVY | {"do": "save"}).status_code == 403
    assert cast.client("lin").get("/signing/routes/nothing/new/").status_code == 404
    assert cast.client("lin").get("/signing/routes/lending/nothing/").status_code == 404
