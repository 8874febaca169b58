"""Messages to other systems of the hospital, signed with the archive's key."""

import json
import urllib.request
from typing import Any

from yidang.common.signing import archive_key

SECONDS, ANSWER_MOST = 10, 2000


def post(address: str, said: dict[str, Any], *, delivery: str) -> bytes:
    """Post one message as JSON; the beginning of the answer.

    The body is signed: ``X-Yidang-Signature`` in base64 over the bytes, ``X-Yidang-Key`` the key's name;
    ``X-Yidang-Delivery`` is the same when the same message is tried again.

    :raises OSError, ValueError: nobody answered with success
    """
    key = archive_key()
    body = json.dumps(said, ensure_ascii=False, sort_keys=True)
    request = urllib.request.Request(address, data=body.encode(), method="POST")  # noqa: S310
    request.add_header("Content-Type", "application/json; charset=utf-8")
    request.add_header("X-Yidang-Signature", key.sign_text(body))
    request.add_header("X-Yidang-Key", key.key_id)
    request.add_header("X-Yidang-Delivery", delivery)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        told: bytes = answer.read(ANSWER_MOST)
    return told
