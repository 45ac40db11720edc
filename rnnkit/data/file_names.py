"""Names of files that users give, and which they may have meant."""

import os
from contextlib import suppress
from pathlib import Path

from rnnkit.errors import RnnkitError, did_you_mean


def neighbours(path: Path) -> list[str]:
    """The names in a file's folder; none if it cannot be read."""
    with suppress(OSError, ValueError):
        return os.listdir(path.parent)
    return []


def meant_name(path: Path) -> str:
    """ " Did you mean 'data'?" for the nearest name to what of a path is not there; "" where none is near.

    Example:

    >>> meant_name(Path("no_such_folder/train.csv"))
    ''
    """
    missing = path
    while missing.parent != missing and not os.path.exists(missing.parent):
        missing = missing.parent
    return did_you_mean(missing.name, neighbours(missing))


def require_there(path: Path) -> None:
    """Refuse a file or a folder that does not exist, suggesting similar names.

    Raises:
        RnnkitError: There is none.
    """
    if not os.path.exists(path):
        raise RnnkitError(f"There is no file {path}.{meant_name(path)}")


def require_some(path: Path) -> None:
    """The same, where a pattern of names may be meant as well.

    Raises:
        RnnkitError: There is none, or the pattern fits none.
    """
    from rnnkit.data.shards import shard_files

    if not shard_files(path):
        require_there(path)
