"""A case follows its route, each decision is signed, and nobody decides their own."""

from datetime import timedelta

import pytest

from tests.cast import Cast
from yidang.approval import actions, seating, subjects
from yidang.approval.models import Case, Decision, Route
from yidang.approval.routing import NobodySigns, NoRoute
from yidang.approval.signing import verify
from yidang.approval.subjects import Subject
from yidang.audit.rows import check_rows
from yidang.audit.verify import Fault
from yidang.common import clock, signing
from yidang.common.errors import InvalidInput, NotFound, WrongState

TWO_STEPS = [
    {"signers": [{"by": "duty", "value": "approver"}], "need": "any"},
    {"signers": [{"by": "duty", "value": "leader"}, {"by": "person", "value": "lin"}], "need": "all"},
]


@pytest.fixture
def carried_out(monkeypatch):
    """What was carried out after the last signature."""
    done: list[str] = []
    subject = Subject("lending", lambda case, _actor, _now: done.append(case.subject))
    monkeypatch.setattr(subjects, "_subjects", {"lending": subject})
    return done


def route(steps=TWO_STEPS, **facts) -> Route:
    values = {"kind": "lending", "key": "usual", "steps": steps} | facts
    return Route.objects.create(**values)


def ask(cast: Cast, username: str = "zhao", **facts) -> Case:
    return actions.open_case("lending", "R-1", facts={"days": 7} | facts, actor=cast.actor(username), now=clock.now())


def sign(cast: Cast, case: Case, username: str, step: int, choice: str = "approve", **more) -> Decision:
    return actions.decide(case.pk, choice=choice, actor=cast.actor(username), now=clock.now(), step=step, **more)


def test_the_last_signature_carries_out_what_was_asked_once(cast: Cast, carried_out: list[str]) -> None:
    route()
    case = ask(cast)
    sign(cast, case, "wu", 0)
    sign(cast, case, "zhou", 1)
    assert carried_out == []
    sign(cast, case, "lin", 1, days=3)
    case.refresh_from_db()
    assert (case.state, carried_out) == ("approved", ["R-1"])
    with pytest.raises(WrongState):
        sign(cast, case, "lin", 1)
    assert carried_out == ["R-1"]


def test_what_fails_after_the_last_signature_undoes_the_signature(cast: Cast, monkeypatch) -> None:
    def fails(case, _actor, _now):
        raise WrongState()

    monkeypatch.setattr(subjects, "_subjects", {"lending": Subject("lending", fails)})
    route(TWO_STEPS[:1])
    case = ask(cast)
    with pytest.raises(WrongState):
        sign(cast, case, "wu", 0)
    case.refresh_from_db()
    assert case.state == "waiting"
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("choice", "refuse"), ("days", 7), ("note", "不同的意见"), ("text", "{}")]
)
def test_a_decision_that_was_changed_no_longer_verifies(cast: Cast, carried_out, field: str, value: object) -> None:
    route()
    decision = sign(cast, ask(cast), "wu", 0, days=3, note="同意")
    decision = Decision.objects.get(pk=decision.pk)
    assert verify(decision)
    setattr(decision, field, value)
    assert not verify(decision)


def test_with_the_setting_a_decision_is_signed_with_sm2_as_well_and_neither_signature_can_be_left_out(
    cast: Cast, carried_out, data, settings
) -> None:
    route()
    case = ask(cast)
    plain = sign(cast, case, "wu", 0)
    settings.SM2 = True
    made = sign(cast, case, "zhou", 1, days=3, note="同意")
    settings.SM2 = False  # what was signed with it stays to be checked
    assert plain.sm2_signature == "" and verify(Decision.objects.get(pk=plain.pk))
    assert made.sm2_key in made.text and verify(Decision.objects.get(pk=made.pk))
    other = signing.archive_key().sign_text("x")
    for changed in (
        {"note": "不同意"}, {"sm2_signature": ""}, {"sm2_signature": other}, {"sm2_key": ""}, {"sm2_key": "", "sm2_signature": ""},
        {"signature": other},
    ):  # fmt: skip
        decision = Decision.objects.get(pk=made.pk)
        for field, value in changed.items():
            setattr(decision, field, value)
        assert not verify(decision), changed
    # A tampered text that was signed anew with the Ed25519 key, which a thief of one key could do, still does not fit.
    forged = Decision.objects.get(pk=made.pk)
    forged.note = "另一个意见"
    forged.text = forged.text.replace("同意", forged.note)
    forged.signature = signing.archive_key().sign_text(forged.text)
    assert not verify(forged)


