"""A signature is taken back within ten minutes while nothing followed; a waiting seat is given to somebody else."""

from datetime import timedelta

import pytest

from tests.cast import Cast
from yidang.approval import actions, mending, subjects
from yidang.approval.models import Case, Decision, Reassignment, Route, TakenBack
from yidang.approval.queries import waiting_for
from yidang.approval.subjects import Subject
from yidang.audit.models import Entry
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState

pytestmark = pytest.mark.django_db
APPROVER, LEADER = ({"signers": [{"by": "duty", "value": one}], "need": "any"} for one in ("approver", "leader"))


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def case(cast: Cast, monkeypatch, done) -> Case:
    """Wu signs, then a leader."""
    subject = Subject(
        "lending", lambda *_all: done.append("approved"), lambda _case: done.append("ended"),
        undone=lambda *_all: done.append("undone"),
    )  # fmt: skip
    monkeypatch.setattr(subjects, "_subjects", {"lending": subject})
    Route.objects.create(kind="lending", key="usual", steps=[APPROVER, LEADER])
    return actions.open_case(
        "lending", "R-1", facts={"days": 7}, actor=cast.actor("zhao"), now=clock.now(), label="R-1"
    )


def sign(cast: Cast, case: Case, username: str, choice: str = "approve") -> Decision:
    case.refresh_from_db()
    return actions.decide(
        case.pk, choice=choice, actor=cast.actor(username), now=clock.now(), step=case.step, note="理由"
    )


def test_a_signature_is_taken_back_and_given_anew(cast: Cast, case: Case, done) -> None:
    text = sign(cast, case, "wu").text
    browser, address = cast.client("wu"), f"/signing/{case.public_id}/"
    assert f"{address}take-back/" in browser.get(address).content.decode()
    assert waiting_for(cast.actor("zhou"), clock.now()).exists()
    assert browser.post(f"{address}take-back/").status_code == 302
    case.refresh_from_db()
    assert (case.state, case.step) == ("waiting", 0)
    assert not waiting_for(cast.actor("zhou"), clock.now()).exists(), "the next step waits no more"
    assert TakenBack.objects.get().text == text and not Decision.objects.exists()
    assert Entry.objects.filter(event="approval.case.taken_back").count() == 1
    sign(cast, case, "wu", "refuse")
    case.refresh_from_db()
    assert case.state == "refused" and done == ["ended"]
    mending.take_back(case.pk, actor=cast.actor("wu"), now=clock.now())
    case.refresh_from_db()
    assert case.state == "waiting" and case.closed_at is None and done == ["ended", "undone"]


def test_nothing_is_taken_back_late_by_others_or_after_the_next_signature(cast: Cast, case: Case) -> None:
    wu = sign(cast, case, "wu")
    late = wu.decided_at + timedelta(minutes=10)
    for username, now in (("wu", late), ("zhou", clock.now()), ("zhao", clock.now()), ("lin", clock.now())):
        with pytest.raises(WrongState):
            mending.take_back(case.pk, actor=cast.actor(username), now=now)
    assert cast.client("zhao").post(f"/signing/{case.public_id}/take-back/").status_code == 404
    sign(cast, case, "zhou")
    with pytest.raises(WrongState):
        mending.take_back(case.pk, actor=cast.actor("wu"), now=clock.now())
    case.refresh_from_db()
    assert case.state == "approved" and Decision.objects.count() == 2 and not TakenBack.objects.exists()


def test_what_cannot_go_back_says_so_and_stays(cast: Cast, case: Case, monkeypatch) -> None:
    monkeypatch.setattr(subjects, "_subjects", {"lending": Subject("lending", lambda *_all: None)})
    sign(cast, case, "wu")
    sign(cast, case, "zhou")
    with pytest.raises(WrongState):
        mending.take_back(case.pk, actor=cast.actor("zhou"), now=clock.now())
    assert Decision.objects.count() == 2


@pytest.mark.parametrize("keeper", ["lin", "secadmin"])
def test_a_seat_is_given_to_somebody_else_with_a_reason(cast: Cast, case: Case, keeper: str) -> None:
    seat, browser = case.seats.get(), cast.client(keeper)
    shown = browser.get("/signing/waiting/").content.decode()
    assert ("R-1" in shown and "wu" in shown.lower()) or cast.people["wu"].display_name in shown
    address = f"/signing/waiting/{seat.pk}/reassign/"
    for said in ({"username": "zhou"}, {"username": "nobody", "note": "出差"}, {"username": "zhao", "note": "出差"},
                 {"username": "wu", "note": "出差"}, {"username": keeper, "note": "出差"},
                 {"username": "xu", "note": "出差"}):  # fmt: skip
        assert browser.post(address, said).status_code == 422
    assert browser.post(address, {"username": "zhou", "note": "科主任出差，由分管领导签"}).status_code == 302
    assert waiting_for(cast.actor("zhou"), clock.now()).get() == case
    assert not waiting_for(cast.actor("wu"), clock.now()).exists()
    with pytest.raises(NotFound):
        sign(cast, case, "wu")
    row = Reassignment.objects.get()
    assert (row.former.username, row.signer.username, row.by.username) == ("wu", "zhou", keeper)
    assert Entry.objects.filter(event="approval.seat.reassigned").count() == 1
    sign(cast, case, "zhou")
    with pytest.raises(NotFound):
        mending.reassign(seat.pk, "wu", note="x", actor=cast.actor(keeper), now=clock.now())


def test_nobody_else_gives_seats_and_nobody_for_their_own_case(cast: Cast, case: Case) -> None:
    seat = case.seats.get()
    for username in ("zhao", "wu", "zhou", "xu", "sysadmin", "auditor"):
        assert cast.client(username).get("/signing/waiting/").status_code == 403
        with pytest.raises(NotAllowed):
            mending.reassign(seat.pk, "zhou", note="x", actor=cast.actor(username), now=clock.now())
    own = actions.open_case("lending", "R-2", facts={}, actor=cast.actor("lin"), now=clock.now())
    with pytest.raises((NotAllowed, InvalidInput)):
        mending.reassign(own.seats.first().pk, "zhou", note="x", actor=cast.actor("lin"), now=clock.now())
