"""Whether machine, accounts and settings fit together: what an administrator would otherwise learn from users."""

import ctypes
import os
import resource
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from yidang.access.fonts import FONTS
from yidang.common import clock
from yidang.upkeep import certificates, figures, metrics, sampling
from yidang.upkeep.checks.finding import BAD, WARN, Finding
from yidang.upkeep.forecasting import forecast
from yidang.upkeep.models import Sample

FOLDERS = ("database", "vault", "index", "quarantine", "derived", "cache", "keys", "log")
SOON, LATE = timedelta(days=30), timedelta(days=7)
FULL_SOON_DAYS = 14
LEAST_FILES = 4096
LEAST_MEMORY = 2_000_000_000
MOST_SKEW = timedelta(seconds=5)
STA_UNSYNC = 0x0040


def owners() -> Iterator[Finding]:
    """Every folder of the data folder belongs to its account, is writable for it, and is closed to strangers."""
    data = Path(settings.DATA)
    owner = data.stat().st_uid
    for path in (data, *(data / name for name in FOLDERS)):
        if not path.is_dir():
            continue
        if path.stat().st_uid != owner:
            yield Finding(
                "configuration", BAD, _("%(folder)s belongs to another account than the data folder.") % {"folder": path},
                _("Run «chown -R» on it with the program's account; commands are run as that account, not as root."),
            )  # fmt: skip
        elif not os.access(path, os.W_OK | os.X_OK):
            yield Finding(
                "configuration", BAD, _("This account cannot write into %(folder)s.") % {"folder": path},
                _("Run the program and its commands as the account that owns the data folder."),
            )  # fmt: skip
    if data.stat().st_mode & 0o007 and (data / "database").is_dir() and (data / "database").stat().st_mode & 0o007:
        yield Finding(
            "configuration", WARN, _("Other accounts of the machine may look into %(folder)s.") % {"folder": data},
            _("Run «chmod 700 %(folder)s».") % {"folder": data},
        )  # fmt: skip


def secrets() -> Iterator[Finding]:
    """Files of secrets that stand outside the folder of keys are closed to strangers too."""
    named = (settings.SECRET_FILE, settings.BACKUP_PASSPHRASE_FILE, settings.METRICS_TOKEN_FILE)
    for path in {Path(name) for name in named if name}:
        if path.parent != Path(settings.DATA) / "keys" and path.is_file() and path.stat().st_mode & 0o007:
            yield Finding(
                "configuration", BAD, _("Other accounts of the machine may read %(file)s.") % {"file": path},
                _("Run «chmod 600 %(file)s».") % {"file": path},
            )  # fmt: skip


def monitoring() -> Iterator[Finding]:
    """Who may read /metrics is who should."""
    if settings.METRICS_TOKEN_FILE and not metrics.token():
        yield Finding(
            "configuration", BAD, _("The token for /metrics cannot be read, or is shorter than %(count)d characters.") % {"count": metrics.SHORTEST_TOKEN},
            _("Write one with «openssl rand -hex 24» into the file of YIDANG_METRICS_TOKEN_FILE."),
        )  # fmt: skip
    if any(network.prefixlen == 0 for network in settings.METRICS_FROM):
        yield Finding(
            "configuration", WARN, _("Everybody may read /metrics."),
            _("Name the monitor's address in YIDANG_METRICS_FROM, or give it a token."),
        )  # fmt: skip


def addresses() -> Iterator[Finding]:
    """The address in links that are sent elsewhere is the one that people open."""
    if settings.HTTPS and settings.ADDRESS.startswith("http://"):
        yield Finding(
            "configuration", WARN, _("Links that are sent elsewhere begin with %(address)s, which is not the archive's own address.") % {"address": settings.ADDRESS},
            _("Set YIDANG_ADDRESS to the address that people open, beginning with https://."),
        )  # fmt: skip


def certificate() -> Iterator[Finding]:
    """The proxy's certificate lasts."""
    try:
        ends = certificates.ends_at()
    except (OSError, ValueError):
        yield Finding(
            "certificate", BAD, _("The certificate of YIDANG_CERTIFICATE cannot be read."),
            _("Name the PEM file with the certificate (not its key), readable by the program's account."),
        )  # fmt: skip
        return
    if ends is not None and ends < clock.now() + SOON:
        yield Finding(
            "certificate", BAD if ends < clock.now() + LATE else WARN,
            _("The certificate ends on %(day)s.") % {"day": f"{ends:%Y-%m-%d}"},
            _("Renew it at the reverse proxy, and copy its public half to YIDANG_CERTIFICATE."),
        )  # fmt: skip


