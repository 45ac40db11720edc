import numpy as np
import pytest

from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError

THREE = {"train": 0.8, "validation": 0.1, "test": 0.1}


@pytest.mark.parametrize("seed", range(25))
def test_every_index_once_and_every_label_where_counts_allow(seed):
    random = np.random.default_rng(seed)
    labels = random.choice(random.integers(1, 12), size=random.integers(0, 400), p=None)
    shares = random.dirichlet([3, 1, 1])
    fractions = dict(zip(("train", "validation", "test"), shares, strict=True))
    parts = stratified_split(labels, fractions, seed)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(len(labels)))
    for indices in parts.values():
        assert (np.diff(indices) > 0).all()
    for label in np.unique(labels):
        total = (labels == label).sum()
        counts = [int((labels[indices] == label).sum()) for indices in parts.values()]
        assert counts[0] >= 1
        assert sum(count > 0 for count in counts) == min(total, 3)
        for count, share in zip(counts, shares, strict=True):
            assert abs(count - total * share) <= 2


def test_shares_hold_and_the_seed_decides():
    labels = np.array(["a"] * 700 + ["b"] * 300)
    parts = stratified_split(labels, THREE, seed=1)
    assert {name: len(part) for name, part in parts.items()} == {"train": 800, "validation": 100, "test": 100}
    assert (labels[parts["test"]] == "b").sum() == 30
    again, other = stratified_split(labels, THREE, seed=1), stratified_split(labels, THREE, seed=2)
    assert all((parts[name] == again[name]).all() for name in THREE)
    assert (parts["test"] != other["test"]).any()


@pytest.mark.parametrize(("number", "counts"), [(1, [1, 0, 0]), (2, [1, 1, 0]), (3, [1, 1, 1]), (4, [2, 1, 1])])
def test_rare_labels_are_trained_on_first(number, counts):
    labels = np.array([0] * 100 + [1] * number)
    parts = stratified_split(labels, THREE)
    assert [int((labels[part] == 1).sum()) for part in parts.values()] == counts


def test_a_part_with_no_share_stays_empty():
    parts = stratified_split(np.zeros(10, int), {"train": 0.5, "none": 0.0, "test": 0.5})
    assert [len(part) for part in parts.values()] == [5, 0, 5]


@pytest.mark.parametrize("fractions", [{}, {"train": 0.5}, {"train": 1.5, "test": -0.5}])
def test_wrong_shares_are_refused(fractions):
    with pytest.raises(RnnkitError, match="add up to 1"):
        stratified_split(np.zeros(4, int), fractions)
