"""A ward's normal night is silent; scraping, odd nights, relatives and openings after the last day are found."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from tests.archive import Archive
from yidang.access.models import Opening
from yidang.audit.models import Entry
from yidang.catalogue.models import Record, RecordClass
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.oversight import learning, probing, watching
from yidang.oversight.actions import judge_alarm, note_departure
from yidang.oversight.kinship import sign_of_kinship
from yidang.oversight.models import Alarm, ReadingHour, Usual
from yidang.people.models import User

PROGRAM = Actor.system("oversight")
# A Monday, 0:30 in the hospital: in the middle of a night.
NIGHT = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def records(archive: Archive) -> list[Record]:
    """Many medical records, as rows alone: nothing here looks at their files."""
    of = RecordClass.objects.get(code="ZY·BA")
    now = clock.now()
    return Record.objects.bulk_create(
        [
            Record(
                fonds=archive.fonds, record_class=of, title=f"病案 {number}", year=2026, retention="D30", level=2,
                patient_number=f"P{number}", accession_number=f"A{number}", metadata={"patient_name": "王五"},
                received_at=now, updated_at=now,
            )
            for number in range(160)
        ]
    )  # fmt: skip


def opens(
    user: User, records: list[Record], start: datetime, minutes: float, because: str = "class.department"
) -> None:
    step = timedelta(minutes=minutes) / max(len(records), 1)
    Opening.objects.bulk_create(
        Opening(
            user=user, record=record, document=1, because=because, opened_at=start + step * place,
            ends_at=start + step * place + timedelta(minutes=15), address="10.0.0.7",
        )
        for place, record in enumerate(records)
    )  # fmt: skip


def weeks_of(user: User, until: datetime, hours: range, records: int) -> None:
    """Eight weeks in which this person opened about so many records in each of these local hours."""
    day = until - timedelta(weeks=8) + timedelta(hours=1)
    rows = {}
    while day < until - timedelta(hours=2):
        local = (day + timedelta(hours=8)).hour
        if local in hours:
            start = day.replace(minute=0)
            rows[start] = ReadingHour(user=user, hour=start, records=records + (day.day * 7 + local) % 9)
        day += timedelta(hours=1)
    ReadingHour.objects.bulk_create(rows.values())


def look(now: datetime) -> list[Alarm]:
    while watching.look(actor=PROGRAM, now=now):
        pass
    return list(Alarm.objects.order_by("pk"))


@pytest.mark.django_db
def test_a_wards_normal_night_is_silent_and_the_same_in_finance_is_not(cast, records):
    chen, zhao = cast.people["chen"], cast.people["zhao"]
    weeks_of(chen, NIGHT, range(24), 40)
    weeks_of(zhao, NIGHT, range(9, 17), 10)
    learning.learn(now=NIGHT)
    opens(chen, records[:45], NIGHT, 50, because="care")
    assert look(NIGHT + timedelta(hours=1)) == []
    opens(zhao, records[:6], NIGHT, 50)
    [alarm] = look(NIGHT + timedelta(hours=1))
    assert (alarm.user, alarm.rule, alarm.count) == (zhao, "night", 6)


@pytest.mark.django_db
def test_scraping_is_found_by_the_next_look_though_nothing_is_learnt_yet(cast, records):
    chen = cast.people["chen"]
    opens(chen, records[:99], NOON, 8, because="care")
    assert look(NOON + timedelta(minutes=9)) == []
    opens(chen, records[99:130], NOON + timedelta(minutes=9), 1, because="care")
    [alarm] = look(NOON + timedelta(minutes=11))
    assert (alarm.rule, alarm.count, alarm.limit) == ("many", 130, learning.UNLEARNT)
    assert alarm.evidence["patients"] == 130 and "病案" not in str(alarm.evidence)
    entry = Entry.objects.get(event="oversight.alarm.raised")
    assert entry.target == str(alarm.public_id)


@pytest.mark.django_db
def test_one_record_opened_a_hundred_times_is_one_record(cast, records):
    opens(cast.people["chen"], records[:1] * 150, NOON, 30, because="care")
    assert look(NOON + timedelta(hours=1)) == []


@pytest.mark.django_db
def test_looking_twice_raises_once_and_a_larger_haul_grows_the_same_alarm(cast, records):
    opens(cast.people["chen"], records[:110], NOON, 20, because="care")
    look(NOON + timedelta(minutes=21))
    look(NOON + timedelta(minutes=23))
    opens(cast.people["chen"], records[110:160], NOON + timedelta(minutes=24), 5, because="care")
    [alarm] = look(NOON + timedelta(minutes=30))
    assert alarm.count == 160
    assert Entry.objects.filter(event="oversight.alarm.raised").count() == 1


@pytest.mark.django_db
def test_a_haul_teaches_nothing_until_it_is_explained(cast, records):
    chen = cast.people["chen"]
    weeks_of(chen, NOON, range(8, 18), 5)
    opens(chen, records[:120], NOON, 20, because="care")
    [alarm] = look(NOON + timedelta(minutes=21))
    learning.learn(now=NOON + timedelta(hours=2))
    assert max(limit or 0 for limit in Usual.objects.get(user=chen).limits) < 50
    judge_alarm(alarm, verdict="explained", note="质控抽查", actor=cast.actor("secadmin"), now=NOON)
    for week in range(1, 4):  # what is explained and comes again is usual
        ReadingHour.objects.filter(user=chen, hour=NOON - timedelta(weeks=week)).update(records=120)
    learning.learn(now=NOON + timedelta(hours=2))
    assert max(limit or 0 for limit in Usual.objects.get(user=chen).limits) > 120


@pytest.mark.django_db
def test_nobody_teaches_the_watch_more_than_the_ceiling():
    assert learning.limit_of([5000] * 50) == learning.CEILING
    assert learning.limit_of([1] * 50) == learning.FLOOR
    assert learning.limit_of([40, 42, 44, 46, 48, 50, 300, 41]) < 150


@pytest.mark.parametrize(
    ("reader", "facts", "sign"),
    [
        ("逯敏", {"patient_name": "逯志强"}, "rare_surname"),
        ("王敏", {"patient_name": "王志强"}, ""),
        ("欧阳敏", {"patient_name": "欧阳强"}, "rare_surname"),
        ("陈思远", {"patient_name": "赵六", "next_of_kin": "陈思远（儿子）"}, "registered"),
        ("陈思远", {"patient_name": "陈思远"}, "same_name"),
        ("", {"patient_name": ""}, ""),
        ("Smith", {"patient_name": "Smith Jr"}, ""),
    ],
)
def test_signs_of_kinship(reader, facts, sign):
    assert sign_of_kinship(reader, facts) == sign


@pytest.mark.django_db
def test_a_relatives_record_is_told_and_treating_them_is_not(cast, records):
    he, chen = cast.people["he"], cast.people["chen"]
    Record.objects.filter(pk=records[0].pk).update(metadata={"patient_name": "逯志强", "next_of_kin": "何敏、陈思远"})
    opens(chen, records[:1], NOON, 1, because="care")
    assert look(NOON + timedelta(minutes=3)) == []
    opens(he, records[:1], NOON, 1, because="duty.records_clerk")
    [alarm] = look(NOON + timedelta(minutes=3))
    assert (alarm.user, alarm.rule, alarm.hint) == (he, "kin", False)
    User.objects.filter(pk=cast.people["zhao"].pk).update(display_name="逯磊")
    opens(cast.people["zhao"], records[:1], NOON, 1, because="grant")
    assert look(NOON + timedelta(minutes=5))[-1].hint, "a rare surname is a hint alone"


@pytest.mark.django_db
def test_who_leaves_is_watched_closer_and_after_the_last_day_anything_alarms(cast, records):
    chen, secadmin = cast.people["chen"], cast.actor("secadmin")
    note_departure("chen", last_day=date(2026, 11, 23), actor=secadmin, now=NOON)
    opens(chen, records[:49], NOON, 20, because="care")
    assert look(NOON + timedelta(minutes=21)) == []
    opens(chen, records[49:52], NOON + timedelta(minutes=22), 1, because="care")
    assert [alarm.rule for alarm in look(NOON + timedelta(minutes=25))] == ["many"]
    opens(chen, records[:1], NOON + timedelta(days=1), 1, because="care")
    assert [alarm.rule for alarm in look(NOON + timedelta(days=1, minutes=2))] == ["many", "left"]


@pytest.mark.django_db
def test_the_security_administrator_closes_the_account_in_the_same_deed(archive, cast, records):
    chen = cast.people["chen"]
    at_work = cast.client("chen")
    assert at_work.get("/").status_code == 200
    now = clock.now()
    opens(chen, records[:120], now - timedelta(minutes=30), 20, because="care")
    [alarm] = look(now)
    browser = cast.client("secadmin")
    assert "陈思远" in browser.get("/").content.decode()
    assert "120" in browser.get("/alarms/").content.decode()
    page = browser.get(f"/alarms/{alarm.public_id}/").content.decode()
    assert "<svg" in page and "病案 1" not in page
    assert not re.search(r"\bP\d+\b", page), "a patient's number, not two characters of a token"
    assert browser.post(f"/alarms/{alarm.public_id}/", {"verdict": "suspend", "note": ""}).status_code == 422
    answer = browser.post(f"/alarms/{alarm.public_id}/", {"verdict": "suspend", "note": "批量抓取病案"})
    assert answer.status_code == 302
    chen.refresh_from_db()
    assert not chen.is_active and at_work.get("/").status_code == 302, "their open sessions ended"
    assert Entry.objects.filter(event="people.user.deactivated").exists()
    assert Entry.objects.get(event="oversight.alarm.judged").target == str(alarm.public_id)
    with pytest.raises(WrongState):
        judge_alarm(alarm, verdict="explained", note="算了算了", actor=cast.actor("secadmin"), now=now)


@pytest.mark.django_db
@pytest.mark.promise("F1")
def test_alarms_do_not_exist_for_anybody_else(cast, records):
    opens(cast.people["chen"], records[:120], NOON, 20, because="care")
    [alarm] = look(NOON + timedelta(minutes=21))
    for username in ("chen", "lin", "wu", "zhou", "sysadmin", "auditor"):
        browser = cast.client(username)
        assert browser.get("/alarms/").status_code == 404
        assert browser.get(f"/alarms/{alarm.public_id}/").status_code == 404
        assert (
            browser.post(f"/alarms/{alarm.public_id}/", {"verdict": "explained", "note": "没有事情"}).status_code == 404
        )
    with pytest.raises(NotAllowed):
        judge_alarm(alarm, verdict="explained", note="没有事情", actor=cast.actor("lin"), now=NOON)
    with pytest.raises(InvalidInput):
        judge_alarm(alarm, verdict="explained", note="没有事情", actor=cast.actor("secadmin"), now=NOON, suspend=True)


@pytest.mark.django_db
@pytest.mark.gbt39784("7.2-2")
@pytest.mark.promise("F1")
def test_guessing_addresses_raises_an_alarm_and_a_wrong_link_does_not(cast):
    zhao, chen = cast.client("zhao"), cast.client("chen")
    for _time in range(40):
        chen.get(f"/records/{UUID(int=7)}/")
    for number in range(25):
        assert zhao.get(f"/records/{UUID(int=number)}/").status_code == 404
    assert probing.look(actor=PROGRAM, now=clock.now()) == 1
    alarm = Alarm.objects.get()
    assert (alarm.user.username, alarm.rule, alarm.count) == ("zhao", "refused", 25)
    page = cast.client("secadmin").get(f"/alarms/{alarm.public_id}/").content.decode()
    assert "25" in page and str(UUID(int=3)) not in page
    judge_alarm(alarm, verdict="explained", note="旧系统链接批量核对", actor=cast.actor("secadmin"), now=clock.now())
    assert probing.look(actor=PROGRAM, now=clock.now()) == 0, "what was judged is not counted again"
    assert probing.look(actor=PROGRAM, now=clock.now() + timedelta(hours=2)) == 0
