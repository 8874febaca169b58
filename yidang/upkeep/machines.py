"""The machines of the archive as the page of health shows them: who is here, and how far each copy of the index is."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from yidang import search
from yidang.catalogue.models import RecordChange
from yidang.jobs.machines import SILENT
from yidang.jobs.models import Machine
from yidang.search.models import IndexCopy


@dataclass(frozen=True)
class MachineHealth:
    """One machine.

    :param state: serves, silent (no sign of life, and no goodbye) or ended
    :param behind: changes that its index has not taken in; nothing where it has no index yet
    :param late: seconds since the oldest of these
    """

    machine: Machine
    state: str
    seen: float
    index: IndexCopy | None
    behind: int | None
    late: float
    most: int

    @property
    def has(self) -> int:
        """Records in its index, while it is built those that are done."""
        if self.index is None:
            return 0
        return self.index.records if self.index.built is None else self.index.built

    @property
    def lacks(self) -> int:
        """Records or changes that are still to come, for the picture."""
        return max(0, self.most - self.has, self.behind or 0)


def machines(now: datetime) -> list[MachineHealth]:
    """Every machine that was entered, with two questions more for each whose index is behind."""
    copies = {copy.machine: copy for copy in IndexCopy.objects.all()}
    last = RecordChange.objects.aggregate(last=Max("seq"))["last"] or 0
    most = max((copy.records for copy in copies.values()), default=0)
    found = []
    for machine in Machine.objects.order_by("name"):
        copy = copies.get(machine.name)
        lag = search.lag_behind(copy.seq) if copy is not None and copy.seq < last else None
        seen = max(0.0, (now - machine.seen_at).total_seconds())
        state = "ended" if machine.stopped_at else "silent" if seen > SILENT.total_seconds() else "serves"
        behind = None if copy is None else lag.changes if lag else 0
        found.append(MachineHealth(machine, state, seen, copy, behind, lag.seconds if lag else 0.0, most))
    return found
