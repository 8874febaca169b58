"""Whoever edits a row past the program is found: records, the schedule, accounts and duties stand in the log by digest."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import localdate

from tests.archive import Archive
from yidang import audit
from yidang.access.watermarking import change_watermark
from yidang.audit import entries_for
from yidang.audit.adopting import adopt_new_kinds, adopt_unknown
from yidang.audit.rows import check_rows
from yidang.audit.verify import Fault
from yidang.catalogue.actions import arrangement, description, retention, volumes
from yidang.catalogue.models import Document, Record, RetentionRule, RetentionSchedule
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.intake import actions as intake
from yidang.people import actions as people
from yidang.people.models import Department, DepartmentName, Duty, User
from yidang.permissions import actions as permissions
from yidang.permissions.freezing import freeze_access, lift_freeze
from yidang.permissions.models import AccessFreeze, CareRelationship, Grant


@pytest.fixture
def told(archive: Archive) -> Archive:
    """A hospital in which every act that changes such a row has happened."""
    now, lin = clock.now(), archive.cast.actor("lin")
    first = archive.file(keywords=["采购"], parties=["张三"], date="2026-03", metadata={})
    description.describe_record(first, {"keywords": ["采购", "招标"]}, actor=lin, now=now)
    back = archive.file(accepted=False)
    intake.withdraw(archive.submissions[back.pk], actor=archive.cast.actor("xu"), reason="", now=now)
    arrangement.arrange_year(archive.record_class("WS·XZ"), first.year, actor=lin, now=now)
    archive.file(accepted=False)
    project = [archive.file(of="KJ·KY", metadata={"project_number": "2026KY"}) for _time in range(2)]
    volumes.create_volume(project, title="课题一", actor=lin, now=now)
    retention.approve_schedule(
        RetentionSchedule.objects.get(), approved_on=localdate(now).isoformat(), approval="市档〔2026〕1号", actor=lin, now=now
    )  # fmt: skip
    administrator = archive.cast.actor("secadmin")
    zhao, wu = archive.cast.people["zhao"], archive.cast.people["wu"]
    duty = people.assign_duty(zhao, "department_clerk", actor=administrator, now=now)
    people.end_duty(duty, actor=administrator, now=now)
    people.change_user(wu, actor=administrator, now=now, clearance=1)
    people.deactivate_user(wu, actor=administrator, now=now)
    departments = archive.cast.departments
    lent = permissions.issue_grant(
        zhao, first.pk, record=str(first.public_id), actions={"view", "print"}, until=now + timedelta(days=3), times=2,
        reason="核对", actor=lin, now=now,
    )  # fmt: skip
    permissions.use_grant(lent.pk, now=now)
    spent = permissions.issue_grant(
        wu, first.pk, record=str(first.public_id), actions={"view"}, until=now + timedelta(days=3), reason="", actor=lin, now=now
    )  # fmt: skip
    permissions.revoke_grant(spent, actor=lin, now=now, record=str(first.public_id))
    system = Actor.system("his")
    care = permissions.begin_care("P1", begins_at=now, actor=system, now=now, clinician=archive.cast.people["chen"])
    permissions.end_care(care, ends_at=now + timedelta(hours=1), actor=system, now=now)
    freeze = freeze_access(
        record_id=first.pk,
        record=str(first.public_id),
        patient_number="",
        care_goes_on=True,
        reason="社会关注事件",
        actor=lin,
        now=now,
        named=[wu],
    )
    lift_freeze(freeze, note="查完", record=str(first.public_id), actor=lin, now=now)
    change_watermark("{who} {time}", 60, actor=lin, now=now)
    people.reset_password(zhao, "Zhuying-shanquan-6404", actor=administrator, now=now)
    people.create_client("oa", owner=zhao, scopes=["records"], days=30, actor=administrator, now=now)
    people.rename_department(departments["YW"], zh="医务部", on=localdate(now), actor=administrator, now=now)
    people.merge_department(departments["KY"], into=departments["YW"], on=localdate(now), actor=administrator, now=now)
    return archive


@pytest.mark.promise("B2")
def test_whatever_the_program_itself_did_is_no_fault(told: Archive) -> None:
    assert list(check_rows()) == []


def edit_title(record: Record) -> str:
    Record.objects.filter(pk=record.pk).update(title="别的题名")
    return str(record.public_id)


def shorten_retention(record: Record) -> str:
    Record.objects.filter(pk=record.pk).update(retention="D10")
    return str(record.public_id)


def open_level(record: Record) -> str:
    Record.objects.filter(pk=record.pk).update(level=0)
    return str(record.public_id)


def change_digest(record: Record) -> str:
    Document.objects.filter(record=record).update(sha256="0" * 64)
    return str(record.public_id)


def edit_a_rule(record: Record) -> str:
    rule = RetentionRule.objects.first()
    RetentionRule.objects.filter(pk=rule.pk).update(retention="D10", years=1)
    return str(rule.schedule_id)


def give_oneself_a_duty(record: Record) -> str:
    user = User.objects.get(username="zhao")
    Duty.objects.create(user=user, role="archivist")
    return str(user.public_id)


def prolong_a_duty(record: Record) -> str:
    user = User.objects.get(username="zhao")
    Duty.objects.filter(user=user, role="department_clerk").update(valid_until=None)
    return str(user.public_id)


def raise_clearance(record: Record) -> str:
    user = User.objects.get(username="zhao")
    User.objects.filter(pk=user.pk).update(clearance=3)
    return str(user.public_id)


def run(sql: str) -> None:
    """Past the program: the statement as somebody at the database types it."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


def prolong_a_grant(record: Record) -> str:
    run("UPDATE permissions_grant SET until = '2099-01-01 00:00:00+00:00' WHERE times = 2")
    return str(Grant.objects.get(times=2).public_id)


