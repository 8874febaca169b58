"""``yidang machine``: the machines of one archive."""

from datetime import datetime

import click
from django.conf import settings
from django.utils.translation import gettext as _

from yidang import search
from yidang.commands.output import answer, as_json
from yidang.common import clock
from yidang.common.errors import WrongState
from yidang.jobs import machines
from yidang.jobs.models import Machine
from yidang.search import copies, texts
from yidang.vault import sharing


@click.group(help="The machines that serve one archive: list, share, forget.")
def machine() -> None:
    """The group."""


@machine.command("list")
@as_json
def listed(json_wanted: bool) -> None:
    """Who is here, when it was last seen, and how far its index is."""
    now = clock.now()
    places = copies.places()
    rows = [
        {
            "name": one.name, "role": one.role, "version": one.version, "state": _state(one, now),
            "seen_at": one.seen_at.isoformat(), "behind": search.lag_behind(places[one.name]).changes if one.name in places else None,
        }
        for one in Machine.objects.order_by("name")
    ]  # fmt: skip
    answer(
        {"machines": rows},
        [f"{row['name']}  {row['role']}  {row['state']}  {row['behind']}" for row in rows],
        json_wanted=json_wanted,
    )


def _state(one: Machine, now: datetime) -> str:
    return "ended" if one.stopped_at else "silent" if machines.is_silent(one.name, now) else "serves"


@machine.command()
@as_json
def share(json_wanted: bool) -> None:
    """Give what stands on this machine alone to the shared place, once, before a second machine joins."""
    place = sharing.shared()
    if place is None:
        raise WrongState(_("Nothing is shared: YIDANG_SHARED is not set."), code="nothing_shared")
    given = texts.share_all()
    waiting = [
        path
        for folder in ("quarantine/submissions", "quarantine/drafts", "derived/certificates", "cache/packs")
        for path in sorted((settings.DATA / folder).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    sharing.give(*waiting)
    told = {"texts": given, "files": len(waiting), "place": place.address}
    answer(told, [f"{key}: {value}" for key, value in told.items()], json_wanted=json_wanted)


@machine.command()
@click.argument("name")
def forget(name: str) -> None:
    """Forget a machine that is gone for good: nobody waits for its index any more."""
    if not machines.is_silent(name, clock.now()):
        raise WrongState(
            _("The machine «%(name)s» serves.") % {"name": name}, code="machine_serves", remedy=_("Stop it first.")
        )
    machines.forget(name)
    copies.forget(name)
