"""How often a stranger may ask a public page: counted by address, forgotten after a while."""

import threading
from collections import OrderedDict, deque
from time import monotonic

from django.db import connection, transaction

from yidang.access.models import AskedFrom
from yidang.common import clock

ADDRESSES_MOST = 10_000
COUNT = """
    INSERT INTO access_askedfrom (address, span, count) VALUES (%s, %s, 1)
    ON CONFLICT (address, span) DO UPDATE SET count = access_askedfrom.count + 1 RETURNING count
"""


class Rate:
    """At most ``most`` questions an address in ``seconds``; the oldest addresses are forgotten when there are too many.

    One machine counts in memory, in a window that moves. Several count in their database, in spans that begin for all at
    once: between two spans an address may ask twice as much.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, address: str) -> bool:
        """Count one question and say whether it is answered."""
        return self._everywhere(address) if connection.vendor == "postgresql" else self._here(address)

    def _everywhere(self, address: str) -> bool:
        span = int(clock.now().timestamp() // self.seconds)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(COUNT, [address[:64], span])
            count = int(cursor.fetchone()[0])
            if count == 1:
                AskedFrom.objects.filter(span__lt=span - 1).delete()
        return count <= self.most

    def _here(self, address: str) -> bool:
        now = monotonic()
        with self._lock:
            times = self._asked.setdefault(address, deque(maxlen=self.most))
            self._asked.move_to_end(address)
            if len(self._asked) > ADDRESSES_MOST:
                self._asked.popitem(last=False)
            if len(times) == self.most and now - times[0] < self.seconds:
                return False
            times.append(now)
            return True

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._asked.clear()
        if connection.vendor == "postgresql":
            AskedFrom.objects.all().delete()
