"""Receipts: what was received, when, where it is kept, with which digests; canonical text signed by the archive."""

import json
from datetime import datetime
from typing import Any

from yidang.audit.chain import canonical
from yidang.audit.models import Entry
from yidang.catalogue.models import Document, Record
from yidang.common import signing
from yidang.common.sm2 import Sm2Key
from yidang.intake.models import Receipt, Submission


def make_receipt(
    submission: Submission,
    record: Record,
    documents: list[Document],
    *,
    entry: Entry,
    sites: list[str],
    kept_at: datetime,
) -> Receipt:
    """The receipt of a kept submission, not yet saved."""
    body = {
        "filing": str(submission.public_id),
        "record": str(record.public_id),
        "source_system": submission.source_system,
        "source_id": submission.source_id,
        "accession_number": record.accession_number,
        "code": record.code or None,
        "code_state": record.code_state or None,
        "class": record.record_class.code,
        "title": record.title,
        "retention": record.retention,
        "received_at": record.received_at.isoformat(timespec="milliseconds"),
        "kept_at": kept_at.isoformat(timespec="milliseconds"),
        "sites": sites,
        "documents": [
            {
                "name": document.name,
                "role": document.role,
                "size": document.size,
                "sha256": document.sha256,
                "sm3": document.sm3,
                "format": document.format,
            }
            for document in documents
        ],
        "log": {"entry": entry.seq, "hash": entry.hash},
    }
    return Receipt(submission=submission, body=canonical(body), key_id=signing.archive_key().key_id, issued_at=kept_at)


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """The receipt as the contract shows it: the body's fields, and the signature over the body's canonical text."""
    key = signing.archive_key(receipt.key_id)
    national = signing.sm2_key()
    beside = {"sm2": _sm2_signature(national, receipt.body)} if national else {}
    return {
        **json.loads(receipt.body),
        "signature": {
            "algorithm": "Ed25519",
            "key": receipt.key_id,
            "over": "the other fields as JSON with sorted keys, without blanks, in UTF-8",
            "value": key.sign_text(receipt.body),
            **beside,
        },
    }


def _sm2_signature(key: Sm2Key, body: str) -> dict[str, str]:
    return {
        "algorithm": "SM2 with SM3, identity 1234567812345678",
        "public_key": key.public.hex(),
        "value": key.sign_text(body),
    }
