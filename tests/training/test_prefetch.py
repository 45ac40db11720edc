"""Batches made ahead are the same ones; the thread that makes them ends with who asks for them."""

import threading
import time

import pytest

from rnnkit.training.prefetch import prefetched


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "batches"]


def test_all_come_in_their_order():
    assert list(prefetched(iter(range(100)), 2)) == list(range(100)) and list(prefetched(iter(()))) == []
    assert not threads()


def test_some_are_made_before_they_are_asked_for():
    made = []
    found = prefetched((made.append(number) or number for number in range(50)), 3)
    assert next(found) == 0
    deadline = time.monotonic() + 10
    while len(made) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert made == [0, 1, 2, 3, 4]  # one was taken, three wait, one is in hand
    found.close()
    assert not threads() and len(made) == 5


def test_an_error_comes_in_its_place():
    def broken():
        yield 1
        raise KeyError("two")

    found = prefetched(broken())
    assert next(found) == 1
    with pytest.raises(KeyError, match="two"):
        next(found)
    assert not threads()
