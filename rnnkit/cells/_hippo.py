"""The matrix from which state space models start, in its own coordinates."""

from functools import cache

import numpy as np


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
