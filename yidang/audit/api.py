"""The log over HTTP, for the audit administrator's programs: ``/api/v1/audit/…``."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from yidang.audit import checkpoints, policy, queries
from yidang.common.signing import archive_key
from yidang.ui.paging import page

router = Router(tags=["audit"])


@router.get("/audit/checkpoint", summary="The signed head of the log")
def checkpoint(request: HttpRequest) -> dict[str, Any]:
    """Size, hash and signature, to be kept elsewhere."""
    policy.require_reads_log(request.actor)
    taken, key = checkpoints.take(), archive_key()
    return {
        "size": taken.size, "hash": taken.hash, "note": taken.signed(), "key": key.key_id, "public_key": key.public_pem
    }  # fmt: skip


@router.get("/audit/entries", summary="Entries of the log")
def entries(
    request: HttpRequest, actor: str = "", target: str = "", event: str = "", outcome: str = "", since: str = "",
    until: str = "", cursor: str = "", limit: int = 50,
) -> dict[str, Any]:  # fmt: skip
    """Entries that fit, the latest first."""
    policy.require_reads_log(request.actor)
    rows = queries.search(actor=actor, target=target, event=event, outcome=outcome, since=since, until=until)
    found = page(rows, order_by=("-seq",), cursor=cursor, limit=limit)
    return found.as_json(
        [
            {
                "seq": told.seq, "at": told.at, "event": told.event, "outcome": told.outcome, "actor": told.actor,
                "on_behalf_of": told.on_behalf_of or None, "address": told.address, "target_kind": entry.target_kind,
                "target": entry.target, "facts": told.facts, "hash": entry.hash,
            }
            for entry, told in ((entry, queries.told(entry)) for entry in found)
        ]
    )  # fmt: skip
