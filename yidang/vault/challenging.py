"""The challenge 挑战核验: each site answers with a digest over a fresh nonce and the bytes, so a remembered digest cannot answer."""

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha512

from django.db import transaction

from yidang import audit
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.vault import sites as configured
from yidang.vault.assembling import find_sources
from yidang.vault.models import Site, StoredObject
from yidang.vault.root import Root
from yidang.vault.scrubbing import look, record

NONCE_BYTES = 32
SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Challenged:
    """How many answers were compared, and which sites answered something else: (site, object)."""

    answers: int
    failed: tuple[tuple[str, str], ...]


def answer(root: Root, row: StoredObject, nonce: bytes) -> str:
    """A site's answer: SHA-512 of the nonce and every content byte, in the order of the true inventory's paths.

    Empty when it cannot answer: a file is missing or cannot be read, or the true inventory is nowhere.
    """
    sources = find_sources(row)
    if sources is None:
        return ""
    digest = sha512(nonce)
    try:
        for path in sorted(sources.inventory.content_files()):
            digest.update(path.encode() + b"\0")
            for chunk in root.chunks(row.object_id, path):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def challenge(
    *, actor: Actor, objects: Sequence[StoredObject] | None = None, now: datetime | None = None
) -> Challenged:
    """Ask every site that answers for the same objects under fresh nonces; who differs is examined and written down.

    :param objects: by default a random sample of a hundred
    """
    now = now or clock.now()
    roots = [root for root in configured.roots() if root.marker_id]
    failed, asked = [], 0
    for row in _sample() if objects is None else objects:
        nonce = os.urandom(NONCE_BYTES)
        answers = {root.key: answer(root, row, nonce) for root in roots}
        asked += len(answers)
        [(most, _number)] = Counter(filter(None, answers.values())).most_common(1) or [("", 0)]
        # With one against one nobody is right by number: both are examined against the catalogue's digest.
        doubted = roots if len(set(answers.values())) > 1 else [root for root in roots if answers[root.key] != most]
        for root in doubted:
            faults = look(root, row)
            with transaction.atomic():
                record(Site.objects.get(key=root.key), [(row, faults)], actor, now)
            if faults:
                failed.append((root.key, str(row.object_id)))
    with transaction.atomic():
        facts = {"answers": asked, "failed": len(failed)}
        audit.write("vault.challenge.done", actor=actor, outcome="failed" if failed else "done", facts=facts, now=now)
    return Challenged(asked, tuple(failed))


def _sample() -> list[StoredObject]:
    if StoredObject.objects.count() <= SAMPLE:
        return list(StoredObject.objects.order_by("pk"))
    last = StoredObject.objects.order_by("-pk").values_list("pk", flat=True)[0]
    # Numbers have gaps, so more are drawn than wanted.
    drawn = random.sample(range(1, last + 1), min(last, SAMPLE * 2))
    return list(StoredObject.objects.filter(pk__in=drawn)[:SAMPLE])
