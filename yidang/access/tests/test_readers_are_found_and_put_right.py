"""Who used records is found by name, unit and card, with everything they used; what was misheard is put right and told."""

import pytest

from tests.archive import Archive
from yidang.access import uses
from yidang.access.models import Use
from yidang.audit.models import Entry, PersonalFacts
from yidang.common import clock
from yidang.common.errors import NotAllowed

CARD = "11010519491231002X"  # the example of GB 11643


def came(archive: Archive, name: str, number: str = CARD, **changed: str) -> Use:
    return uses.register_use(
        "counter", came=uses.Came(name, number, changed.get("unit", "市审计局"), "13800000000"), purpose="inspection",
        record="", asked=changed.get("asked", "付款凭证"), result="nothing", actor=archive.cast.actor("lin"), now=clock.now(),
    )  # fmt: skip


@pytest.mark.gbt39784("8.4-5")
def test_a_reader_is_found_with_all_that_they_used(archive):
    first, second = came(archive, "张三"), came(archive, "张三", asked="合同台账")
    came(archive, "李四", "", unit="保险公司", asked="别人的事")
    lin = archive.cast.client("lin")
    for told in ("张三", "审计局", CARD.lower()):
        page = lin.get("/uses/", {"who": told}).content.decode()
        assert "付款凭证" in page and "合同台账" in page and "别人的事" not in page, told
    # A part of a card's number finds nobody: the register is no place to try numbers out.
    assert "付款凭证" not in lin.get("/uses/", {"who": CARD[:10]}).content.decode()
    page = lin.get(f"/uses/{first.public_id}/").content.decode()
    assert f"visitor={second.visitor.replace(':', '%3A')}" in page and CARD not in page
    all_of_them = lin.get("/uses/", {"visitor": second.visitor}).content.decode()
    assert "付款凭证" in all_of_them and "别人的事" not in all_of_them
    # The search is narrowed to what its asker may know of.
    assert "付款凭证" not in archive.cast.client("zhao").get("/uses/", {"who": "张三"}).content.decode()


@pytest.mark.gbt39784("8.4-5")
def test_what_was_misheard_is_put_right_and_the_log_keeps_what_stood_there(archive):
    use, other = came(archive, "章三"), came(archive, "张三")
    said = {"name": "张三", "id_number": "", "unit": "市审计局", "contact": "13900000000", "address": ""}
    assert archive.cast.client("lin").post(f"/uses/{use.public_id}/reader/", said).status_code == 302
    use.refresh_from_db()
    assert (use.reader.name, use.reader.id_number, use.reader.contact) == ("张三", CARD, "13900000000")
    assert use.visitor == other.visitor
    entry = Entry.objects.get(event="access.use.reader_corrected")
    assert "章三" not in entry.body and "章三" in PersonalFacts.objects.get(entry_id=entry.seq).body


def test_who_writes_down_no_uses_puts_none_right(archive):
    use = came(archive, "张三")
    said = {"name": "王五"}
    for who, status in (("zhao", 404), ("secadmin", 404), ("zhou", 404)):
        assert archive.cast.client(who).post(f"/uses/{use.public_id}/reader/", said).status_code == status
    with pytest.raises(NotAllowed):
        uses.correct_reader(use, uses.Came("王五"), actor=archive.cast.actor("zhao"), now=clock.now())
    assert Use.objects.get().reader.name == "张三"
