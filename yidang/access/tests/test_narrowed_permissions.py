"""A permission names pages, terminals, uses and sheets: each is asked at every opening, and nothing goes around it."""

from datetime import timedelta

import pytest

from tests.archive import Archive
from yidang.access import requests
from yidang.access.models import Opening
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput
from yidang.formats.tests import making
from yidang.permissions.actions import issue_grant, revoke_grant
from yidang.permissions.limits import admits_address, admits_page, read_address, read_pages
from yidang.permissions.models import Grant

PRIVATE = {"of": "WS·XZ", "by": "xu"}  # the finance office's own paper: Zhao sees it by a permission alone


@pytest.fixture
def paper(archive: Archive, tmp_path) -> Record:
    path = making.pdf(tmp_path / "a.pdf", [["第一页 付款"], ["第二页 银杏树"], ["第三页"]])
    return archive.file("财务科付款说明", {"付款说明.pdf": path.read_bytes()}, **PRIVATE)


def grant(archive: Archive, record: Record, **said) -> Grant:
    now = clock.now()
    told = {"actions": {"view", "print"}, "until": now + timedelta(days=1), "reason": "审计", **said}
    return issue_grant(
        archive.cast.people["zhao"], record.pk, record=str(record.public_id), actor=archive.cast.actor("lin"), now=now,
        **told,
    )  # fmt: skip


def page(record: Record, number: int = 1, document: int = 1) -> str:
    return f"/records/{record.public_id}/documents/{document}/pages/{number}/"


@pytest.mark.parametrize(
    ("said", "kept", "inside", "outside"),
    [
        ("1-3，5", "1-3,5", [(1, 1), (2, 3), (9, 5)], [(1, 4), (1, 6)]),
        ("2:1-2; 3:7", "2:1-2;3:7", [(2, 1), (3, 7)], [(1, 1), (2, 3), (3, 1)]),
        ("", "", [(1, 1), (4, 400)], []),
    ],
)
def test_pages_are_read_and_asked(said, kept, inside, outside):
    assert read_pages(said) == kept
    assert all(admits_page(kept, *one) for one in inside) and not any(admits_page(kept, *one) for one in outside)


@pytest.mark.parametrize("said", ["x", "0", "3-1", "1-", "2:", "0:1", "1:2:3", "1" * 7])
def test_what_names_no_pages_is_refused(said):
    with pytest.raises(InvalidInput):
        read_pages(said)


def test_terminals_are_addresses_or_networks():
    places = read_address("10.1.20.15， 10.1.21.0/24")
    assert admits_address(places, "10.1.20.15") and admits_address(places, "10.1.21.99")
    assert admits_address(places, "::ffff:10.1.20.15") and admits_address("", "")
    for other in ("10.1.20.16", "10.1.22.1", "", "unknown", "::1"):
        assert not admits_address(places, other)
    with pytest.raises(InvalidInput):
        read_address("三号护士站")


@pytest.mark.gbt39784("8.2-3")
def test_a_permission_of_single_pages_opens_those_and_nothing_else(archive, paper):
    grant(archive, paper, pages="1,3")
    browser = archive.cast.client("zhao")
    assert browser.get(page(paper, 1)).status_code == browser.get(page(paper, 3)).status_code == 200
    for address in (page(paper, 2), page(paper, 2) + "?width=320", f"/records/{paper.public_id}/hits/?q=银杏树"):
        assert browser.get(address).status_code == 403
    assert browser.get(f"/records/{paper.public_id}/documents/1/content/").status_code == 403
    shown = browser.get(f"/records/{paper.public_id}/").content.decode()
    assert page(paper, 1) in shown and page(paper, 3) in shown and page(paper, 2) not in shown
    print_form = f"/records/{paper.public_id}/documents/1/print/"
    assert browser.post(print_form, {"pages": "1-2", "copies": "1"}).status_code == 403
    assert browser.post(print_form, {"pages": "", "copies": "1"}).status_code == 302
    assert Opening.objects.latest("pk").pages == [1, 3]


def test_what_hands_out_whole_records_knows_nothing_of_a_permission_of_single_pages(archive, paper):
    """The search through texts, packs and lists of what may be viewed ask the same filter."""
    actor = archive.cast.actor("zhao")
    for pages, opened in (("1", False), ("", True)):
        Grant.objects.all().delete()
        grant(archive, paper, pages=pages)
        assert Record.objects.visible_to(actor).filter(pk=paper.pk).exists()
        for action in ("view", "print"):
            assert Record.objects.visible_to(actor, action).filter(pk=paper.pk).exists() is opened


