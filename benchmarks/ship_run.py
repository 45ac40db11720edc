"""Makes a Run to ship of a trained one: its weights in half precision, exported and scored anew as they are then.

What `metrics.json` says of the validation and the test part is measured on the half-precision weights; the figures of
training stay.

    python benchmarks/ship_run.py saved_models/my_translation translation_en_de --data FOLDER --source en --target de
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import rnnkit
from rnnkit.quiet import load_keras
from rnnkit.tasks.run import LITE, METRICS, SAVED_MODEL, read_json, write_json

SHIPPED = Path(__file__).parents[1] / "saved_models"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("name")
    parser.add_argument("--data", required=True)
    parser.add_argument("--source")
    parser.add_argument("--target")
    given = parser.parse_args()
    load_keras()
    with tempfile.TemporaryDirectory() as scratch:
        half = Path(scratch, "half")
        rnnkit.load(given.run).save(half, half=True)
        for folder in (LITE, SAVED_MODEL):
            shutil.rmtree(half / folder, ignore_errors=True)
        task = rnnkit.load(half)
        columns = {name: value for name in ("source", "target") if (value := getattr(given, name))}
        data = task.read(given.data, columns or None)
        parts = {name: task.encode_rows(task.read(part)) for name, part in data.parts.items() if name != "train"}
        for name, part in parts.items():
            task.results[name] = task.metrics(part, task.outputs(part))
        done = task.export(quantize="dynamic", rows=task.to_compare(parts["validation"]))
        lite = task.metrics(parts["test"], task.lite_outputs(parts["test"]))
        task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
        write_json(half / METRICS, {**read_json(half / METRICS), **task.results})
        shutil.rmtree(SHIPPED / given.name, ignore_errors=True)
        shutil.copytree(half, SHIPPED / given.name)
    for name in (*parts, "test_tflite"):
        print(name, task.results[name])


if __name__ == "__main__":
    main()
