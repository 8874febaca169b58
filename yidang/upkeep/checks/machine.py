"""Whether the machine and the settings are fit for a hospital: disk, keys, clock, programs, cages."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yidang.audit.models import Entry
from yidang.common import clock
from yidang.formats import cage, scan
from yidang.formats.findings import describe
from yidang.upkeep.checks.finding import BAD, WARN, Finding

LEAST_FREE = 5_000_000_000


def disk() -> Iterator[Finding]:
    """Room in the data folder."""
    free = shutil.disk_usage(settings.DATA).free
    if free < LEAST_FREE:
        yield Finding(
            "disk", BAD, _("Only %(free).1f GB are free in %(folder)s.") % {"free": free / 1e9, "folder": settings.DATA},
            _("Make room or enlarge the disk; below 1 GB filings are refused."),
        )  # fmt: skip


def keys() -> Iterator[Finding]:
    """Nobody else on the machine reads the keys."""
    for path in sorted((Path(settings.DATA) / "keys").iterdir()):
        if path.is_file() and path.stat().st_mode & 0o077 and not path.name.endswith((".pub", ".pem.pub")):
            yield Finding(
                "configuration", BAD, _("Other accounts of the machine may read %(file)s.") % {"file": path},
                _("Run «chmod 600 %(file)s».") % {"file": path},
            )  # fmt: skip


def configuration() -> Iterator[Finding]:
    """Settings that are fine for a trial and not for a hospital."""
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "configuration", WARN, _("The program answers to any host name."),
            _("Name the archive's address in YIDANG_HOSTS."),
        )  # fmt: skip
    if not settings.HTTPS:
        yield Finding(
            "configuration", WARN, _("Pages travel without encryption."),
            _("Put a reverse proxy with a certificate in front and set YIDANG_HTTPS=1."),
        )  # fmt: skip


def versions() -> Iterator[Finding]:
    """Programs that the product leans on."""
    if not (shutil.which("soffice") or shutil.which("libreoffice")):
        yield Finding(
            "versions", WARN, _("LibreOffice is not installed: Office files are kept, but show no pages and no text."),
            _("Install libreoffice-writer, libreoffice-calc and libreoffice-impress, then «Read again» on the page of texts."),
        )  # fmt: skip


def time() -> Iterator[Finding]:
    """The clock has not gone back behind what the log already says."""
    newest: datetime | None = Entry.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest is not None and newest > clock.now() + timedelta(seconds=5):
        yield Finding(
            "clock", BAD, _("The machine's clock is behind the last entry of the log (%(at)s).") % {"at": newest.isoformat()},
            _("Set the clock by the hospital's time server (chrony or systemd-timesyncd)."),
        )  # fmt: skip


def scanner() -> Iterator[Finding]:
    """Whether viruses are looked for."""
    if settings.CLAMD == "off":
        yield Finding(
            "formats", WARN, _("The virus scan is turned off by YIDANG_CLAMD."), _("Remove the setting to scan again.")
        )
        return
    for found in scan.status(settings.CLAMD):
        what, remedy = describe(found, language=get_language() or "")
        yield Finding("formats", WARN, what, remedy)


def walls() -> Iterator[Finding]:
    """How well files of strangers are kept apart while they are opened."""
    for wall, standing in cage.status().items():
        if standing is False:
            yield Finding(
                "formats", WARN, _("Files are opened without the protection «%(wall)s».") % {"wall": wall},
                _("See «docs/developer/formats.md» for what the machine must allow."),
            )  # fmt: skip
