"""推送服务: people are told of new records that answer a question they keep.

Every hour each followed question is asked anew as its owner, with what they may see at that moment; only how many came
since they last looked is put down. Source: GB/T 39784-2021, 8.2.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotFound, YidangError
from yidang.people.actors import actor_of_user
from yidang.search.asking import RECEIVED, Query, from_address
from yidang.search.models import SavedSearch
from yidang.search.queries import search

MOST = 50  # more new hits are told as «50 and more»
logger = logging.getLogger(__name__)


def follow(public_id: UUID, *, actor: Actor, wanted: bool, now: datetime | None = None) -> SavedSearch:
    """Tell the owner of new hits from now on, or no longer.

    :raises NotFound: the actor has no such search
    """
    now = now or clock.now()
    with transaction.atomic():
        saved = _own(public_id, actor)
        saved.followed_at, saved.seen_at, saved.news = (now if wanted else None), now, 0
        saved.save(update_fields=["followed_at", "seen_at", "news"])
        audit.write(
            "search.saved.followed" if wanted else "search.saved.unfollowed", actor=actor, target_kind="saved_search",
            target=public_id,
        )  # fmt: skip
    return saved


def looked_at(public_id: UUID, *, actor: Actor, now: datetime | None = None) -> SavedSearch:
    """The owner opens it: what is there now is no longer new.

    :raises NotFound: the actor has no such search
    """
    saved = _own(public_id, actor)
    if saved.followed_at is not None:
        saved.seen_at, saved.news = now or clock.now(), 0
        saved.save(update_fields=["seen_at", "news"])
    return saved


def with_news(actor: Actor, most: int) -> Sequence[SavedSearch]:
    """Followed questions of this person to which something new came."""
    return list(SavedSearch.objects.filter(user_id=actor.user_id, news__gt=0)[:most])


def ask_all(now: datetime, beat: Callable[[], None] = lambda: None) -> int:
    """Ask every followed question of people who still have an account; answers how many have news.

    :param beat: called before each question, so that whoever leases the work to us knows that we live
    A question that cannot be answered is left as it was and asked again next time.
    """
    told = 0
    followed = SavedSearch.objects.exclude(followed_at=None).filter(user__is_active=True)
    for saved in followed.select_related("user").iterator(chunk_size=500):
        beat()
        try:
            news = _news(saved, now)
        except YidangError as refusal:
            logger.warning("followed search %s was not answered: %s", saved.public_id, refusal.code)
            continue
        # Whoever opened it meanwhile has seen what was counted here.
        SavedSearch.objects.filter(pk=saved.pk, seen_at=saved.seen_at).update(news=news)
        told += news > 0
    return told


def _news(saved: SavedSearch, now: datetime) -> int:
    asked = replace(from_address(QueryDict(saved.query)), sort=RECEIVED, cursor="", limit=MOST, facets=False)
    hits = search(actor_of_user(saved.user, now=now), asked).hits
    return sum(saved.seen_at is None or hit.record.received_at > saved.seen_at for hit in hits)


def newest_first(saved: SavedSearch) -> Query:
    """The question in the order in which news come first."""
    asked = from_address(QueryDict(saved.query))
    return replace(asked, sort=RECEIVED) if saved.followed_at else asked


def _own(public_id: UUID, actor: Actor) -> SavedSearch:
    saved = SavedSearch.objects.filter(public_id=public_id, user_id=actor.user_id).first()
    if saved is None or actor.user_id is None:
        raise NotFound()
    return saved
