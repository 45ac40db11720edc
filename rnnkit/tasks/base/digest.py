"""A digest of data or weights, by which a resumed training knows them again."""

import hashlib
from collections.abc import Iterable

import numpy as np


def digest_of(*tables: np.ndarray, words: Iterable[str] = ()) -> str:
    """A hash of numbers and words, to know them again.

    Example:

    >>> digest_of(np.ones(2)) == digest_of(np.ones(2)), digest_of(np.ones(2)) == digest_of(np.zeros(2))
    (True, False)
    """
    digest = hashlib.sha256("\n".join(words).encode("utf-8", "backslashreplace"))
    for table in tables:
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()
