"""How accurate is sentiment learnt from the trees of the Stanford Sentiment Treebank, without pretrained word vectors?

Settings are compared only on the validation trees (dev.txt). Then the chosen one is trained with three seeds, and the
test trees (test.txt) are read once for each. Needs the treebank: a folder with train.txt, dev.txt and test.txt.

    python benchmarks/sentiment_trees.py FOLDER                      all settings, validation scores
    python benchmarks/sentiment_trees.py FOLDER "child-sum"          one of them
    python benchmarks/sentiment_trees.py FOLDER --test               the chosen one, test scores
"""

import json
import sys

from _record import RESULTS, record

from rnnkit.tasks.tree_classifier.source import open_treebank
from rnnkit.tasks.tree_classifier.task import TreeClassifier

LARGE = {"epochs": 6, "embedding_size": 200, "units": 150, "root_weight": 0.2}
SMALL = {"epochs": 6, "embedding_size": 100, "units": 100, "root_weight": 0.2}
SETTINGS = {
    "n-ary, 200 features, 150 units": LARGE,
    "n-ary, 100 features, 100 units": SMALL,
    "child-sum, 200 features, 150 units": {**LARGE, "composition": "child_sum"},
    "RNTN, 30 units": {
        "epochs": 8, "composition": "rntn", "units": 30, "embedding_dropout": 0.2, "dropout": 0.2, "root_weight": 0.2,
    },
    "n-ary, 200 features, 150 units, no extra weight on roots": {**LARGE, "root_weight": 0.0},
    "n-ary, 100 features, 100 units, more weight decay": {**SMALL, "weight_decay": 0.05},
    "n-ary, 100 features, 100 units, more dropout": {
        **SMALL, "epochs": 8, "embedding_dropout": 0.5, "composition_dropout": 0.3,
    },
}  # fmt: skip
#: The best mean of the two root accuracies on the validation trees.
CHOSEN = "n-ary, 200 features, 150 units, no extra weight on roots"
SEEDS = (1, 2, 3)
#: Root accuracy on the same test trees, as published.
PUBLISHED = {
    "RNTN (Socher et al. 2013)": {"root_accuracy": 0.457, "root_binary_accuracy": 0.854},
    "N-ary Tree-LSTM, random vectors (Tai et al. 2015)": {"root_accuracy": 0.439, "root_binary_accuracy": 0.82},
    "N-ary Tree-LSTM, GloVe vectors, tuned (Tai et al. 2015)": {"root_accuracy": 0.510, "root_binary_accuracy": 0.880},
}
_FIGURES = ("root_accuracy", "root_binary_accuracy", "node_accuracy", "rows")


def main(folder: str, *names: str) -> None:
    path = RESULTS / "sentiment_trees.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    result["published"] = PUBLISHED
    bank = open_treebank(folder)
    if names == ("--test",):
        for seed in SEEDS:
            task = TreeClassifier(**SETTINGS[CHOSEN], seed=seed).fit(bank)
            result.setdefault("chosen", {"name": CHOSEN, "seeds": {}})["seeds"][str(seed)] = {
                part: figures(task, part) for part in ("validation", "test")
            }
            record("sentiment_trees", result, seed=list(SEEDS))
        scores = [seed["test"] for seed in result["chosen"]["seeds"].values()]
        result["chosen"]["test_mean"] = {
            name: round(sum(score[name] for score in scores) / len(scores), 4) for name in _FIGURES[:3]
        }
        record("sentiment_trees", result, seed=list(SEEDS))
        return
    bank.test = bank.validation  # the test trees are not looked at
    for name in names or SETTINGS:
        task = TreeClassifier(**SETTINGS[name]).fit(bank)
        result.setdefault("settings", {})[name] = {
            "options": SETTINGS[name],
            "validation": figures(task, "validation"),
            "best_epoch": task.results["best_epoch"],
            "parameters": task.results["parameters"],
        }
        record("sentiment_trees", result, seed=list(SEEDS))


def figures(task: TreeClassifier, part: str) -> dict[str, float]:
    """The scores of a part, without the confusion matrix."""
    return {name: task.results[part][name] for name in _FIGURES}


if __name__ == "__main__":
    main(*sys.argv[1:])
