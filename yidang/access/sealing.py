"""Sealing 封存: both parties see a copy being made, signed and kept apart; care goes on with the record itself."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yidang import audit, vault
from yidang.access import row_digests
from yidang.access.masks import keep_beside
from yidang.access.masks import may_mask as may_seal
from yidang.access.seal_models import SealedCopy
from yidang.access.verify_certificate import canonical
from yidang.catalogue.copies import before_receipt
from yidang.catalogue.models import Record
from yidang.common import signing
from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotAllowed, WrongState, YidangError
from yidang.common.ids import new_public_id

__all__ = ["Check", "check_seal", "may_seal", "open_seal", "seal_record"]

PRESENT_LEAST, PRESENT_MOST = 2, 10


def seal_record(record: Record, *, present: Sequence[str], reason: str, actor: Actor, now: datetime) -> SealedCopy:
    """Copy every document of a record into an object of its own, with a signed manifest.

    :raises NotAllowed: the actor does not keep the record
    :raises InvalidInput: fewer than two were present, or no reason is given
    :raises Unavailable: a required site of the vault does not take it
    """
    if not may_seal(actor, record):
        raise NotAllowed(_("Those who keep a record seal copies of it."), code="not_a_keeper")
    witnesses, reason = _present(present), _reason(reason)
    sealed = {
        "form": "yidang-seal/1", "record": str(record.public_id), "code": record.code or record.accession_number,
        "title": record.title, "sealed_at": now.isoformat(), "present": witnesses, "reason": reason,
        "documents": [
            {"number": one.number, "name": one.name, "size": one.size, "sha256": one.sha256, "sm3": one.sm3}
            for one in record.documents.order_by("number")
        ],
    }  # fmt: skip
    key, manifest, object_id = signing.archive_key(), canonical(sealed), new_public_id()
    signature = key.sign_text(manifest)
    files = [vault.NewFile("manifest.json", manifest.encode()), vault.NewFile("manifest.sig", signature.encode())]
    for one in record.documents.order_by("number"):
        source = vault.local_path(record.object_id, one.path, check=True)
        files.append(vault.NewFile(f"documents/{one.number:04d}", source, sha256=one.sha256))
    before = before_receipt(record.record_class_id)
    kept = vault.keep([vault.NewObject(object_id, files, "sealed copy", actor.username, now, "system", before)])
    with transaction.atomic():
        vault.register(kept)
        seal = SealedCopy.objects.create(
            record=record, object_id=object_id, manifest=manifest, signature=signature, key_id=key.key_id, reason=reason,
            present=witnesses, sealed_by_id=actor.user_id, sealed_at=now,
        )  # fmt: skip
        audit.write(
            "access.seal.made", actor=actor, target_kind="record", target=record.public_id, now=now,
            facts={
                "seal": str(seal.public_id), "object": str(object_id), "documents": len(sealed["documents"]),
                "manifest": hashlib.sha256(manifest.encode()).hexdigest(),
            },
            personal={"present": witnesses, "reason": reason},
        )  # fmt: skip
        audit.bind(row_digests.SEAL, [seal.public_id], actor=actor, now=now)
        keep_beside(record)
    return seal


def open_seal(seal: SealedCopy, *, present: Sequence[str], reason: str, actor: Actor, now: datetime) -> None:
    """Write down that the seal was broken with both parties present; the copy stays as it is.

    :raises NotAllowed: the actor does not keep the record
    :raises InvalidInput: fewer than two were present, or no reason is given
    :raises WrongState: it was opened before
    """
    if not may_seal(actor, seal.record):
        raise NotAllowed(_("Those who keep a record seal copies of it."), code="not_a_keeper")
    witnesses, reason = _present(present), _reason(reason)
    with transaction.atomic():
        done = SealedCopy.objects.filter(pk=seal.pk, opened_at=None).update(
            opened_at=now, opened_by_id=actor.user_id, opened_present=witnesses, opened_reason=reason
        )
        if not done:
            raise WrongState(_("The seal was opened before."), code="seal_opened")
        audit.write(
            "access.seal.opened", actor=actor, target_kind="record", target=seal.record.public_id, now=now,
            facts={"seal": str(seal.public_id)}, personal={"present": witnesses, "reason": reason},
        )  # fmt: skip
        audit.bind(row_digests.SEAL, [seal.public_id], actor=actor, now=now)
        keep_beside(seal.record)


@dataclass(frozen=True)
class Check:
    """What reading a sealed copy again found.

    :param whole: every byte is as it was sealed, and the manifest's signature is the archive's
    :param differs: numbers of documents of the record that are not, or not any more, as they were sealed
    """

    whole: bool
    differs: list[int]


def check_seal(seal: SealedCopy) -> Check:
    """Read the sealed copy again, and compare the record as it is now with it.

    :raises KeyMissing: the key it was signed with is not in the data folder
    """
    told = json.loads(seal.manifest)
    sealed = {one["number"]: one["sha256"] for one in told["documents"]}
    key = signing.archive_key(seal.key_id)
    whole = signing.verify_text(key.public_raw, seal.manifest, seal.signature)
    try:
        whole = whole and vault.read_bytes(seal.object_id, "manifest.json", check=False) == seal.manifest.encode()
        for number, digest in sealed.items():
            with vault.open_file(seal.object_id, f"documents/{number:04d}") as stream:
                read = hashlib.sha256()
                while part := stream.read(1 << 20):
                    read.update(part)
            whole = whole and read.hexdigest() == digest
    except (OSError, YidangError):
        whole = False
    now = dict(seal.record.documents.values_list("number", "sha256"))
    return Check(whole, sorted(number for number in {*sealed, *now} if sealed.get(number) != now.get(number)))


def _present(names: Sequence[str]) -> list[str]:
    clean = [name for name in (" ".join(name.split())[:60] for name in names) if name][:PRESENT_MOST]
    if len(set(clean)) < PRESENT_LEAST:
        raise InvalidInput(
            _("Name who is present, at least one for the hospital and one for the patient."), field="present"
        )
    return clean


def _reason(reason: str) -> str:
    clean = " ".join(reason.split())[:200]
    if not clean:
        raise InvalidInput(_("Say why."), field="reason")
    return clean
