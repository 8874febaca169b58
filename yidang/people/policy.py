"""Who administers people: the security administrator, and the program itself when the operator calls it."""

from django.utils.translation import gettext as _

from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, NotFound
from yidang.people.models import User


def administers(actor: Actor) -> bool:
    """Whether the actor may create accounts, departments and clients and give duties."""
    return actor.kind == "system" or (actor.has_duty("security_admin") and actor.may_use("admin"))


def require_administers(actor: Actor) -> None:
    """Refuse everybody else.

    :raises NotAllowed: the actor is not the security administrator
    """
    if not administers(actor):
        raise NotAllowed(_("Only the security administrator may do this."), remedy=_("Ask the security administrator."))


def require_not_oneself(actor: Actor, user: User) -> None:
    """Nobody gives rights to themselves.

    :raises NotAllowed: the account is the actor's own
    """
    if actor.user_id is not None and actor.user_id == user.pk:
        raise NotAllowed(
            _("Nobody changes their own account's rights."), code="own_account", remedy=_("Ask another administrator.")
        )


def require_sees_administration(actor: Actor) -> None:
    """The pages of administration do not exist for anybody else.

    :raises NotFound: the actor is not the security administrator
    """
    if not administers(actor):
        raise NotFound()
