"""Labels that a stream is never decided to have: those of sounds that are nothing to be told."""

from collections.abc import Sequence

#: Names of recordings without any word or event, without underscores at their ends and in small letters.
BACKGROUND = ("background", "background noise", "background_noise", "silence", "noise")
#: The same for words and events other than those to be told.
UNKNOWN = ("unknown", "other", "others", "none")


def silent_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Of labels those of the background and of unknown words, in their order.

    Args:
        labels: The labels of a network.

    Example:

    >>> silent_labels(["_background_noise_", "no", "Unknown", "yes"])
    ('_background_noise_', 'Unknown')
    """
    return tuple(label for label in labels if label.lower().strip("_ ") in (*BACKGROUND, *UNKNOWN))
