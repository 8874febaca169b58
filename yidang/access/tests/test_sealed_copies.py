"""A sealed copy is kept apart, signed, found changed when it is; care goes on with the record."""

import json

import pytest

from tests.archive import Archive
from tests.cast import FOUNDER
from yidang import vault
from yidang.access import sealing
from yidang.access.models import SealedCopy
from yidang.audit.models import Entry, PersonalFacts
from yidang.catalogue import policy
from yidang.catalogue.models import Document, Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.permissions.actions import begin_care

BOTH = ["医务科 吴建国", "患者家属 王六"]


@pytest.fixture
def patient(archive: Archive) -> Record:
    """A medical record with two documents, of a patient whom chen treats."""
    record = archive.file(
        "住院病案 王五", {"a.txt": "入院记录".encode(), "b.txt": "出院小结".encode()}, by="he", of="ZY·BA", accepted=False,
        department="BA", security="sensitive", metadata={"patient_number": "P-100", "patient_name": "王五"},
    )  # fmt: skip
    begin_care("P-100", clinician=archive.cast.people["chen"], begins_at=clock.now(), actor=FOUNDER, now=clock.now())
    return record


def seal(archive: Archive, record: Record, by: str = "he", present: list[str] | None = None) -> SealedCopy:
    return sealing.seal_record(
        record,
        present=BOTH if present is None else present,
        reason="医疗纠纷",
        actor=archive.cast.actor(by),
        now=clock.now(),
    )


def test_the_copy_is_an_object_of_its_own_on_every_site_with_a_signed_manifest(archive, patient):
    made = seal(archive, patient)
    assert made.object_id != patient.object_id and len(vault.copies_of(made.object_id)) == 2
    names = [kept.logical_path for kept in vault.files_of(made.object_id)]
    assert names == ["documents/0001", "documents/0002", "manifest.json", "manifest.sig"]
    assert vault.read_bytes(made.object_id, "documents/0002").decode() == "出院小结"
    assert json.loads(made.manifest)["present"] == BOTH and sealing.check_seal(made) == sealing.Check(True, [])
    entry = Entry.objects.get(event="access.seal.made")
    assert "王六" not in entry.body and "王六" in PersonalFacts.objects.get(entry_id=entry.seq).body


def test_care_goes_on_and_later_documents_are_told_apart(archive, patient):
    made = seal(archive, patient)
    assert policy.allowed(archive.cast.actor("chen"), "view", patient)
    Document.objects.filter(record=patient, number=2).update(sha256="0" * 64)
    assert sealing.check_seal(made) == sealing.Check(True, [2])


@pytest.mark.parametrize("what", ["manifest", "document", "row"])
def test_one_changed_character_of_the_sealed_copy_is_found(archive, patient, what):
    made = seal(archive, patient)
    if what == "row":
        SealedCopy.objects.filter(pk=made.pk).update(manifest=made.manifest.replace("王六", "王七"))
        made.refresh_from_db()
    else:
        path = "manifest.json" if what == "manifest" else "documents/0001"
        place = vault.local_path(made.object_id, path)
        place.chmod(0o644)
        place.write_bytes(
            place.read_bytes().replace("记".encode(), "纪".encode()).replace("王".encode(), "玉".encode())
        )
    assert not sealing.check_seal(made).whole


def test_a_seal_is_opened_once_with_both_present_and_the_copy_stays(archive, patient):
    made = seal(archive, patient)
    browser = archive.cast.client("he")
    address = f"/records/{patient.public_id}/seals/"
    assert browser.post(address, {"seal": str(made.pk), "present": "一人", "reason": "法院调取"}).status_code == 422
    sent = {"seal": str(made.pk), "present": "吴建国、王六", "reason": "法院调取"}
    assert browser.post(address, sent).status_code == 302 and browser.post(address, sent).status_code == 422
    made.refresh_from_db()
    assert made.opened_present == ["吴建国", "王六"] and sealing.check_seal(made).whole
    assert "法院调取" in browser.get(address).content.decode()
    with pytest.raises(WrongState):
        sealing.open_seal(made, present=BOTH, reason="再次", actor=archive.cast.actor("he"), now=clock.now())


def test_without_both_parties_or_a_reason_nothing_is_sealed(archive, patient):
    for present in ([], ["吴建国"], ["吴建国", "吴建国"], [" ", "王六"]):
        with pytest.raises(InvalidInput):
            seal(archive, patient, present=present)
    browser = archive.cast.client("he")
    answer = browser.post(f"/records/{patient.public_id}/seals/", {"present": "吴建国、王六", "reason": " "})
    assert answer.status_code == 422 and not SealedCopy.objects.exists()


@pytest.mark.parametrize("username", ["zhao", "chen", "wu", "zhou", "sysadmin"])
def test_nobody_else_seals_or_opens(archive, patient, username):
    made = seal(archive, patient)
    browser = archive.cast.client(username)
    address = f"/records/{patient.public_id}/seals/"
    assert browser.get(address).status_code in {403, 404}
    assert browser.post(address, {"seal": str(made.pk), "present": "a、b", "reason": "x"}).status_code in {403, 404}
    with pytest.raises(NotAllowed):
        seal(archive, patient, by=username)
    assert SealedCopy.objects.get().opened_at is None
