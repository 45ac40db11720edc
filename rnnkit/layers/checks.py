"""Checks of the arguments of recurrent layers."""


def check_counts(layers: int, **others: int) -> None:
    """Refuse fewer than one layer, and negative counts.

    Raises:
        ValueError: Naming the argument.

    Example:

    >>> check_counts(1, input_layers=0)
    """
    for name, count, least in [("layers", layers, 1), *((name, count, 0) for name, count in others.items())]:
        if count < least:
            raise ValueError(f"{name} is {count!r}; expected {least} or more.")
