"""The contract of a purpose: any package plugs one in, and its deed is done with the last signature or not at all.

Disposal will ask so; «destruction» here is such a deed: two signatures, a screen of its own, a condition by number,
singles taken out, nothing undone afterwards.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from tests.cast import Cast
from yidang.approval import actions, mending, subjects
from yidang.approval.models import REFUSED, Case
from yidang.approval.routing import current_routes, route_if_any
from yidang.approval.subjects import Subject
from yidang.audit.rows import check_rows
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, WrongState
from yidang.people.models import User

STEPS = [
    {"signers": [{"by": "duty", "value": "archivist"}], "need": "any", "reauth": True},
    {"signers": [{"by": "duty", "value": "leader"}], "need": "any"},
]


@dataclass
class Deed:
    """What a package keeps of its own: here a list, to be destroyed or left."""

    listed: dict[str, list[str]] = field(default_factory=lambda: {"L-1": ["a", "b", "c"]})
    destroyed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    breaks: bool = False

    def approved(self, case: Case, _actor: Actor, _now: datetime) -> None:
        out: set[int] = set()
        for narrowed in case.seats.exclude(decision=None).values_list("decision__narrowed", flat=True):
            out |= set(narrowed.get("without", []))
        # A row of its own, so that the test sees whether signature and deed stand or fall together.
        User.objects.filter(username="lin").update(display_name="已销毁")
        if self.breaks:
            raise WrongState("a hold was set meanwhile")
        self.destroyed += [name for place, name in enumerate(self.listed[case.subject], 1) if place not in out]

    def end(self, case: Case) -> None:
        self.ended.append(case.state)

    def check(self, case: Case, narrowed: Any) -> None:
        if set(narrowed.get("without", [])) >= {1, 2, 3}:
            raise InvalidInput("leave at least one", field="without")


@pytest.fixture
def deed(monkeypatch) -> Deed:
    made = Deed()
    subject = Subject(
        "destruction", made.approved, made.end, made.check, labels={"zh": "销毁", "en": "Destruction"},
        facts=lambda: {"classes": {"WS": {"zh": "文书", "en": "Administrative"}}},
        numbers={"amount": "Records from"},
        default_routes=[{"key": "usual", "labels": {"zh": "销毁", "en": "Destruction"}, "steps": STEPS, "conditions": {}}],
    )  # fmt: skip
    monkeypatch.setattr(subjects, "_subjects", {"destruction": subject})
    return made


def ask(cast: Cast) -> Case:
    facts = {"amount": 3, "classes": ["WS"]}
    return actions.open_case("destruction", "L-1", facts=facts, actor=cast.actor("he"), now=clock.now(), label="L-1")


def sign(cast: Cast, case: Case, who: str, step: int, choice: str = "approve", **more: Any) -> None:
    more = {"confirmed": True, "note": "鉴定小组意见", **more}
    actions.decide(case.pk, choice=choice, actor=cast.actor(who), now=clock.now(), step=step, **more)


def test_the_deed_follows_the_last_signature_without_what_signers_took_out(cast: Cast, deed: Deed) -> None:
    case = ask(cast)
    sign(cast, case, "lin", 0, narrowed={"without": [2]})
    assert deed.destroyed == []
    with pytest.raises(InvalidInput):
        sign(cast, case, "zhou", 1, narrowed={"without": [1, 2, 3]})
    sign(cast, case, "zhou", 1)
    assert deed.destroyed == ["a", "c"]
    with pytest.raises(WrongState):  # what cannot be undone says nothing about undoing, and is not
        mending.take_back(case.pk, actor=cast.actor("zhou"), now=clock.now())


def test_signature_and_deed_stand_or_fall_together(cast: Cast, deed: Deed) -> None:
    case, deed.breaks = ask(cast), True
    sign(cast, case, "lin", 0)
    with pytest.raises(WrongState):
        sign(cast, case, "zhou", 1)
    case.refresh_from_db()
    assert (case.state, case.step, case.seats.filter(step=1, decision=None).count()) == ("waiting", 1, 1)
    assert User.objects.get(username="lin").display_name == "林静"


def test_a_refusal_ends_it_and_tells_its_package(cast: Cast, deed: Deed) -> None:
    case = ask(cast)
    sign(cast, case, "lin", 0)
    sign(cast, case, "zhou", 1, "refuse")
    assert (deed.destroyed, deed.ended) == ([], [REFUSED])


def test_it_has_its_routes_its_conditions_and_its_screen(cast: Cast, deed: Deed) -> None:
    browser = cast.client("lin")
    assert "销毁" in browser.get("/signing/routes/").content.decode()
    form = {"label": "大宗", "step-0-0": "duty:leader", "amount": "100", "classes": ["WS"], "hours": "40", "do": "save"}
    assert browser.post("/signing/routes/destruction/new/", form).status_code == 302
    assert len(current_routes("destruction")) == 2 and list(check_rows()) == []
    case = ask(cast)
    assert "L-1" in browser.get(f"/signing/{case.public_id}/").content.decode()


def test_without_a_route_only_what_is_optional_goes_on(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(subjects, "_subjects", {"free": Subject("free", lambda *_all: None, optional=True)})
    assert route_if_any("free", {}) is None
