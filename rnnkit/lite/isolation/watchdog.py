"""A watchdog that calls a function when something takes too long, with one thread for many short questions."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Watches over one thing after another.

    Args:
        stop: What to call, from another thread, when the time of one is over.

    Example:

    >>> dog = Watchdog(lambda: print("too late"))
    >>> with dog.within(0.01) as late:
    ...     _ = late.wait(60)
    too late
    >>> dog.close()
    """

    def __init__(self, stop: Callable[[], object] = bool) -> None:
        self._stop = stop
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes = self._until = float("inf")
        self._late = threading.Event()
        self._closed = False

    @contextmanager
    def within(self, seconds: float) -> Iterator[threading.Event]:
        """A context with a time limit; the event is set if it took longer."""
        late = threading.Event()
        with self._changed:
            self._until, self._late = time.monotonic() + min(seconds, threading.TIMEOUT_MAX), late
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True, name="rnnkit watchdog")
                self._thread.start()
            elif self._until < self._wakes:
                self._changed.notify()
        try:
            yield late
        finally:
            with self._changed:
                self._until = float("inf")

    def close(self) -> None:
        """End its thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                left = self._until - time.monotonic()
                if left <= 0:
                    self._until = float("inf")
                    self._late.set()
                    self._stop()
                    continue
                self._wakes = self._until
                self._changed.wait(min(left, threading.TIMEOUT_MAX))
