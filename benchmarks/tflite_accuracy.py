"""Size and accuracy of every TFLite form of the shipped Run, on the whole IMDB test half, next to Keras.

Needs the real reviews: TFDS_DATA_DIR, or a network.

    python benchmarks/tflite_accuracy.py            the loop forms (a text's own length)
    python benchmarks/tflite_accuracy.py --all      also the unrolled ones, padded to the full length: minutes each
"""

import sys
import tempfile
from pathlib import Path

from _record import record
from rich.console import Console
from rich.table import Table

import rnnkit
import rnnkit.lite
from rnnkit.data.tables import Rows
from rnnkit.data.tfds import load_imdb
from rnnkit.errors import RnnkitError

RUN = "saved_models/imdb_sentiment"
FORMS = [("loop", "none"), ("loop", "float16"), ("loop", "dynamic")]
SLOW_FORMS = [("unroll", "none"), ("unroll", "dynamic"), ("unroll", "int8")]


def main() -> None:
    task = rnnkit.load(RUN)
    rows = load_imdb()
    test = task.encode_rows(Rows(rows["test"], name="imdb_reviews test"))
    compared = task.encode_rows(Rows(rows["train"][::125], name="imdb_reviews train"))
    keras = task.metrics(test, task.outputs(test))["accuracy"]
    result: dict = {"keras_accuracy": keras, "rows": len(test), "forms": []}
    for strategy, quantize in FORMS + (SLOW_FORMS if "--all" in sys.argv else []):
        form = {"strategy": strategy, "quantize": quantize}
        with tempfile.TemporaryDirectory() as folder:
            try:
                done = task.export(folder, strategy=strategy, quantize=quantize, rows=compared)
            except RnnkitError as error:
                result["forms"].append({**form, "refused": str(error)})
                continue
            runner = rnnkit.lite.load(Path(folder, "lite"))
            accuracy = task.metrics(test, runner.run(list(test.inputs)))["accuracy"]
        points = round(100 * (accuracy - keras), 3)
        result["forms"].append({**form, "bytes": done["bytes"], "accuracy": accuracy, "points_from_keras": points})
    size = {form["quantize"]: form.get("bytes") for form in result["forms"] if form["strategy"] == "loop"}
    result["dynamic_size_share_of_float"] = round(size["dynamic"] / size["none"], 3)
    table = Table("strategy", "quantize", "bytes", "accuracy", "points from Keras")
    for form in result["forms"]:
        table.add_row(*(str(form.get(name, "refused")) for name in
                        ("strategy", "quantize", "bytes", "accuracy", "points_from_keras")))  # fmt: skip
    Console().print(table)
    record("tflite_accuracy", result, seed=task.options.seed)


if __name__ == "__main__":
    main()
