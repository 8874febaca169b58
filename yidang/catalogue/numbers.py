"""Numbers for many records at once: accession numbers and archival codes, safe with several writers."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import IntegrityError
from django.db.models import F

from yidang.catalogue.drafts import RecordDraft
from yidang.catalogue.models import ArchivalCode, Counter, RecordClass
from yidang.common.errors import InvalidInput

# The number stands last in a template: {item:04d}, {volume:03d} …; before it stands what names the series.
_NUMBER = re.compile(r"\{(item|volume|group)(?::0?(\d+)d?)?\}$")


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
        raise InvalidInput(
            f"The code template of {draft.record_class.code} has no number at its end.", code="bad_template"
        )
    branch = draft.record_class.code.split("·")
    parts = {
        "fonds": draft.fonds.code,
        "category": branch[0],
        "class": draft.record_class.code,
        "sub": branch[1] if len(branch) > 1 else "",
        "sub2": branch[2] if len(branch) > 2 else "",
        "year": str(draft.year),
        "retention": draft.retention,
        "unit": draft.department_key or "QT",
        "project": str(draft.metadata.get("project_number") or "XM"),
    }
    try:
        return template[: match.start()].format(**parts), int(match.group(2) or 4)
    except (KeyError, IndexError, ValueError) as error:
        raise InvalidInput(
            f"The code template of {draft.record_class.code} names an unknown part: {error}.", code="bad_template"
        ) from error


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
    for (series, width), members in by_series.items():
        waiting = list(members)
        if waiting[0].record_class.without_gaps:
            waiting = _reuse(series, width, waiting)
        for draft, number in zip(waiting, take(f"code/{series}", len(waiting)) if waiting else (), strict=True):
            draft.code, draft.code_state = f"{series}{number:0{width}d}", ArchivalCode.PROVISIONAL
            rows.append(
                ArchivalCode(
                    fonds=draft.fonds, code=draft.code, series=series, number=number, state=ArchivalCode.PROVISIONAL
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
            state=ArchivalCode.PROVISIONAL, record_id=None
        )
        if taken:
            draft = waiting.pop(0)
            draft.code, draft.code_state = f"{series}{row.number:0{width}d}", ArchivalCode.PROVISIONAL
    return waiting


def bind_codes(pairs: Iterable[tuple[str, int]], *, fonds_id: int) -> None:
    """Say which record each reserved code belongs to."""
    record_ids = dict(pairs)
    rows = list(ArchivalCode.objects.filter(fonds_id=fonds_id, code__in=record_ids))
    for row in rows:
        row.record_id = record_ids[row.code]
    ArchivalCode.objects.bulk_update(rows, ["record_id"])


def release_code(code: str, *, fonds_id: int, without_gaps: bool) -> None:
    """Take a provisional code back: handed out again where gaps are not allowed, void for ever elsewhere.

    :raises IntegrityError: the code is final
    """
    state = ArchivalCode.RELEASED if without_gaps else ArchivalCode.VOID
    rows = ArchivalCode.objects.filter(fonds_id=fonds_id, code=code)
    if (
        rows.filter(state=ArchivalCode.PROVISIONAL).update(state=state, record_id=None) != 1
        and rows.filter(state=ArchivalCode.FINAL).exists()
    ):
        raise IntegrityError(f"{code} is final")


def finalise_code(code: str, *, fonds_id: int) -> None:
    """Make a provisional code final: from here on it is never given again."""
    ArchivalCode.objects.filter(fonds_id=fonds_id, code=code, state=ArchivalCode.PROVISIONAL).update(
        state=ArchivalCode.FINAL
    )
