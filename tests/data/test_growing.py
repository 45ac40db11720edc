"""Arrays that grow past what memory shall hold are the same arrays, in a file of which nothing is left."""

from pathlib import Path

import numpy as np
import pytest

from rnnkit.data.growing import Growing, is_mapped, scratch_folder
from rnnkit.data.ragged import Ragged, blocks
from rnnkit.errors import RnnkitError


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Memory holds next to nothing."""
    monkeypatch.setattr(Growing, "LIMIT", 64)
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))


def rows(count=200, seed=0):
    random = np.random.default_rng(seed)
    return [random.integers(0, 1000, random.integers(0, 30)).astype(np.int32) for _ in range(count)]


def test_the_same_numbers_come_from_a_file(small):
    given = rows()
    made = Ragged.from_iterable(given)
    assert is_mapped(made.flat) and not made.flat.flags.writeable
    assert all(np.array_equal(row, other) for row, other in zip(made, given, strict=True))
    order = np.random.default_rng(1).permutation(200)[:150]
    taken = made.take(order)
    assert is_mapped(taken.flat)
    assert all(np.array_equal(row, given[place]) for row, place in zip(taken, order, strict=True))
    table = np.arange(1000, dtype=np.uint16)[::-1].copy()
    found = taken.looked_up(table)
    assert found.flat.dtype == np.uint16 and np.array_equal(found.flat, table[taken.flat])
    assert np.array_equal(taken.counts(1000), np.bincount(taken.flat, minlength=1000))
    assert not list(scratch_folder().iterdir())


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="Linux says what is in memory")
def test_what_was_read_of_a_file_does_not_stay_in_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(Growing, "LIMIT", 2**16)
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    made = Ragged.from_iterable([np.zeros(2**16, np.int32)] * 64)  # 16 MiB

    def in_memory():
        lines = Path("/proc/self/smaps").read_text().splitlines()
        begins = [place for place, line in enumerate(lines) if str(scratch_folder()) in line]
        rss = (line for place in begins for line in lines[place : place + 6] if line.startswith("Rss:"))
        return sum(int(line.split()[1]) for line in rss)

    assert made.flat.sum() == 0 and in_memory() >= 2**14
    for use in (lambda: made.counts(1), lambda: made.take(range(64)), lambda: made.looked_up(np.zeros(1, np.uint16))):
        use()
        assert in_memory() == 0


def test_frames_keep_their_shape(small):
    given = [np.random.default_rng(place).normal(size=(place, 3)).astype(np.float32) for place in range(9)]
    made = Ragged.from_iterable(given)
    assert is_mapped(made.flat) and made.flat.shape == (36, 3)
    assert all(np.array_equal(row, given[8 - place]) for place, row in enumerate(made.take(np.arange(9)[::-1])))


def test_what_is_small_stays_in_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    assert not is_mapped(Ragged.from_iterable(rows()).flat) and not (tmp_path / "cache").exists()


def test_blocks_cover_all_sequences_once():
    lengths = np.random.default_rng(0).integers(0, 50, 300)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    for steps in (1, 7, 100, 10**6):
        found = list(blocks(offsets, steps))
        assert [first for first, _ in found] == [0, *(end for _, end in found[:-1])] and found[-1][1] == 300
        assert all(offsets[end] - offsets[first] < steps + 50 for first, end in found)
    assert list(blocks(np.zeros(1, np.int64))) == []


def test_a_folder_that_cannot_hold_them_is_named(small, monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(RnnkitError, match=r"cannot hold 1\d\d bytes of data .* with RNNKIT_CACHE"):
        Ragged.from_iterable(rows())
