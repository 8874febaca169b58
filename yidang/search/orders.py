"""Orders of hits and the places in them: opaque signed cursors, without a doubled or a lost record at a border."""

from dataclasses import dataclass

from django.core import signing
from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput
from yidang.search import asking
from yidang.search.backend import After

SALT = "yidang.search.place"
# Orders in which every record has a place of its own.
PLACED = {asking.NEWEST, asking.OLDEST, asking.RECEIVED}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an order: the last record shown and where it stood.

    :param way: how the question was widened on the first page, so that later pages ask the same
    """

    sort: str
    way: str
    last: int
    place: int
    offset: int
    generation: str

    @property
    def after(self) -> After:
        """What the engine needs of it."""
        return After(self.last, self.place, self.offset, self.generation)

    def pack(self) -> str:
        """For the address."""
        return signing.dumps(
            [self.sort, self.way, self.last, self.place, self.offset, self.generation], salt=SALT, compress=True
        )


def read_cursor(text: str, sort: str) -> Cursor | None:
    """The place that an address means; None for the first page.

    :raises InvalidInput: it is damaged or belongs to another order
    """
    if not text:
        return None
    try:
        cursor = Cursor(*signing.loads(text[:2000], salt=SALT))
        if cursor.sort == sort:
            return cursor
    except (signing.BadSignature, TypeError, ValueError):
        pass  # answered below: a damaged place and one of another order are refused alike
    raise InvalidInput(
        _("This place in the list is no longer known."),
        code="bad_cursor",
        field="cursor",
        remedy=_("Begin again from the first page of the list."),
    )
