"""Does fine-tuning the shipped Run on a small CSV beat training on only that CSV?

For each seed: 500 sentences of the offline sample, written to a CSV, are the training data of both; all other sentences
of the sample are the test rows. Both choose their best epoch on a tenth of the 500.

    python benchmarks/finetune_small_csv.py
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from _record import record
from rich.console import Console
from rich.table import Table

import rnnkit
from rnnkit.data.samples import load_sentiment_sample
from rnnkit.data.splits import stratified_split

ROWS, SEEDS, RUN = 500, [1, 2, 3], "saved_models/imdb_sentiment"


def main() -> None:
    rows = pd.DataFrame(load_sentiment_sample(), columns=["text", "label"])
    pretrained = rnnkit.load(RUN)
    results = []
    for seed in SEEDS:
        share = ROWS / len(rows)
        parts = stratified_split(rows["label"].to_numpy(), {"train": share, "test": 1 - share}, seed)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "reviews.csv")
            rows.iloc[parts["train"]].to_csv(file, index=False)
            test = rows.iloc[parts["test"]]
            scratch = rnnkit.TextClassifier(**{**pretrained.options.to_dict(), "seed": seed, "epochs": 0,
                                               "learning_rate": 2e-3}).fit(file, test)  # fmt: skip
            tuned = pretrained.finetune(file, test, seed=seed)
        before = pretrained.evaluate(test)["accuracy"]
        results.append({
            "seed": seed, "training_rows": len(parts["train"]), "test_rows": len(test), "shipped_run_as_it_is": before,
            "from_scratch": scratch.results["test"]["accuracy"], "fine_tuned": tuned.results["test"]["accuracy"],
        })  # fmt: skip
    gains = [100 * (row["fine_tuned"] - row["from_scratch"]) for row in results]
    table = Table("seed", "from scratch", "shipped Run as it is", "fine-tuned", "points gained")
    for row, gain in zip(results, gains, strict=True):
        table.add_row(*(f"{row[name]:.4g}" for name in ("seed", "from_scratch", "shipped_run_as_it_is", "fine_tuned")),
                      f"{gain:.1f}")  # fmt: skip
    Console().print(table)
    summary = {"mean_gain_points": round(float(np.mean(gains)), 2), "least_gain_points": round(min(gains), 2)}
    record("finetune_small_csv", {"runs": results, **summary}, seed=SEEDS)


if __name__ == "__main__":
    main()
