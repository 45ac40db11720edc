import time

import numpy as np
import pytest

from rnnkit.data.bucketing import LengthBuckets, Ragged, pad
from rnnkit.errors import RnnkitError


def review_lengths(number: int) -> np.ndarray:
    """Log-normal with the median and mean of the IMDB reviews, cut to 400."""
    random = np.random.default_rng(0)
    return np.minimum(np.exp(random.normal(5.2, 0.65, number)).astype(int) + 1, 400)


@pytest.mark.parametrize(("examples", "batch_size"), [(0, 4), (1, 4), (4, 4), (103, 8), (103, 1), (3, 64)])
def test_every_example_is_in_exactly_one_batch(examples, batch_size):
    buckets = LengthBuckets(review_lengths(examples), batch_size, seed=3)
    for batches in (buckets.epoch(0), buckets.epoch(5), buckets.in_order()):
        together = np.concatenate(batches) if batches else np.zeros(0)
        assert sorted(together) == list(range(examples))
        assert len(batches) == -(-examples // batch_size)
        assert sum(len(batch) < batch_size for batch in batches) <= 1


def test_an_epoch_is_a_pure_function_of_seed_and_number():
    lengths = review_lengths(1000)

    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(LengthBuckets(lengths, 32, seed).epoch(epoch)).tolist()

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3) != order(2, 3)


def test_batches_come_in_random_order_but_evaluation_ascends():
    buckets = LengthBuckets(review_lengths(2000), 50, seed=0)
    means = [buckets.lengths[batch].mean() for batch in buckets.epoch(0)]
    assert means != sorted(means)
    ordered = buckets.lengths[np.concatenate(buckets.in_order())]
    assert (np.diff(ordered) >= 0).all()


def test_waste_on_review_lengths_is_well_below_15_percent():
    buckets = LengthBuckets(review_lengths(25_000), 64, seed=0)
    assert buckets.padding_waste(maximum=400) < 0.08
    assert buckets.padding_waste(buckets.in_order()) < 0.03


def test_padding_waste_is_the_share_of_zeros_that_pad_adds():
    rows = Ragged.from_iterable([np.ones(length) for length in (3, 9, 12, 1, 30)])
    buckets = LengthBuckets(rows.lengths, 2, seed=0)
    batches = buckets.epoch(0)
    for maximum in (None, 10):
        padded = [pad(rows.take(batch), maximum=maximum) for batch in batches]
        zeros, all_of_them = sum((batch == 0).sum() for batch in padded), sum(batch.size for batch in padded)
        assert buckets.padding_waste(batches, maximum=maximum) == pytest.approx(zeros / all_of_them)


def test_a_million_examples_take_less_than_two_seconds():
    buckets = LengthBuckets(review_lengths(10**6), 64, seed=0)
    start = time.perf_counter()
    buckets.epoch(0)
    assert time.perf_counter() - start < 2


def test_pad_rounds_up_cuts_and_fills_with_zeros():
    rows = [np.arange(1, 11), np.array([7]), np.array([], dtype=int)]
    padded = pad(rows)
    assert padded.shape == (3, 16) and padded.dtype == np.int32
    assert padded[0].tolist() == [*range(1, 11), 0, 0, 0, 0, 0, 0]
    assert padded[1].tolist() == [7] + [0] * 15 and not padded[2].any()
    assert pad(rows, maximum=12).shape == (3, 12)
    assert pad(rows, multiple_of=1, maximum=4).tolist() == [[1, 2, 3, 4], [7, 0, 0, 0], [0, 0, 0, 0]]
    assert pad([np.array([], dtype=int)]).shape == (1, 8)
    assert pad([]).shape == (0, 8)


def test_ragged_gives_back_what_went_in():
    random = np.random.default_rng(1)
    rows = [random.integers(0, 2**31 - 1, random.integers(0, 9)).tolist() for _ in range(200)]
    ragged = Ragged.from_iterable(iter(rows))
    assert [row.tolist() for row in ragged] == rows
    assert ragged[-1].tolist() == rows[-1] and len(ragged) == 200
    chosen = random.permutation(200)[:50]
    assert [row.tolist() for row in ragged.take(chosen)] == [rows[index] for index in chosen]
    assert len(ragged.take([])) == 0 and ragged.flat.dtype == np.int32
    with pytest.raises(IndexError):
        ragged[200]


