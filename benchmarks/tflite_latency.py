"""How fast are the TFLite files of a recurrent layer? Ours next to Keras's own through the converter and ONNX Runtime.

An LSTM and a GRU are timed twice: with the outputs of all steps, and with only the last. Then layers of both directions
at the sizes and lengths of two tasks, and what a sequence costs as it grows. All forms have the same weights and are
compared with Keras before they are timed, on one thread, in turns: a busy machine slows every form equally, so the
ratios are valid even where the milliseconds are not.

    python benchmarks/tflite_latency.py            layers of 128 units over 100 steps of 64 features
    python benchmarks/tflite_latency.py --quick    a small one, as a smoke test; writes no result
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # weights for a phone; a GPU would export cuDNN's own operator
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from _onnx_rnn import onnx_rnn  # noqa: E402
from _record import record  # noqa: E402
from ai_edge_litert.interpreter import Interpreter  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from rnnkit import cells  # noqa: E402
from rnnkit.export.convert import convert  # noqa: E402
from rnnkit.export.flatbuffer import strip_names  # noqa: E402
from rnnkit.export.fused import use_fused  # noqa: E402
from rnnkit.export.padded import over_real_steps  # noqa: E402
from rnnkit.export.servable import Input, Servable, unroll_of  # noqa: E402
from rnnkit.layers.device_loop import on_device  # noqa: E402

SEED = 1
TOLERANCES = {"none": 1e-5, "dynamic": 0.05, "int8": 0.15}  # outputs lie between -1 and 1
KERAS = "Keras's own, none"
ONNX = "ONNX Runtime, dynamic"
#: Layers of two tasks at a real length: cell, units, features, steps, the padded file's length, further arguments.
REAL = {
    "tagger": ("lstm", 160, 134, 14, 256, {"bidirectional": True, "return_sequences": True}),  # conll_ner, a sentence
    "classifier": ("gru", 128, 64, 230, 800, {"bidirectional": True, "pooling": "max"}),  # imdb_sentiment, a review
}
console = Console(width=120)


@dataclass
class Form:
    """A model ready to run, and what was measured of it."""

    size: int
    run: Callable[[np.ndarray], np.ndarray]
    difference: float = 0.0
    milliseconds: list[float] = field(default_factory=list)


def lite(model: bytes, shape: tuple[int, ...]) -> Form:
    """A TFLite file on one thread, its variables cleared before each call (only the fused form has any)."""
    interpreter = Interpreter(model_content=model, num_threads=1)
    place = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(place, shape)
    interpreter.allocate_tensors()
    result = interpreter.get_output_details()[0]["index"]

    def run(x: np.ndarray) -> np.ndarray:
        interpreter.reset_all_variables()
        interpreter.set_tensor(place, x)
        interpreter.invoke()
        return np.array(interpreter.get_tensor(result))

    return Form(len(model), run)


def ours(
    network: keras.Model, length: int | None, quantize: str, rows: list[np.ndarray], by_step: int | None = None
) -> bytes:
    """Our export of a network with one recurrent layer; a padded one where `by_step` is given, as `over_real_steps` has
    it."""
    shape = (1, length, network.input_shape[-1])
    serve = lambda x: network(x, training=False)  # noqa: E731
    serve = serve if by_step is None else over_real_steps(serve, by_step=by_step)
    servable = Servable(network, serve, (Input("x", shape, "float32"),), "y", length is not None)
    with tempfile.TemporaryDirectory() as folder, on_device(length):
        servable.save(Path(folder))
        return strip_names(convert(Path(folder), quantize, rows, "x"))


def keras_own(network: keras.Model, length: int | None, quantize: str) -> bytes:
    """What a user of Keras gets: `model.export`, then the converter. Batch 1, or builtin operators do not suffice."""
    signature = [keras.InputSpec(shape=(1, length, network.input_shape[-1]), dtype="float32")]
    with tempfile.TemporaryDirectory() as folder:
        network.export(folder, format="tf_saved_model", input_signature=signature, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)  # with none of the settings of rnnkit's own export
        if quantize == "dynamic":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()


def our_network(cell: str, units: int, features: int, length: int | None, **arguments: Any) -> keras.Model:
    """A network of one layer; the same seed, so the same weights, every time."""
    keras.utils.set_random_seed(SEED)
    shared = {"bias_initializer": keras.initializers.RandomNormal(stddev=0.3, seed=SEED)}
    layer = getattr(cells, {"lstm": "LSTM", "gru": "GRU", "min_gru": "MinGRU"}[cell])(units, **shared, **arguments)
    inputs = keras.Input((length, features))
    return keras.Model(inputs, layer(inputs))


def keras_network(network: keras.Model, **arguments: Any) -> keras.Model:
    """Keras's own layer with the weights of ours."""
    layer, weights = network.layers[-1].cell.keras_layer(**arguments)
    inputs = keras.Input(network.input_shape[1:])
    model = keras.Model(inputs, layer(inputs))
    layer.set_weights([np.array(keras.ops.convert_to_numpy(weight)) for weight in weights])
    return model


