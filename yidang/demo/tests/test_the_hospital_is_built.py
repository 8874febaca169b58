"""The whole demonstration, small: people with a history, records in every state, rights, and the same files each time."""

import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password, make_password

from tests import cast as tests_cast
from yidang import vault
from yidang.access.models import Certificate, EmergencyAccess, Use
from yidang.audit.rows import check_rows
from yidang.audit.verify import verify
from yidang.catalogue.models import Document, Record
from yidang.demo import cast
from yidang.demo.building import DemoResult, build_demo
from yidang.demo.classes import CLASSES, maker_of
from yidang.demo.folder import DataFolderNotEmpty, is_empty
from yidang.demo.handover import QUARANTINED, Stage
from yidang.demo.staffing import password_of
from yidang.demo.story import fates, handover
from yidang.demo.using import NEVER_FILED
from yidang.intake.models import SecrecyRefusal, SourceList, Submission
from yidang.people import departments, passwords
from yidang.people.actors import actor_of_user
from yidang.people.models import ApiClient, Department, User
from yidang.permissions.models import AccessFreeze, CareRelationship, Grant

RECORDS = 40


def _digests(seed: int, places: range) -> list[str]:
    stage = Stage(seed, 300)
    return [hashlib.sha256(file.read()).hexdigest() for place in places for file in handover(stage, place).files]


def test_the_same_seed_makes_the_same_files_in_any_order() -> None:
    forward = _digests(7, range(0, 12))
    assert forward == [*_digests(7, range(0, 6)), *_digests(7, range(6, 12))]
    assert forward != _digests(8, range(0, 12))


def test_three_hundred_records_have_ten_classes_and_every_format() -> None:
    stage = Stage(2026, 300)
    classes: Counter[str] = Counter()
    endings: Counter[str] = Counter()
    years: Counter[int] = Counter()
    for place in range(300):
        made = handover(stage, place)
        classes[CLASSES[made.kind]] += 1
        endings.update(file.name.rpartition(".")[2] for file in made.files)
        years[made.day.year if made.day else 0] += 1
    assert len(classes) >= 20
    assert {"pdf", "docx", "xlsx", "ofd", "xml", "html", "txt", "csv", "eml", "jpg", "png", "tif", "wav"} <= set(
        endings
    )
    assert min(years) <= 1999
    assert max(years) == 2026
    assert classes["ZY·BA"] >= 80


def test_forty_patients_come_again_under_the_same_number() -> None:
    stage = Stage(2026, 300)
    stays = [made for place in range(300) if (made := handover(stage, place)).patient]
    patients = Counter(made.patient for made in stays)
    assert len(patients) == 40
    assert max(patients.values()) >= 2
    names = {(made.patient, made.parties[0]) for made in stays}
    assert len(names) == 40


def test_many_records_are_made_cheaply_and_each_still_differs() -> None:
    stage = Stage(2026, 100_000)
    made = [handover(stage, place) for place in range(90_001, 90_020)]
    assert all(len(one.files) == 1 and one.files[0].name.endswith(".txt") for one in made)
    assert len({one.files[0].read() for one in made}) == len(made)


def test_makers_of_a_kind_count_on_without_gaps() -> None:
    seen: dict[object, list[int]] = {}
    for place in range(300):
        maker, number = maker_of(place)
        seen.setdefault(maker, []).append(number)
    assert all(numbers == list(range(len(numbers))) for numbers in seen.values())


def test_the_cast_is_the_one_of_the_tests() -> None:
    ours = {person.username: (person.name, person.department, person.role, person.clearance) for person in cast.MAIN}
    assert ours == tests_cast.PEOPLE
    assert {key: cast.DEPARTMENTS[key] for key in tests_cast.DEPARTMENTS} == tests_cast.DEPARTMENTS


def test_passwords_keep_the_rules_and_come_from_the_seed() -> None:
    for person in cast.EVERYONE:
        password = password_of(person, Stage(1, 1).rng("password", person.username))
        passwords.check_rules(password, username=person.username, display_name=person.name)
        assert password == password_of(person, Stage(1, 1).rng("password", person.username))


def test_a_folder_that_holds_anything_is_refused_in_one_sentence(tmp_path: Path) -> None:
    assert is_empty(tmp_path) and is_empty(tmp_path / "new")
    (tmp_path / "file").write_text("x")
    assert not is_empty(tmp_path) and not is_empty(tmp_path / "file")
    command = [sys.executable, "-m", "yidang", "demo", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "holds something already" in done.stderr and "Traceback" not in done.stderr


@pytest.fixture
def built(transactional_db: None, data: Path, monkeypatch: pytest.MonkeyPatch) -> DemoResult:
    """A hospital of forty records; only its first password is really hashed, since a hash costs a quarter of a second."""
    hashes: list[str] = []

    def hash_first(password: str) -> str:
        hashes.append(make_password(password) if not hashes else hashes[0])
        return hashes[0]

    monkeypatch.setattr(passwords, "make_password", hash_first)
    return build_demo(data, records=RECORDS)


@pytest.mark.gbt39784("4.6-5")
@pytest.mark.slow
def test_a_small_hospital_is_built_through_the_real_doors(built: DemoResult, data: Path) -> None:
    expected = Counter(fates(RECORDS))
    states = built.by_state()
    assert states == {**expected, QUARANTINED: 9, "refused": 1}

    assert Submission.objects.filter(state="archived").count() == expected["archived"]
    assert Record.objects.filter(state=Record.ARCHIVED).count() == expected["archived"]
    assert Submission.objects.filter(state="quarantined").count() == 9
    assert SecrecyRefusal.objects.count() == 1
    assert len(set(Record.objects.values_list("record_class__code", flat=True))) >= 10
    assert Document.objects.exclude(format="").count() > RECORDS

    first = built.accounts[0]
    assert first.username == "lin"
    assert check_password(first.password, User.objects.get(username="lin").password)
    assert {account.role for account in built.accounts} == {person.role for person in cast.MAIN}
    assert ApiClient.objects.count() == len(cast.MAIN)
    assert User.objects.count() == len(cast.EVERYONE)
    assert set(built.as_json()["accounts"][0]) == {"username", "role", "password", "token"}

    office = Department.objects.get(key="SB")
    assert departments.department_name(
        office, on=Record.objects.filter(department=office).earliest("date").date_first
    ) in {"器械科", "设备科"}
    assert departments.department_name(office) == "设备科"
    personnel, retired = (Department.objects.get(key=key) for key in ("RS", "LT"))
    assert retired.pk in departments.departments_reached_from(personnel.pk)

    chen = User.objects.get(username="chen")
    treated = CareRelationship.objects.filter(clinician=chen).values_list("patient_number", flat=True)
    seen = Record.objects.visible_to(actor_of_user(chen)).exclude(patient_number="")
    assert treated
    assert set(seen.values_list("patient_number", flat=True)) <= set(treated)
    assert Grant.objects.filter(subject__username="zhao").exists()

    assert Use.objects.filter(result="waiting").count() >= 2
    assert Certificate.objects.count() == AccessFreeze.objects.count() == 1
    assert EmergencyAccess.objects.exclude(reviewed_at=None).count() >= 1
    assert SourceList.objects.get(source_system="oa").counts["missing"] == len(NEVER_FILED)

    assert not list(verify())
    assert not list(check_rows()), "an act changed a row without telling the log its digest"
    assert len(vault.copies_of(Record.objects.earliest("id").object_id)) == 2
    with pytest.raises(DataFolderNotEmpty):
        build_demo(data, records=1)
