"""Batches made ahead by a thread, while the network takes a step."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
_AHEAD = 3
_WAIT = 0.1  # seconds after which the thread looks whether anybody still wants more


def prefetched(items: Iterator[Item], ahead: int = _AHEAD) -> Generator[Item]:
    """The same items in the same order, some of them made before they are asked for.

    An error while one is made is raised where that one would have come. When this iterator is closed, or forgotten, the
    thread ends.

    Args:
        items: Made by one thread, which nobody else asks.
        ahead: How many wait at most.

    Example:

    >>> list(prefetched(iter(range(5))))
    [0, 1, 2, 3, 4]
    """
    made: queue.Queue[tuple[bool, Any]] = queue.Queue(ahead)
    unwanted = threading.Event()

    def put(what: tuple[bool, Any]) -> bool:
        while not unwanted.is_set():
            try:
                made.put(what, timeout=_WAIT)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put((True, item)):
                    return
            put((False, None))
        except BaseException as error:  # raised where the item would have come
            put((False, error))

    thread = threading.Thread(target=make, name="batches", daemon=True)
    thread.start()
    try:
        while True:
            is_item, what = made.get()
            if is_item:
                yield what
            elif what is not None:
                raise what
            else:
                return
    finally:
        unwanted.set()
        thread.join()
