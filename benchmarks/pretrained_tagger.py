"""How much does reading 75,000 film reviews help the named entities of CoNLL-2003's news?

First a language model is trained on the texts of the unlabelled and the training reviews (in `benchmarks/.pretrained`,
kept and resumed), then the tagger with its default settings that starts from it; the same tagger without is the shipped
Run. The best epoch is chosen on the dev part; the test part is read once per tagger. Adds each to
`results/pretrained_tagger.json`.

    python benchmarks/pretrained_tagger.py [--data-dir DIR] [--stage language|tagger|all] [--seeds 1]
"""

import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _pretraining import FOLDER, compare

import rnnkit
from rnnkit.run.folder import METRICS
from rnnkit.tasks.token_tagger.options import TokenTaggerOptions
from rnnkit.tasks.token_tagger.sample import conll_2003

SHIPPED = Path(__file__).parents[1] / "saved_models" / "conll_ner"

#: As the tagger has it, so that the cell that reads forward can go on with the language model's weights.
ENCODER = {name: getattr(TokenTaggerOptions, name) for name in ("cell", "units", "layers", "embedding_size")}
LANGUAGE = {
    **ENCODER, "unit": "token", "batch_size": 128, "window": 64, "epochs": 1, "learning_rate": 3e-3,
    "validation_share": 0.01, "vocabulary_size": 30_000,
}  # fmt: skip


def main() -> None:
    compare(
        "pretrained_tagger", __doc__.splitlines()[0], stage="tagger", language="language_of_tokens", settings=LANGUAGE,
        train=tagger,
    )  # fmt: skip


def tagger(given: Any, seed: int, folder: str, more: dict[str, Any]) -> dict[str, Any]:
    """Trains one tagger, or goes on; the shipped Run is the one without more options, of its seed."""
    task = rnnkit.TokenTagger(**more, seed=seed)
    shipped = json.loads((SHIPPED / METRICS).read_text(encoding="utf-8"))
    known = task.options.to_dict() | shipped["settings"]["options"] | {"epochs": 0}  # options of today, with its values
    if task.options.to_dict() == known:
        results = shipped
    else:
        task.fit(conll_2003(given.data_dir), to=FOLDER / f"tagger_{folder}", resume=True)
        results = task.results
    figures = {part: {name: results[part][name] for name in ("f1", "precision", "recall", "types")}
               for part in ("validation", "test")}  # fmt: skip
    begins = {name: results["data"][name] for name in ("begins_with", "unknown_rate") if name in results["data"]}
    return {**figures, **begins, "epochs": results["epochs"], "best_epoch": results["best_epoch"],
            "parameters": results["parameters"], "seconds": results["training_seconds"]}  # fmt: skip


if __name__ == "__main__":
    main()
