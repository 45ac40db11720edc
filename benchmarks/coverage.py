"""How far do the probabilities of the shipped `imdb_sentiment` hold? Precision against coverage, on IMDB's test half.

The threshold for a precision of 0.95 is chosen on one half of the test reviews and held against the other half. The
floor is to answer every row. Draws `docs/images/coverage.png`. Needs the real reviews: TFDS_DATA_DIR, or a network.

    python benchmarks/coverage.py
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _record import record

import rnnkit
from rnnkit import plots
from rnnkit.data.tables import Rows
from rnnkit.data.tfds import load_imdb
from rnnkit.metrics.confidence import Judged, calibration, judge, selected, threshold_for

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "coverage.png"
ASKED = 0.95
SEED = 0


def main() -> None:
    task = rnnkit.load("imdb_sentiment")
    test = task.encode_rows(Rows(load_imdb()["test"], name="imdb_reviews test"))
    judged = judge(task.probabilities(task.outputs(test)), test.targets)
    places = np.random.default_rng(SEED).permutation(len(test))
    chosen_on, held_out = (Judged(*(each[half] for each in judged)) for half in np.array_split(places, 2))
    chosen = threshold_for(chosen_on, ASKED)
    assert chosen is not None
    result = {
        "rows": len(test),
        "every_row_answered": selected(judged, 0.0).precision,
        "asked_precision": ASKED,
        "chosen_on_one_half": chosen._asdict(),
        "held_against_the_other": selected(held_out, chosen.threshold)._asdict(),
        "expected_calibration_error": round(calibration(judged).error, 5),
    }
    print(result)
    record("coverage", result, seed=SEED)
    plots.precision_coverage(judged, PICTURE, selected(judged, chosen.threshold))


if __name__ == "__main__":
    main()
