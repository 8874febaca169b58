"""``yidang vault …``: copies and their health, for the person on call."""

import dataclasses
import json
import sys
from collections.abc import Callable
from typing import Any

import click
from django.core.management import call_command
from django.utils.translation import gettext as _

from yidang.common.actor import Actor
from yidang.common.errors import YidangError
from yidang.vault import actions, needs, queries, recovering, repairing, scrubbing, taking_in

NOT_WELL = 1


@click.group(name="vault", help="The vault's sites and copies: status, scrub, repair, rebuild.")
def vault() -> None:
    """The group that the program mounts."""


def _as_json(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(function)


def _answer(document: dict[str, Any], lines: list[str], as_json: bool) -> None:
    """Print the outcome and end: 0 when all is well, 1 when something is not."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str) if as_json else "\n".join(lines))
    if not document["well"]:
        sys.exit(NOT_WELL)


def _refused(refusal: YidangError, as_json: bool) -> None:
    """Print a refusal in the form that was asked for and end with 1."""
    document = {"well": False, "code": refusal.code, "detail": str(refusal), "remedy": str(refusal.remedy)}
    _answer(document, [f"{refusal} {refusal.remedy}"], as_json)


def _progress(sentence: str) -> None:
    click.echo(sentence, err=True)


@vault.command()
@_as_json
def status(as_json: bool) -> None:
    """Show how every site and its copies are."""
    actions.prepare_sites()
    states, short = queries.read_state(), needs.short()
    document = {
        "well": all(state.is_well for state in states) and not any(one.late for one in short),
        "sites": [{**dataclasses.asdict(state), "well": state.is_well} for state in states],
        "short": [dataclasses.asdict(one) for one in short],
    }
    lines = [line for state in states for line in _status_lines(state)]
    lines += [
        _("class %(code)s: %(good)d of %(needed)d good copies")
        % {"code": one.code, "good": one.good, "needed": one.needed}
        for one in short
    ]
    _answer(document, lines, as_json)


def _status_lines(state: queries.SiteState) -> list[str]:
    free = "-" if state.free_bytes is None else f"{state.free_bytes / 1e9:.1f} GB"
    figures = _("%(key)s: %(state)s, %(address)s, %(objects)d objects, %(size).1f MB, %(free)s free") % {
        "key": state.key, "state": state_name(state.state), "address": state.address, "objects": state.objects,
        "size": state.bytes / 1e6, "free": free,
    }  # fmt: skip
    lines = [figures]
    lines.append(
        "  "
        + _("good %(ok)d, lagging %(lagging)d, missing %(missing)d, damaged %(damaged)d, open findings %(findings)d")
        % {
            "ok": state.ok, "lagging": state.lagging, "missing": state.missing, "damaged": state.damaged,
            "findings": state.open_findings,
        }
    )  # fmt: skip
    if state.last_scrub_finished_at:
        lines.append(
            "  " + _("last scrub finished %(at)s") % {"at": f"{state.last_scrub_finished_at:%Y-%m-%d %H:%M} UTC"}
        )
    if state.shares_disk_with:
        lines.append("  " + _("warning: on the same disk as %(sites)s") % {"sites": ", ".join(state.shares_disk_with)})
    return lines


def state_name(state: str) -> str:
    """A site's state in the reader's language."""
    names = {
        queries.OK: _("in order"), queries.FULL: _("full"), queries.READ_ONLY: _("read-only"),
        queries.MISSING: _("missing"), queries.REPLACED: _("replaced by another disk"), queries.NEW: _("not set up yet"),
    }  # fmt: skip
    return names[state]


@vault.command()
@click.option(
    "--all", "everything", is_flag=True, help="Read everything now, from the start; by default the day's share."
)
@click.option("--site", default="", help="Only this site.")
@click.option("--rate", type=click.IntRange(0), default=0, help="At most so many MB per second; 0 for no limit.")
@_as_json
def scrub(everything: bool, site: str, rate: int, as_json: bool) -> None:
    """Read copies again and compare them with what was kept."""

    def tell(state: scrubbing.Scrubbed) -> None:
        figures = {"site": state.site, "objects": state.objects, "left": state.left, "findings": state.findings}
        _progress(_("%(site)s: %(objects)d read, %(left)d left, %(findings)d findings") % figures)

    try:
        states = scrubbing.scrub(
            actor=Actor.system("scrub"), site=site, bytes_per_second=rate * 1_000_000,
            limit=0 if everything else scrubbing.daily_share(), anew=everything, progress=tell,
        )  # fmt: skip
    except YidangError as refusal:
        return _refused(refusal, as_json)
    unread = [
        state
        for state in queries.read_state()
        if state.state in {queries.MISSING, queries.REPLACED} and site in {"", state.key}
    ]
    document = {
        "well": not any(state.findings for state in states) and not unread,
        "sites": [
            {**dataclasses.asdict(state), "findings": state.findings, "kinds": dict(state.kinds)} for state in states
        ],
        "not_read": [state.key for state in unread],
    }
    lines = [
        _("%(site)s: %(objects)d objects, %(size).1f MB read, %(findings)d findings")
        % {"site": state.site, "objects": state.objects, "size": state.bytes / 1e6, "findings": state.findings}
        for state in states
    ]
    lines += [_("%(site)s: not read, the site is missing") % {"site": state.key} for state in unread]
    _answer(document, lines, as_json)


@vault.command()
@click.option(
    "--refill", metavar="SITE", default="", help="Set this lost site up anew in its empty folder, then fill it."
)
@_as_json
def repair(refill: str, as_json: bool) -> None:
    """Mend every copy that is lagging, missing or damaged from good ones."""
    actor = Actor.system("repair")

    def tell(state: repairing.Repaired) -> None:
        if state.looked_at % 100 == 0:
            _progress(_("%(done)d looked at, %(left)d left") % {"done": state.looked_at, "left": state.left})

    try:
        if refill:
            repairing.refill(refill, actor=actor)
        done = repairing.repair(actor=actor, progress=tell)
    except YidangError as refusal:
        return _refused(refusal, as_json)
    document = {
        "well": done.is_well,
        "looked_at": done.looked_at,
        "repaired": [{"site": site, "object": object_id} for site, object_id in done.copies],
        "lost": [{"site": site, "object": object_id} for site, object_id in done.lost],
        "failed": [{"site": site, "object": object_id, "reason": reason} for site, object_id, reason in done.failed],
    }
    lines = [_("%(repaired)d copies repaired") % {"repaired": len(done.copies)}]
    lines += [
        _("%(site)s: no good bytes are left for %(object)s") % {"site": site, "object": one} for site, one in done.lost
    ]
    lines += [f"{site}: {one}: {reason}" for site, one, reason in done.failed]
    _answer(document, lines, as_json)


@vault.command()
@click.option("--site", default="", help="From this site; by default the first one that answers.")
@_as_json
def rebuild(site: str, as_json: bool) -> None:
    """Make an empty database anew from what one site holds."""

    def tell(done: recovering.Rebuilt) -> None:
        figures = {"objects": done.objects, "records": done.made.get("records", 0)}
        _progress(_("%(objects)d objects read, %(records)d records made") % figures)

    call_command("migrate", interactive=False, verbosity=0)
    try:
        done = recovering.rebuild(site=site, actor=Actor.system("rebuild"), progress=tell)
    except YidangError as refusal:
        return _refused(refusal, as_json)
    _tell_rebuilt(done, as_json)


@vault.command("take-in")
@_as_json
def take_in(as_json: bool) -> None:
    """Bring an older database up to what the sites hold: records and versions that it does not know."""
    _tell_rebuilt(taking_in.take_in(actor=Actor.system("rebuild")), as_json)


def _tell_rebuilt(done: recovering.Rebuilt, as_json: bool) -> None:
    document = {"well": done.is_well, **dataclasses.asdict(done)}
    counts = {"objects": done.objects, "records": done.made.get("records", 0), "stones": done.tombstones}
    lines = [_("%(objects)d objects, %(records)d records, %(stones)d tombstones") % counts]
    lines += [_("refused, because it was destroyed: %(object)s") % {"object": one} for one in done.refused]
    lines += [
        _("cannot be read: %(place)s: %(reason)s") % {"place": one, "reason": why} for one, why in done.unreadable
    ]
    _answer(document, lines, as_json)
