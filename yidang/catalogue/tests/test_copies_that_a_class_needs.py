"""How many copies a class needs: before the receipt, in all, inherited, refused, shown when they are late."""

from datetime import timedelta

import pytest

from tests.archive import Archive
from yidang import vault
from yidang.audit import rows
from yidang.catalogue import copies, reference
from yidang.catalogue.actions import drop_copies, set_copies
from yidang.catalogue.models import CopyRule
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed
from yidang.upkeep.checks import keeping
from yidang.vault import needs, sites
from yidang.vault.errors import SiteMissing, TooFewSites
from yidang.vault.models import Copy, StoredObject

pytestmark = pytest.mark.django_db(transaction=True)
REPAIR = Actor.system("repair")


@pytest.fixture
def three(archive: Archive, data, settings) -> Archive:
    """The archive with a third site that follows."""
    settings.SITES = [f"main={data}/vault/main", f"second={data}/vault/second", f"third={data}/third;follows"]
    vault.prepare_sites()
    return archive


def say(archive: Archive, code: str, copies: int, before: int) -> CopyRule:
    return set_copies(
        archive.record_class(code), copies=copies, before=before, actor=archive.cast.actor("lin"), now=clock.now()
    )


def good(record) -> list[str]:
    ok = Copy.objects.filter(object__object_id=record.object_id, state="ok")
    return list(ok.order_by("site_id").values_list("site__key", flat=True))


def make_old(record) -> None:
    before = clock.now() - timedelta(hours=2)
    StoredObject.objects.filter(object_id=record.object_id).update(changed_at=before)


def test_three_before_the_receipt_and_one_before_it_and_the_others_as_the_sites_say(three: Archive) -> None:
    say(three, "WS", 3, 3)
    say(three, "KJ", 2, 1)
    strict, loose = three.file(accepted=False), three.file(of="KJ·KY", accepted=False)
    assert good(strict) == ["main", "second", "third"], "the class above says it for those below"
    assert good(loose) == ["main"]
    drop_copies(three.record_class("WS"), actor=three.cast.actor("lin"), now=clock.now())
    assert good(three.file(accepted=False)) == ["main", "second"]
    assert list(rows.check_rows()) == []


def test_a_site_is_down(three: Archive) -> None:
    say(three, "WS", 3, 3)
    say(three, "KJ", 2, 1)
    main = sites.root_of("main")
    away = main.path.rename(main.path.with_name("away"))
    with pytest.raises(SiteMissing):
        three.file(accepted=False)
    record = three.file(of="KJ·KY", accepted=False)
    assert good(record) == ["second"]
    [short] = needs.short()
    assert (short.code, short.needed, short.good, short.late) == ("KJ·KY", 2, 1, False)
    assert not [one for one in keeping.sites() if "KJ·KY" in one.sentence], "what follows within minutes alarms nobody"
    make_old(record)
    assert [one.late for one in needs.short()] == [True]
    assert [one for one in keeping.sites() if "KJ·KY" in str(one.sentence)]
    for name in ("lin", "sysadmin"):
        browser = three.cast.client(name)
        for address in ("/custody/", "/catalogue/copies/"):
            assert "KJ·KY" in browser.get(address).content.decode(), (name, address)
        assert "KJ·KY" in browser.get("/").content.decode(), "the desk says it too"
    away.rename(main.path)
    vault.repair(actor=REPAIR)
    assert good(record) == ["main", "second", "third"] and needs.short() == []


def test_more_copies_than_sites_are_refused_with_a_sentence(three: Archive, settings) -> None:
    with pytest.raises(TooFewSites) as refused:
        say(three, "WS", 4, 1)
    assert "4" in str(refused.value) and "3" in str(refused.value)
    say(three, "WS", 3, 3)
    settings.SITES = settings.SITES[:2]
    with pytest.raises(TooFewSites):
        three.file(accepted=False)
    assert ("WS", True) in [(one.code, one.late) for one in needs.short()]


def test_who_says_it_and_what_is_refused(three: Archive) -> None:
    lin, now = three.cast.actor("lin"), clock.now()
    with pytest.raises(NotAllowed):
        set_copies(three.record_class("WS"), copies=2, before=1, actor=three.cast.actor("xu"), now=now)
    for copies_wanted, before in ((1, 2), (2, 0)):
        with pytest.raises(InvalidInput):
            set_copies(three.record_class("WS"), copies=copies_wanted, before=before, actor=lin, now=now)
    browser = three.cast.client("lin")
    chosen = str(three.record_class("WS").public_id)
    assert browser.post("/catalogue/copies/", {"class": chosen, "copies": "x", "before": "1"}).status_code == 422
    assert browser.post("/catalogue/copies/", {"class": chosen, "copies": "9", "before": "1"}).status_code == 422
    assert browser.post("/catalogue/copies/", {"class": chosen, "copies": "3", "before": "2"}).status_code == 302
    assert copies.before_receipt(three.record_class("WS·XZ").pk) == 2
    assert browser.post("/catalogue/copies/", {"class": chosen, "do": "drop"}).status_code == 302
    assert not CopyRule.objects.exists() and list(rows.check_rows()) == []
    assert three.cast.client("xu").get("/catalogue/copies/").status_code == 404


def test_the_rules_come_back_with_a_rebuild(three: Archive) -> None:
    say(three, "WS", 3, 2)
    told = reference.reference_json()
    CopyRule.objects.all().delete()
    reference.load_reference(told)
    assert reference.reference_json() == told