def test_a_permission_holds_at_its_terminal_alone(archive, paper):
    given = grant(archive, paper, address="10.1.20.0/24", actions={"view", "print", "copy"})
    browser = archive.cast.client("zhao")
    addresses = [page(paper), f"/records/{paper.public_id}/documents/1/content/"]
    for address in addresses:
        refused = browser.get(address, REMOTE_ADDR="10.1.21.7")
        assert refused.status_code == 403 and "您的授权不能在这台终端上使用" in refused.content.decode()
    assert not Opening.objects.exists()
    # The entry is seen from everywhere, and says where the pages open.
    assert "10.1.20.0/24" in browser.get("/grants/", REMOTE_ADDR="10.1.21.7").content.decode()
    for address in addresses:
        assert browser.get(address, REMOTE_ADDR="10.1.20.9").status_code == 200
    # What began there does not go on elsewhere.
    assert browser.get(page(paper, 2), REMOTE_ADDR="10.1.21.7").status_code == 403
    assert Opening.objects.filter(grant=given, original=False).get().pages == [1]


def test_an_opening_takes_one_use_and_goes_on_under_it(archive, paper):
    given = grant(archive, paper, times=1)
    browser = archive.cast.client("zhao")
    for number in (1, 2, 1):
        assert browser.get(page(paper, number)).status_code == 200
    given.refresh_from_db()
    assert given.used == 1
    # The record's page still shows what is before the reader's eyes; another session finds the use taken.
    assert page(paper, 2) in browser.get(f"/records/{paper.public_id}/").content.decode()
    other = archive.cast.client("zhao")
    refused = other.get(page(paper, 1))
    assert refused.status_code == 403 and "次数已用完" in refused.content.decode()
    revoke_grant(given, actor=archive.cast.actor("lin"), now=clock.now())
    assert browser.get(page(paper, 2)).status_code == 404


def test_what_was_asked_for_narrowly_is_given_narrowly_and_signers_narrow_further(archive, paper):
    now = clock.now()
    asked = requests.Ask(
        [paper.code], ["view", "print"], "inspection", 7, pages="1-2", times=5, sheets=9, address="10.1.20.15"
    )
    made = requests.ask(asked, actor=archive.cast.actor("zhao"), now=now)
    assert made.case is not None and made.case.facts["pages"] == "1-2" and made.case.facts["pages_in_all"] == 3
    signer = made.case.seats.get(step=0).signer.username
    browser = archive.cast.client(signer)
    address = f"/signing/{made.case.public_id}/"
    said = {"decision": "approve", "step": "0", "narrows": "yes", "shown": "1", "keep": "1", "allow": ["view", "print"],
            "pages": "1-2", "address": "10.1.20.15"}  # fmt: skip
    assert "1-2" in browser.get(address).content.decode()
    more = browser.post(address + "decide/", {**said, "times": "6"})
    assert more.status_code == 422
    browser.post(address + "decide/", {**said, "times": "2", "sheets": "4"})
    given = Grant.objects.get(subject=archive.cast.people["zhao"])
    assert (given.pages, given.times, given.sheets, given.address) == ("1-2", 2, 4, "10.1.20.15/32")
    # Asked for anew, the form says what was given; of somebody else's permission it says nothing.
    again = f"/requests/new/?again={given.public_id}"
    form = archive.cast.client("zhao").get(again).content.decode()
    for field in (
        'id="pages" name="pages" value="1-2"',
        'value="10.1.20.15"',
        'value="inspection" selected',
        'value="print" checked',
    ):
        assert field in form, field
    other = archive.cast.client("chen").get(again).content.decode()
    assert 'value="10.1.20.15"' not in other and paper.code not in other


@pytest.mark.parametrize("wrong", [{"pages": "x"}, {"address": "ward"}, {"times": 0}, {"sheets": 20_000}])
def test_an_impossible_narrowing_is_refused_beside_its_field(archive, paper, wrong):
    said = {"records": [paper.code], "actions": ["view"], "purpose": "work", "days": 7, **wrong}
    with pytest.raises(InvalidInput) as refused:
        requests.ask(requests.Ask(**said), actor=archive.cast.actor("zhao"), now=clock.now())
    assert refused.value.field == next(iter(wrong))
