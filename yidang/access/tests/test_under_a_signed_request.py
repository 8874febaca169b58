"""At the counter and on the telephone the same signatures are asked for: borrowing, certified copies, calls."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.archive import Archive
from yidang.access import certificates, requests, uses
from yidang.access.models import AccessRequest, Use
from yidang.approval import actions as approval
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, WrongState
from yidang.formats.tests import making
from yidang.permissions.actions import revoke_grant
from yidang.permissions.models import Grant


@pytest.fixture
def paper(archive: Archive, tmp_path) -> Record:
    """Two pages of the finance office, seen by nobody else."""
    path = making.pdf(tmp_path / "a.pdf", [["第一页 付款"], ["第二页"]])
    return archive.file("财务科付款说明", {"付款说明.pdf": path.read_bytes()}, of="WS·XZ", by="xu")


def signed(archive: Archive, record: Record, *actions: str, by: str = "zhao", **said) -> AccessRequest:
    """A request with all its signatures."""
    asked = requests.Ask([record.code], list(actions), "inspection", 7, **said)
    made = requests.ask(asked, actor=archive.cast.actor(by), now=clock.now())
    while made.case is not None and made.case.state == "waiting":
        seat = made.case.seats.filter(step=made.case.step).first()
        approval.decide(
            made.case.pk, choice="approve", actor=archive.cast.actor(seat.signer.username), now=clock.now(),
            step=made.case.step, confirmed=True,
        )  # fmt: skip
        made.case.refresh_from_db()
    made.refresh_from_db()
    return made


def lent(archive: Archive, record: Record, under: str, name: str = "", **said) -> Use:
    values: dict = {"purpose": "inspection", "asked": "", "result": "given", "paper_reason": "核对印章"} | said
    return uses.register_use(
        "counter", came=uses.Came(name or archive.cast.people["zhao"].display_name), record=record.code, borrowed=True,
        under=under, actor=archive.cast.actor("lin"), now=clock.now(), **values,
    )  # fmt: skip


@pytest.mark.gbt39784("8.2-2", "8.2-4")
def test_an_original_leaves_the_room_under_a_signed_request_once_counted(archive, paper):
    with pytest.raises(InvalidInput) as refused:
        lent(archive, paper, "")
    assert refused.value.code == "borrow_without_request"
    made = signed(archive, paper, "borrow", times=1)
    for number, name, field in (("LY-1999-0001", "", "under"), (made.number, "李四", "name")):
        with pytest.raises(InvalidInput) as refused:
            lent(archive, paper, number, name)
        assert refused.value.field == field
    assert not Use.objects.filter(borrowed=True).exists()
    use = lent(archive, paper, made.number.lower())
    grant = Grant.objects.get()
    assert (grant.used, use.grant, use.user, use.paper) == (1, grant, archive.cast.people["zhao"], True)
    with pytest.raises(InvalidInput):
        lent(archive, paper, made.number)
    figures = archive.cast.client("lin").get("/uses/statistics/").content.decode()
    assert 'paper=borrowed">1</a>' in figures


def test_a_permission_to_look_or_one_that_was_revoked_lends_nothing(archive, paper):
    looking = signed(archive, paper, "view")
    with pytest.raises(InvalidInput):
        lent(archive, paper, looking.number)
    borrowing = signed(archive, paper, "borrow")
    revoke_grant(Grant.objects.get(may_borrow=True), actor=archive.cast.actor("lin"), now=clock.now())
    with pytest.raises(InvalidInput):
        lent(archive, paper, borrowing.number)


def test_whoever_keeps_the_record_takes_it_on_duty(archive, paper):
    use = lent(archive, paper, "", archive.cast.people["lin"].display_name)
    assert use.borrowed and use.grant is None


def test_a_certified_copy_for_staff_asks_for_the_signed_request_and_its_pages(archive, paper):
    made = signed(archive, paper, "certify", pages="1", times=1)

    def certify(under: str, pages: str) -> certificates.Certificate:
        came = uses.Came(archive.cast.people["zhao"].display_name)
        ask = certificates.Ask(came, "inspection", "request", "", {1: pages}, Decimal(0), under)
        return certificates.issue_certificate(
            paper, ask, address="https://example.org/{code}", actor=archive.cast.actor("lin"), now=clock.now()
        )

    with pytest.raises(InvalidInput):
        certify("", "1")
    with pytest.raises(Exception, match="部分页"):
        certify(made.number, "1-2")
    issued = certify(made.number, "1")
    assert issued.opening.grant == Grant.objects.get() and Grant.objects.get().used == 1
    with pytest.raises(InvalidInput):
        certify(made.number, "1")


@pytest.mark.gbt39784("8.4-4")
def test_a_call_from_the_house_becomes_a_request_and_its_signature_is_the_answer(archive, paper):
    browser = archive.cast.client("lin")
    said = {"kind": "phone", "account": "zhao", "record": paper.code, "purpose": "work", "result": "given"}
    assert browser.post("/uses/counter/", said).status_code == 302
    use, made = Use.objects.get(kind="phone"), AccessRequest.objects.get()
    assert use.request == made and use.result == "waiting" and made.asker == archive.cast.people["zhao"]
    assert made.entered_by == archive.cast.people["lin"] and made.state == "waiting"
    with pytest.raises(WrongState):
        uses.answer_use(use, result="nothing", answer="", record="", actor=archive.cast.actor("lin"), now=clock.now())
    seat = made.case.seats.first()
    assert seat.signer.username != "lin" or made.entered_by_id == seat.signer_id
    approval.decide(
        made.case.pk, choice="approve", actor=archive.cast.actor(seat.signer.username), now=clock.now(), step=0,
        confirmed=True,
    )  # fmt: skip
    use.refresh_from_db()
    assert use.result == "given" and use.answer == made.number
    # The one who called reads it under their own name; a signature that is taken back lets the call wait again.
    from yidang.approval.mending import take_back

    take_back(made.case.pk, actor=archive.cast.actor(seat.signer.username), now=clock.now())
    use.refresh_from_db()
    assert use.result == "waiting" and Grant.objects.get().revoked_at is not None


def test_nothing_of_a_closed_record_is_told_from_afar(archive, paper):
    for kind in ("phone", "remote"):
        with pytest.raises(InvalidInput) as refused:
            uses.register_use(
                kind, came=uses.Came("张三"), purpose="work", record=paper.code, asked="", result="given",
                actor=archive.cast.actor("lin"), now=clock.now(),
            )  # fmt: skip
        assert refused.value.code == "told_from_afar"
    waits = uses.register_use(
        "phone", came=uses.Came("张三"), purpose="work", record=paper.code, asked="", result="waiting",
        actor=archive.cast.actor("lin"), now=clock.now(),
    )  # fmt: skip
    with pytest.raises(InvalidInput):
        uses.answer_use(waits, result="given", answer="", record="", actor=archive.cast.actor("lin"), now=clock.now())


def test_a_signature_is_not_taken_back_once_somebody_looked(archive, paper):
    made = signed(archive, paper, "view")
    assert archive.cast.client("zhao").get(f"/records/{paper.public_id}/documents/1/pages/1/").status_code == 200
    signer = made.case.seats.exclude(decision=None).order_by("-step").first().signer.username
    answer = archive.cast.client(signer).post(f"/signing/{made.case.public_id}/take-back/", follow=True)
    assert "不能撤回" in answer.content.decode()
    grant = Grant.objects.get()
    assert grant.revoked_at is None and grant.until > clock.now() + timedelta(days=6)
