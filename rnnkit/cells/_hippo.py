"""The matrix from which state space models start, and what goes with it, in the coordinates of its eigenvectors."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from keras import ops

from rnnkit.layers.cell_config import anew

Tensor = Any


@cache
def hippo_n(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues above the real axis and eigenvectors of HiPPO-N, the normal part of the matrix HiPPO-LegS.

    Why: under HiPPO-LegS a state holds the Legendre coefficients of the whole past, so a recurrence that starts so
    remembers from the start. Its normal part does nearly as well and has orthogonal eigenvectors.

    Args:
        size: Of the matrix, even.

    Returns:
        `[size / 2]` and `[size, size / 2]`, complex; the other half are their conjugates.

    Example:

    >>> eigenvalues, eigenvectors = hippo_n(4)
    >>> eigenvalues.real.round(6).tolist(), bool(np.all(eigenvalues.imag > 0)), eigenvectors.shape
    ([-0.5, -0.5], True, (4, 2))

    Reference:
        Gu et al., HiPPO: Recurrent Memory with Optimal Polynomial Projections, NeurIPS 2020 (arXiv:2008.07669); Smith,
        Warrington & Linderman, Simplified State Space Layers for Sequence Modeling, ICLR 2023 (arXiv:2208.04933),
        section 3.3.
    """
    root = np.sqrt(np.arange(size) + 0.5)
    below = np.tril(np.outer(root, root), -1)
    # HiPPO-LegS + root root^T = -1/2 I + a skew-symmetric matrix, and i times that is Hermitian.
    imaginary, vectors = np.linalg.eigh(1j * (below - below.T))
    return -0.5 + 1j * imaginary[size // 2 :], vectors[:, size // 2 :]


def hippo_b(initializer: Any, blocks: int) -> Callable[..., Tensor]:
    """An initialiser of `[inputs, size]`: a real B in the coordinates of the eigenvectors V, V^H B.

    Args:
        initializer: Of B.
        blocks: Number of HiPPO matrices that the system consists of.

    Returns:
        A function of shape and dtype, which gives the real and the imaginary part side by side, each for the states of
        `hippo_n`, block by block.

    Example:

    >>> import keras
    >>> np.asarray(hippo_b(keras.initializers.Ones(), blocks=2)((3, 8))).shape
    (3, 8)
    """

    def initialize(shape: Any, dtype: Any = None) -> Tensor:
        b = ops.convert_to_numpy(anew(initializer)(shape))
        turned = _turned(b, blocks, hippo_n(shape[1] // blocks)[1].conj())
        return ops.cast(np.concatenate([turned.real, turned.imag], axis=1), dtype)

    return initialize


def hippo_c(initializer: Any, blocks: int) -> Callable[..., Tensor]:
    """An initialiser of `[size, outputs]`: a complex C in the coordinates of the eigenvectors V, C V.

    Args:
        initializer: Of C, its real and its imaginary part side by side, `[size, 2 * outputs]`.
        blocks: Number of HiPPO matrices that the system consists of.

    Returns:
        A function of shape and dtype, which gives the real part above the imaginary one.

    Example:

    >>> import keras
    >>> np.asarray(hippo_c(keras.initializers.Ones(), blocks=2)((8, 3))).shape
    (8, 3)
    """

    def initialize(shape: Any, dtype: Any = None) -> Tensor:
        size, outputs = shape
        real, imaginary = np.split(ops.convert_to_numpy(anew(initializer)((size, 2 * outputs))), 2, axis=1)
        turned = _turned((real + 1j * imaginary).T, blocks, hippo_n(size // blocks)[1]).T
        return ops.cast(np.concatenate([turned.real, turned.imag], axis=0), dtype)

    return initialize


def _turned(rows: np.ndarray, blocks: int, vectors: np.ndarray) -> np.ndarray:
    """Rows times the eigenvectors, block by block."""
    return (rows.reshape(len(rows), blocks, -1) @ vectors).reshape(len(rows), -1)
