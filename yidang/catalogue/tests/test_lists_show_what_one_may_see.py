"""Lists, the tree and the API: narrowed by permission and by filters, paged, with few queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.cast import Cast
from yidang.catalogue import holdings, queries
from yidang.catalogue.actions import withdraw_record
from yidang.catalogue.models import Fonds, Holding, Record, RecordClass
from yidang.catalogue.queries import RecordFilter, Visible
from yidang.catalogue.tests.drafting import NOW, archived, keep, make_draft
from yidang.common import clock
from yidang.permissions.models import CareRelationship, Grant
from yidang.ui.paging import page


@pytest.fixture
def records(cast: Cast, fonds: Fonds) -> dict[str, Record]:
    """One record of each kind of visibility."""
    drafts = {
        "office": make_draft("WS·XZ"), "finance": make_draft("KU·PZ", department="CW"), "rules": make_draft("WS·GZ", department="YW"),
        "patient": make_draft("ZY·BA", department="XN", patient_number="ZY001234"), "party": make_draft("WS·DQ", day="2025-06-01"),
        "file": make_draft("RS", department="RS", owner_id=cast.people["zhao"].pk), "photo": make_draft("ZP", department="CW"),
    }  # fmt: skip
    return dict(zip(drafts, archived(*drafts.values()), strict=True))


def seen(cast: Cast, records: dict[str, Record], username: str, **wanted: Any) -> set[str]:
    found = set(queries.records_visible_to(cast.actor(username), RecordFilter(**wanted)))
    return {name for name, record in records.items() if record in found}


def test_each_person_sees_their_part(cast: Cast, records: dict[str, Record]) -> None:
    assert seen(cast, records, "lin") == set(records)
    assert seen(cast, records, "xu") == {"office", "party", "rules", "photo"}
    assert seen(cast, records, "zhao") == {"rules", "photo"}  # vouchers are «sensitive», above a clerk's clearance
    assert seen(cast, records, "he") == {"patient", "rules", "photo"}
    assert seen(cast, records, "chen") == {"rules", "photo"}
    assert seen(cast, records, "secadmin") == set()


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"record_class": "WS"}, {"office", "rules", "party"}),
        ({"record_class": "WS·DQ"}, {"party"}),
        ({"record_class": "W"}, set()),
        ({"fonds": "Y012"}, {"office", "finance", "rules", "patient", "party", "file", "photo"}),
        ({"fonds": "Y013"}, set()),
        ({"year": 2025}, {"party"}),
        ({"department": "CW"}, {"finance", "photo"}),
        ({"state": "received"}, set()),
        ({"code": "Y012-KU·PZ"}, {"finance"}),
        ({"code": "y012－ku.pz"}, {"finance"}),
        ({"code": "2026-000001"}, {"office"}),
        ({"code": "%"}, set()),
        ({"updated_since": NOW + timedelta(seconds=1)}, set()),
    ],
)
def test_filters_narrow(cast: Cast, records: dict[str, Record], wanted: dict[str, Any], names: set[str]) -> None:
    assert seen(cast, records, "lin", **wanted) == names


@pytest.mark.promise("F1")
@pytest.mark.parametrize("few", [queries.FEW, 0], ids=["few", "many"])
@pytest.mark.parametrize("username", ["lin", "he", "xu", "zhao", "chen", "wu", "zhou", "secadmin"])
def test_a_list_read_in_strands_is_the_list(
    cast: Cast, records: dict[str, Record], monkeypatch: pytest.MonkeyPatch, username: str, few: int
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    actor = cast.actor(username)
    until = clock.now() + timedelta(days=1)
    CareRelationship.objects.create(patient_number="ZY001234", clinician=cast.people["chen"], begins_at=NOW)
    for name in ("office", "photo"):  # one within reach by the grant alone, one besides
        Grant.objects.create(subject=cast.people["zhao"], record_id=records[name].pk, until=until)
    visible = Visible(actor)
    for wanted in (
        RecordFilter(),
        RecordFilter("WS"),
        RecordFilter("KU", year=2026),
        RecordFilter(department="CW"),
        RecordFilter(state="archived"),
        RecordFilter(year=2025),
        RecordFilter(code="Y012"),
        RecordFilter(code="Y012-WS"),
        RecordFilter(code="Y012-WS", year=2026),
        RecordFilter("KU", code="Y012-WS"),
        RecordFilter(code=records["photo"].code),
        RecordFilter(updated_since=records["office"].updated_at),
        RecordFilter(updated_since=until),
        RecordFilter(updated_since=NOW, department="CW"),
    ):
        rows, strands = visible.listed(wanted)
        listed = page(rows, order_by=("-received_at", "-id"), strands=strands)
        assert [row.pk for row in listed] == list(
            visible.records(wanted).order_by("-received_at", "-id").values_list("pk", flat=True)
        )
    everything = list(visible.all)
    assert sum(visible.counts.values()) == len(everything)
    assert visible.years("WS") == sorted(
        {row.year for row in everything if row.record_class.code.startswith("WS")}, reverse=True
    )


def test_what_is_taken_back_is_no_longer_counted(cast: Cast, fonds: Fonds) -> None:
    first, _second = keep(make_draft(), make_draft())
    with transaction.atomic():
        withdraw_record(first, actor=cast.actor("lin"), now=clock.now())
    assert Visible(cast.actor("lin")).number_of(RecordFilter("WS")) == 1
    before = set(
        Holding.objects.filter(count__gt=0).values_list("record_class_id", "department_id", "level", "year", "count")
    )
    with transaction.atomic():
        holdings.recount()
    assert set(Holding.objects.values_list("record_class_id", "department_id", "level", "year", "count")) == before


@pytest.mark.gbt39784("11.2-8")
def test_the_tree_counts_what_the_reader_sees(cast: Cast, records: dict[str, Record]) -> None:
    def counts(username: str) -> dict[str, int]:
        return {branch.record_class.code: branch.count for branch in queries.tree_of(Visible(cast.actor(username)))}

    assert counts("lin") == {"WS": 3, "KJ": 0, "ZY": 1, "KU": 1, "RS": 1, "ZP": 1, "LY": 0, "LX": 0, "SW": 0, "YJ": 0}
    assert counts("xu")["KU"] == 0 and counts("xu")["WS"] == 3


def test_a_list_asks_few_queries_however_long_it_is(
    cast: Cast, fonds: Fonds, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    keep(*[make_draft() for _ in range(60)])
    browser = cast.client("lin")
    browser.get("/catalogue/classes/WS/")
    with django_assert_max_num_queries(25):
        assert browser.get("/catalogue/classes/WS/").status_code == 200
    with django_assert_max_num_queries(24):
        assert browser.get("/catalogue/").status_code == 200
    token = cast.token("lin", "records")
    with django_assert_max_num_queries(20):
        answer = Client().get("/api/v1/records?class=WS&limit=50", headers={"Authorization": f"Bearer {token}"})
    assert len(answer.json()["items"]) == 50


class Api:
    """A client of the API."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, status: int = 200) -> Any:
        answer = Client().get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()


