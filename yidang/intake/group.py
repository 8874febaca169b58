"""Group commit: work of several threads that waits together is done together, at most so many at once."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")


@dataclass
class _Ticket(Generic[Work, Result]):
    work: Work
    done: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    result: Result | None = None
    error: BaseException | None = None


class Group(Generic[Work, Result]):
    """Calls ``together`` with the work of all threads that wait; the first of them does it for the others.

    If the group fails, each member is tried alone, so that one bad member harms nobody else.

    :param together: does the work of a whole group, all or nothing, and answers in the same order
    """

    def __init__(self, together: Callable[[Sequence[Work]], Sequence[Result]], *, most: int = 64) -> None:
        self._together = together
        self._most = most
        self._mutex = threading.Lock()
        self._waiting: deque[_Ticket[Work, Result]] = deque()
        self._busy = False

    def do(self, work: Work) -> Result:
        """Have one piece of work done, with whatever else waits; raises what its own work raises."""
        ticket: _Ticket[Work, Result] = _Ticket(work)
        with self._mutex:
            self._waiting.append(ticket)
            if not self._busy:
                self._busy = ticket.leads = True
                ticket.done.set()
        ticket.done.wait()
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    def _lead(self) -> None:
        with self._mutex:
            members = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            self._run(members)
        finally:
            with self._mutex:
                for member in members:
                    member.leads = False
                    member.done.set()
                # Hand the lead to whoever came meanwhile, so that the leader's own caller does not wait for them.
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].done.set()
                else:
                    self._busy = False

    def _run(self, members: list[_Ticket[Work, Result]]) -> None:
        try:
            results = self._together([member.work for member in members])
        except BaseException as error:
            if len(members) == 1 or not isinstance(error, Exception):
                for member in members:
                    member.error = error
                return
            for member in members:
                self._run([member])
            return
        for member, result in zip(members, results, strict=True):
            member.result = result
