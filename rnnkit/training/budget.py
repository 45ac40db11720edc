"""A training's budget: epochs, and where `minutes` is set, time."""

import math

#: Epochs that no training reaches: their number where only the time ends it.
MOST_EPOCHS = 10_000
#: The learning rate at the very start, and at the end of a cosine, as shares of the peak.
START, END = 0.1, 0.02
#: The warm-up takes this many steps, or this share of the training where that is less.
WARM_UP_STEPS, WARM_UP_SHARE = 100, 0.1


def rate_at(share: float, steps: int) -> float:
    """The learning rate of a training whose length is a time, as a share of its peak: a warm-up under a cosine.

    Args:
        share: Of the training that is done, 0 to 1.
        steps: Training steps done.

    Example:

    >>> [round(rate_at(share, steps), 3) for share, steps in ((0, 0), (0.05, 50), (0.5, 500), (1, 1000))]
    [0.1, 0.547, 0.51, 0.02]
    """
    share = min(max(share, 0.0), 1.0)
    warmed = min(max(steps / WARM_UP_STEPS, share / WARM_UP_SHARE), 1.0)
    cosine = END + (1 - END) * (1 + math.cos(math.pi * share)) / 2
    return (START + (1 - START) * warmed) * cosine


def epochs_of(done: int, epochs: int, between: str = "/") -> str:
    """An epoch's number and that of all epochs, where this is known.

    Example:

    >>> epochs_of(3, 20), epochs_of(3, MOST_EPOCHS)
    ('3/20', '3')
    """
    return str(done) if epochs >= MOST_EPOCHS else f"{done}{between}{epochs}"
