"""Century packs that people ask for on a page: made as later work, kept for a week as one file, handed out under copy right."""

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang import audit, jobs, search
from yidang.catalogue.models import Document, Record
from yidang.catalogue.queries import RecordFilter
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotFound, Unavailable
from yidang.continuity import policy
from yidang.continuity.century import NothingChosen, Pack, make_pack
from yidang.continuity.models import PackRun
from yidang.people.actors import actor_of_user
from yidang.people.models import User
from yidang.search.asking import from_address
from yidang.vault import sharing

TASK = "continuity.pack"
KEPT = timedelta(days=7)
EVERY = 25
# Hits of one search in a pack; more is a class, a year or the whole.
MOST_HITS = 20_000


class NoRoomForPack(Unavailable):
    """The data folder's disk would run full."""

    code = "continuity.no_room_for_pack"
    default_message = gettext_lazy("There is not enough room on the disk for this pack.")
    default_remedy = gettext_lazy(
        "Choose fewer records, or have the system administrator run «yidang export» onto another disk."
    )


def chosen(selection: dict[str, Any], *, actor: Actor) -> "QuerySet[Record]":
    """The records that a selection means, those alone of which the actor may have copies.

    :param selection: ``class``, ``year``, ``record`` (a volume stands for its items too), ``query`` (of a search)
    :raises NotFound: the actor makes no packs
    :raises InvalidInput: a search finds too many
    """
    policy.require_makes_packs(actor)
    mine = Record.objects.visible_to(actor, "copy").exclude(state=Record.WITHDRAWN)
    if public_id := selection.get("record"):
        both = Record.objects.filter(public_id=public_id) | Record.objects.filter(volume__public_id=public_id)
        mine = mine.filter(pk__in=both.values("pk"))
    if selection.get("query"):
        mine = mine.filter(pk__in=_hits(selection["query"], actor))
    wanted = RecordFilter(record_class=selection.get("class", ""), year=selection.get("year") or None)
    return mine.filter(wanted.as_q())


def _hits(text: str, actor: Actor) -> set[int]:
    query, found = from_address(QueryDict(text), limit=200, facets=False), set[int]()
    while True:
        results = search.search(actor, query)
        if results.total > MOST_HITS:
            raise InvalidInput(
                _("The search finds more than %(most)s records.") % {"most": f"{MOST_HITS:,}"}, code="too_many_rows",
                remedy=_("Narrow it with a filter, or choose a class and a year instead."),
            )  # fmt: skip
        found |= {hit.record.pk for hit in results.hits}
        if not results.next:
            return found
        query = replace(query, cursor=results.next)


def weigh(records: "QuerySet[Record]") -> tuple[int, int]:
    """How many records and how many bytes of originals."""
    size = Document.objects.filter(record__in=records).aggregate(size=Sum("size"))["size"]
    return records.count(), int(size or 0)


@transaction.atomic
def ask_pack(selection: dict[str, Any], *, actor: Actor, now: datetime) -> PackRun:
    """Have a pack made.

    :raises NotFound: the actor makes no packs
    :raises NothingChosen: the selection holds no record of which the actor may have a copy
    :raises NoRoomForPack: it would fill the disk
    """
    records, size = weigh(chosen(selection, actor=actor))
    if not records:
        raise NothingChosen()
    # The files once, and once more in the one file that is handed out.
    if shutil.disk_usage(settings.DATA).free < 2.2 * size + (1 << 30):
        raise NoRoomForPack()
    run = PackRun.objects.create(asked_by_id=actor.user_id, asked_at=now, selection=selection, left=records)
    jobs.later(TASK, key=str(run.pk), actor=actor, pack_id=run.pk)
    audit.write(
        "continuity.pack.asked", actor=actor, target_kind="pack", target=run.pk, now=now,
        facts={"records": records, "bytes": size} | {key: selection[key] for key in selection if key != "query"},
        personal={"query": selection["query"]} if "query" in selection else None,
    )  # fmt: skip
    return run


def place_of(run: PackRun) -> Path:
    """Where the one file stands while it is kept."""
    return Path(settings.DATA) / "cache" / "packs" / f"pack-{run.pk}.zip"


def make(run: PackRun, *, tell: Callable[[PackRun], None] = lambda run: None) -> None:
    """Make a pack that was asked for; killed, it begins anew. Rights are asked again: they may have ended meanwhile."""
    if run.finished_at:
        return
    asker = User.objects.get(pk=run.asked_by_id)
    target = place_of(run)
    folder = target.with_suffix("")
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in (folder, folder.with_name(f"{folder.name}.unfinished")):
        shutil.rmtree(left, ignore_errors=True)

    def progress(pack: Pack) -> None:
        if pack.records % EVERY == 0 or not pack.left:
            _keep(run, records=pack.records, left=pack.left)
            tell(run)

    try:
        actor = actor_of_user(asker)
        if not asker.is_active:
            raise NotFound()
        pack = make_pack(chosen(run.selection, actor=actor), folder, actor=actor, progress=progress)
    except (NotFound, InvalidInput):
        _keep(run, finished_at=clock.now(), trouble=PackRun.RIGHT)
        return
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, f"{folder.name}/{path.relative_to(folder)}")
    part.replace(target)
    shutil.rmtree(folder)
    sharing.give(target)
    _keep(
        run, finished_at=clock.now(), records=pack.records, left=0, files=pack.files, bytes=target.stat().st_size,
        sums_sha256=pack.sums_sha256, problems=[list(one) for one in pack.problems[:200]],
    )  # fmt: skip


def _keep(run: PackRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    PackRun.objects.filter(pk=run.pk).update(**values)


def take(run: PackRun, *, actor: Actor, now: datetime) -> Path:
    """Let the pack leave, to who asked for it alone; the log is written first.

    :raises NotFound: somebody else asked, the actor makes no packs any more, or it is not kept any more
    """
    policy.require_makes_packs(actor)
    place = place_of(run)
    if run.asked_by_id != actor.user_id or not run.is_there or not sharing.take(place):
        raise NotFound()
    if chosen(run.selection, actor=actor).count() < run.records:
        raise NotFound(_("You may no longer have a copy of every record in this pack; have it made anew."))
    with transaction.atomic():
        audit.write(
            "continuity.pack.taken", actor=actor, target_kind="pack", target=run.pk, now=now,
            facts={"records": run.records, "bytes": run.bytes, "sums_sha256": run.sums_sha256},
        )  # fmt: skip
    return place


def clear(now: datetime) -> int:
    """Remove the files of packs that are older than a week, and what interrupted ones left; how many went."""
    old = PackRun.objects.filter(removed_at=None, finished_at__lt=now - KEPT)
    for run in old:
        place_of(run).unlink(missing_ok=True)
        sharing.withdraw(place_of(run))
        _keep(run, removed_at=now)
    return len(old)


def clear_here() -> int:
    """Remove from this machine what another one cleared; returns how many."""
    here = {int(path.stem.removeprefix("pack-")): path for path in place_of(PackRun(pk=0)).parent.glob("pack-*.zip")}
    kept = set(PackRun.objects.filter(pk__in=here, removed_at=None).values_list("pk", flat=True))
    gone = [path for pk, path in here.items() if pk not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
