"""Single questions about one record, answered by the same clauses that filter the lists."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yidang.catalogue.models import Record
from yidang.catalogue.models.records import class_facts
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, NotFound
from yidang.permissions import policy
from yidang.permissions.freezing import AccessFrozen, is_frozen
from yidang.permissions.reach import LOOKING, SEE, Clause
from yidang.permissions.records import RecordSource, lend_records


def clause_for(actor: Actor, action: str, record: Record, *, parts: bool = False) -> Clause | None:
    """The clause that admits the actor to the record for the action; none: refused.

    :param parts: whether a grant of single pages, or one whose last use is under way, admits as well
    """
    return policy.clause_for(actor, action, record, class_facts(), parts=parts)


def allowed(actor: Actor, action: str, record: Record) -> bool:
    """Whether the actor may do this with the record."""
    return clause_for(actor, action, record) is not None


def require(public_id: UUID | str, *, actor: Actor, action: str = SEE) -> Record:
    """The record, when the actor may do this with it.

    :raises NotFound: there is none, or the actor does not see it: the answer is the same
    :raises NotAllowed: the actor sees the entry but may not do this
    """
    visible = Record.objects.visible_to(actor, SEE).select_related("record_class", "department", "fonds")
    record = visible.filter(public_id=public_id).first()
    if record is None:
        raise NotFound()
    if action != SEE:
        require_clause(actor, action, record)
    return record


class NotHere(NotAllowed):
    """A grant opens it, but at another terminal."""

    code = "grant_elsewhere"
    default_message = _("Your permission does not hold at this terminal.")
    default_remedy = _("Go to the terminal that it names; it stands under «My permissions».")


class SomePages(NotAllowed):
    """A grant opens single pages, and the whole was asked for."""

    code = "grant_of_some_pages"
    default_message = _("Your permission opens single pages of this record only.")
    default_remedy = _("Stay with the pages that it names, or ask for more from the record's page.")


def require_clause(actor: Actor, action: str, record: Record, *, parts: bool = False) -> Clause:
    """The clause that allows the action.

    :param parts: as of :func:`clause_for`
    :raises NotFound: the actor does not see the record at all
    :raises NotAllowed: the actor sees the entry but may not do this
    """
    clause = clause_for(actor, action, record, parts=parts)
    if clause is not None:
        return clause
    if action == SEE or clause_for(actor, SEE, record) is None:
        raise NotFound()
    if action in LOOKING and is_frozen(record):
        raise AccessFrozen()
    narrow = policy.narrowed_by(actor, action, record, clock.now()) if action in LOOKING else ""
    if narrow:
        raise NotHere() if narrow == "elsewhere" else SomePages()
    raise NotAllowed()


def named(name: str, *, actor: Actor) -> Record | None:
    """The record that the actor sees under a public id, code or accession number; what they do not see is not there."""
    return Record.objects.visible_to(actor).filter(_called(name)).order_by("pk").first() if name else None


def _find(name: str) -> Record | None:
    """A record by its public id, its code or its accession number, whoever asks: the caller decides who is told."""
    return Record.objects.filter(_called(name)).order_by("pk").first() if name else None


def _called(name: str) -> Q:
    try:
        return Q(public_id=UUID(name))
    except ValueError:
        return Q(code=name) | Q(accession_number=name)


def _public_ids(record_ids: Iterable[int]) -> dict[int, str]:
    rows = Record.objects.filter(pk__in=list(record_ids)).values_list("pk", "public_id")
    return {number: str(public_id) for number, public_id in rows}


def lend() -> None:
    """Tell the package of permissions how records are found."""
    lend_records(RecordSource(find=_find, class_facts=class_facts, public_ids=_public_ids))