def check(forms: dict[str, Form], wanted: Callable[[np.ndarray], np.ndarray], rows: list[np.ndarray]) -> None:
    """Compares each form with Keras and stops at a wrong one: nothing is timed that does not compute the same."""
    for name, form in forms.items():
        form.difference = max(float(np.abs(form.run(x) - wanted(x)).max()) for x in rows)
        tolerance = TOLERANCES[name.rsplit(", ", 1)[-1]]
        if not form.difference <= tolerance:
            raise SystemExit(f"{name}: differs from Keras by {form.difference:.3g}; expected {tolerance} at most.")


def time_in_turns(forms: dict[str, Form], x: np.ndarray, rounds: int, calls: int) -> None:
    """Adds the median of some calls, after one not counted, to each form; round after round, each in a new order."""
    order, shuffled = list(forms.values()), random.Random(SEED)
    for _ in range(rounds):
        shuffled.shuffle(order)
        for form in order:
            form.run(x)
            seconds = []
            for _ in range(calls):
                began = time.perf_counter()
                form.run(x)
                seconds.append(time.perf_counter() - began)
            form.milliseconds.append(1000 * float(np.median(seconds)))


def _ratio(form: Form, base: Form) -> float:
    return round(float(np.median(np.divide(form.milliseconds, base.milliseconds))), 3)


def summary(forms: dict[str, Form], base: str) -> dict[str, dict[str, float]]:
    """Bytes, median milliseconds, medians over the rounds of the ratios to `base` and to ONNX Runtime's int8, and the
    difference."""
    return {
        name: {
            "bytes": form.size,
            "milliseconds": round(float(np.median(form.milliseconds)), 4),
            "ratio": _ratio(form, forms[base]),
            **({"of_onnx": _ratio(form, forms[ONNX])} if ONNX in forms else {}),
            "difference": float(f"{form.difference:.2g}"),
        }
        for name, form in forms.items()
    }


def layer_forms(
    cell: str, length: int, units: int, features: int, rounds: int, *, sequences: bool, quick: bool
) -> dict[str, Any]:
    """Every form of one layer."""
    rows = [np.random.default_rng(i).normal(size=(1, length, features)).astype("float32") for i in range(8)]
    size = (cell, units, features)
    looped = our_network(*size, None, return_sequences=sequences, unroll=unroll_of("loop"))
    known = our_network(*size, length, return_sequences=sequences, unroll=unroll_of("loop"))
    unrolled = our_network(*size, length, return_sequences=sequences, unroll=unroll_of("unroll"))
    own = keras_network(our_network(*size, length), return_sequences=sequences)
    forms = {}
    for quantize in ("none", "dynamic"):
        forms[f"Keras's own, {quantize}"] = lite(keras_own(own, length, quantize), rows[0].shape)
        forms[f"loop, {quantize}"] = lite(ours(looped, None, quantize, []), rows[0].shape)
        forms[f"loop of a known length, {quantize}"] = lite(ours(known, length, quantize, []), rows[0].shape)
        forms[f"unroll, {quantize}"] = lite(ours(unrolled, length, quantize, []), rows[0].shape)
        if cell == "lstm":
            fused = our_network(*size, None, return_sequences=sequences)
            use_fused(fused.layers[-1])
            forms[f"fused, {quantize}"] = lite(ours(fused, None, quantize, []), rows[0].shape)
    if not quick:
        forms["unroll, int8"] = lite(ours(unrolled, length, "int8", rows), rows[0].shape)
    forms |= peers(looped, features)
    check(forms, lambda x: own(x).numpy(), rows)
    time_in_turns(forms, rows[0], rounds, calls=8)
    return summary(forms, KERAS)


def peers(network: keras.Model, features: int) -> dict[str, Form]:
    """The same layer in ONNX Runtime, where that is installed."""
    try:
        return {name: Form(size, run) for name, (size, run) in onnx_rnn(network.layers[-1], features).items()}
    except ImportError as error:
        console.print(f"ONNX Runtime is left out: {error}. `pip install onnx onnxruntime` brings it in.")
        return {}


