"""Where a hospital sets a route for it, a filing is accepted by the last signature; without one, as ever by the archivist."""

import pytest

from tests.archive import Archive
from yidang.approval import actions as approval
from yidang.approval.models import Case, Decision, Route
from yidang.approval.routing import NobodySigns
from yidang.approval.signing import verify
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import NotAllowed, NotFound, WrongState
from yidang.intake import actions
from yidang.intake.errors import NotWaiting, WaitsForSignatures
from yidang.intake.models import Acceptance, Submission
from yidang.intake.tests.filing import file

LEADER = [{"signers": [{"by": "duty", "value": "leader"}], "need": "any"}]


@pytest.fixture
def routed(archive: Archive) -> Archive:
    """A hospital whose leader signs what comes into 文书·行政."""
    Route.objects.create(
        kind="acceptance", key="own-1", labels={"zh": "移交接收"}, steps=LEADER, conditions={"classes": ["WS·XZ"]}
    )
    return archive


def propose(archive: Archive, submission: Submission) -> Case:
    made = actions.accept(submission, actor=archive.cast.actor("lin"), now=clock.now(), note="与移交清单相符")
    assert isinstance(made, Case)
    return made


def decide(archive: Archive, case: Case, choice: str = "approve", note: str = "") -> Decision:
    signer = archive.cast.actor("zhou")
    return approval.decide(case.pk, choice=choice, actor=signer, now=clock.now(), step=0, note=note)


def test_the_last_signature_accepts_and_names_who_proposed_it(routed: Archive, trail) -> None:
    submission = file(routed.cast.actor("xu")).submission
    case = propose(routed, submission)
    assert Record.objects.get().state == Record.RECEIVED and not Acceptance.objects.exists()
    decision = decide(routed, case)
    acceptance, record = Acceptance.objects.get(), Record.objects.get()
    assert (record.state, acceptance.by.username, acceptance.note) == (Record.ARCHIVED, "lin", "与移交清单相符")
    body = trail(event="intake.submission.accepted").get().body
    assert str(case.public_id) in body and '"proposed_by":"lin"' in body
    # What was signed names every document by its digest, so that nobody can say later that something else was accepted.
    assert verify(decision)
    assert all(digest in decision.text for digest in submission.documents.values_list("sha256", flat=True))


def test_what_no_route_fits_is_accepted_at_once(routed: Archive) -> None:
    Route.objects.update(conditions={"classes": ["KJ"]})
    submission = file(routed.cast.actor("xu")).submission
    assert isinstance(actions.accept(submission, actor=routed.cast.actor("lin"), now=clock.now()), Acceptance)
    assert not Case.objects.exists()


def test_it_is_proposed_once_and_refused_it_waits_as_before(routed: Archive) -> None:
    submission = file(routed.cast.actor("xu")).submission
    case = propose(routed, submission)
    with pytest.raises(WaitsForSignatures):
        propose(routed, submission)
    decide(routed, case, "refuse", "缺少处理单")
    submission.refresh_from_db()
    assert submission.state == Submission.RECEIVED and not Acceptance.objects.exists()
    decide(routed, propose(routed, submission))
    assert Record.objects.get().state == Record.ARCHIVED


@pytest.mark.parametrize("how", ["returned", "withdrawn"])
def test_what_is_given_back_meanwhile_is_no_longer_there_to_be_signed(routed: Archive, how: str, trail) -> None:
    submission = file(routed.cast.actor("xu")).submission
    case = propose(routed, submission)
    if how == "returned":
        actions.return_to_sender(submission, actor=routed.cast.actor("lin"), reason="缺页", now=clock.now())
    else:
        actions.withdraw(submission, actor=routed.cast.actor("xu"), reason="", now=clock.now())
    case.refresh_from_db()
    assert case.state == "withdrawn" and trail(event="approval.case.withdrawn").count() == 1
    with pytest.raises(WrongState):
        decide(routed, case)
    assert not Acceptance.objects.exists()


def test_a_signature_that_comes_too_late_is_undone(routed: Archive) -> None:
    """Somebody gave the filing back past the case, as a race could: no signature stays without its deed."""
    submission = file(routed.cast.actor("xu")).submission
    case = propose(routed, submission)
    Submission.objects.update(state=Submission.RETURNED)
    with pytest.raises(NotWaiting):
        decide(routed, case)
    assert not Decision.objects.exists() and not Acceptance.objects.exists()


def test_who_may_not_accept_may_not_propose_either(routed: Archive) -> None:
    submission = file(routed.cast.actor("xu")).submission
    for who in ("xu", "zhao", "zhou"):
        with pytest.raises((NotAllowed, NotFound)):
            actions.accept(submission, actor=routed.cast.actor(who), now=clock.now())
    Route.objects.update(steps=[{"signers": [{"by": "person", "value": "lin"}], "need": "any"}])
    with pytest.raises(NobodySigns):
        propose(routed, submission)


def test_on_the_pages_it_is_sent_signed_and_seen(routed: Archive) -> None:
    first, second = (file(routed.cast.actor("xu"), number).submission for number in "12")
    lin, zhou = routed.cast.client("lin"), routed.cast.client("zhou")
    page = f"/filings/{first.public_id}/"
    assert "送签接收" in lin.get(page).content.decode()
    told = lin.post("/inbox/acceptance/", {"chosen": [first.public_id, second.public_id]}, follow=True)
    assert "2 件接收已送签" in told.content.decode() and "待签批" in told.content.decode()
    assert "周文" in lin.get(page).content.decode()
    cases = {case.subject: case for case in Case.objects.all()}
    case = cases[str(first.public_id)]
    screen = zhou.get(f"/signing/{case.public_id}/").content.decode()
    assert "林静提议接收" in screen and "正文.txt" in screen
    zhou.post(f"/signing/{case.public_id}/decide/", {"decision": "approve", "step": "0"})
    first.refresh_from_db()
    assert first.state == Submission.ARCHIVED
    lin.post(f"/filings/{second.public_id}/proposal/")
    second.refresh_from_db()
    assert second.state == Submission.RECEIVED
    assert Case.objects.get(subject=str(second.public_id)).state == "withdrawn"
    assert lin.post(f"/filings/{first.public_id}/proposal/").status_code == 409


def test_the_route_is_made_and_taken_away_by_the_archive_room(archive: Archive) -> None:
    lin = archive.cast.client("lin")
    assert "无需签批" in lin.get("/signing/routes/").content.decode()
    form = {"label": "移交接收", "step-0-0": "duty:leader", "hours": "16", "channel": ["batch"], "do": "save"}
    assert lin.post("/signing/routes/acceptance/new/", form).status_code == 302
    route = Route.objects.get(kind="acceptance")
    assert route.conditions == {"channel": ["batch"]}
    # What comes in batches goes for signatures; what a person files by hand does not.
    submission = file(archive.cast.actor("xu")).submission
    assert isinstance(actions.accept(submission, actor=archive.cast.actor("lin"), now=clock.now()), Acceptance)
    assert lin.post(f"/signing/routes/acceptance/{route.key}/", {"do": "retire"}).status_code == 302
    assert not Route.objects.filter(kind="acceptance", is_current=True).exists()