def backup_disk() -> Iterator[Finding]:
    """A backup stands on another disk than what it is a backup of."""
    place = Path(settings.BACKUP) if settings.BACKUP.startswith("/") else None
    if place is not None and place.is_dir() and place.stat().st_dev == Path(settings.DATA).stat().st_dev:
        yield Finding(
            "backup", WARN, _("Backups stand on the same disk as the data: if it breaks, both are gone."),
            _("Name a folder on another disk or another machine in YIDANG_BACKUP."),
        )  # fmt: skip


def disk_forecast() -> Iterator[Finding]:
    """No disk will be full within two weeks."""
    for room in figures.places():
        rows = Sample.objects.filter(name=sampling.free(room.place), fine=False).order_by("-at")[:90]
        line = forecast([(row.at, row.value) for row in reversed(rows)], room.free)
        if line is not None and line.days_left is not None and line.days_left < FULL_SOON_DAYS:
            yield Finding(
                "disk", WARN, _("%(place)s will be full in about %(days)d days.") % {"place": room.place, "days": line.days_left},
                _("The page of health shows how it fills; make room or enlarge the disk."),
            )  # fmt: skip


def machine() -> Iterator[Finding]:
    """Memory and open files for a hospital."""
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < LEAST_FILES:
        yield Finding(
            "machine", WARN, _("The program may open only %(count)d files at once.") % {"count": files},
            _("Raise the limit: LimitNOFILE=65536 in the systemd unit."),
        )  # fmt: skip
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if memory < LEAST_MEMORY:
        yield Finding(
            "machine", WARN, _("The machine has only %(size).1f GB of memory.") % {"size": memory / 1e9},
            _("Give it 4 GB or more; text recognition and Office files need room."),
        )  # fmt: skip


def reading() -> Iterator[Finding]:
    """What pages and texts need: Chinese letters, the models of text recognition."""
    if not any(Path(path).exists() for path in FONTS):
        yield Finding(
            "versions", WARN, _("No Chinese font is installed: watermarks, prints and certified copies show empty boxes."),
            _("Install it: apt-get install -y fonts-noto-cjk"),
        )  # fmt: skip
    engine = find_spec("rapidocr")
    models = Path(str(engine.origin)).parent / "models" if engine else None
    if models is None or len(list(models.glob("*.onnx"))) < 3:
        yield Finding(
            "versions", WARN, _("The models of text recognition are missing: scans will have no text."),
            _("Install the program anew from its bundle, which brings them."),
        )  # fmt: skip


def time_server() -> Iterator[Finding]:
    """A time server keeps the clock, and the database's clock is the same."""
    buffer = (ctypes.c_long * 64)()  # struct timex with room to spare; modes 0 only reads
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(buffer)) >= 0:
        status = ctypes.c_int.from_buffer(buffer, ctypes.sizeof(ctypes.c_long) * 5).value
        if status & STA_UNSYNC:
            yield Finding(
                "clock", WARN, _("No time server keeps this machine's clock."),
                _("Set the clock by the hospital's time server (chrony or systemd-timesyncd)."),
            )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            skew = abs(cursor.fetchone()[0] - clock.now())
        if skew > MOST_SKEW:
            yield Finding(
                "clock", BAD, _("The database's clock differs from this machine's by %(seconds)d seconds.") % {"seconds": skew.total_seconds()},
                _("Set both clocks by the hospital's time server (chrony or systemd-timesyncd)."),
            )  # fmt: skip


def postgresql() -> Iterator[Finding]:
    """PostgreSQL keeps what it acknowledges, in UTF-8."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'")
        off = [row[0] for row in cursor.fetchall()]
        cursor.execute("SHOW synchronous_commit")
        off += ["synchronous_commit"] if cursor.fetchone()[0] == "off" else []
        cursor.execute("SHOW server_encoding")
        encoding = cursor.fetchone()[0]
    if off:
        yield Finding(
            "database", BAD, _("PostgreSQL may lose what was acknowledged: %(names)s is off.") % {"names": ", ".join(sorted(off))},
            _("Turn it on: a receipt promises that the record survives a power cut. See deploy/postgresql/yidang.conf."),
        )  # fmt: skip
    if encoding != "UTF8":
        yield Finding(
            "database", BAD, _("The database is in %(encoding)s, not in UTF-8.") % {"encoding": encoding},
            _("Make it anew with deploy/postgresql/database.sql and bring the data over from a backup."),
        )  # fmt: skip


def newer_tables() -> Iterator[Finding]:
    """The tables are not those of a newer version of the program."""
    loader = MigrationLoader(connection)
    ours = {app for app, _name in loader.disk_migrations}
    newer = sorted(
        f"{app}.{name}" for app, name in set(loader.applied_migrations) - set(loader.disk_migrations) if app in ours
    )
    if newer:
        yield Finding(
            "database", BAD, _("A newer version of the program has changed the tables: %(names)s.") % {"names": ", ".join(newer)},
            _("Install that version again, or go back in order: docs/operator/offline.md, «Going back»."),
        )  # fmt: skip
