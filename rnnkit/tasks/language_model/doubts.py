"""What is said of a language model that was trained and yet cannot read."""

import math
from collections.abc import Iterator, Mapping

#: A validation loss so many times the training loss is told.
_FAR = 2.0


def doubts_of(figures: Mapping[str, float], size: int, kind: str) -> Iterator[str]:
    """A line where the validation text costs more than guessing, or far more than the training text.

    Args:
        figures: Of an epoch: "loss" of the training text, "val_loss" of the validation text, in nats a unit.
        size: How many units there are to guess among.
        kind: What a unit is called.

    Example:

    >>> [line[:47] for line in doubts_of({"loss": 1.8, "val_loss": 8.3}, 95, "character")]
    ['the validation text costs 8.30 nats a character']
    """
    loss, validation_loss, uniform = figures["loss"], figures["val_loss"], math.log(size)
    if validation_loss > uniform:
        yield (
            f"the validation text costs {validation_loss:.2f} nats a {kind}; guessing evenly among the {size} {kind}s "
            f"costs {uniform:.2f}. The model cannot read it: train for more epochs, or look whether validation and "
            "training are the same kind of text."
        )
    elif validation_loss > _FAR * loss:
        yield (
            f"the validation text costs {validation_loss:.2f} nats a {kind}, the training text {loss:.2f}: the model "
            "knows that by heart, or the two are different kinds of text. More text, more --dropout or fewer --units "
            "help."
        )
