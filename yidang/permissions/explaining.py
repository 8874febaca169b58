"""Why somebody may or may not, in a sentence; one may ask about oneself, and some about others."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput, NotFound
from yidang.people.actors import actor_of_user
from yidang.people.models import User
from yidang.people.policy import administers
from yidang.permissions import policy
from yidang.permissions.policy import Explanation
from yidang.permissions.reach import ACTIONS, SEE
from yidang.permissions.records import source

SENTENCES = {
    "duty.archivist": gettext_lazy("Yes: as an archivist, this branch is theirs to keep."),
    "duty.records_clerk": gettext_lazy("Yes: as the medical records clerk, they keep the medical records."),
    "class.hospital": gettext_lazy("Yes: the class is open to everyone in the hospital, up to their clearance."),
    "class.department": gettext_lazy("Yes: their own department, or one it took over from, made it."),
    "care": gettext_lazy("Yes: they treat this patient."),
    "emergency": gettext_lazy(
        "Yes: they opened this patient's records in an emergency; it ends by itself and is reviewed."
    ),
    "grant": gettext_lazy("Yes: a permission that was granted to them is still live."),
    "no_account": gettext_lazy("No: nobody is signed in."),
    "administrator": gettext_lazy("No: administrators read no records."),
    "own_file": gettext_lazy("No: nobody reads their own personnel file."),
    "not_allowed": gettext_lazy("No: they see the entry, but this needs a permission."),
    "not_visible": gettext_lazy("No: no rule lets them see the record; for them it does not exist."),
    "frozen": gettext_lazy("No: looking at it is frozen for everyone who is not named."),
    "elsewhere": gettext_lazy("No: their permission holds at another terminal only."),
    "some_pages": gettext_lazy("Not the whole: their permission opens single pages only."),
    "closed": gettext_lazy("No: the account is closed."),
}


@dataclass(frozen=True)
class Told:
    """The answer with whom and what it is about."""

    answer: Explanation
    sentence: str
    username: str
    record: str


def may_ask_about_others(actor: Actor) -> bool:
    """The security administrator, who gives the duties, and archivists, who open records."""
    return administers(actor) or actor.has_duty("archivist")


def explain_for(actor: Actor, *, record: str, action: str, username: str = "") -> Told:
    """Why a person may or may not do something with a record.

    :param record: public id or archival code
    :param username: empty: the actor themselves
    :raises NotFound: no such record or person, or the actor may not ask about them
    :raises InvalidInput: there is no such action
    """
    if action not in ACTIONS:
        raise InvalidInput(
            _("There is no action «%(action)s».") % {"action": action[:30]}, field="action",
            remedy=_("Ask for one of: %(actions)s.") % {"actions": ", ".join(ACTIONS)},
        )  # fmt: skip
    lent = source()
    found = lent.find(record.strip())
    classes = lent.class_facts()
    if found is None:
        raise NotFound()
    subject = actor
    if username and username != actor.username:
        if not may_ask_about_others(actor):
            raise NotFound()
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise NotFound()
        subject = actor_of_user(user)
    # The security administrator sees no record, and is told no more of it than the rule's name. Others may ask only
    # about what they see, or the answer would tell that it exists.
    if not administers(actor) and policy.clause_for(actor, SEE, found, classes) is None:
        raise NotFound()
    answer = policy.explain(subject, action, found, classes)
    return Told(answer, _sentence(answer), subject.username, _named(found))


def _sentence(answer: Explanation) -> str:
    return str(SENTENCES.get(answer.reason, answer.reason))


def _named(record: Any) -> str:
    return str(record.public_id)
