"""Digests of files, to know them again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from rnnkit.files.reading import open_regular

_BLOCK = 2**20


def files_digest(paths: Iterable[Path]) -> str:
    """The SHA-256 of the contents of files, in this order, in hexadecimal.

    Raises:
        RnnkitError: One cannot be read, or is no regular file.

    Example:

    >>> import tempfile
    >>> one = Path(tempfile.mkdtemp(), "a.txt")
    >>> _ = one.write_text("a")
    >>> files_digest([one]) == files_digest([one, one])
    False
    """
    whole = hashlib.sha256()
    for path in paths:
        one = hashlib.sha256()
        with open_regular(path) as file:
            while block := file.read(_BLOCK):
                one.update(block)
        whole.update(one.digest())
    return whole.hexdigest()
