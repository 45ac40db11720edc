"""Whether a network of sounds can run as samples come."""

from typing import Any


def waits_for_the_end(options: Any) -> bool:
    """Whether the network of these options reads a sound whole: in both directions, or by weighing all its steps, or
    since frames are made with those behind them."""
    whole = options.bidirectional or options.pooling == "attention"
    return bool(whole or options.deltas or options.normalise == "utterance")
