"""From nothing to a whole archive: the backup is read into an empty folder, put in place, and examined."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit, vault
from yidang.audit.adopting import adopt_new_kinds
from yidang.common.actor import Actor
from yidang.continuity import looking_over, manifest, wrapping
from yidang.continuity.databases import POSTGRESQL, SQLITE, restore_database
from yidang.continuity.engine import Place
from yidang.continuity.errors import BackupDamaged
from yidang.continuity.looking_over import Restored
from yidang.continuity.manifest import Manifest
from yidang.continuity.rolling_back import lay_beside, roll_back_newer
from yidang.vault import sites
from yidang.vault.folder import Folder
from yidang.vault.models import Site
from yidang.vault.root import FOLDER_MODE

MARK = "restoring"
SAMPLE = 20


def restore(
    place: Place,
    *,
    snapshot: str = "latest",
    sample: int = SAMPLE,
    whole: bool = False,
    copies: bool = True,
    say: Callable[[str], None] = lambda _sentence: None,
) -> Restored:
    """Fill this process's data folder, which holds nothing but what its settings made, from a backup.

    :param snapshot: which backup; the latest by default
    :param sample: so many records are opened and compared, chosen at random
    :param whole: read and compare every file of every object
    :param copies: also take in what sites that survived hold beyond the backup, and fill the other sites from it
    :raises NoBackupThere, WrongPassphrase, BackupDamaged: nothing is whole; the same command begins anew
    """
    began = time.monotonic()
    actor = Actor.system("restore")
    data = Path(settings.DATA)
    say(_("Reading the backup"))
    aside = data / "cache" / "restored"
    found = place.snapshots()
    place.read(snapshot, aside)
    told = _put_in_place(aside, place.passphrase, data)
    call_command("migrate", interactive=False, verbosity=0)
    report = Restored(found[-1].id if snapshot == "latest" else snapshot, told.made_at)
    root = _settle_site(aside, told, report)
    shutil.rmtree(aside, ignore_errors=True)
    say(_("Examining what came back"))
    looking_over.look_over_the_log(told, report)
    adopt_new_kinds(actor=actor)
    if copies:
        say(_("Taking in what sites hold beyond the backup"))
        _take_in(report, actor)
        say(_("Filling the other sites"))
        _fill_others(told, report, actor)
    elif root is not None:
        report.rolled_back, report.without_row = roll_back_newer(root)
    looking_over.look_over_the_rows(told, report)
    if whole and root is not None:
        say(_("Comparing every file"))
        looking_over.look_over_the_objects(root, report)
    looking_over.open_some(report, sample)
    with transaction.atomic():
        audit.write(
            "continuity.archive.restored", actor=actor, outcome="failed" if report.faults else "done",
            facts={
                "snapshot": report.snapshot, "made_at": told.made_at, "entries": told.entries, "taken_in": report.taken_in,
                "faults": report.faults[:20],
            },
        )  # fmt: skip
    (data / MARK).unlink(missing_ok=True)
    report.seconds = time.monotonic() - began
    return report


def _put_in_place(aside: Path, passphrase: str, data: Path) -> Manifest:
    """Move each part from the whole path that it had on the old machine to where this one keeps it."""
    heads = [path for path in aside.rglob(manifest.NAME) if path.parent.name == manifest.bundle_folder().name]
    if len(heads) != 1:
        raise BackupDamaged(reasons="the head of the backup is not there")
    bundle = heads[0].parent
    told = manifest.read_manifest(bundle)
    wrapping.unwrap((bundle / manifest.KEYS).read_bytes(), passphrase, data / "keys")
    database = next((bundle / name for name in (SQLITE, POSTGRESQL) if (bundle / name).exists()), None)
    if database is None:
        raise BackupDamaged(reasons="the database is not there")
    restore_database(database, data / "database")
    for name, path in told.others.items():
        _move(aside / path.lstrip("/"), data / name)
    lines = [f"{name}={value}" for name, value in told.settings.items()]
    kept = data / "settings-of-the-backup.env"  # may hold the database's password
    kept.touch(mode=0o600)
    kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return told


def _move(source: Path, target: Path) -> None:
    if not source.exists():
        return
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(str(source), str(target))


def _site_of(told: Manifest) -> Folder | None:
    """The folder among the sites of today's settings that the backup's bytes belong to."""
    found = (root for root in sites.roots() if isinstance(root, Folder) and root.key == told.site_key)
    return next(found, None)


def _settle_site(aside: Path, told: Manifest, report: Restored) -> Folder | None:
    """Put the site that came back where today's settings have it; what survived there stays where it is whole."""
    if not told.site:
        return None
    came, root = aside / told.site.lstrip("/"), _site_of(told)
    if root is None:
        _move(came, Path(settings.DATA) / "vault" / told.site_key)
        report.fault(
            _("The settings name no site «%(site)s»; the backup's own settings stand in settings-of-the-backup.env.")
            % {"site": told.site_key}
        )
        return None
    row = Site.objects.get(key=root.key)
    if root.marker_id and root.marker_id != row.marker_id:
        report.fault(
            _("At %(address)s stands the site of another archive; it was left alone.") % {"address": root.address}
        )
        return None
    if root.marker_id:
        lay_beside(came, root)
    else:
        _move(came, root.path)
    # What is being written is in no backup; without its room the site would take nothing more.
    root.staging_room.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    Site.objects.filter(pk=row.pk).update(address=root.address)
    return root


def _take_in(report: Restored, actor: Actor) -> None:
    """Filings and descriptions that were acknowledged after the moment of the backup, where a site still has them."""
    done = vault.take_in(actor=actor)
    report.taken_in = done.objects
    for name, reason in done.unreadable:
        report.fault(f"{name}: {reason}")


def _fill_others(told: Manifest, report: Restored, actor: Actor) -> None:
    for root in sites.roots():
        if root.key != told.site_key and not root.marker_id:
            vault.refill(root.key, actor=actor)
    done = vault.repair(actor=actor)
    for site, name in done.lost:
        report.fault(f"{site}: {name}: " + _("no good copy"))
    for site, name, reason in done.failed:
        report.fault(f"{site}: {name}: {reason}")
