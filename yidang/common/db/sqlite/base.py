"""Django's SQLite back-end, with every write transaction waiting its turn in the writers' queue."""

from django.db.backends.sqlite3 import base

from yidang.common.db.sqlite.queue import WriterQueue, queue_for


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes the queue's lock before BEGIN IMMEDIATE and gives it back after COMMIT or ROLLBACK."""

    _queue_held: WriterQueue | None = None

    def _start_transaction_under_autocommit(self) -> None:
        name = str(self.settings_dict["NAME"])
        if self.is_in_memory_db() or self._queue_held is not None:
            super()._start_transaction_under_autocommit()
            return
        queue = queue_for(name)
        queue.acquire()
        self._queue_held = queue
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave_queue()
            raise

    def _leave_queue(self) -> None:
        queue, self._queue_held = self._queue_held, None
        if queue is not None:
            queue.release()

    def _commit(self) -> None:
        super()._commit()  # a failed commit stays in its transaction until rollback, and so in the queue
        self._leave_queue()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._leave_queue()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._leave_queue()
