"""Lets the doctor look now and then, and keeps what it found for pages."""

import time
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation

from yidang.upkeep.checks import examine
from yidang.upkeep.models import Look

LOOKS_KEPT = 48


def look(now: datetime) -> Look:
    """Let the doctor look, and keep what it found for pages, which must not wait for that."""
    began = time.perf_counter()
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = [
                {key: str(value) for key, value in asdict(one).items() if key != "detail"} for one in examine()
            ]
    with transaction.atomic():
        made = Look.objects.create(at=now, seconds=time.perf_counter() - began, findings=found)
        kept = Look.objects.order_by("-at", "-pk").values_list("pk", flat=True)[:LOOKS_KEPT]
        Look.objects.exclude(pk__in=list(kept)).delete()
    return made
