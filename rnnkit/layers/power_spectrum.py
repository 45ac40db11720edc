"""Power spectra whose quietest bins are right beside the loudest, in a file for a phone too."""

from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.layers.device_loop import is_for_device
from rnnkit.layers.small_products import small_products

Tensor = Any
_GRID = 2048.0  # two numbers on it, up to 1, have a product that float32 holds exactly


def power_spectrum(
    frames: Tensor, window: np.ndarray, pre_emphasis: float, size: int, products: bool = False
) -> Tensor:
    """The squares of the Fourier transform of frames, with pre-emphasis and a window.

    Why: float32 rounds each weighted sample by up to a sixteen-millionth of it, which is noise in all bins; a band
    whose energy is 2^-20 beside loud ones is off by 5e-4 then. On TensorFlow all of it is float64. LiteRT's transform
    is float64 inside but takes float32; there samples and weights are cut into a coarse part, whose products are exact,
    and a small rest, and each is transformed alone. JAX does the same, with a transform in float32: off by 1e-3.

    Args:
        frames: `[rows, window size]`.
        window: Its weights, float64 `[window size]`, of which the first is 0.
        pre_emphasis: The share of the sample before that is taken off each.
        size: Of the transform, a power of two; beyond the window there are zeros.
        products: Whether the transform is made of products with small matrices, for runtimes that have none; in
            float32, so that quiet bands beside loud ones are off by up to 0.01.

    Returns:
        float32 `[rows, size // 2 + 1]`.

    Example:

    >>> frame = np.cos(np.arange(8, dtype="float32") * np.pi / 2)[None]
    >>> power_spectrum(frame, np.hanning(9)[:8], 0.0, 8).numpy().round(3).tolist()
    [[0.0, 1.0, 4.0, 1.0, 0.0]]
    """
    before = ops.pad(frames[:, :-1], ((0, 0), (1, 0)))
    if keras.backend.backend() == "tensorflow" and not is_for_device() and not products:
        frames, before = ops.cast(frames, "float64"), ops.cast(before, "float64")
        real, imaginary = _transformed((frames - pre_emphasis * before) * window, size)
        return ops.cast(real * real + imaginary * imaginary, "float32")
    frames, before = ops.cast(frames, "float32"), ops.cast(before, "float32")
    coarse, rest = _weighted(frames, window)
    coarse_before, rest_before = _weighted(before, pre_emphasis * window)
    transformed = _by_products if products else _transformed
    parts = [transformed(part, size) for part in (coarse - coarse_before, rest - rest_before)]
    real, imaginary = (sum(both[1:], both[0]) for both in zip(*parts, strict=True))
    return real * real + imaginary * imaginary


def _transformed(frames: Tensor, size: int) -> tuple[Tensor, Tensor]:
    padded = ops.pad(frames, ((0, 0), (0, size - frames.shape[1])))
    real, imaginary = ops.rfft(padded, fft_length=size)
    return real, imaginary


def _by_products(frames: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The transform in two steps, over each of some interleaved parts and then across them (Cooley and Tukey, 1965).

    Sample `parts * m + r` is the m-th of part r, and bin `length * a + b` the a-th across of the b-th within.
    """
    length = 1 << (size.bit_length() - 1) // 2
    parts = size // length
    padded = ops.pad(frames, ((0, 0), (0, size - frames.shape[1])))
    apart = ops.reshape(ops.transpose(ops.reshape(padded, (-1, length, parts)), (0, 2, 1)), (-1, length))
    within = -2 * np.pi * np.outer(np.arange(length), np.arange(length)) / length
    turn = -2 * np.pi * np.outer(np.arange(parts), np.arange(length)) / size
    across = -2 * np.pi * np.outer(np.arange(parts), np.arange(parts // 2 + 1)) / parts
    cosines, sines = np.cos(turn).astype(np.float32), np.sin(turn).astype(np.float32)
    real, imaginary = (
        ops.reshape(small_products(apart, matrix), (-1, parts, length)) for matrix in (np.cos(within), np.sin(within))
    )
    real, imaginary = real * cosines - imaginary * sines, real * sines + imaginary * cosines
    real, imaginary = (
        ops.reshape(ops.transpose(each, (0, 2, 1)), (-1, parts)) for each in (real, imaginary)
    )  # [rows * length, parts]
    made = (
        small_products(real, np.cos(across)) - small_products(imaginary, np.sin(across)),
        small_products(real, np.sin(across)) + small_products(imaginary, np.cos(across)),
    )
    count = parts // 2 + 1
    real, imaginary = (
        ops.reshape(ops.transpose(ops.reshape(each, (-1, length, count)), (0, 2, 1)), (-1, count * length))
        for each in made
    )
    return real[:, : size // 2 + 1], imaginary[:, : size // 2 + 1]


def _weighted(frames: Tensor, weights: np.ndarray) -> tuple[Tensor, Tensor]:
    """frames * weights as an exact number on a grid, and what is left."""
    coarse = ops.round(frames * _GRID) / _GRID
    coarse_weights = np.round(weights * _GRID) / _GRID
    rest = weights - coarse_weights
    exact = coarse * coarse_weights.astype(np.float32)
    return exact, (frames - coarse) * weights.astype(np.float32) + coarse * rest.astype(np.float32)
