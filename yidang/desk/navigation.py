"""The rail: the places that each person works in, with what waits there."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yidang.access import emergency, requests, use_queries, uses, watermarking
from yidang.approval import queries as approval
from yidang.common.actor import Actor
from yidang.intake import actions as intake
from yidang.intake.models import Submission
from yidang.intake.queries import counts_by_state
from yidang.oversight import queries as oversight
from yidang.oversight import reviewing
from yidang.permissions import freezing
from yidang.ui.navigation import Item
from yidang.upkeep import policy as upkeep


def _reads(actor: Actor) -> bool:
    return not actor.is_administrator


def _holding(*duties: str) -> Callable[[Actor], bool]:
    return lambda actor: actor.has_duty(*duties)


_archivist = _holding("archivist")


def _waiting(actor: Actor) -> int:
    counts = counts_by_state(actor)
    return counts.get(Submission.RECEIVED, 0) + counts.get(Submission.QUARANTINED, 0)


def _returned(actor: Actor) -> int:
    counts = counts_by_state(actor)
    return counts.get(Submission.RETURNED, 0) + counts.get(Submission.QUARANTINED, 0)


def items(actor: Actor) -> list[Item]:
    """The entries of the rail, in the order of a working day."""
    return [
        Item(_("Desk"), "layout-dashboard", "desk:home", match="/$"),
        Item(_("Search"), "search", "search:results", visible=_reads, match="/search/"),
        Item(_("Favourites"), "star", "search:favourites", visible=_reads, match="/favourites/"),
        Item(pgettext_lazy("verb", "File"), "file-plus", "intake:filing", visible=intake.may_file, match="/filing/"),
        Item(
            _("Filings"),
            "files",
            "intake:mine",
            count=_returned,
            visible=lambda a: intake.may_file(a) and not _archivist(a),
        ),
        Item(_("Arrivals"), "inbox", "intake:inbox", count=_waiting, visible=_archivist, match="/inbox/"),
        Item(
            _("Signing"),
            "pencil",
            "approval:queue",
            count=approval.waiting_count,
            visible=lambda a: (
                requests.may_ask(a) and (a.has_duty("approver", "leader", "archivist") or approval.waiting_count(a) > 0)
            ),
            match="/signing/",
        ),
        Item(
            _("Waiting signatures"),
            "pencil",
            "approval:waiting",
            visible=_holding("security_admin"),
            match="/signing/waiting/",
        ),
        Item(_("Requests"), "send", "access:requests", visible=requests.may_ask, match="/requests/"),
        Item(
            _("Emergency access"),
            "heartbeat",
            "access:emergency",
            count=emergency.waiting_for,
            visible=emergency.may_look,
            match="/emergency/",
        ),
        Item(_("Catalogue"), "books", "catalogue:home", visible=_reads, match="/catalogue/"),
        Item(
            _("Use register"),
            "checks",
            "access:uses",
            count=use_queries.waiting_calls,
            visible=uses.may_register,
            match="/uses/",
        ),
        Item(
            _("Certified copies"),
            "certificate",
            "access:certificates",
            visible=uses.may_register,
            match="/certificates/",
        ),
        Item(
            _("Custody"),
            "building-warehouse",
            "vault:custody",
            visible=_holding("archivist", "system_admin"),
        ),
        Item(
            _("Backups and drills"),
            "database-export",
            "continuity:home",
            visible=_holding("system_admin"),
            match="/continuity/",
        ),
        Item(_("Formats"), "files", "continuity:formats", visible=_archivist, match="/continuity/formats/"),
        Item(_("Health"), "stethoscope", "upkeep:health", visible=upkeep.sees, match="/health/"),
        Item(_("Tasks"), "list-check", "jobs:list", visible=_holding("archivist", "system_admin")),
        Item(_("Texts"), "text-recognition", "digitisation:home", visible=_archivist),
        Item(_("Access freezes"), "lock", "access:freezes", visible=freezing.may_freeze, match="/freezes/"),
        Item(
            _("Accounts"),
            "users",
            "people:accounts",
            visible=_holding("security_admin"),
            match="/accounts/",
        ),
        Item(
            _("Alarms"),
            "alert-triangle",
            "oversight:alarms",
            count=oversight.open_alarms,
            visible=_holding("security_admin"),
            match="/alarms/",
        ),
        Item(
            _("Signed in now"),
            "user-check",
            "oversight:online",
            visible=_holding("security_admin"),
            match="/online/",
        ),
        Item(
            _("Rights"),
            "key",
            "oversight:numbers",
            visible=_holding("security_admin"),
            match="/rights/",
        ),
        Item(
            _("Review of rights"),
            "clipboard-check",
            "oversight:reviews",
            count=reviewing.waiting_for,
            visible=reviewing.may_look,
            match="/rights/reviews/",
        ),
        Item(_("Departments"), "sitemap", "people:departments", visible=_holding("security_admin")),
        Item(_("Clients"), "plug", "people:clients", visible=_holding("security_admin")),
        Item(
            pgettext_lazy("rail", "Why"),
            "help",
            "permissions:explain",
            visible=_holding("archivist", "security_admin"),
        ),
        Item(
            _("Trace a picture"),
            "fingerprint",
            "access:trace",
            visible=_holding("archivist", "security_admin", "audit_admin"),
        ),
        Item(_("Watermark"), "droplet", "access:watermark", visible=watermarking.may_change),
        Item(_("Log"), "shield-check", "audit:log", visible=_holding("audit_admin"), match="/audit/"),
    ]
