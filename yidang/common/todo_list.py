"""The hospital's own to-do list: messages posted there, signed with the archive's key."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from yidang.common import posting
from yidang.common.errors import Unavailable


class NotTaken(Unavailable):
    """The to-do list did not take it; the job tries again later."""

    code = "todo_not_taken"


def post(said: dict[str, Any], *, delivery: str) -> None:
    """Post one message; who passes it says nothing in it of titles and patients. See :mod:`yidang.common.posting`.

    :raises NotTaken: the list did not answer with success
    """
    try:
        posting.post(settings.TODO_WEBHOOK, said, delivery=delivery)
    except (OSError, ValueError) as reason:
        raise NotTaken(_("The to-do list did not take it: %(why)s") % {"why": str(reason)[:200]}) from reason
