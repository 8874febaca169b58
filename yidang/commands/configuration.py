"""What the program runs with stands in the log too: its version and its settings, whenever either differs from last time."""

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings
from django.db import transaction

from config.readers import DECLARED, given
from yidang import audit
from yidang.audit.models import Entry
from yidang.common.actor import Actor
from yidang.jobs.machines import program_version

EVENT = "system.configuration.used"


def tell_configuration() -> bool:
    """Write an entry if version or settings are others than the last entry says; answers whether they were.

    Values are told by a keyed digest alone: a database's password must not be guessed from the log.
    """
    program, present = program_version(), {name: _digest(name) for name in sorted(DECLARED)}
    last = Entry.objects.filter(event=EVENT).order_by("-seq").values_list("body", flat=True).first()
    before: dict[str, Any] = json.loads(last)["facts"] if last else {"version": "", "settings": {}}
    changed = [name for name, value in present.items() if before["settings"].get(name) != value]
    if program == before["version"] and not changed:
        return False
    facts = {"version": program, "settings": present, "changed": changed if last else []}
    with transaction.atomic():
        audit.write(EVENT, actor=Actor.system("start"), facts=facts)
    return True


def _digest(name: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{name}={given(name)}".encode(), hashlib.sha256).hexdigest()[:16]
