"""Tiny tree classifiers for tests."""

import functools

from tasks.tiny import folder

from rnnkit.tasks.tree_classifier.sample import make_trees
from rnnkit.tasks.tree_classifier.task import TreeClassifier

TREES = make_trees(200)
OPTIONS = {
    "units": 12, "embedding_size": 10, "epochs": 12, "batch_size": 20, "learning_rate": 0.03, "dropout": 0.0,
    "embedding_dropout": 0.0, "word_dropout": 0.0, "composition_dropout": 0.0, "min_count": 1, "patience": 9,
    "root_weight": 0.5,
}  # fmt: skip


@functools.cache
def trained(composition="n_ary"):
    """A trained task, saved as a Run; do not change it."""
    options = {**OPTIONS, "composition": composition} | ({"epochs": 2} if composition != "n_ary" else {})
    return TreeClassifier(**options).fit(list(TREES), to=folder() / f"trees_{composition}", overwrite=True)
