"""Record a tiny Run of each task in today's format, with its answers: `python tests/formats/record.py TASK ...`.

`tests/formats/N/TASK` holds what rnnkit wrote when N was the number of a Run's format, and `answers.json` what it
answered. When the number goes up, a new folder is recorded; what is there already never changes. A captioner's image
encoder makes it too large (3 MB); of those the Run in saved_models/ is the one to load.
"""

import dataclasses
import json
import math
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
KEPT = ("config.json", "metrics.json", "model.keras", "preprocessing", "lite")
INPUTS: dict[str, list[Any]] = {
    "language_model": [1, 2, 3],
    "music_model": [1, 2, 3],
    "multilabel_classifier": ["the film was good and great fun", "a dull, boring plot", "unheard-of words"],
    "forecaster": ["3 5 4 2 3 5 4 2", {"series": "s1", "values": [13.0, 15, None, 12, 13, 15, 14, 12]}, [1.5, 2]],
    "sequence_classifier": ["0.5,1 0.25,-1 0,0.5", [[0.5, None], [0.1, 0.2]], [[-1.0, 2.0]] * 9],
    "sound_classifier": [
        *(
            [round(math.sin(turn * step + bend * step * step) / 4, 3) for step in range(count)]
            for turn, bend, count in ((0.86, 1.5e-4, 300), (2.28, -1.5e-4, 240))
        ),
        [(step * 7919 % 201 - 100) / 1000 for step in range(1, 150)],
    ],
    "speech_recognizer": [
        [round(0.3 * math.sin(0.9 * n) * (n % 50 > 20), 3) for n in range(length)] for length in (180, 90, 55)
    ],
    "text_classifier": ["the film was good and great fun", "a dull, boring plot", "unheard-of words"],
    "token_tagger": ["nobody met Bob Price and Ann in New York .", "Ann lives in Oslo", "in 1996"],
    "translator": ["dog sees big house", "cat likes Bodulemi", "small red car"],
    "tree_classifier": ["(((that) (film)) ((is) ((not) (wonderful))))", "((a) (film))", "(terrible)"],
}


def answers(runner: Any, key: str) -> list[Any]:
    """What a task or a bundle's runner answers to the inputs, in JSON's kinds."""
    from golden.answers import plain

    if key in ("language_model", "music_model"):
        return [runner.generate(seed=seed, length=20) for seed in INPUTS[key]]
    return json.loads(json.dumps([plain(dataclasses.asdict(answer)) for answer in runner.predict(INPUTS[key])]))


def make(key: str) -> Any:
    """A task of few weights, trained for a moment."""
    from tasks import forecasting, sequencing, sounding, speaking, tagging, tiny, translating, writing

    import rnnkit
    from rnnkit.tasks.language_model.sample import split_text
    from rnnkit.tasks.tree_classifier.sample import make_trees

    small = {"units": 4, "embedding_size": 4}
    if key in ("language_model", "music_model"):
        options = {**writing.WRITER, **small, "epochs": 2}
        if key == "music_model":
            return rnnkit.MusicModel(**options).fit(writing.tunes())
        return rnnkit.LanguageModel(**options).fit(split_text(writing.VERSE * 60, "verses"))
    if key == "text_classifier":
        return rnnkit.TextClassifier(**{**tiny.OPTIONS, **small}).fit(tiny.rows())
    if key == "forecaster":
        return rnnkit.Forecaster(**{**forecasting.OPTIONS, "units": 4}).fit(forecasting.rows())
    if key == "sequence_classifier":
        options = {**sequencing.OPTIONS, "units": 4, "convolution": 2, "filters": 3}
        return rnnkit.SequenceClassifier(**options).fit(sequencing.rows(60, missing=0.1))
    if key == "sound_classifier":
        options = {**sounding.OPTIONS, "units": 4, "filters": 4, "bands": 8, "convolution": 3, "epochs": 30}
        return rnnkit.SoundClassifier(**options).fit(sounding.rows(60))
    if key == "speech_recognizer":
        options = {**speaking.STREAMING, "rate": 1000, "bands": 4, "units": 4, "layers": 1, "filters": 3, "cell": "gru"}
        rows = [((samples, 8000), text, line) for samples, text, line in speaking.rows()]
        return rnnkit.SpeechRecognizer(**options).fit(rows)
    if key == "multilabel_classifier":
        return rnnkit.MultilabelClassifier(**{**tiny.OPTIONS, **small, "epochs": 20}).fit(tiny.label_sets())
    if key == "token_tagger":
        options = {**tagging.OPTIONS, **small, "character_units": 3, "bidirectional": False}
        return rnnkit.TokenTagger(**options).fit(tagging.sentences())
    if key == "translator":
        options = {**translating.OPTIONS, **small, "epochs": 2, "bidirectional": False}
        return rnnkit.Translator(**options).fit(translating.pairs(200))
    options = {**small, "epochs": 2, "min_count": 1, "batch_size": 20}
    return rnnkit.TreeClassifier(**options).fit(list(make_trees(100)))


def record(key: str, to: Path) -> None:
    """Trains, exports and asks, and keeps what a Run needs."""
    import rnnkit

    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        make(key).save(run)
        task = rnnkit.load(run)
        task.export(quantize="none")
        said = {"keras": answers(task, key), "tflite": answers(rnnkit.lite.load(run / "lite"), key)}
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir(parents=True)
        for name in KEPT:
            (shutil.copytree if (run / name).is_dir() else shutil.copy)(run / name, to / name)
    (to / "answers.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from rnnkit.run.folder import FORMAT

    for name in sys.argv[1:] or INPUTS:
        record(name, HERE / str(FORMAT) / name)