def real_forms(rounds: int) -> dict[str, Any]:
    """The layers of two tasks in both directions, at a real length: open and padded files beside ONNX Runtime."""
    result = {}
    for task, (cell, units, features, length, most, arguments) in REAL.items():
        network = our_network(cell, units, features, None, unroll=unroll_of("loop"), **arguments)
        by_step = most if "return_sequences" in arguments else 0
        x = np.random.default_rng(SEED).normal(size=(1, length, features)).astype("float32")
        filled = np.pad(x, [(0, 0), (0, most - length), (0, 0)], constant_values=np.nan)
        open_form = lite(ours(network, None, "dynamic", []), x.shape)
        padded = lite(ours(network, most, "dynamic", [], by_step=by_step), filled.shape)
        cut = length if by_step else None
        forms = {
            "loop, dynamic": open_form,
            "padded, dynamic": Form(padded.size, lambda _, f=padded, x=filled, n=cut: f.run(x)[:, :n]),
            **peers(network, features),
        }
        check(forms, lambda x, network=network: network(x).numpy(), [x])
        time_in_turns(forms, x, rounds, calls=8)
        result[task] = {
            "layer": {"cell": cell, "units": units, "features": features, "steps": length, "padded_to": most},
            "forms": summary(forms, "loop, dynamic"),
        }
    return result


def length_forms(lengths: list[int], units: int, features: int, rounds: int) -> dict[str, dict[str, Any]]:
    """What a sequence costs as it grows: its last output, its pool, and all its outputs, dynamic quantisation."""
    networks, files = {}, {}
    for cell in ("gru", "min_gru"):
        for kind, arguments in (("last", {}), ("max", {"pooling": "max"}), ("sequence", {"return_sequences": True})):
            networks[f"{cell} {kind}, dynamic"] = our_network(
                cell, units, features, None, unroll=unroll_of("loop"), **arguments
            )
    files = {name: ours(network, None, "dynamic", []) for name, network in networks.items()}
    base = "Keras's gru sequence, dynamic"
    networks[base] = keras_network(networks["gru last, dynamic"], return_sequences=True)
    files[base] = keras_own(networks[base], None, "dynamic")
    result: dict[str, dict[str, Any]] = {}
    for length in lengths:
        x = np.random.default_rng(SEED).normal(size=(1, length, features)).astype("float32")
        forms = {name: lite(model, x.shape) for name, model in files.items()}
        for name, form in forms.items():
            network = networks[name]
            check({name: form}, lambda x, network=network: network(x).numpy(), [x])
        time_in_turns(forms, x, rounds, calls=3)
        result[str(length)] = summary(forms, base)
    return result


def show_forms(result: dict[str, Any], title: str) -> None:
    table = Table("form, quantisation", "bytes", "ms", "of the first", "of ONNX's int8", "difference", title=title)
    for name, row in result.items():
        table.add_row(name, f"{row['bytes']:,}", f"{row['milliseconds']:.3f}", f"{row['ratio']:.2f}",
                      f"{row.get('of_onnx', float('nan')):.2f}", f"{row['difference']:.1e}")  # fmt: skip
    console.print(table)


def show_lengths(result: dict[str, dict[str, Any]]) -> None:
    lengths = list(result)
    table = Table("cell and output", *(f"ms at {length}" for length in lengths), "growth",
                  title=f"A sequence {int(lengths[-1]) / int(lengths[0]):.0f} times as long")  # fmt: skip
    for name in result[lengths[0]]:
        spent = [result[length][name]["milliseconds"] for length in lengths]
        table.add_row(name, *(f"{value:.2f}" for value in spent), f"{spent[-1] / spent[0]:.0f} times")
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small size and few rounds; writes no result")
    quick = parser.parse_args().quick
    length, units, features, rounds = (20, 32, 16, 3) if quick else (100, 128, 64, 60)
    outputs = {
        cell: {
            name: layer_forms(cell, length, units, features, rounds, sequences=name == "sequence", quick=quick)
            for name in ("sequence", "last")
        }
        for cell in ("lstm", "gru")
    }
    real = real_forms(2 if quick else 30)
    lengths = length_forms([16, 64] if quick else [64, 256, 1024], units, features, 2 if quick else 15)
    for cell, by_output in outputs.items():
        for name, forms in by_output.items():
            show_forms(forms, f"{cell}, {units} units, {length} steps of {features} features, output: {name}")
    for task, found in real.items():
        show_forms(found["forms"], f"{task}: {found['layer']}")
    show_lengths(lengths)
    if not quick:
        sizes = {"length": length, "units": units, "features": features, "rounds": rounds}
        result = {"sizes": sizes, "outputs": outputs, "real": real, "lengths": lengths}
        record("tflite_latency", result, seed=SEED, packages=("onnx", "onnxruntime"))


if __name__ == "__main__":
    main()
