"""Arrangement by volume: accepted items of one class become a volume, in the order of their dates, with codes of its own."""

import pytest

from tests.archive import Archive
from yidang import vault
from yidang.catalogue.actions.volumes import NotForVolume, create_volume
from yidang.catalogue.models import ArchivalCode, Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed

pytestmark = pytest.mark.django_db


def project(archive: Archive, date: str, **said: object) -> Record:
    return archive.file(of="KJ·KY", date=date, metadata={"project_number": "2026KY"}, **said)


def bind(archive: Archive, items: list[Record], title: str = "课题一", by: str = "lin") -> Record:
    return create_volume(items, title=title, actor=archive.cast.actor(by), now=clock.now())


@pytest.mark.gbt39784("6.1-3")
def test_items_stand_in_the_volume_by_date_and_bear_its_code(archive: Archive, trail) -> None:
    late, early = project(archive, "2025-06-01"), project(archive, "2025-01-10")
    volume = bind(archive, [late, early])
    items = list(Record.objects.filter(volume=volume).order_by("code"))
    assert [item.pk for item in items] == [early.pk, late.pk]
    assert [item.code for item in items] == [f"{volume.code}-001", f"{volume.code}-002"]
    assert {item.code_state for item in items} == {ArchivalCode.FINAL}
    assert (volume.kind, str(volume.date_first), str(volume.date_last)) == (Record.VOLUME, "2025-01-10", "2025-06-01")
    assert [copy.state for copy in vault.copies_of(volume.object_id)] == ["ok", "ok"]
    assert trail(event="catalogue.volume.made").count() == 1


def test_a_volume_is_kept_as_long_as_its_longest_item_and_as_closed_as_its_most_closed(archive: Archive) -> None:
    short = project(archive, "2025-01-01", retention="D10", security="internal")
    long = project(archive, "2025-01-02", retention="Y", security="sensitive")
    volume = bind(archive, [short, long])
    assert (volume.retention, volume.level) == ("Y", max(short.level, long.level))


def test_an_item_stands_in_one_volume(archive: Archive) -> None:
    one, two = project(archive, "2025-01-01"), project(archive, "2025-01-02")
    bind(archive, [one])
    with pytest.raises(NotForVolume):
        bind(archive, [one, two], "另一卷")
    assert Record.objects.get(pk=two.pk).volume_id is None


def test_what_waits_what_is_kept_by_item_and_what_is_mixed_is_refused(archive: Archive) -> None:
    waiting = project(archive, "2025-01-01", accepted=False)
    single = archive.file(of="WS·XZ")
    good = project(archive, "2025-01-02")
    for items in ([waiting], [single], [good, single]):
        with pytest.raises(NotForVolume):
            bind(archive, items)
    with pytest.raises(InvalidInput):
        bind(archive, [good], " ")
    with pytest.raises(InvalidInput):
        bind(archive, [])
    assert not Record.objects.filter(kind=Record.VOLUME).exists()


@pytest.mark.parametrize("name", ["xu", "zhao", "zhou", "sysadmin"])
def test_only_an_archivist_makes_volumes(archive: Archive, name: str) -> None:
    item = project(archive, "2025-01-01")
    with pytest.raises(NotAllowed):
        bind(archive, [item], by=name)
