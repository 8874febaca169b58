"""What can be wrong with a filing, beside the actions that say so."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput, NotAllowed, Unavailable, WrongState


class MayNotFile(NotAllowed):
    """The three administrators file nothing, and a token needs the scope."""

    code = "may_not_file"


class ConflictingFiling(WrongState):
    """The same source id was filed before with other content."""

    code = "conflicting_filing"

    def __init__(self, source_id: str) -> None:
        super().__init__(
            _("«%(source_id)s» was filed before with other content.") % {"source_id": source_id},
            field="source_id",
            remedy=_(
                "File the changed document under an id of its own, or ask the archive room to return the earlier filing."
            ),
        )


class BeingFiled(Unavailable):
    """The same submission is being filed at this moment, perhaps by a double click."""

    code = "being_filed"

    def __init__(self) -> None:
        super().__init__(
            _("This document is being filed at this moment."),
            remedy=_("Ask again with the same id in a few seconds; it will not be filed twice."),
        )


class ChecksFailed(InvalidInput):
    """Checks at the door failed; the submission waits in quarantine under its id.

    :param findings: what is wrong, each with code, document, reason and remedy
    """

    code = "checks_failed"

    def __init__(self, submission_id: UUID, findings: list[dict[str, Any]]) -> None:
        first = findings[0]
        super().__init__(
            first["what"],
            field=first.get("field") or "documents",
            remedy=first["remedy"],
            filing=str(submission_id),
            findings=findings,
        )


class NoSuchClass(InvalidInput):
    """The class is unknown, retired, or takes no records."""

    code = "unknown_class"

    def __init__(self, code: str) -> None:
        super().__init__(
            _("There is no class «%(code)s» that takes records.") % {"code": code},
            field="class",
            remedy=_("Choose a class from the list; GET /api/v1/classes shows it."),
        )


class NoSuchDepartment(InvalidInput):
    """The department's key is unknown."""

    code = "unknown_department"

    def __init__(self, key: str) -> None:
        super().__init__(
            _("There is no department «%(key)s».") % {"key": key},
            field="department",
            remedy=_("Use the department's key, such as YB; leave it out for your own department."),
        )


class NoSuchOwner(InvalidInput):
    """The person whom a personnel file is about has no account."""

    code = "unknown_owner"

    def __init__(self, username: str) -> None:
        super().__init__(
            _("There is no account «%(username)s».") % {"username": username},
            field="owner",
            remedy=_("Use the username of the person whom the file is about, or leave it out."),
        )


class NotWaiting(WrongState):
    """The submission is not in the state that this needs: somebody was first."""

    code = "submission_not_waiting"

    def __init__(self, state: str) -> None:
        super().__init__(_("This filing is no longer waiting; its state is «%(state)s».") % {"state": state})


class WaitsForSignatures(WrongState):
    """The acceptance was sent on its route before."""

    code = "acceptance_waits"

    def __init__(self) -> None:
        super().__init__(
            _("The acceptance of this filing waits for its signatures."),
            remedy=_("Its page shows who signs; whoever proposed it can take the proposal back there."),
        )


class BatchTooLong(InvalidInput):
    """The batch holds more submissions than one request may."""

    code = "batch_too_long"

    def __init__(self, most: int) -> None:
        super().__init__(
            _("A batch holds at most %(most)d submissions; this one came after them.") % {"most": most},
            field="submissions",
            remedy=_("Send the rest in another batch."),
        )
