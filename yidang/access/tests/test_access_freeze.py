"""A freeze stops looking for everyone who is not named, at the next page, on every channel alike; the entry stays."""

from datetime import timedelta

import pytest

from tests.archive import Archive
from tests.cast import FOUNDER
from yidang import search
from yidang.access import emergency
from yidang.audit.models import Entry
from yidang.catalogue import policy
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.formats.tests import making
from yidang.permissions import freezing
from yidang.permissions.actions import begin_care, issue_grant
from yidang.permissions.models import AccessFreeze, CareRelationship
from yidang.search import Query, index_once

LOOKING = ("view", "print", "copy")


@pytest.fixture
def rules(archive: Archive, tmp_path) -> Record:
    """Two pages that the whole hospital sees, which zhao may print and copy by a grant."""
    path = making.pdf(tmp_path / "a.pdf", [["设备管理办法", "输液泵采购"], ["第二页"]])
    record = archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")
    now = clock.now()
    issue_grant(
        archive.cast.people["zhao"], record.pk, record=str(record.public_id), actions=set(LOOKING), reason="审计",
        until=now + timedelta(days=1), actor=archive.cast.actor("lin"), now=now,
    )  # fmt: skip
    archive.work()
    index_once()
    return record


@pytest.fixture
def patient(archive: Archive) -> Record:
    """A medical record of a patient whom chen treats."""
    record = archive.file(
        "住院病案 王五", by="he", of="ZY·BA", accepted=False, department="BA", security="sensitive",
        metadata={"patient_number": "P-100", "patient_name": "王五"},
    )  # fmt: skip
    begin_care("P-100", clinician=archive.cast.people["chen"], begins_at=clock.now(), actor=FOUNDER, now=clock.now())
    return record


def freeze(archive: Archive, record: Record, *named: str, by: str = "lin", care: bool = True, patient: str = ""):
    return freezing.freeze_access(
        record_id=None if patient else record.pk, record="" if patient else str(record.public_id),
        patient_number=patient, named=[archive.cast.people[name] for name in named], care_goes_on=care,
        reason="舆情事件", actor=archive.cast.actor(by), now=clock.now(),
    )  # fmt: skip


def may(archive: Archive, username: str, record: Record, action: str) -> bool:
    """Whether a person may; list and single answer must agree."""
    actor = archive.cast.actor(username)
    listed = Record.objects.visible_to(actor, action).filter(pk=record.pk).exists()
    assert listed == policy.allowed(actor, action, record)
    return listed


@pytest.mark.promise("F1", "F2")
def test_nobody_but_the_named_looks_and_everybody_keeps_the_entry(archive, rules):
    freeze(archive, rules, "xu")
    for username in ("lin", "zhao", "chen", "wu", "zhou", "he"):
        assert [may(archive, username, rules, action) for action in LOOKING] == [False] * 3, username
        assert may(archive, username, rules, "see")
    assert may(archive, "xu", rules, "view") and not may(archive, "xu", rules, "copy")  # named is not granted


def test_an_open_page_a_waiting_print_and_a_running_download_end_at_once(archive, rules):
    browser = archive.cast.client("zhao")
    page, content = (f"/records/{rules.public_id}/documents/1/{part}" for part in ("pages/1/", "content/"))
    sent = browser.post(f"/records/{rules.public_id}/documents/1/print/", {"pages": "1", "copies": "1"})
    assert browser.get(page).status_code == browser.get(content).status_code == 200
    frozen = freeze(archive, rules)
    for address in (page, page + "?width=320", content, sent["Location"], f"/records/{rules.public_id}/hits/?q=输液泵"):
        assert browser.get(address).status_code == 403, address
    assert browser.get(content, headers={"Range": "bytes=10-"}).status_code == 403
    shown = browser.get(f"/records/{rules.public_id}/")
    assert (
        shown.status_code == 200 and "访问已冻结" in shown.content.decode() and "pages/1" not in shown.content.decode()
    )
    freezing.lift_freeze(
        frozen, note="舆情平息", record=str(rules.public_id), actor=archive.cast.actor("lin"), now=clock.now()
    )
    assert browser.get(page).status_code == 200
    events = (
        Entry.objects.filter(event__startswith="permissions.freeze")
        .exclude(event__endswith=".bound")
        .order_by("seq")
        .values_list("event", flat=True)
    )
    assert list(events) == ["permissions.freeze.set", "permissions.freeze.lifted"]


