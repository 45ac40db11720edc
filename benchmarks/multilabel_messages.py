"""Does a multi-label classifier learn the example's topics, and does its file answer with the same labels?

Trained with three seeds on the 300 made-up messages of `rnnkit example multilabel_classifier`; tested on 160 others
that it brings, with Keras and with the TFLite files, whose labels are compared text by text.

    python benchmarks/multilabel_messages.py
"""

import tempfile
from pathlib import Path

from _record import record

import rnnkit
from rnnkit.lite import load
from rnnkit.tasks.base.example_files import example_of, write_example

SEEDS = (1, 2, 3)
QUANTIZED = ("none", "dynamic")
FIGURES = ("micro_f1", "macro_f1", "subset_accuracy", "hamming_loss", "rows")


def main() -> None:
    example = example_of(rnnkit.MultilabelClassifier)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_example(example.contents(), folder)
        result = {str(seed): measured(folder, seed, example.settings) for seed in SEEDS}
    mean = {key: round(sum(one["test"][key] for one in result.values()) / len(SEEDS), 4) for key in FIGURES[:-1]}
    record("multilabel_messages", {"options": example.settings, "seeds": result, "test_mean": mean}, seed=list(SEEDS))


def measured(folder: Path, seed: int, options: dict) -> dict:
    """The figures of a training, and in how many texts each file answers with Keras's very labels."""
    task = rnnkit.MultilabelClassifier(**options, seed=seed).fit(str(folder / "messages.csv"))
    texts, sets = [], []
    for file in ("more_messages.csv", "columns.csv"):
        for text, labels in rnnkit.MultilabelClassifier.open_source(str(folder / file)):
            texts.append(text)
            sets.append(labels)
    found = task.evaluate(list(zip(texts, sets, strict=True)))
    ours = [answer.labels for answer in task.predict(texts)]
    same = {}
    for quantize in QUANTIZED:
        to = folder / f"{seed}_{quantize}"
        task.export(to, quantize=quantize)
        theirs = [answer.labels for answer in load(to / "lite").predict(texts)]
        same[quantize] = sum(one == other for one, other in zip(ours, theirs, strict=True))
    return {"test": {key: found[key] for key in FIGURES}, "same_labels_as_keras": same}


if __name__ == "__main__":
    main()