def test_an_impossible_batch_size_is_refused():
    with pytest.raises(RnnkitError, match="at least 1"):
        LengthBuckets(np.array([1]), 0)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "uint8", "int16", "int32", "bool", "uint32"])
@pytest.mark.parametrize("features", [(), (3,), (4, 4, 3)])
def test_numbers_and_their_dtype_survive(dtype, features):
    random = np.random.default_rng(3)
    rows = [(random.normal(size=(length, *features)) * 50).astype(dtype) for length in (3, 0, 7, 1)]
    ragged = Ragged.from_iterable(rows)
    taken = ragged.take([2, 0])
    for made in (*zip(ragged, rows, strict=True), (taken[0], rows[2]), (taken[1], rows[0])):
        assert made[0].dtype == dtype and made[0].shape == made[1].shape
        np.testing.assert_array_equal(*made)
    padded = pad(ragged, multiple_of=4)
    assert padded.dtype == dtype and padded.shape == (4, 8, *features)
    for row, whole in zip(rows, padded, strict=True):
        np.testing.assert_array_equal(whole[: len(row)], row)
        assert not whole[len(row) :].any()
    np.testing.assert_array_equal(pad(rows, multiple_of=4), padded)
    assert pad(rows, maximum=2).shape == (4, 2, *features)


def test_a_series_of_python_floats_is_no_series_of_zeros():
    rows = [[0.25, 0.5], [0.75]]
    assert [row.tolist() for row in Ragged.from_iterable(rows)] == rows
    assert pad([[0.25, 0.5], [0.75]], multiple_of=1).tolist() == [[0.25, 0.5], [0.75, 0.0]]
    assert Ragged(np.array([0.25, 0.5]), np.array([0, 2]))[0].tolist() == [0.25, 0.5]


def test_what_fits_is_taken_and_what_does_not_is_refused():
    whole = np.array([1, 2], np.int16)
    assert Ragged.from_iterable([np.array([0.5], np.float32), whole]).flat.tolist() == [0.5, 1, 2]
    assert Ragged.from_iterable([[], [1, 2], []]).flat.dtype == np.int32 == Ragged.from_iterable([]).flat.dtype
    assert Ragged.from_iterable([np.zeros((0, 3), "float32")]).lengths.tolist() == [0]
    for rows, said in [
        ([np.array([255], "uint8"), np.array([-1], "int8")], "Sequence 1 is of int8, those before it of uint8"),
        ([[1, 2], [0.5]], "Sequence 1 is of float64, those before it of int32, in which its numbers would be others"),
        ([[0.5], [2**60 + 1]], "holds the integer 1152921504606846977, which int32 does not"),
        ([np.array([0.1], np.float32), np.array([0.1])], "is of float64, those before it of float32"),
        ([[1], [float("nan")]], "is of float64, those before it of int32"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], r"has features \[4\], those before it \[3\]"),
        ([["a", "b"]], "is of <U1; expected an array"),
        ([[None]], "is of object; expected an array"),
        ([3], "A sequence is '3'; expected an array"),
    ]:
        for take in (Ragged.from_iterable, pad):
            with pytest.raises(RnnkitError, match=said):
                take(rows)


def test_integers_are_not_padded_with_nan():
    with pytest.raises(RnnkitError, match="int32 cannot be padded with NaN"):
        pad([np.array([1, 2, 3]), np.array([4])], 4, value=np.nan)


def test_an_epoch_is_made_once_while_it_is_asked_for():
    buckets = LengthBuckets(np.arange(100), batch_size=7, seed=3)
    first = buckets.epoch(1)
    assert all(one is other for one, other in zip(first, buckets.epoch(1), strict=True))
    first.clear()
    assert len(buckets.epoch(1)) == buckets.steps
    alone = LengthBuckets(np.arange(100), batch_size=7, seed=3).epoch(2)
    assert all(np.array_equal(one, other) for one, other in zip(buckets.epoch(2), alone, strict=True))
