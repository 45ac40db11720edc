"""Make a Run to ship from a trained one: with weights in half precision, exported and scored again.

The validation and test metrics in `metrics.json` are measured on the half-precision weights; those of training are
kept.

    python benchmarks/ship_run.py saved_models/my_translation translation_en_de --data FOLDER --source en --target de
    python benchmarks/ship_run.py saved_models/my_char_text char_text --data tfds
    python benchmarks/ship_run.py saved_models/my_char_music char_music --data sample
    python benchmarks/ship_run.py saved_models/my_speech_digits speech_digits --data DIGITS/digits.csv --length 240000
    python benchmarks/ship_run.py saved_models/my_captioning image_captioning --data FOLDER
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import rnnkit
from rnnkit.quiet import load_keras
from rnnkit.run.folder import LITE, METRICS, PLOTS, SAVED_MODEL, read_json, write_json
from rnnkit.tasks.base.scoring import score

SHIPPED = Path(__file__).parents[1] / "saved_models"
SCORED = ("validation", "test")
SHOWING = ("captions.png", "attention.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("name")
    parser.add_argument("--data", required=True)
    parser.add_argument("--source")
    parser.add_argument("--target")
    parser.add_argument("--quantize", default="dynamic")
    parser.add_argument("--length", type=int, default=0, help="as for rnnkit export")
    given = parser.parse_args()
    load_keras()
    with tempfile.TemporaryDirectory() as scratch:
        half = Path(scratch, "half")
        trained = rnnkit.load(given.run)
        trained.save(half, half=True)
        for folder in (LITE, SAVED_MODEL):
            shutil.rmtree(half / folder, ignore_errors=True)
        if trained.key == "image_captioner":
            for plot in SHOWING:  # photographs, which belong to who took them
                (half / PLOTS / plot).unlink(missing_ok=True)
        task = rnnkit.load(half)
        parts = {name: task.encode_rows(rows) for name, rows in PARTS[task.key](task, given).items()}
        for name, part in parts.items():
            task.results[name] = score(task, part, task.outputs(part))
        done = task.export(quantize=given.quantize, length=given.length, rows=parts["validation"])
        lite = score(task, parts["test"], task.lite_outputs(parts["test"]))
        task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
        write_json(half / METRICS, {**read_json(half / METRICS), **task.results})
        shutil.rmtree(SHIPPED / given.name, ignore_errors=True)
        shutil.copytree(half, SHIPPED / given.name)
    for name in (*parts, "test_tflite"):
        print(name, task.results[name])


def _sentences(task: Any, given: Any) -> dict[str, Any]:
    columns = {name: value for name in ("source", "target") if (value := getattr(given, name))}
    parts = task.read(given.data, columns or None).parts
    return {name: task.read(parts[name]) for name in SCORED}


def _text(task: Any, given: Any) -> dict[str, Any]:
    from rnnkit.tasks.language_model.sample import LongText, text_data

    text = text_data(given.data)
    return {name: LongText(text.name, "", "", getattr(text, name)) for name in SCORED}


def _tunes(task: Any, given: Any) -> dict[str, Any]:
    from rnnkit.tasks.music_model.sample import music_data
    from rnnkit.tasks.music_model.source import Tunes

    tunes = music_data(given.data)
    return {name: Tunes(tunes.name, getattr(tunes, name)) for name in SCORED}


def _recordings(task: Any, given: Any) -> dict[str, Any]:
    from rnnkit.tasks.speech_recognizer.sample import digit_data

    source = digit_data(given.data, task.options.rate)
    return {name: source.part(name) for name in SCORED}


def _pictures(task: Any, given: Any) -> dict[str, Any]:
    pictures = task.read(given.data)
    return {name: replace(pictures, parts={"test": pictures.parts[name]}) for name in SCORED}


#: The rows of the validation and the test part, for each task that is shipped so.
PARTS: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "translator": _sentences,
    "language_model": _text,
    "music_model": _tunes,
    "speech_recognizer": _recordings,
    "image_captioner": _pictures,
}


if __name__ == "__main__":
    main()
