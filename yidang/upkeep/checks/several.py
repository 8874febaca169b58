"""Whether the machines of the archive fit one another."""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from yidang.common import clock
from yidang.common.db import replica
from yidang.jobs import machines
from yidang.jobs.models import Machine
from yidang.search.models import IndexCopy
from yidang.upkeep.checks.finding import BAD, WARN, Finding
from yidang.vault import sharing

CLOCKS_APART = 2.0


def several() -> Iterator[Finding]:
    """Names, keys, clocks and versions of machines, and what they share."""
    standing = list(Machine.objects.filter(stopped_at=None).order_by("name"))
    here = next((one for one in standing if one.name == settings.MACHINE), None)
    if len(standing) > 1 and connection.vendor != "postgresql":
        yield Finding(
            "machines", BAD, _("Several machines are entered, but the database is a file of one of them."),
            _("Use PostgreSQL for several machines."),
        )  # fmt: skip
    if len(standing) > 1 and not settings.SHARED:
        yield Finding(
            "machines", BAD, _("Several machines serve this archive, and nothing is shared beside the vault: texts, drafts and prints "
            "of one are not found at another."),
            _("Name a folder that all mount, or a bucket, with YIDANG_SHARED on each, then run «yidang machine share»."),
        )  # fmt: skip
    for one in standing:
        yield from _one(one, here)
    if len({one.version for one in standing}) > 1:
        yield Finding(
            "machines", WARN, _("The machines run different versions of the program."),
            _("Finish the upgrade: the same version on every machine."),
        )  # fmt: skip


def _one(one: Machine, here: Machine | None) -> Iterator[Finding]:
    now, named = clock.now(), {"name": one.name}
    # Whoever asks on the machine itself sees whether it serves; after a power cut its last sign is only old.
    if one.name != settings.MACHINE and now - one.seen_at > machines.SILENT:
        yield Finding(
            "machines", BAD, _("The machine «%(name)s» gives no sign of life.") % named,
            _("Start «yidang serve» there; if it is gone for good, run «yidang machine forget %(name)s».") % named,
        )  # fmt: skip
    if here is not None and (names := machines.differing(here.keys, one.keys)):
        yield Finding(
            "machines", BAD, _("The machine «%(name)s» does not hold the same keys as this one: %(keys)s.")
            % {**named, "keys": ", ".join(names)},
            _("Copy the folder «keys» from the machine that was there first, then restart that one."),
        )  # fmt: skip
    if abs(one.clock_ahead) > CLOCKS_APART:
        yield Finding(
            "clock", BAD, _("The clock of the machine «%(name)s» is %(seconds).0f seconds off the database's.")
            % {**named, "seconds": one.clock_ahead},
            _("Set the clocks of all machines by the hospital's time server (chrony or systemd-timesyncd)."),
        )  # fmt: skip
    copy = IndexCopy.objects.filter(machine=one.name).first()
    if copy is not None and copy.failed:
        yield Finding(
            "search", WARN, _("The index of the machine «%(name)s» could not read %(count)d records; it tries again each minute.")
            % {**named, "count": copy.failed},
            _("See «yidang search status» on that machine for the reasons."),
        )  # fmt: skip


def shared_place() -> Iterator[Finding]:
    """Whether what is shared can be reached from here."""
    place = sharing.shared()
    if place is None:
        return
    try:
        next(iter(place.keys("nothing/")), None)
    except OSError as reason:
        yield Finding(
            "machines", BAD, _("The shared place %(address)s does not answer.") % {"address": place.address},
            _("Mount it, or look at the store and its keys (keys/s3-shared.json)."), str(reason),
        )  # fmt: skip


def replica_near() -> Iterator[Finding]:
    """The replica of the database, where settings name one, is one and keeps step."""
    standing = replica.standing() if replica.is_set_up() else None
    if standing is None or standing.state == replica.NEAR:
        return
    sentence = {
        replica.LATE: _("The replica of the database is behind; the database itself answers lists and counts."),
        replica.SILENT: _("The replica of the database does not answer; the database itself answers lists and counts."),
        replica.NO_COPY: _(
            "What YIDANG_DATABASE_REPLICA names is no replica: it takes changes of its own, and is not asked."
        ),
    }[standing.state]
    remedy = _(
        "Look at it there: pg_stat_wal_receiver and its log. Nothing is lost meanwhile; lists are read more slowly."
    )
    yield Finding("database", WARN, sentence, remedy)
