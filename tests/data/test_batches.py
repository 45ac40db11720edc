"""The order of the batches is a function of the seed and the epoch alone."""

import numpy as np
import pytest

from rnnkit.data.batches import Batches
from rnnkit.data.bucketing import LengthBuckets
from rnnkit.tasks.base.options import Options
from rnnkit.training.trainer import optimizer


def batches(seed=3):
    lengths = np.random.default_rng(0).integers(1, 50, 101)
    return Batches(LengthBuckets(lengths, 16, seed), lambda indices: (indices,))


def test_each_epoch_has_every_example_once_in_an_order_of_its_own():
    ours, again = batches(), batches()
    first, second = (np.concatenate([batch[0] for batch in ours.shuffled(epoch)]) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(101)) and not np.array_equal(first, second)
    assert np.array_equal(second, np.concatenate([batch[0] for batch in again.shuffled(1)]))
    assert not np.array_equal(first, np.concatenate([batch[0] for batch in batches(4).shuffled(0)]))
    assert ours.steps == 7 == sum(1 for _ in ours.shuffled(0)) == sum(1 for _ in ours.in_order())


def test_in_order_says_which_examples_a_batch_holds():
    assert all(np.array_equal(indices, batch[0]) for indices, batch in batches().in_order())


@pytest.mark.parametrize("schedule, last", [("cosine", 0.02 * 2e-3), ("constant", 2e-3)])
def test_the_learning_rate(schedule, last):
    made = optimizer(Options(schedule=schedule), 400)
    rate = made._learning_rate if schedule == "cosine" else lambda step: made.learning_rate
    assert float(rate(400)) == pytest.approx(last, rel=1e-4)
    if schedule == "cosine":
        assert float(rate(0)) == pytest.approx(2e-4) and float(rate(40)) == pytest.approx(2e-3, rel=1e-4)
