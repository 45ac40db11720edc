"""Files for microcontrollers in TFLite Micro's own interpreter: bytes, arena, time, and what int8 costs.

    python benchmarks/micro.py --data FOLDER      the folder with NATOPS_TRAIN.ts and NATOPS_TEST.ts

Layers of 32 units with 8 features: a step, and 20 steps written out or in a loop; and a step of every cell. The shipped
Run `gestures`, on made-up gestures that it was not trained on. Classifiers of NATOPS' gestures of aircraft handling,
small ones of one direction, trained here; int8 is calibrated on one half of its test part and scored on the other, with
these sequences also as one stream without a reset, where errors could add up. Beside rnnkit's int8, whose products
alone are whole numbers, what TensorFlow's converter makes of the same step: everything in int8, and int16 with int8
weights. Times are of this machine with TFLite Micro's reference kernels, one thread, and include Python's part; a
board's are others.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _record import record

import rnnkit
from rnnkit import cells
from rnnkit.cells import GRU, LSTM, MinGRU
from rnnkit.errors import RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.micro import write_micro
from rnnkit.export.micro.interface import put_in_order
from rnnkit.export.micro.interpreter import MicroModel
from rnnkit.export.parity import Values
from rnnkit.export.streaming import export_sequence, export_step
from rnnkit.quiet import load_keras
from rnnkit.run.folder import find_run
from rnnkit.tasks.sequence_classifier.sample import CHANNELS, make_gestures
from rnnkit.tasks.sequence_classifier.sequences import Sequences
from rnnkit.tasks.sequence_classifier.source import open_sequences

SEED = 1
UNITS, FEATURES, STEPS, ROWS = 32, 8, 20, 20
SETTINGS: dict[str, Any] = {
    "units": 48, "convolution": 7, "filters": 48, "pooling": "max", "dropout": 0.3, "jitter": 0.1, "scaling": 0.15,
    "time_warp": 0.3, "learning_rate": 0.003, "average": 0.98, "epochs": 80, "patience": 80, "seed": SEED,
}  # fmt: skip
CELLS = ("lstm", "gru", "min_gru")
_LAST = 2_000  # steps of the stream


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="the folder with NATOPS_TRAIN.ts and NATOPS_TEST.ts")
    parser.add_argument("--folder", default=Path("micro.runs"), type=Path, help="where finished Runs are kept")
    given = parser.parse_args()
    load_keras()
    result: dict[str, Any] = {"layers": {kind.__name__: layer(kind) for kind in (LSTM, GRU, MinGRU)}}
    result["gestures"] = classifier(rnnkit.load(find_run("gestures")), others(), converter=False)
    data = open_sequences(given.data / "NATOPS_TRAIN.ts"), open_sequences(given.data / "NATOPS_TEST.ts")
    for cell in CELLS:
        task = trained(data[0], cell, given.folder / cell)
        result[f"natops_{cell}"] = classifier(task, data[1], converter=True)
        print(cell, result[f"natops_{cell}"], flush=True)
    result["cells"] = {}
    for key in cells.names():
        result["cells"][key] = of_cell(key)
        record("micro", result, seed=SEED, packages=("tflite-micro",))


def layer(kind: Any) -> dict[str, Any]:
    """The files of a layer, with random weights, on smooth random sequences, beside Keras."""
    import keras

    keras.utils.set_random_seed(SEED)
    made = kind(UNITS, return_sequences=True)
    made.build((None, None, FEATURES))
    chance = np.random.default_rng(SEED)
    rows = [chance.normal(size=(STEPS, FEATURES)).cumsum(0).astype(np.float32) / 4 for _ in range(2 * ROWS)]
    rows, unseen = rows[:ROWS], rows[ROWS:]
    ours = np.stack([np.asarray(made(row[None]))[0] for row in unseen])
    found = {}
    for form in ("step", "unroll", "loop"):
        for quantize in ("none", "int8") if form != "loop" else ("none",):
            model = (
                export_step(made, FEATURES, quantize, rows=rows)
                if form == "step"
                else export_sequence(made, FEATURES, STEPS, form, quantize, rows=rows)
            )
            with tempfile.TemporaryDirectory() as folder:
                done = write_micro(model, Path(folder, "layer"), unseen)
            run = opened(model)
            calls = [[{"x": x[None]} for x in row] if form == "step" else [{"x": row[None]}] for row in unseen]
            theirs = np.stack(
                [np.concatenate([each["y"].reshape(-1, UNITS) for each in run.run(row)]) for row in calls]
            )
            agreement = Values().compare(ours, theirs, None, "given")
            Values().require(agreement, quantize, form)
            found[f"{form} {quantize}"] = {
                "bytes": done["bytes"],
                "arena": done["arena"],
                "milliseconds": milliseconds(run, calls),
                "per": "step" if form == "step" else f"{STEPS} steps",
                "largest_difference_of_spread": rounded(agreement.largest_difference),
                "allowed": Values().rtol[quantize],
            }
    print(kind.__name__, found, flush=True)
    return found


def of_cell(key: str) -> dict[str, Any]:
    """The step of a cell as both kinds of file: bytes and arena, or why TFLite Micro does not run it."""
    chance = np.random.default_rng(SEED)
    rows = [chance.normal(size=(STEPS, FEATURES)).astype(np.float32) for _ in range(ROWS)]
    found: dict[str, Any] = {}
    for quantize in ("none", "int8"):
        made = cells.get(key)(UNITS)
        made.build((None, None, FEATURES))
        try:
            with tempfile.TemporaryDirectory() as folder:
                done = write_micro(export_step(made, FEATURES, quantize, rows=rows), Path(folder, key), rows)
            found[quantize] = {"bytes": done["bytes"], "arena": done["arena"]}
        except RnnkitError as error:
            found[quantize] = {"refused": str(error)}
    print(key, found, flush=True)
    return found


def trained(data: Sequences, cell: str, to: Path) -> Any:
    """A classifier of NATOPS, read from its Run where it is finished."""
    if not (to / "metrics.json").is_file():
        rnnkit.SequenceClassifier(cell=cell, **SETTINGS).fit(data, to=to, resume=True)
    return rnnkit.load(to)


def others() -> Sequences:
    """Gestures of persons whom the shipped Run has not seen."""
    made = make_gestures(300, seed=7)
    labels, names = [each.motion for each in made], [str(number) for number in range(len(made))]
    return Sequences("made-up gestures", CHANNELS, [each.values for each in made], list(labels), names)


def classifier(task: Any, test: Sequences, *, converter: bool) -> dict[str, Any]:
    """The step files of a classifier: as the export measures them, and on sequences that it was not calibrated on."""
    rows = task.encode_rows(test)
    half = np.arange(len(rows)) % 2 == 0
    calibrated, unseen = rows.take(np.flatnonzero(half)), rows.take(np.flatnonzero(~half))
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = {}
        models = {}
        for quantize in ("none", "int8"):
            done = task.export(Path(folder, quantize), target="micro", quantize=quantize, rows=calibrated)
            models[quantize] = Path(done["path"], "model.tflite").read_bytes()
            found[quantize] = {"bytes": done["bytes"], "arena": done["arena"], "export": done["agreement"]}
    exporter = task.exporter()
    micro = exporter.micro()
    if converter:
        models |= {name: by_converter(micro, calibrated, name) for name in ("converter int8", "converter int16x8")}
    calls = micro.calls(unseen, "step")
    joined = [[call for row in calls for call in row]]
    stream = np.concatenate([each["probabilities"] for each in opened(models["none"]).run(joined[0])])[-_LAST:]
    for name, model in models.items():
        run = opened(model)
        theirs = np.concatenate([micro.outputs(run.run(row)) for row in calls])
        agreement = exporter.agreement(unseen, theirs, "given")
        there = np.concatenate([each["probabilities"] for each in run.run(joined[0])])[-_LAST:]
        quantize = "none" if name == "none" else "int8"
        found.setdefault(name, {"bytes": len(model), "arena": run.arena})
        found[name] |= {
            "milliseconds_a_step": milliseconds(run, joined),
            "largest_difference": rounded(agreement.largest_difference),
            "same_label_decided": rounded(agreement.same_label_decided),
            "keras_accuracy": rounded(agreement.keras_accuracy),
            "accuracy": rounded(agreement.export_accuracy),
            "within_tolerance": not exporter.compares_as.fault(agreement, quantize),
            "stream_mean_difference": rounded(float(np.abs(there - stream).mean())),
            "stream_largest_difference": rounded(float(np.abs(there - stream).max())),
        }
    return {"options": {"cell": task.options.cell, "units": task.options.units}, "rows": len(unseen),
            "stream_steps": len(joined[0]), "files": found}  # fmt: skip


def by_converter(micro: Any, rows: Any, kind: str) -> bytes:
    """The step file as TensorFlow's converter quantizes all of it; float32 goes in and comes out."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        micro.servable("step").save(Path(folder))

        def converter() -> Any:
            made = tf.lite.TFLiteConverter.from_saved_model(folder)
            made._experimental_enable_dynamic_update_slice = True
            return made

        plain = opened(converter().convert())
        states = [port.name for port in plain.interface.states]

        def representative() -> Any:
            for row in micro.calls(rows, "step")[:60]:
                carried = {port.name: port.zeros() for port in plain.interface.states}
                for call in row:
                    yield {**call, **carried}
                    answers = plain.call({**call, **carried})
                    carried = {name: answers[name] for name in states}

        sets = tf.lite.OpsSet
        whole = sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        made = converter()
        made.optimizations, made.representative_dataset = [tf.lite.Optimize.DEFAULT], representative
        first = whole if kind == "converter int16x8" else sets.TFLITE_BUILTINS_INT8
        made.target_spec.supported_ops = [first, sets.TFLITE_BUILTINS]
        return bytes(ordered(made.convert()))


def ordered(model: bytes) -> bytes:
    """The file with its inputs and outputs in rnnkit's order."""
    tree = flatbuffer.read_tree(flatbuffer.strip_names(model))
    put_in_order(tree)
    return flatbuffer.write_tree(tree)


def opened(model: bytes) -> MicroModel:
    """The file in TFLite Micro's interpreter."""
    return MicroModel(ordered(model))


def milliseconds(run: MicroModel, rows: Any) -> float:
    """The median time of a call."""
    taken = []
    for row in rows[:50]:
        for start in range(0, len(row), 100):
            some = row[start : start + 100]
            began = time.perf_counter()
            run.run(some)
            taken.append(1000 * (time.perf_counter() - began) / len(some))
    return round(float(np.median(taken)), 4)


def rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


if __name__ == "__main__":
    main()
