"""Numbers for many records at once: accession numbers and archival codes, safe with several writers."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yidang.catalogue.drafts import RecordDraft
from yidang.catalogue.models import ArchivalCode, Counter, RecordClass
from yidang.common import clock
from yidang.common.errors import InvalidInput, WrongState

# After so long, a reservation that no record took belongs to a filing that died; longer than any takes to move its bytes.
ABANDONED_AFTER = timedelta(minutes=15)
# The number stands last in a template: {item:04d}, {volume:03d} …; before it stands what names the series.
_NUMBER = re.compile(r"\{(item|volume|group)(?::0?(\d+)d?)?\}$")
# What typists and other systems write for the two separators of a code: the middle dot U+00B7 and the hyphen.
_DOTS = str.maketrans(dict.fromkeys(".•‧∙⋅・･｡。", "·"))
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_PART = re.compile(r"\{(\w+)\}")


def normalise_code(text: str) -> str:
    """A code as we write it, from a code as somebody typed it: ``y012－ws.2026`` is ``Y012-WS·2026``."""
    plain = unicodedata.normalize("NFKC", text).translate(_DOTS).translate(_HYPHENS)
    return "".join(plain.split()).upper()


class BadTemplate(InvalidInput):
    """A class's template makes no codes: it names an unknown part, or no number stands at its end."""

    code = "bad_template"
    default_remedy = gettext_lazy(
        "Parts are {fonds}, {category}, {class}, {sub}, {sub2}, {year}, {retention}, {unit}, {project}; "
        "at the end stands the number, as {item:04d}."
    )

    def __init__(self, class_code: str) -> None:
        super().__init__(
            _("The code template of the class %(code)s cannot be used.") % {"code": class_code}, field="code_template"
        )


class ReservationLost(WrongState):
    """The code that was reserved for a filing has been given up before the filing was kept."""

    code = "reservation_lost"
    default_message = gettext_lazy("Filing took too long; the code reserved for it was given up.")
    default_remedy = gettext_lazy("File it again: it gets a new code.")


def take(series: str, count: int) -> range:
    """The next ``count`` numbers of a series, inside the caller's transaction.

    The counter's row is locked by the update itself, so that two writers never read the same last number.
    """
    if not Counter.objects.filter(series=series).update(last=F("last") + count):
        Counter.objects.bulk_create([Counter(series=series, last=0)], ignore_conflicts=True)
        Counter.objects.filter(series=series).update(last=F("last") + count)
    last = Counter.objects.values_list("last", flat=True).get(series=series)
    return range(last - count + 1, last + 1)


def number_accessions(drafts: Sequence[RecordDraft], *, year: int) -> None:
    """Give each draft its accession number 接收登记号: the year and a running number."""
    for draft, number in zip(drafts, take(f"accession/{year}", len(drafts)), strict=True):
        draft.accession_number = f"{year}-{number:06d}"


def series_and_width(draft: RecordDraft) -> tuple[str, int]:
    """What stands before the number in the draft's code, and how many digits the number has at least.

    :raises InvalidInput: the class's template names a part that the record does not have
    """
    template = draft.record_class.code_template
    match = _NUMBER.search(template)
    if match is None:
        raise BadTemplate(draft.record_class.code)
    branch = draft.record_class.code.split("·")
    parts = {
        "fonds": draft.fonds.code,
        "category": branch[0],
        "class": draft.record_class.code,
        "sub": branch[1] if len(branch) > 1 else "",
        "sub2": branch[2] if len(branch) > 2 else "",
        "year": str(draft.year),
        "retention": _retention_part(draft.retention),
        "unit": draft.department_key or "QT",
        "project": str(draft.metadata.get("project_number") or "XM"),
    }
    try:
        series = _PART.sub(lambda part: parts[part.group(1)], template[: match.start()])
    except KeyError as error:
        raise BadTemplate(draft.record_class.code) from error
    if "{" in series or "}" in series:
        raise BadTemplate(draft.record_class.code)
    return series, int(match.group(2) or 4)


def _retention_part(code: str) -> str:
    """A period counted from an event is written by its years alone: a code knows Y and D with a number (DA/T 13)."""
    counted = re.fullmatch(r"[A-Z]+\+(\d+)(?:\.\d+)?", code)
    return f"D{counted.group(1)}" if counted else code


