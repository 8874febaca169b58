"""Civil dates: as coarse as they are known (2026, 2026-03, 2026-03-05), without a zone."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yidang.common.errors import InvalidInput

_PATTERN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True, order=True)
class CivilDate:
    """A year, a month or a day, with its first and its last day."""

    first: date
    last: date
    text: str

    @property
    def year(self) -> int:
        """The year in which it begins."""
        return self.first.year


def parse_civil_date(text: str, *, field: str = "date") -> CivilDate:
    """Read ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

    :raises InvalidInput: the text has another form, or no calendar has such a day (2026-02-30)
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(
            _("«%(text)s» is not a date.") % {"text": text[:40]},
            code="date_form",
            field=field,
            remedy=_("Write the date as 2026-03-05, or 2026-03 or 2026 if the day is not known."),
        )
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        last = date(first.year, month or 12, day or calendar.monthrange(first.year, month or 12)[1])
    except ValueError:
        raise InvalidInput(
            _("There is no day %(text)s in the calendar.") % {"text": match.group()},
            code="date_impossible",
            field=field,
            remedy=_("Check the month and the day."),
        ) from None
    return CivilDate(first, last, match.group())
