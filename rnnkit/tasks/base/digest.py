"""Digests of data or weights, by which a resumed training recognises them."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np


def digest_of(*tables: np.ndarray, words: Iterable[str] = ()) -> str:
    """A hash of numbers and words, for recognising them later.

    Example:

    >>> digest_of(np.ones(2)) == digest_of(np.ones(2)), digest_of(np.ones(2)) == digest_of(np.zeros(2))
    (True, False)
    """
    digest = hashlib.sha256("\n".join(words).encode("utf-8", "backslashreplace"))
    for table in tables:
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()


def digest_of_parts(parts: Mapping[str, Iterable[Any]], text: Callable[[Any], str]) -> str:
    """A hash of the parts of a data set, independent of the order of their names.

    Args:
        parts: Examples by the name of their part.
        text: Converts one example to text.

    Example:

    >>> digest_of_parts({"train": [1], "test": [2]}, repr) == digest_of_parts({"test": [2], "train": [1]}, repr)
    True
    """
    digest = hashlib.sha256()
    for name, examples in sorted(parts.items()):
        digest.update(name.encode())
        for example in examples:
            digest.update(text(example).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
