"""The new installation with its own settings: its sites, its log, its index."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit, search, vault
from yidang.audit import rows
from yidang.audit.models import Entry, Head
from yidang.audit.verify import Seen, Walk
from yidang.catalogue import package
from yidang.common.actor import Actor
from yidang.vault import joining
from yidang.vault.models import Copy, StoredObject

ARRIVED = "continuity.installation.moved"
MOVER = Actor.system("migration")
MOST_FAULTS = 100


def arrive(told: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    """Verify what came, settle the sites, build the index and write the first entry; may be called again.

    :param told: entries, head and root of the log as the old installation closed
    """
    faults = _verify_log(told)
    vault.prepare_sites(actor=MOVER)
    vault.put_schema(package.schema_text())
    left = joining.leave_unnamed(actor=MOVER)
    objects = StoredObject.objects.count()
    short = StoredObject.objects.exclude(copies__state=Copy.State.OK).count()
    if short:
        faults.append(_("%(count)d objects have no good copy at a site of the new installation.") % {"count": short})
    say(_("Comparing rows with the log"))
    faults += [f"{fault.seq}: {fault.detail}" for fault in islice(rows.check_rows(), MOST_FAULTS)]
    say(_("Building the index"))
    built = search.rebuild(lambda done, total: say(f"  {done} / {total}"))
    if not faults and not Entry.objects.filter(event=ARRIVED, seq__gt=told["entries"]).exists():
        with transaction.atomic():
            audit.write(ARRIVED, actor=MOVER, facts={**told, "objects": objects, "sites_left": left})
    return {"objects": objects, "sites_left": left, "index": built, "faults": faults}


def _verify_log(told: dict[str, Any]) -> list[str]:
    """The log is whole, goes through the root at which the old installation closed, and has no entry less."""
    walk = Walk([Seen(told["entries"], bytes.fromhex(told["root"]), _("the old installation"))])
    faults = [f"{fault.seq}: {fault.detail}" for fault in islice(walk, MOST_FAULTS)]
    head = Head.objects.get(pk=1)
    last = Entry.objects.filter(seq=told["entries"]).values_list("hash", flat=True).first()
    if head.size < told["entries"] or last != told["head"]:
        faults.append(_("The log does not go on from where it was left."))
    return faults
