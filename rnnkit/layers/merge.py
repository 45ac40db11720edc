"""Merge modes of a bidirectional layer."""

from keras import ops

from rnnkit.errors import did_you_mean

MERGES = {
    "concat": lambda forward, backward: ops.concatenate([forward, backward], axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "mul": lambda forward, backward: forward * backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
}


def check_merge_mode(name: str) -> str:
    """The name itself.

    Raises:
        ValueError: When there is no such merge mode; the nearest one is named.

    Example:

    >>> check_merge_mode("concat")
    'concat'
    """
    if name not in MERGES:
        raise ValueError(
            f"Unknown merge_mode {name!r}; expected one of {', '.join(MERGES)}.{did_you_mean(name, MERGES)}"
        )
    return name