@pytest.mark.promise("F1")
def test_the_text_of_frozen_pages_finds_nothing_and_the_title_still_does(archive, rules):
    def found(username: str, text: str) -> tuple[int, int]:
        results = search.search(archive.cast.actor(username), Query(text=text))
        return results.total, sum(len(hit.spots) for hit in results.hits)

    assert found("zhao", "输液泵采购") == (1, 1)
    freeze(archive, rules, "xu")
    for username in ("zhao", "lin", "chen"):
        assert found(username, "输液泵采购") == (0, 0)
        assert found(username, "设备管理办法") == (1, 0)
        facets = search.search(archive.cast.actor(username), Query(text="输液泵采购")).facets
        assert not any(value.count for facet in facets for value in facet.values)
    assert found("xu", "输液泵采购") == (1, 1)


def test_care_goes_on_unless_it_is_said_otherwise(archive, patient):
    assert may(archive, "chen", patient, "view")
    frozen = freeze(archive, patient, patient="P-100", by="he")
    assert may(archive, "chen", patient, "view") and not may(archive, "he", patient, "view")
    AccessFreeze.objects.filter(pk=frozen.pk).update(lifted_at=clock.now())
    freeze(archive, patient, patient="P-100", by="he", care=False)
    assert not may(archive, "chen", patient, "view")


def test_emergency_access_does_not_go_around_a_freeze(archive, patient):
    CareRelationship.objects.all().delete()
    freeze(archive, patient, patient="P-100", by="he")
    emergency.open_in_emergency("P-100", reason="抢救需要", actor=archive.cast.actor("chen"), now=clock.now())
    assert not may(archive, "chen", patient, "view") and may(archive, "chen", patient, "see")


def test_the_explanation_names_the_freeze_only_to_who_sees_the_entry(archive, rules, patient):
    freeze(archive, rules)
    freeze(archive, patient, by="he")
    browser = archive.cast.client("zhao")

    def reason(record: Record) -> str:
        answer = browser.get(f"/api/v1/permissions/explain?record={record.public_id}&action=view")
        return answer.json().get("reason", str(answer.status_code))

    assert reason(rules) == "frozen" and reason(patient) == "404"


def test_the_page_freezes_by_code_for_named_people_and_lifts(archive, rules):
    browser = archive.cast.client("lin")
    said = {"record": rules.code, "named": "xu, wu", "reason": "舆情事件", "care": "yes"}
    assert browser.post("/freezes/", {**said, "named": "xu nobody"}).status_code == 422
    assert browser.post("/freezes/", {**said, "record": "没有"}).status_code == 422
    assert browser.post("/freezes/", {**said, "reason": ""}).status_code == 422
    assert browser.post("/freezes/", said).status_code == 302
    assert browser.post("/freezes/", said).status_code == 422  # frozen already
    frozen = AccessFreeze.objects.get()
    assert {user.username for user in frozen.named.all()} == {"xu", "wu"}
    assert "舆情事件" in browser.get("/freezes/").content.decode()
    assert browser.post(f"/freezes/{frozen.public_id}/lift/", {"note": "平息"}).status_code == 302
    assert may(archive, "zhao", rules, "view")


@pytest.mark.parametrize("username", ["zhao", "chen", "wu", "zhou", "xu", "sysadmin", "secadmin", "auditor"])
def test_only_keepers_freeze_and_lift_and_only_what_they_keep(archive, rules, username):
    frozen = freeze(archive, rules)
    browser = archive.cast.client(username)
    assert browser.get("/freezes/").status_code == 403
    assert browser.post("/freezes/", {"record": rules.code, "reason": "试一试看"}).status_code == 403
    assert browser.post(f"/freezes/{frozen.public_id}/lift/", {"note": "x"}).status_code == 403
    with pytest.raises(NotAllowed):
        freeze(archive, rules, by=username)
    clerk = archive.cast.client("he")  # keeps medical records alone
    assert "设备管理办法" not in clerk.get("/freezes/").content.decode()
    assert clerk.post(f"/freezes/{frozen.public_id}/lift/", {"note": "x"}).status_code == 404
    assert clerk.post("/freezes/", {"record": rules.code, "reason": "试一试看"}).status_code == 422
    assert AccessFreeze.objects.get().lifted_at is None


def test_a_freeze_of_nothing_or_without_a_reason_is_refused(archive, rules):
    for changed in ({"record_id": None}, {"reason": " "}):
        said = {
            "record_id": rules.pk, "record": "", "patient_number": "", "named": [], "care_goes_on": True,
            "reason": "舆情事件", "actor": archive.cast.actor("lin"), "now": clock.now(), **changed,
        }  # fmt: skip
        with pytest.raises(InvalidInput):
            freezing.freeze_access(**said)
