"""Has a language model learnt to begin? The quick settings of `char_text` and `char_music`, three seeds each.

`char_text` is one long text, of which an epoch reads the beginning once. `never` is the floor, as it was before: lanes
do not begin anew (`rnnkit.tasks.language_model.stream_batches`), and states are zeros only where an epoch begins.
`uniform` is what guessing costs. Test texts are read from their start. Adds each to `results/beginnings.json`.

    python benchmarks/beginnings.py
"""

import functools
import json
import math
import os
import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _record import RESULTS, record

import rnnkit
from rnnkit.quiet import load_keras
from rnnkit.tasks.language_model import network, stream_batches
from rnnkit.tasks.language_model.sample import text_data
from rnnkit.tasks.music_model.sample import music_data

PIPELINES = Path(__file__).parents[1] / "pipelines"
SEEDS = (1, 2, 3)


def main() -> None:
    load_keras()
    path = RESULTS / "beginnings.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    text, tunes = (runpy.run_path(str(PIPELINES / f"{name}.py")) for name in ("char_text", "char_music"))
    usual, made = stream_batches.RESTARTS, network.language_network
    for seed in SEEDS:
        for how, restarts in (("new beginnings", usual), ("never", 0.0)):
            if f"char_text, {how}, seed {seed}" in result:
                continue
            stream_batches.RESTARTS = restarts
            network.language_network = made if restarts else functools.partial(_without_starts, made)
            data = text_data("sample", None, print)
            few = text["QUICK_CHARACTERS"]
            data = replace(data, train=data.train[:few], validation=data.validation[:10_000], test=data.test[:10_000])
            task = rnnkit.LanguageModel(**{**text["QUICK"], "seed": seed}).fit(data)
            result[f"char_text, {how}, seed {seed}"] = _figures(task)
            record("beginnings", result, seed=list(SEEDS))
    stream_batches.RESTARTS, network.language_network = usual, made
    for seed in SEEDS:
        if f"char_music, seed {seed}" in result:
            continue
        data = music_data("sample", print)
        few = tunes["QUICK_TUNES"]
        data.train, data.validation, data.test = data.train[:few], data.validation[:40], data.test[:40]
        task = rnnkit.MusicModel(**{**tunes["QUICK"], "seed": seed}).fit(data)
        result[f"char_music, seed {seed}"] = _figures(task)
        record("beginnings", result, seed=list(SEEDS))


def _without_starts(made: Callable[..., Any], *given: Any) -> Any:
    """A network that keeps its states where `<START>` stands."""
    return made(*given[:-1], False)


def _figures(task: rnnkit.LanguageModel) -> dict[str, float]:
    epoch = task.history[task.results["best_epoch"] - 1]
    return {
        "test_nats_per_character": task.results["test"]["nats_per_character"],
        "validation_loss": round(epoch["val_loss"], 3),
        "training_loss": round(epoch["loss"], 3),
        "uniform": round(math.log(len(task.alphabet)), 3),
        "warned": bool(list(task.doubts(task.results["best_epoch"]))),
    }


if __name__ == "__main__":
    main()
