"""The log over HTTP: for the audit administrator's programs, and for archives that witness each other."""

from base64 import b64encode
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from yidang.audit import checkpoints, policy, proving, queries, witnessing
from yidang.common import clock
from yidang.common.errors import NotFound
from yidang.common.signing import archive_key
from yidang.ui.paging import page

router = Router(tags=["audit"])


@router.get("/audit/checkpoint", summary="The signed head of the log")
def checkpoint(request: HttpRequest) -> dict[str, Any]:
    """Size, root and the signed note, to be kept elsewhere."""
    policy.require_reads_log(request.actor)
    taken, key = checkpoints.take(), archive_key()
    return {
        "size": taken.size, "root": taken.root, "note": taken.note, "key": key.key_id, "public_key": key.public_pem,
        "verifier_key": str(checkpoints.own_key()),
    }  # fmt: skip


@router.get("/audit/entries/{seq}/proof", summary="The proof of one entry")
def proof(request: HttpRequest, seq: int) -> dict[str, Any]:
    """The hashes that lead from an entry to a signed checkpoint (RFC 9162)."""
    policy.require_reads_log(request.actor)
    found = proving.proof_of(seq)
    parts = [b64encode(part).decode("ascii") for part in found.parts]
    return {"seq": seq, "index": seq - 1, "hash": found.hash, "proof": parts, "checkpoint": found.note}


@router.post(
    "/audit/witness", summary="Show a checkpoint to this archive as a witness", auth=None, url_name="audit_witness"
)
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """C2SP tlog-witness: ``old SIZE``, the consistency proof, a blank line, the checkpoint; its signature is the sign-in.

    Answers the cosignature, or 400, 403, 404, 409 (with the size that was seen last), 422.
    """
    if int(request.headers.get("Content-Length") or 0) > witnessing.MOST_BYTES:
        return HttpResponse("The request is too long.\n", status=400, content_type="text/plain; charset=utf-8")
    told = witnessing.add_checkpoint(request.body, actor=request.actor, now=clock.now())
    return HttpResponse(told.text, status=told.status, content_type=told.content_type)


@router.get(
    "/audit/witness",
    summary="The last checkpoint of a log that this archive has witnessed",
    auth=None,
    url_name="audit_witness",
)
def witnessed(request: HttpRequest, origin: str = "") -> HttpResponse:
    """The note with our cosignature: size and root, no content."""
    note = witnessing.latest_of(origin[:200])
    if not note:
        raise NotFound()
    return HttpResponse(note, content_type="text/plain; charset=utf-8")


@router.get("/audit/entries", summary="Entries of the log")
def entries(
    request: HttpRequest, actor: str = "", target: str = "", event: str = "", outcome: str = "", since: str = "",
    until: str = "", cursor: str = "", limit: int = 50,
) -> dict[str, Any]:  # fmt: skip
    """Entries that fit, the latest first."""
    policy.require_reads_log(request.actor)
    rows = queries.search(actor=actor, target=target, event=event, outcome=outcome, since=since, until=until)
    found = page(rows, order_by=queries.order_of(since=since, until=until), cursor=cursor, limit=limit)
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
