"""Does a file answer the same whatever it was asked before? Stacks of two LRU layers, and a translator's step of open
lengths, with XNNPACK and without, cold and warmed up by a call at full length.

    python benchmarks/xnnpack_calls.py

Each of many interpreters is asked for prefixes of one sequence, of random lengths or growing ones, between other
allocations. Counted are the answers that differ from those of an interpreter that was asked nothing before
(`changed`), and from Keras's by more than a thousandth of the largest number (`far`): of float32 an error, of int8
weights the rounding of activations. `xnnpack_differs` are the lengths whose answers with XNNPACK and without differ so.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _record import record

import rnnkit
from rnnkit.lite.interpreter import open_here
from rnnkit.quiet import load_keras
from rnnkit.run.folder import find_run

SEED, INTERPRETERS, CALLS = 1, 100, 25
FEATURES = 16
FAR, CHANGED = 1e-3, 1e-6
#: Units, longest sequence, quantization, further options of the layer.
BLOCKS = {"output_layers": 1, "residual": True}
STACKS: dict[str, tuple[int, int, str, dict[str, Any]]] = {
    "8 units, 40 steps": (8, 40, "none", {}),
    "64 units, 40 steps, all outputs": (64, 40, "none", {"return_sequences": True}),
    "64 units, 200 steps": (64, 200, "none", {}),
    "64 units, 200 steps, in blocks": (64, 200, "none", BLOCKS),
    "64 units, 200 steps, in blocks, int8 weights": (64, 200, "dynamic", BLOCKS),
}
Asked = Callable[[int], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interpreters", type=int, default=INTERPRETERS)
    interpreters = parser.parse_args().interpreters
    load_keras()
    files: dict[str, Any] = {}
    for name, (units, length, quantize, options) in STACKS.items():
        for form, model, expected, asked in stacks(units, length, quantize, options):
            first = {delegate: cache(partial(answer, model, delegate, asked)) for delegate in (True, False)}
            both = [distance(first[True](steps), first[False](steps)) > FAR for steps in range(1, length + 1)]
            files[f"{name}; {form}"] = {
                "lengths": length,
                "xnnpack_differs": sum(both),
                **{
                    f"{'XNNPACK' if delegate else 'no XNNPACK'}, {'warm' if warm else 'cold'}": counted(
                        model, length, expected, first[delegate], asked, delegate, warm, interpreters
                    )
                    for delegate in (True, False)
                    for warm in (False, True)
                },
            }
            print(f"{name}; {form}", files[f"{name}; {form}"], flush=True)
    files["a translator's step, open lengths"] = {"XNNPACK, cold": steps_of_a_translator(interpreters)}
    print(files["a translator's step, open lengths"])
    record("xnnpack_calls", {"calls_an_interpreter": CALLS, "files": files}, seed=SEED)


def stacks(units: int, length: int, quantize: str, options: dict[str, Any]) -> Iterator[tuple[str, bytes, Any, Asked]]:
    """Two LRU layers in both forms: the file, Keras's answers by the number of steps, what makes an input of that."""
    import keras

    from rnnkit.cells import LRU
    from rnnkit.export.streaming import export_sequence

    keras.utils.set_random_seed(SEED)
    layer = LRU(units, layers=2, **options)
    layer.build((None, None, FEATURES))
    x = np.random.default_rng(SEED).normal(size=(1, length, FEATURES)).astype(np.float32)
    expected = {steps: np.asarray(layer(x[:, :steps])) for steps in range(1, length + 1)}

    def padded(steps: int) -> np.ndarray:
        return np.where(np.arange(length)[:, None] < steps, x, np.float32(np.nan))

    yield "padded", export_sequence(layer, FEATURES, length, "padded", quantize), expected, padded
    yield "loop", export_sequence(layer, FEATURES, None, "loop", quantize), expected, lambda steps: x[:, :steps]


def answer(model: bytes, delegate: bool, asked: Asked, steps: int) -> np.ndarray:
    """That of an interpreter which was asked nothing before."""
    return cut(open_here(model, 1, delegate).get_signature_runner()(x=asked(steps))["y"], steps)


def cut(found: np.ndarray, steps: int) -> np.ndarray:
    return found[:, :steps] if found.ndim == 3 else found


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, as a share of the largest number; infinite for what is no number."""
    share = float(np.abs(one - other).max() / np.abs(other).max())
    return share if np.isfinite(share) else float("inf")


def counted(
    model: bytes,
    length: int,
    expected: Mapping[int, np.ndarray],
    first: Asked,
    asked: Asked,
    delegate: bool,
    warm: bool,
    interpreters: int,
) -> dict[str, Any]:
    """Calls, those that answer otherwise than a first one, and those far from Keras."""
    random = np.random.default_rng(SEED)
    changed = far = 0
    largest, held = 0.0, list[np.ndarray]()
    for number in range(interpreters):
        run = open_here(model, 1, delegate).get_signature_runner()
        if warm:
            run(x=np.ones_like(asked(length)))
        lengths = random.integers(1, length + 1, CALLS)
        for steps in map(int, lengths if number % 2 else np.sort(lengths)):
            held = [*held[-20:], random.random(int(random.integers(1, 100_000)))]  # memory in other places each time
            found = cut(run(x=asked(steps))["y"], steps)
            changed += distance(found, first(steps)) > CHANGED
            far += distance(found, expected[steps]) > FAR
            largest = max(largest, distance(found, expected[steps]))
    return {"calls": interpreters * CALLS, "changed": changed, "far": far, "largest": float(f"{largest:.2g}")}


def steps_of_a_translator(interpreters: int) -> dict[str, Any]:
    """The same of `decode_step` with any number of rows and of source steps, beside a first call."""
    random = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as folder:
        rnnkit.load(find_run("translation_en_de")).export(Path(folder), quantize="none", strategy="loop")
        model = Path(folder, "lite", "model.tflite").read_bytes()
    changed, largest = 0, 0.0
    calls = max(interpreters // 5, 1)
    for _ in range(calls):
        run = open_here(model, 1, True).get_signature_runner("decode_step")
        for _ in range(CALLS):
            rows, time = int(random.integers(1, 6)), int(random.integers(1, 30))
            given = {name: drawn(random, details, rows, time) for name, details in run.get_input_details().items()}
            first = open_here(model, 1, True).get_signature_runner("decode_step")(**given)
            made = run(**given)
            away = max(distance(made[name], first[name]) for name in first)
            changed += away > CHANGED
            largest = max(largest, away)
    return {"calls": calls * CALLS, "changed": changed, "largest": float(f"{largest:.2g}")}


def drawn(random: np.random.Generator, details: Mapping[str, Any], rows: int, time: int) -> np.ndarray:
    """An input of a step: ids [rows], states [rows, size] or memory [rows, time, size]."""
    if len(details["shape_signature"]) == 1:
        return random.integers(4, 100, rows).astype(np.int32)
    last = int(details["shape_signature"][-1])
    shape = (rows, time, last) if len(details["shape_signature"]) == 3 else (rows, last)
    return random.normal(size=shape).astype(np.float32)


if __name__ == "__main__":
    main()
