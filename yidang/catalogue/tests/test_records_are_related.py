"""Which record answers, replaces or belongs to which: seen from both, by whoever sees both, kept in both objects."""

import json
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import F

from tests.archive import Archive
from yidang import vault
from yidang.audit.rows import check_rows
from yidang.catalogue import actions, relating
from yidang.catalogue.models import Relation
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.gbt39784("6.4-2")
def test_a_relation_is_made_once_and_read_from_both_sides(archive: Archive, data: Path, trail) -> None:
    request, answer, third = archive.file("关于购置设备的请示"), archive.file("关于购置设备的批复"), archive.file()
    lin, now = archive.cast.actor("lin"), clock.now()
    made = actions.relate(answer, request, kind="answers", actor=lin, now=now)
    with pytest.raises(WrongState):
        actions.relate(answer, request, kind="answers", actor=lin, now=now)
    with pytest.raises(InvalidInput):
        actions.relate(answer, request, kind="likes", actor=lin, now=now)
    with pytest.raises(InvalidInput):
        actions.relate(answer, answer, kind="answers", actor=lin, now=now)
    actions.relate(request, third, kind="same_matter", actor=lin, now=now)
    with pytest.raises(WrongState):  # it has no direction
        actions.relate(third, request, kind="same_matter", actor=lin, now=now)
    assert [(one.word, one.other) for one in relating.of_record(answer, actor=lin)] == [("答复（批复）", request)]
    assert {one.word for one in relating.of_record(request, actor=lin)} == {"由其答复（批复）", "同一事由"}
    for one, other in ((answer, request), (request, answer)):
        page = archive.cast.client("lin").get(f"/records/{one.public_id}/").content.decode()
        assert f"/records/{other.public_id}/" in page
    told = archive.cast.client("lin").get(f"/api/v1/records/{answer.public_id}").json()["relations"]
    assert [(row["kind"], row["direction"], row["record"]) for row in told] == [
        ("answers", "from", str(request.public_id))
    ]
    archive.work()
    for one in (answer, request):
        description = json.loads(vault.local_path(one.object_id, "record.json").read_text())
        assert [row["id"] for row in description["relations"] if row["kind"] == "answers"] == [str(made.public_id)]
    standard = vault.local_path(answer.object_id, "metadata.xml").read_text()
    assert f"<实体标识符>{request.public_id}</实体标识符>" in standard and "<关系>答复（批复）</关系>" in standard
    assert trail(event="catalogue.relation.made").count() == 2
    assert not list(check_rows())
    Relation.objects.filter(pk=made.pk).update(source=F("target"), target=F("source"))
    assert [fault.kind for fault in check_rows()] == ["row_edited"]


@pytest.mark.gbt39784("6.4-4")
def test_a_relation_ends_and_may_be_made_again(archive: Archive, data: Path) -> None:
    old, new = archive.file("旧制度"), archive.file("新制度")
    lin, now = archive.cast.actor("lin"), clock.now()
    made = actions.relate(new, old, kind="replaces", actor=lin, now=now)
    with pytest.raises(NotFound):
        actions.end_relation(archive.file(), made.public_id, actor=lin, now=now)
    actions.end_relation(old, made.public_id, actor=lin, now=now)
    with pytest.raises(WrongState):
        actions.end_relation(old, made.public_id, actor=lin, now=now)
    assert relating.of_record(new, actor=lin) == []
    archive.work()
    description = json.loads(vault.local_path(new.object_id, "record.json").read_text())
    assert [row["ended_by"] for row in description["relations"]] == ["lin"]
    assert "实体关系" not in vault.local_path(new.object_id, "metadata.xml").read_text()
    actions.relate(new, old, kind="replaces", actor=lin, now=now)
    assert not list(check_rows())


@pytest.mark.promise("F1")
def test_who_does_not_see_both_is_not_told_and_who_describes_only_one_relates_nothing(
    archive: Archive, data: Path
) -> None:
    open_one = archive.file("全院通知", security="internal")
    secret = archive.file("院长办公会纪要", security="restricted")
    lin, now = archive.cast.actor("lin"), clock.now()
    made = actions.relate(secret, open_one, kind="based_on", actor=lin, now=now)
    for who in ("xu", "zhao", "he"):
        reader = archive.cast.client(who)
        if reader.get(f"/records/{open_one.public_id}/").status_code != 200:
            continue
        page = reader.get(f"/records/{open_one.public_id}/").content.decode()
        assert reader.get(f"/records/{secret.public_id}/").status_code == 404
        assert str(secret.public_id) not in page and "被引为依据" not in page
        assert reader.get(f"/api/v1/records/{open_one.public_id}").json()["relations"] == []
        assert relating.of_record(open_one, actor=archive.cast.actor(who)) == []
        with pytest.raises((NotFound, NotAllowed)):
            actions.end_relation(open_one, made.public_id, actor=archive.cast.actor(who), now=now)
        with pytest.raises((NotFound, NotAllowed)):
            actions.relate(open_one, secret, kind="answers", actor=archive.cast.actor(who), now=now)
        break
    else:
        raise AssertionError("nobody of the cast sees the one and not the other")
    assert Relation.objects.count() == 1


def test_the_page_takes_and_ends_relations_by_code(archive: Archive, data: Path) -> None:
    one, other = archive.file("关于表彰的决定"), archive.file("先进名单")
    browser = archive.cast.client("lin")
    address = f"/catalogue/records/{one.public_id}/relations/"
    assert browser.post(address, {"relation": "attached_to.to", "other": "没有这个号"}).status_code == 422
    said = browser.post(address, {"relation": "attached_to.to", "other": other.code or other.accession_number})
    assert said.status_code == 302
    made = Relation.objects.get()
    assert (made.source, made.target) == (other, one)
    assert "附有" in browser.get(address).content.decode()
    assert browser.post(f"{address}{made.public_id}/end/").status_code == 302
    assert browser.post(f"{address}{made.public_id}/end/").status_code == 422
    reader = archive.cast.client("xu")
    assert reader.post(address, {"relation": "answers.from", "other": other.accession_number}).status_code in {403, 404}


def test_what_objects_tell_again_changes_nothing_and_never_revives_what_ended(archive: Archive, data: Path) -> None:
    one, other = archive.file(), archive.file()
    lin, now = archive.cast.actor("lin"), clock.now()
    made = actions.relate(one, other, kind="based_on", actor=lin, now=now)
    standing = relating.relation_json(Relation.objects.get(pk=made.pk))
    with transaction.atomic():
        assert relating.make_relations({standing["id"]: standing}, Actor.system("rebuild")) == []
        ended = {**standing, "ended_by": "lin", "ended_at": now.isoformat()}
        assert relating.make_relations({standing["id"]: ended}, Actor.system("rebuild")) == []
        assert relating.make_relations({standing["id"]: standing}, Actor.system("rebuild")) == []
    assert Relation.objects.get().ended_at == now and not list(check_rows())