@pytest.mark.promise("B2")
def test_the_log_s_verification_names_a_decision_that_was_changed_past_the_program(cast: Cast, carried_out) -> None:
    route()
    case = ask(cast)
    made = [sign(cast, case, "wu", 0), sign(cast, case, "zhou", 1)]

    def faults() -> list[Fault]:
        return [fault for fault in check_rows() if fault.kind != "row_unknown"]  # the route was put in by the test

    assert faults() == []
    for changed, back in (({"choice": "refuse"}, {"choice": "approve"}), ({"text": "no JSON"}, {"text": made[1].text})):
        Decision.objects.filter(pk=made[1].pk).update(**changed)
        assert [(one.kind, f"decision {made[1].pk}" in one.detail) for one in faults()] == [("row_edited", True)]
        Decision.objects.filter(pk=made[1].pk).update(**back)
    Decision.objects.filter(pk=made[0].pk).update(key_id="0" * 16)
    assert [one.kind for one in faults()] == ["row_unchecked"]


def test_a_case_whose_facts_were_changed_no_longer_verifies(cast: Cast, carried_out) -> None:
    route()
    decision = sign(cast, ask(cast), "wu", 0)
    Case.objects.update(facts={"days": 700})
    assert not verify(Decision.objects.get(pk=decision.pk))


def test_nobody_signs_their_own_case_and_leaders_follow_the_same_route(cast: Cast, carried_out) -> None:
    route([{"signers": [{"by": "duty", "value": "leader"}]}])
    with pytest.raises(NobodySigns):
        ask(cast, "zhou")


def test_a_deputy_signs_within_the_dates_but_never_for_their_own_request(cast: Cast, carried_out) -> None:
    route(TWO_STEPS[:1])
    now = clock.now()
    for deputy in ("zhao", "xu"):
        seating.delegate(
            cast.people[deputy], begins_at=now, ends_at=now + timedelta(days=2), actor=cast.actor("wu"), now=now
        )
    case = ask(cast)
    with pytest.raises(NotFound):
        sign(cast, case, "zhao", 0)
    late = now + timedelta(days=3)
    with pytest.raises(NotFound):
        actions.decide(case.pk, choice="approve", actor=cast.actor("xu"), now=late, step=0)
    decision = sign(cast, case, "xu", 0)
    assert (decision.decided_by.username, decision.seat.signer.username) == ("xu", "wu")
    assert verify(Decision.objects.get(pk=decision.pk))


def test_a_case_is_not_there_for_those_without_a_seat(cast: Cast, carried_out) -> None:
    route()
    case = ask(cast)
    for username in ("xu", "chen", "zhou", "secadmin", "zhao"):
        with pytest.raises(NotFound):
            sign(cast, case, username, 0)


def test_refusing_and_returning_need_a_reason_and_end_the_case(cast: Cast, carried_out) -> None:
    route()
    case = ask(cast)
    with pytest.raises(InvalidInput):
        sign(cast, case, "wu", 0, "refuse")
    with pytest.raises(InvalidInput):
        sign(cast, case, "wu", 0, days=8)
    sign(cast, case, "wu", 0, "return", note="请补批件")
    case.refresh_from_db()
    assert (case.state, carried_out) == ("returned", [])


def test_a_withdrawn_case_is_not_decided(cast: Cast, carried_out) -> None:
    route()
    case = ask(cast)
    with pytest.raises(NotFound):
        actions.withdraw(case, actor=cast.actor("wu"), now=clock.now())
    actions.withdraw(case, actor=cast.actor("zhao"), now=clock.now())
    with pytest.raises(WrongState):
        sign(cast, case, "wu", 0)


def test_the_first_route_whose_conditions_hold_is_taken(cast: Cast, carried_out) -> None:
    many = route(key="many", conditions={"records": {"min": 10}, "purpose": ["research"]}, position=1)
    usual = route(position=2, conditions={"purpose": ["research", "work"]})
    assert ask(cast, records=12, purpose="research").route == many
    Case.objects.all().delete()
    assert ask(cast, records=12, purpose="work").route == usual
    Case.objects.all().delete()
    with pytest.raises(NoRoute):
        ask(cast, records=12)
