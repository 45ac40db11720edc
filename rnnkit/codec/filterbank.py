"""The fixed matrices between samples and frames: mel filters, the cosine transform, deltas. float64 throughout."""

import math

import numpy as np

from rnnkit.errors import RnnkitError

_TURN = 0.6  # of the highest frequency: the 4,800 of 8,000 Hz of the paper on VTLP


def hann_window(size: int) -> np.ndarray:
    """A periodic Hann window, float64 `[size]`.

    Example:

    >>> hann_window(4).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def mel_of(hertz: float) -> float:
    """A frequency in mel: 2595 log10(1 + hertz / 700).

    Example:

    >>> round(mel_of(1000.0))
    1000
    """
    return 2595 * math.log10(1 + hertz / 700)


def warped(hertz: np.ndarray, factor: float, highest: float) -> np.ndarray:
    """Frequencies as another throat would have them: stretched by a factor up to about three fifths of the highest, and
    from there on so that the highest stays.

    Args:
        hertz: The frequencies, in hertz.
        factor: Above 1 for a shorter vocal tract.
        highest: In hertz.

    Example:

    >>> warped(np.array([1000.0, 4000.0, 8000.0]), 1.1, 8000.0).round(6).tolist()
    [1100.0, 4400.0, 8000.0]

    Reference:
        Jaitly and Hinton, Vocal Tract Length Perturbation (VTLP) Improves Speech Recognition, ICML workshop 2013,
        equation 1.
    """
    turn = _TURN * highest * min(factor, 1)
    from_turn = (highest - turn) / (highest - turn / factor)
    return np.where(hertz <= turn / factor, hertz * factor, highest - from_turn * (highest - hertz))


def mel_filterbank(bands: int, fft_size: int, rate: int, low: float, high: float, warp: float = 1.0) -> np.ndarray:
    """Triangular filters, evenly spaced in mel, from the bins of a power spectrum to bands.

    They are those of `librosa.filters.mel(htk=True, norm=None)`.

    Args:
        bands: The number of filters.
        fft_size: Samples of the Fourier transform.
        rate: Samples a second.
        low: Where the first filter begins, in hertz.
        high: Where the last one ends, in hertz.
        warp: The factor by which `warped` moves the filters.

    Returns:
        float64 `[fft_size // 2 + 1, bands]`.

    Raises:
        RnnkitError: A filter is so narrow that it has no bin.

    Example:

    >>> mel_filterbank(2, 8, 8000, 0.0, 4000.0).round(2).tolist()
    [[0.0, 0.0], [0.68, 0.32], [0.0, 0.91], [0.0, 0.45], [0.0, 0.0]]

    Reference:
        Davis and Mermelstein, Comparison of Parametric Representations for Monosyllabic Word Recognition, IEEE TASSP
        28(4), 1980; the formula of mel is that of HTK (Young et al., The HTK Book, 5.4).
    """
    first, last = mel_of(low), mel_of(high)
    mels = first + (last - first) * np.arange(bands + 2) / (bands + 1)
    edges = 700 * (10 ** (mels / 2595) - 1)
    if warp != 1:
        edges = warped(edges, warp, rate / 2)
    bins = np.arange(fft_size // 2 + 1) * rate / fft_size
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0, np.minimum(rising, falling))
    if len(empty := np.flatnonzero(~filters.any(axis=0))):
        band = int(empty[0])
        raise RnnkitError(
            f"bands is {bands}: band {band + 1}, {edges[band]:.0f} to {edges[band + 2]:.0f} Hz, lies between two "
            f"frequencies of the Fourier transform of {fft_size} samples. Take fewer bands or a longer window."
        )
    return filters


def cosine_transform(bands: int, coefficients: int) -> np.ndarray:
    """The first columns of the orthonormal DCT-II, float64 `[bands, coefficients]`.

    Example:

    >>> cosine_transform(2, 2).round(3).tolist()
    [[0.707, 0.707], [0.707, -0.707]]
    """
    angles = np.pi * np.outer(np.arange(bands) + 0.5, np.arange(coefficients)) / bands
    matrix = np.cos(angles) * math.sqrt(2 / bands)
    matrix[:, 0] = math.sqrt(1 / bands)
    return matrix


def delta_filters(order: int, width: int) -> np.ndarray:
    """Weights of the frames around one: the frame itself, its slope (delta), the slope of slopes, and so on.

    Equations:
        delta_t = sum_k k c_{t+k} / sum_k k^2        k from -width to width
        the next order is this filter applied twice, over the frames themselves

    Args:
        order: Of the last one, 0 or more.
        width: Frames on each side that a slope is taken over.

    Returns:
        float64 `[order + 1, 2 * order * width + 1]`.

    Example:

    >>> delta_filters(1, 2).tolist()
    [[0.0, 0.0, 1.0, 0.0, 0.0], [-0.2, -0.1, 0.0, 0.1, 0.2]]

    Reference:
        Furui, Speaker-Independent Isolated Word Recognition Using Dynamic Features of Speech Spectrum, IEEE TASSP
        34(1), 1986; at the ends the first and last frame repeat, as in Kaldi's add-deltas.
    """
    slope = np.arange(-width, width + 1) / np.sum(np.arange(-width, width + 1) ** 2)
    filters, found = [], np.ones(1)
    for number in range(order + 1):
        filters.append(np.pad(found, (order - number) * width))
        found = np.convolve(found, slope)
    return np.stack(filters)
