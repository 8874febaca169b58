"""The hospital's own to-do list: messages posted there, signed with the archive's key."""

import json
import urllib.request
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from yidang.common.errors import Unavailable
from yidang.common.signing import archive_key

SECONDS = 10


class NotTaken(Unavailable):
    """The to-do list did not take it; the job tries again later."""

    code = "todo_not_taken"


def post(said: dict[str, Any], *, delivery: str) -> None:
    """Post one message; who passes it says nothing in it of titles and patients.

    The body is signed: ``X-Yidang-Signature`` in base64 over the bytes, ``X-Yidang-Key`` the key's name;
    ``X-Yidang-Delivery`` is the same when the same message is tried again.

    :raises NotTaken: the list did not answer with success
    """
    key = archive_key()
    body = json.dumps(said, ensure_ascii=False, sort_keys=True)
    request = urllib.request.Request(settings.TODO_WEBHOOK, data=body.encode(), method="POST")  # noqa: S310
    request.add_header("Content-Type", "application/json; charset=utf-8")
    request.add_header("X-Yidang-Signature", key.sign_text(body))
    request.add_header("X-Yidang-Key", key.key_id)
    request.add_header("X-Yidang-Delivery", delivery)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            answer.read(2000)
    except (OSError, ValueError) as reason:
        raise NotTaken(_("The to-do list did not take it: %(why)s") % {"why": str(reason)[:200]}) from reason
