"""Deputies, countersigning, reminders, escalation, duty officers; and the to-do list over a real socket."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client
from django.utils.timezone import get_current_timezone

from tests.cast import PASSWORD, Cast
from yidang.approval import actions, handing, seating, subjects
from yidang.approval.models import Case, Decision, Route, Seat, SignLink
from yidang.approval.queries import turnaround, waiting_for
from yidang.approval.subjects import Subject
from yidang.approval.working_time import Calendar
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.common.signing import archive_key, verify_text
from yidang.jobs.models import Job
from yidang.jobs.worker import Worker

HEAD = [{"signers": [{"by": "duty", "value": "approver"}], "need": "any"}]
ZONE = get_current_timezone()
AFTERNOON = datetime(2026, 3, 4, 16, 50, tzinfo=ZONE)  # a Wednesday
NIGHT, MORNING = datetime(2026, 11, 24, 22, tzinfo=ZONE), datetime(2026, 11, 25, 10, tzinfo=ZONE)


@pytest.fixture
def case(cast: Cast, monkeypatch) -> Case:
    """Something that zhao asked for and wu signs."""
    monkeypatch.setattr(subjects, "_subjects", {"lending": Subject("lending", lambda *_all: None)})
    Route.objects.create(kind="lending", key="usual", steps=HEAD, target_hours=8)
    return opened(cast)


def opened(cast: Cast, subject: str = "R-1", now: datetime | None = None, **said) -> Case:
    return actions.open_case(
        "lending", subject, facts={"days": 7}, actor=cast.actor("zhao"), now=now or clock.now(), label=subject, **said
    )


def sign(cast: Cast, case: Case, username: str, **said) -> Decision:
    case.refresh_from_db()
    values = {"choice": "approve", "now": clock.now(), "step": case.step} | said
    return actions.decide(case.pk, actor=cast.actor(username), **values)


def test_a_countersigner_is_waited_for(cast: Cast, case: Case) -> None:
    now = clock.now()
    for username, refusal in (("zhao", InvalidInput), ("wu", InvalidInput), ("nobody", InvalidInput)):
        with pytest.raises(refusal):
            seating.countersign(case, username, actor=cast.actor("wu"), now=now)
    with pytest.raises(NotFound):
        seating.countersign(case, "lin", actor=cast.actor("he"), now=now)
    seating.countersign(case, "lin", actor=cast.actor("wu"), now=now)
    sign(cast, case, "wu")
    case.refresh_from_db()
    assert case.state == "waiting"
    with pytest.raises(WrongState):
        sign(cast, case, "wu")
    sign(cast, case, "lin")
    case.refresh_from_db()
    assert case.state == "approved"


def test_a_countersignature_alone_is_not_enough(cast: Cast, case: Case) -> None:
    seating.countersign(case, "lin", actor=cast.actor("wu"), now=clock.now())
    sign(cast, case, "lin")
    case.refresh_from_db()
    assert case.state == "waiting"
    sign(cast, case, "wu")
    case.refresh_from_db()
    assert case.state == "approved"


def test_what_is_overdue_is_told_once_and_passed_on_once(cast: Cast, case: Case) -> None:
    case = opened(cast, "R-9", now=AFTERNOON)  # hours before its end are working hours, whenever this test runs
    assert Calendar().between(case.opened_at, case.due_at) == timedelta(hours=8)
    assert not seating.remind(case, now=case.due_at - timedelta(hours=2, minutes=1))
    assert seating.remind(case, now=case.due_at - timedelta(hours=1))
    assert not seating.remind(case, now=case.due_at)
    zhou = cast.actor("zhou")
    assert not waiting_for(zhou, case.due_at).exists()
    assert seating.escalate(case, now=case.due_at)
    assert not seating.escalate(case, now=case.due_at)
    assert waiting_for(zhou, case.due_at).get() == case
    sign(cast, case, "zhou", now=case.due_at)
    case.refresh_from_db()
    assert case.state == "approved"
    [row] = turnaround("lending", lambda _case: ["all"], since=case.opened_at, now=case.due_at)
    assert (row.closed, row.in_time, row.waiting) == (1, 100, 1)  # R-1 waits still


def test_the_duty_officer_signs_what_is_urgent_after_hours_alone(cast: Cast, case: Case) -> None:
    with pytest.raises(NotAllowed):
        watch = {"begins_at": NIGHT, "ends_at": MORNING, "now": NIGHT}
        seating.set_watch(cast.people["xu"], actor=cast.actor("wu"), **watch)
    seating.set_watch(cast.people["xu"], actor=cast.actor("lin"), **watch)
    xu = cast.actor("xu")
    opened(cast, "R-2", now=NIGHT)
    urgent = opened(cast, "R-3", now=NIGHT, urgent=True)
    assert urgent.due_at == NIGHT + timedelta(hours=2)
    assert waiting_for(xu, NIGHT).get() == urgent
    opened(cast, "R-4", now=MORNING, urgent=True)
    assert waiting_for(xu, MORNING).get() == urgent
    sign(cast, urgent, "xu", now=NIGHT)
    urgent.refresh_from_db()
    assert urgent.state == "approved"


def test_a_deputy_ends_when_the_principal_is_back(cast: Cast, case: Case) -> None:
    browser = cast.client("wu")
    today = clock.now().astimezone(ZONE).date()
    form = {"deputy": "lin", "begins": str(today), "ends": str(today + timedelta(days=3))}
    assert browser.post("/signing/deputies/", form | {"ends": "soon"}).status_code == 422
    assert browser.post("/signing/deputies/", form).status_code == 302
    assert waiting_for(cast.actor("lin"), clock.now()).get() == case
    [lent] = cast.people["wu"].delegations.all()
    assert cast.client("lin").post(f"/signing/deputies/{lent.pk}/end/").status_code == 404
    assert browser.post(f"/signing/deputies/{lent.pk}/end/").status_code == 302
    assert not waiting_for(cast.actor("lin"), clock.now()).exists()
    assert cast.client("wu").get("/signing/watch/").status_code == 403
    assert cast.client("lin").get("/signing/watch/").status_code == 200
    assert cast.client("wu").get("/signing/times/").status_code == 200


class ToDoList(BaseHTTPRequestHandler):
    """The hospital's list: keeps what it is sent, or answers that it cannot."""

    taken: list[tuple[dict[str, str], bytes]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((dict(self.headers), body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_all: object) -> None:
        """Says nothing."""


@pytest.fixture
def to_do(settings) -> Iterator[type[ToDoList]]:
    """A server of its own on a free port, which the settings name."""
    handler = type("Handler", (ToDoList,), {"taken": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.TODO_WEBHOOK = f"http://127.0.0.1:{server.server_port}/todo"
    settings.ADDRESS = "http://testserver"
    yield handler
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.django_db
def test_what_waits_is_posted_with_a_signature_and_a_link_that_opens_once(cast: Cast, case: Case, to_do) -> None:
    opened(cast, "R-2")
    Worker(threads=1).run_pending()
    [(headers, body)] = to_do.taken
    assert verify_text(archive_key().public_raw, body.decode(), headers["X-Yidang-Signature"])
    said = json.loads(body)
    assert said["label"] == "R-2" and said["signer"]["username"] == "wu"
    path = said["link"].removeprefix("http://testserver")
    assert path.rsplit("/", 2)[1] not in str(SignLink.objects.values_list("digest")), "the token itself is not kept"
    stranger = Client()
    assert stranger.get(path).status_code == 200
    assert stranger.get(path).status_code == 200, "looking ahead spends nothing"
    assert stranger.post(path, {"password": "wrong"}).status_code in {403, 422}
    assert cast.client("he").get(path).status_code == 404, "another person's link is nothing"
    answer = stranger.post(path, {"password": PASSWORD})
    assert answer.status_code == 302 and answer["Location"] == f"/signing/{Case.objects.get(subject='R-2').public_id}/"
    assert stranger.get(answer["Location"]).status_code == 200
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"password": PASSWORD}).status_code == 404
    assert Client().get("/sign/guessed/").status_code == 404


def test_a_list_that_does_not_answer_is_asked_again(cast: Cast, case: Case, to_do) -> None:
    to_do.status = 503
    opened(cast, "R-2")
    Worker(threads=1).run_pending()
    job = Job.objects.get(name="approval.hand_over")
    assert job.state == Job.WAITING and job.attempts == 1
    to_do.status = 200
    assert handing.hand_over(job.ids["seat_id"], now=clock.now())
    sign(cast, Case.objects.get(subject="R-2"), "wu")
    assert not handing.hand_over(job.ids["seat_id"], now=clock.now()), "what is decided is not told"
    assert Seat.objects.filter(kind=Seat.ROUTE).count() == 2