def give_back_a_use(record: Record) -> str:
    run("UPDATE permissions_grant SET used = 0 WHERE times = 2")
    return str(Grant.objects.get(times=2).public_id)


def revive_a_revoked_grant(record: Record) -> str:
    run("UPDATE permissions_grant SET revoked_at = NULL")
    return str(Grant.objects.get(times=None).public_id)


def treat_another_patient(record: Record) -> str:
    run("UPDATE permissions_carerelationship SET patient_number = 'P2'")
    return f"care {CareRelationship.objects.get().pk}"


def treat_for_ever(record: Record) -> str:
    run("UPDATE permissions_carerelationship SET ends_at = NULL")
    return f"care {CareRelationship.objects.get().pk}"


def add_oneself_to_a_freeze(record: Record) -> str:
    freeze = AccessFreeze.objects.get()
    freeze.named.add(User.objects.get(username="zhao"))
    return str(freeze.public_id)


def open_a_class(record: Record) -> str:
    run("UPDATE catalogue_recordclass SET visibility = 'everyone', default_level = 0 WHERE code LIKE 'RS%'")
    return str(record.fonds.public_id)


def loosen_a_scheme(record: Record) -> str:
    run("UPDATE catalogue_metadatascheme SET fields = '[]'")
    return str(record.fonds.public_id)


def weaken_the_watermark(record: Record) -> str:
    run("UPDATE access_watermarktemplate SET strength = 1")
    return "watermark"


def take_anothers_password(record: Record) -> str:
    zhao, lin = (User.objects.get(username=name) for name in ("zhao", "lin"))
    User.objects.filter(pk=zhao.pk).update(password=lin.password)
    return f"password {zhao.public_id}"


def widen_a_token(record: Record) -> str:
    run("UPDATE people_apiclient SET scopes = '[\"records\", \"content\"]' WHERE name = 'oa'")
    return "client"


def hang_a_department_elsewhere(record: Record) -> str:
    Department.objects.filter(key="KY").update(parent=Department.objects.get(key="YW"))
    return "department KY"


def rename_a_department(record: Record) -> str:
    DepartmentName.objects.filter(department__key="YW", valid_until=None).update(zh="别的名")
    return "department_name"


def revive_a_merged_department(record: Record) -> str:
    Department.objects.filter(key="KY").update(closed_on=None)
    return "department KY"


@pytest.mark.gbt39784("4.4-4")
@pytest.mark.promise("B2", "B4", "D2")
@pytest.mark.parametrize(
    "deed",
    [edit_title, shorten_retention, open_level, change_digest, edit_a_rule, give_oneself_a_duty, prolong_a_duty,
     raise_clearance, prolong_a_grant, give_back_a_use, revive_a_revoked_grant, treat_another_patient, treat_for_ever,
     add_oneself_to_a_freeze, open_a_class, loosen_a_scheme, weaken_the_watermark,
     take_anothers_password, widen_a_token, hang_a_department_elsewhere, rename_a_department, revive_a_merged_department],
    ids=lambda deed: deed.__name__,
)  # fmt: skip
def test_a_row_edited_in_the_database_is_named(told: Archive, deed: Callable[[Record], str]) -> None:
    record = Record.objects.filter(state=Record.ARCHIVED).order_by("pk")[0]
    key = deed(record)
    [fault] = list(check_rows())
    assert fault.kind == "row_edited" and key in fault.detail and fault.seq > 0


@pytest.mark.promise("B2")
def test_a_row_put_in_or_taken_out_of_the_database_is_named(told: Archive) -> None:
    record = Record.objects.filter(state=Record.RECEIVED).get()
    key = str(record.public_id)
    with transaction.atomic():
        Record.objects.filter(pk=record.pk).update(public_id="11111111-1111-4111-8111-111111111111")
    faults: list[Fault] = list(check_rows())
    assert sorted(fault.kind for fault in faults) == ["row_missing", "row_unknown"]
    assert any(key in fault.detail for fault in faults)


def test_a_row_that_an_act_removed_must_stay_away(told: Archive) -> None:
    record = Record.objects.filter(state=Record.RECEIVED).get()
    with transaction.atomic():
        audit.write(
            "test.record.removed", actor=Actor.system("test"), target_kind="record", target=record.public_id, row="gone"
        )
    [fault] = list(check_rows())
    assert fault.kind == "row_returned"


def test_rows_of_an_older_version_are_told_once_and_by_name(archive: Archive) -> None:
    archive.file()
    Record.objects.update(public_id="11111111-1111-4111-8111-111111111111")
    assert adopt_unknown(actor=Actor.system("rebuild"), reason="rebuild") == 1
    assert adopt_unknown(actor=Actor.system("rebuild"), reason="rebuild") == 0
    [entry] = entries_for("11111111-1111-4111-8111-111111111111")
    assert (entry.event, entry.facts) == ("audit.row.adopted", {"reason": "rebuild"})
    assert [fault.kind for fault in check_rows()] == ["row_missing"]


def test_a_kind_of_rows_is_adopted_once_and_a_row_put_in_later_is_found(told: Archive) -> None:
    upgrade, zhao = Actor.system("upgrade"), told.cast.people["zhao"]
    with transaction.atomic():
        CareRelationship.objects.create(patient_number="P7", clinician=zhao, begins_at=clock.now())
    assert adopt_new_kinds(actor=upgrade) == 1 and list(check_rows()) == []
    with transaction.atomic():
        CareRelationship.objects.create(patient_number="P8", clinician=zhao, begins_at=clock.now())
    assert adopt_new_kinds(actor=upgrade) == 0, "what was put in after the upgrade is nobody's to hide"
    assert [fault.kind for fault in check_rows()] == ["row_unknown"]