def test_an_item_has_what_the_contract_says(cast: Cast, records: dict[str, Record]) -> None:
    [item] = Api(cast.token("lin", "records")).get("/records?class=KU")["items"]
    assert item == {
        "id": str(records["finance"].public_id), "code": "Y012-KU·PZ·2026·D30-0001", "code_state": "final",
        "accession_number": "2026-000002", "title": "关于印发管理办法的通知", "class": "KU·PZ", "level": "item", "date": "2026-03-05",
        "department": "CW", "retention": "D30", "security": "sensitive", "state": "archived",
    }  # fmt: skip


def test_paging_walks_through_all_once(cast: Cast, fonds: Fonds) -> None:
    keep(*[make_draft() for _ in range(23)])
    api, found, cursor = Api(cast.token("lin", "records")), [], ""
    while True:
        listed = api.get(f"/records?limit=5&cursor={cursor}")
        found += [item["id"] for item in listed["items"]]
        cursor = listed["next"]
        if not cursor:
            break
    assert len(found) == len(set(found)) == 23


def test_one_record_is_told_whole_to_those_who_see_it(cast: Cast, records: dict[str, Record]) -> None:
    told = Api(cast.token("xu", "records")).get(f"/records/{records['office'].public_id}")
    assert (
        told["documents"][0]["name"] == "通知.pdf"
        and told["rights"]["view"] is True
        and told["rights"]["copy"] is False
    )
    answer = Api(cast.token("zhao", "records", name="z")).get(f"/records/{records['office'].public_id}", 404)
    assert answer["code"] == "not_found"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("year=abc", "year"),
        ("limit=x", "limit"),
        ("updated_since=gestern", "updated_since"),
        ("cursor=xyz", "cursor"),
        ("updated_since=2026-01-01", "updated_since"),
    ],
)
def test_what_cannot_be_read_is_answered_with_field_and_remedy(
    cast: Cast, fonds: Fonds, query: str, field: str
) -> None:
    answer = Api(cast.token("lin", "records")).get(f"/records?{query}", 422)
    assert answer["field"] == field and answer["remedy"]


def test_another_scope_reads_no_records(cast: Cast, records: dict[str, Record]) -> None:
    api = Api(cast.token("lin", "filing"))
    for path in ("/records", f"/records/{records['office'].public_id}", "/classes", "/retention-rules"):
        assert api.get(path, 403)["code"] == "scope_missing"


@pytest.mark.gbt39784("11.3-3")
def test_classes_and_the_schedule_are_told(cast: Cast, fonds: Fonds) -> None:
    api = Api(cast.token("xu", "records"))
    classes = {item["code"]: item for item in api.get("/classes?limit=200")["items"]}
    assert classes["ZY·BA"]["fields"][0]["key"] == "patient_number"
    assert len(classes) == RecordClass.objects.count()
    first = api.get("/retention-rules?limit=100")
    rest = api.get(f"/retention-rules?limit=200&cursor={first['next']}")
    assert len(first["items"]) + len(rest["items"]) == 190 and rest["next"] is None
    assert {rule["class"] for rule in api.get("/retention-rules?class=KU&limit=200")["items"]} == {"KU"}
