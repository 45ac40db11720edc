"""Batches by the tokens of both sides."""

import time

import numpy as np
import pytest

from rnnkit.data.bucketing import Ragged, pad
from rnnkit.errors import RnnkitError
from rnnkit.tasks.translator.token_buckets import TokenBuckets


def pair_lengths(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Source and target lengths as alike as those of translated captions: a correlation near 0.85."""
    random = np.random.default_rng(0)
    source = np.exp(random.normal(2.6, 0.35, number)).astype(int) + 1
    return source, np.maximum((source * random.normal(1.1, 0.18, number)).astype(int), 1) + 1


@pytest.mark.parametrize("examples", [0, 1, 7, 1500])
@pytest.mark.parametrize(("batch_tokens", "multiple_of"), [(1, 8), (30, 1), (256, 4), (10**6, 8)])
def test_every_pair_is_in_one_batch_and_the_bound_holds(examples, batch_tokens, multiple_of):
    source, target = pair_lengths(examples)
    buckets = TokenBuckets(source, target, batch_tokens, seed=3, multiple_of=multiple_of)
    rows = [Ragged.from_iterable([np.ones(length) for length in side]) for side in (source, target)]
    shapes = []
    for batches in (buckets.epoch(0), buckets.epoch(5), buckets.in_order()):
        together = np.concatenate(batches) if batches else np.zeros(0)
        assert sorted(together) == list(range(examples))
        assert len(batches) == buckets.steps and all(len(batch) for batch in batches)
        padded = [[pad(side.take(batch), multiple_of).shape for side in rows] for batch in batches]
        for (number, source_width), (_, target_width) in padded:
            assert number == 1 or number * max(source_width, target_width) <= batch_tokens
        shapes.append(sorted(padded))
    assert shapes[0] == shapes[1] == shapes[2]


def test_batches_are_full():
    source, target = pair_lengths(3000)
    buckets = TokenBuckets(source, target, 600, multiple_of=4)
    batches = buckets.in_order()
    widest = [int(-(-buckets.lengths[:, batch].max() // 4) * 4) for batch in batches]
    assert widest == sorted(widest)
    for batch, following in zip(batches[:-1], widest[1:], strict=True):
        assert (len(batch) + 1) * following > 600


def test_an_epoch_is_a_pure_function_of_seed_and_number():
    lengths = pair_lengths(1000)

    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(TokenBuckets(*lengths, 400, seed).epoch(epoch)).tolist()

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3) != order(2, 3)


def test_batches_come_in_random_order_with_other_company_each_epoch():
    buckets = TokenBuckets(*pair_lengths(4000), batch_tokens=1000, multiple_of=4)
    widths = [buckets.lengths[:, batch].max() for batch in buckets.epoch(0)]
    assert widths != sorted(widths)
    company = [{frozenset(batch.tolist()) for batch in buckets.epoch(epoch)} for epoch in (0, 1)]
    assert len(company[0] & company[1]) < 0.2 * buckets.steps


def test_waste_is_small_and_counts_the_zeros_of_pad():
    source, target = pair_lengths(29_000)
    assert TokenBuckets(source, target, 2000, multiple_of=1).padding_waste() < 0.05
    buckets = TokenBuckets(source, target, 2000, multiple_of=4)
    assert buckets.padding_waste(buckets.in_order()) == pytest.approx(buckets.padding_waste())
    assert buckets.padding_waste() < 0.13
    few = TokenBuckets(source[:40], target[:40], 100)
    zeros = positions = 0
    for batch in few.epoch(0):
        for side in (source, target):
            padded = pad([np.ones(length) for length in side[batch]])
            zeros, positions = zeros + (padded == 0).sum(), positions + padded.size
    assert few.padding_waste() == pytest.approx(zeros / positions)


def test_a_pair_that_is_too_long_is_alone():
    buckets = TokenBuckets(np.array([3, 500, 3]), np.array([4, 2, 4]), batch_tokens=64)
    assert [batch.tolist() for batch in buckets.in_order()] == [[0, 2], [1]]


def test_a_million_pairs_take_a_moment():
    start = time.perf_counter()
    TokenBuckets(*pair_lengths(10**6), 4000).epoch(0)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("source", "target", "named", "message"),
    [
        ([1], [1, 2], {"batch_tokens": 9}, "1 source and 2 target"),
        ([1], [2], {"batch_tokens": 0}, "at least 1"),
        ([1], [2], {"batch_tokens": 9, "multiple_of": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_is_refused(source, target, named, message):
    with pytest.raises(RnnkitError, match=message):
        TokenBuckets(np.array(source), np.array(target), **named)
