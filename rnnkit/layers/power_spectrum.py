"""Power spectra whose quietest bins are right beside the loudest, in a file for a phone too."""

from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.layers.device_loop import is_for_device

Tensor = Any
_GRID = 2048.0  # two numbers on it, up to 1, have a product that float32 holds exactly


def power_spectrum(frames: Tensor, window: np.ndarray, pre_emphasis: float, size: int) -> Tensor:
    """The squares of the Fourier transform of frames, with pre-emphasis and a window.

    Why: float32 rounds each weighted sample by up to a sixteen-millionth of it, which is noise in all bins; a band
    whose energy is 2^-20 beside loud ones is off by 5e-4 then. On TensorFlow all of it is float64. LiteRT's transform
    is float64 inside but takes float32; there samples and weights are cut into a coarse part, whose products are exact,
    and a small rest, and each is transformed alone. JAX does the same, with a transform in float32: off by 1e-3.

    Args:
        frames: `[rows, window size]`.
        window: Its weights, float64 `[window size]`, of which the first is 0.
        pre_emphasis: The share of the sample before that is taken off each.
        size: Of the transform; beyond the window there are zeros.

    Returns:
        float32 `[rows, size // 2 + 1]`.

    Example:

    >>> frame = np.cos(np.arange(8, dtype="float32") * np.pi / 2)[None]
    >>> power_spectrum(frame, np.hanning(9)[:8], 0.0, 8).numpy().round(3).tolist()
    [[0.0, 1.0, 4.0, 1.0, 0.0]]
    """
    before = ops.pad(frames[:, :-1], ((0, 0), (1, 0)))
    if keras.backend.backend() == "tensorflow" and not is_for_device():
        frames, before = ops.cast(frames, "float64"), ops.cast(before, "float64")
        real, imaginary = _transformed((frames - pre_emphasis * before) * window, size)
        return ops.cast(real * real + imaginary * imaginary, "float32")
    frames, before = ops.cast(frames, "float32"), ops.cast(before, "float32")
    coarse, rest = _weighted(frames, window)
    coarse_before, rest_before = _weighted(before, pre_emphasis * window)
    parts = [_transformed(part, size) for part in (coarse - coarse_before, rest - rest_before)]
    real, imaginary = (sum(both[1:], both[0]) for both in zip(*parts, strict=True))
    return real * real + imaginary * imaginary


def _transformed(frames: Tensor, size: int) -> tuple[Tensor, Tensor]:
    padded = ops.pad(frames, ((0, 0), (0, size - frames.shape[1])))
    real, imaginary = ops.rfft(padded, fft_length=size)
    return real, imaginary


def _weighted(frames: Tensor, weights: np.ndarray) -> tuple[Tensor, Tensor]:
    """frames * weights as an exact number on a grid, and what is left."""
    coarse = ops.round(frames * _GRID) / _GRID
    coarse_weights = np.round(weights * _GRID) / _GRID
    rest = weights - coarse_weights
    exact = coarse * coarse_weights.astype(np.float32)
    return exact, (frames - coarse) * weights.astype(np.float32) + coarse * rest.astype(np.float32)
