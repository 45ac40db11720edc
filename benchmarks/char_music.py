"""Held-out tunes: bits per character next to general compressors, and scores of 200 generated tunes.

The music model and the compressors learn the same tunes and are evaluated on the same held-out ones, the last tenth in
file order, in the same plain form. The compressors keep learning from what they have coded; the model does so where it
says dynamic (its rate was chosen on the validation part). The Run is kept in `benchmarks/.char_music` and resumed.
Writes `results/char_music.json`.

    python benchmarks/char_music.py --data FOLDER
"""

import argparse
import math
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _compressors import bits_per_character
from _record import record

import rnnkit
from rnnkit.codec.abc_text import join_tunes
from rnnkit.quiet import load_keras
from rnnkit.tasks.music_model.metrics import music_scores
from rnnkit.tasks.music_model.sample import music_data

FOLDER = Path(__file__).parent / ".char_music"
WRITTEN, LONGEST = 200, 3000
TEMPERATURES = (0.6, 0.8, 1.0)
RATES = (0.03, 0.1, 0.3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    load_keras()
    tunes = music_data(given.data)
    task = rnnkit.MusicModel().fit(tunes, to=FOLDER / Path(given.data).name, resume=True)
    known, test = (join_tunes(part, task.order) for part in ([*tunes.train, *tunes.validation], tunes.test))
    # The network says where a tune ends by one id, the text by two line ends: both are asked for the same text.
    bits = 1 / (math.log(2) * len(test))
    nats = -float(task.outputs(task.encode_rows(_only(tunes, tunes.test))).sum())
    rates = {rate: _dynamic(task, _only(tunes, tunes.validation), rate) for rate in RATES}
    rate = min(rates, key=lambda each: rates[each])
    result = {
        "tunes": {"train": len(tunes.train), "validation": len(tunes.validation), "test": len(tunes.test)},
        "bits_per_character": round(bits * nats, 4),
        "dynamic_rate": rate,
        "dynamic_bits_per_character": round(bits * _dynamic(task, _only(tunes, tunes.test), rate), 4),
        "compressors": bits_per_character(known, test),
        **{name: task.results[name] for name in ("validation", "test", "parameters", "training_seconds", "epochs")},
    }
    print(result, flush=True)
    learnt = join_tunes(task.preprocessing.in_keys(tunes.train), task.order)
    held_out = [join_tunes([tune], task.order).strip() for tune in tunes.test[:WRITTEN]]
    for temperature in TEMPERATURES:
        written = task.generate(samples=WRITTEN, length=LONGEST, seed=1, temperature=temperature)
        result[f"written at {temperature}"] = music_scores(written, learnt, held_out)
        print(temperature, result[f"written at {temperature}"], flush=True)
        record("char_music", result, seed=1, packages=("music21", "pyppmd"))


def _dynamic(task: rnnkit.MusicModel, tunes: Any, rate: float) -> float:
    """All nats of tunes that are learnt from as they are read."""
    figures = task.evaluate_dynamically(tunes, learning_rate=rate)
    return figures["nats_per_character"] * figures["characters"]


def _only(tunes: Any, part: list[Any]) -> Any:
    from rnnkit.tasks.music_model.source import Tunes

    return Tunes(tunes.name, part)


if __name__ == "__main__":
    main()
