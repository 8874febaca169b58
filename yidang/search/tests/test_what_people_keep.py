"""Records kept at hand, and questions whose new answers come by themselves."""

from datetime import timedelta

import pytest

from yidang.audit.models import Entry
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotFound, WrongState
from yidang.search import favourites, following
from yidang.search.actions import save_search
from yidang.search.indexing import index_once
from yidang.search.models import Favourite, SavedSearch


@pytest.mark.gbt39784("8.1-8")
def test_a_record_is_kept_at_hand_with_a_note_by_one_person_alone(stage):
    record, zhao = stage.record("设备合同"), stage.actor("zhao")
    favourites.keep(record.public_id, actor=zhao)
    favourites.keep(record.public_id, actor=zhao, note="  年底 续签 ")
    [kept] = favourites.of(zhao)
    assert (kept.record, kept.note) == (record, "年底 续签")
    favourites.keep(record.public_id, actor=zhao)
    assert favourites.of(zhao).get().note == "年底 续签", "kept once more from the record's page, the note stays"
    assert favourites.holds(record, zhao) and not favourites.holds(record, stage.actor("lin"))
    assert list(favourites.of(stage.actor("lin"))) == []
    favourites.drop(record.public_id, actor=stage.actor("lin"))
    assert favourites.of(zhao).exists()
    favourites.drop(record.public_id, actor=zhao)
    assert not Favourite.objects.exists()
    events = list(Entry.objects.filter(event__startswith="search.favourite").values_list("event", flat=True))
    assert sorted(events) == ["search.favourite.dropped", "search.favourite.kept"]


def test_a_favourite_gives_no_right_and_tells_nothing(stage):
    record, zhao = stage.record("设备合同"), stage.actor("zhao")
    hidden = stage.record("别科的合同", of="KJ", department="XN")
    with pytest.raises(NotFound):
        favourites.keep(hidden.public_id, actor=zhao)
    favourites.keep(record.public_id, actor=zhao)
    Record.objects.filter(pk=record.pk).update(level=3)
    assert list(favourites.of(zhao)) == []


def test_a_note_and_a_list_have_their_bounds(stage, monkeypatch):
    record, zhao = stage.record("设备合同"), stage.actor("zhao")
    with pytest.raises(InvalidInput):
        favourites.keep(record.public_id, actor=zhao, note="长" * 201)
    favourites.keep(record.public_id, actor=zhao)
    monkeypatch.setattr(favourites, "MOST", 1)
    favourites.keep(record.public_id, actor=zhao, note="还可以改备注")
    with pytest.raises(WrongState):
        favourites.keep(stage.record("第二件").public_id, actor=zhao)


@pytest.mark.gbt39784("8.2-6")
def test_whoever_follows_a_search_is_told_of_what_they_may_see_and_of_nothing_else(stage):
    zhao, now = stage.actor("zhao"), clock.now()
    stage.record("早先的设备合同", received_at=now - timedelta(days=1))
    saved = save_search(actor=zhao, name="设备合同", query="q=设备合同")
    index_once()
    assert following.ask_all(now) == 0, "nobody follows it yet"
    following.follow(saved.public_id, actor=zhao, wanted=True, now=now)
    assert following.ask_all(now) == 0, "what was there before is not news"
    later = now + timedelta(hours=1)
    stage.record("新的设备合同", received_at=later)
    stage.record("别科的设备合同", of="KJ", department="XN", received_at=later)
    index_once()
    assert following.ask_all(later) == 1
    [told] = following.with_news(zhao, 8)
    assert told.news == 1, "the one out of reach is not counted"
    assert not following.with_news(stage.actor("lin"), 8)
    following.looked_at(saved.public_id, actor=zhao, now=later + timedelta(minutes=1))
    assert following.ask_all(later) == 0
    following.follow(saved.public_id, actor=zhao, wanted=False, now=later)
    stage.record("再来一份设备合同", received_at=later + timedelta(hours=1))
    index_once()
    assert following.ask_all(later) == 0


def test_a_person_who_has_left_is_asked_for_no_more_and_one_bad_question_stops_no_other(stage, monkeypatch):
    now = clock.now()
    for name in ("zhao", "lin"):
        one = save_search(actor=stage.actor(name), name="全部", query="q=合同")
        following.follow(one.public_id, actor=stage.actor(name), wanted=True, now=now - timedelta(hours=1))
    stage.record("新合同", received_at=now)
    index_once()
    stage.people["lin"].is_active = False
    stage.people["lin"].save()
    assert following.ask_all(now) == 1
    assert set(SavedSearch.objects.filter(news__gt=0).values_list("user__username", flat=True)) == {"zhao"}
    answered = following.search

    def refuse(actor, query):
        if actor.username == "zhao":
            raise InvalidInput("damaged", code="damaged")
        return answered(actor, query)

    stage.people["lin"].is_active = True
    stage.people["lin"].save()
    monkeypatch.setattr(following, "search", refuse)
    assert following.ask_all(now) == 1
    assert SavedSearch.objects.get(user__username="zhao").news == 1, "left as it was"


def test_nobody_opens_or_follows_the_search_of_another(stage):
    saved = save_search(actor=stage.actor("zhao"), name="全部", query="q=合同")
    for deed in (
        lambda: following.follow(saved.public_id, actor=stage.actor("lin"), wanted=True),
        lambda: following.looked_at(saved.public_id, actor=stage.actor("lin")),
    ):
        with pytest.raises(NotFound):
            deed()