def reserve_codes(drafts: Iterable[RecordDraft], *, at_arrangement: bool = False) -> list[ArchivalCode]:
    """Give each draft its code, provisional until acceptance or arrangement; classes without numbering get none.

    A series without gaps hands out released numbers again before it counts on.

    :param at_arrangement: also number classes that give no code before they are arranged
    """
    by_series: dict[tuple[str, int], list[RecordDraft]] = defaultdict(list)
    for draft in drafts:
        numbered = at_arrangement or draft.record_class.numbering != RecordClass.NONE
        if numbered and draft.record_class.code_template:
            by_series[series_and_width(draft)].append(draft)
    rows: list[ArchivalCode] = []
    now = clock.now()
    # In one order for every writer, so that two groups never wait for each other's counters.
    for (series, width), members in sorted(by_series.items()):
        waiting = list(members)
        if waiting[0].record_class.without_gaps:
            waiting = _reuse(series, width, waiting)
        for draft, number in zip(waiting, take(f"code/{series}", len(waiting)) if waiting else (), strict=True):
            draft.code, draft.code_state = f"{series}{number:0{width}d}", ArchivalCode.PROVISIONAL
            rows.append(
                ArchivalCode(
                    fonds=draft.fonds,
                    code=draft.code,
                    series=series,
                    number=number,
                    state=ArchivalCode.PROVISIONAL,
                    reserved_at=now,
                )
            )
    return ArchivalCode.objects.bulk_create(rows)


def _reuse(series: str, width: int, drafts: list[RecordDraft]) -> list[RecordDraft]:
    """Hand released numbers out again; returns the drafts that still need one."""
    free = ArchivalCode.objects.filter(series=series, state=ArchivalCode.RELEASED).order_by("number")
    waiting = list(drafts)
    for row in free[: len(waiting)]:
        # Of two writers that see the same free number, one takes it.
        taken = ArchivalCode.objects.filter(pk=row.pk, state=ArchivalCode.RELEASED).update(
            state=ArchivalCode.PROVISIONAL, record_id=None, reserved_at=clock.now()
        )
        if taken:
            draft = waiting.pop(0)
            draft.code, draft.code_state = f"{series}{row.number:0{width}d}", ArchivalCode.PROVISIONAL
    return waiting


def bind_codes(pairs: Iterable[tuple[str, int]], *, fonds_id: int) -> None:
    """Say which record each reserved code belongs to.

    :raises WrongState: a reservation was given up meanwhile, because its filing took too long
    """
    rows = [(record_id, fonds_id, code, ArchivalCode.PROVISIONAL) for code, record_id in pairs]
    if not rows:
        return
    with connection.cursor() as cursor:
        # One statement for all of a group; Django's own would be built anew for each.
        cursor.executemany(
            "UPDATE catalogue_archivalcode SET record_id = %s"
            " WHERE fonds_id = %s AND code = %s AND state = %s AND record_id IS NULL",
            rows,
        )
        if cursor.rowcount != len(rows):
            raise ReservationLost()


def release_code(code: str, *, fonds_id: int, without_gaps: bool) -> None:
    """Take a provisional code back: handed out again where gaps are not allowed, void for ever elsewhere.

    :raises WrongState: the code is final
    """
    state = ArchivalCode.RELEASED if without_gaps else ArchivalCode.VOID
    rows = ArchivalCode.objects.filter(fonds_id=fonds_id, code=code)
    if (
        rows.filter(state=ArchivalCode.PROVISIONAL).update(state=state, record_id=None) != 1
        and rows.filter(state=ArchivalCode.FINAL).exists()
    ):
        raise WrongState(_("The code %(code)s is final; it is never given back.") % {"code": code}, code="code_final")


def finalise_code(code: str, *, fonds_id: int) -> None:
    """Make a provisional code final: from here on it is never given again.

    :raises WrongState: it is not provisional any more
    """
    rows = ArchivalCode.objects.filter(fonds_id=fonds_id, code=code, state=ArchivalCode.PROVISIONAL)
    if rows.update(state=ArchivalCode.FINAL) != 1:
        raise WrongState(_("The code %(code)s is not provisional.") % {"code": code}, code="code_not_provisional")


def unbound(series: Iterable[str]) -> QuerySet[ArchivalCode]:
    """Codes of these series that are reserved for filings under way."""
    return ArchivalCode.objects.filter(series__in=list(series), state=ArchivalCode.PROVISIONAL, record_id=None)


def release_abandoned(*, now: datetime) -> int:
    """Take back the codes that filings which died had reserved; how many they were."""
    dead = ArchivalCode.objects.filter(state=ArchivalCode.PROVISIONAL, record_id=None).filter(
        Q(reserved_at=None) | Q(reserved_at__lt=now - ABANDONED_AFTER)
    )
    # Nobody was told these numbers: a series without gaps hands them out again, the others pass over them.
    return dead.update(state=ArchivalCode.RELEASED)
