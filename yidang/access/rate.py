"""How often a stranger may ask a public page: counted in memory by address, forgotten after a minute."""

import threading
from collections import OrderedDict, deque
from time import monotonic

ADDRESSES_MOST = 10_000


class Rate:
    """At most ``most`` questions an address in ``seconds``; the oldest addresses are forgotten when there are too many."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, address: str) -> bool:
        """Count one question and say whether it is answered."""
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
