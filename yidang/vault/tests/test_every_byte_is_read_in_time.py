"""Ninety days by a fake clock with runs that are killed; and sites that only remember digests."""

import random
from datetime import datetime, timedelta

import pytest
from django.db.models import Min

from yidang import vault
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import challenging, ocfl
from yidang.vault.models import Copy, ScrubFinding, StoredObject
from yidang.vault.root import Root
from yidang.vault.tests.conftest import keep_and_register, new_object

pytestmark = pytest.mark.django_db(transaction=True)
SCRUB = Actor.system("scrub")
DAYS, OBJECTS = 30, 30


class Killed(Exception):
    """The worker died."""


@pytest.mark.promise("B5")
def test_every_copy_is_read_within_thirty_days_and_a_run_though_runs_are_killed(kept_vault: tuple[Root, Root]) -> None:
    keep_and_register([new_object() for _ in range(OBJECTS)])
    begin, dice = clock.now(), random.Random(1)
    for day in range(1, 91):
        _one_day(begin + timedelta(days=day), dice)
        oldest = Copy.objects.aggregate(at=Min("verified_at"))["at"]
        assert begin + timedelta(days=day) - oldest <= timedelta(days=DAYS + 1), day


def _one_day(now: datetime, dice: random.Random) -> None:
    share = -(-OBJECTS // DAYS)

    def die(_state: object) -> None:
        raise Killed

    for site in ("main", "second"):
        if dice.random() < 0.3:
            with pytest.raises(Killed):
                vault.scrub(actor=SCRUB, site=site, limit=share, progress=die, now=now)
        else:
            vault.scrub(actor=SCRUB, site=site, limit=share, now=now)


@pytest.mark.promise("B7")
def test_a_site_that_only_kept_digests_cannot_answer(kept_vault: tuple[Root, Root], filed) -> None:
    kept, sound = filed(), filed()
    assert challenging.challenge(actor=SCRUB).failed == ()
    place = kept_vault[1].object_folder(kept.object_id) / "v1/content/documents/0001.pdf"
    remembered = ocfl.digest_of(place.read_bytes())
    place.chmod(0o640)
    place.write_text(remembered)
    done = challenging.challenge(actor=SCRUB)
    assert done.failed == (("second", str(kept.object_id)),) and done.answers == 4
    assert ScrubFinding.objects.get(healed_at=None).object_id == kept.object_id
    assert vault.repair(actor=SCRUB).is_well
    assert challenging.challenge(actor=SCRUB).failed == ()
    row = StoredObject.objects.get(object_id=sound.object_id)
    first, second = (challenging.answer(kept_vault[0], row, nonce) for nonce in (b"1", b"2"))
    assert first and second and first != second
