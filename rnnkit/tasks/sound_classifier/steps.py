"""Which frames become steps of the recurrent layers, for whole sounds and for streams alike."""

from typing import Any

from rnnkit.codec.spectrogram_settings import SpectrogramSettings


def first_step(settings: SpectrogramSettings, stride: int) -> int:
    """The first frame that is kept of every `stride`, so that a stream keeps the same ones: the last of the frames that
    so many hops of samples complete.

    Args:
        settings: Those of the front end.
        stride: From one frame that is kept to the next.

    Example:

    >>> first_step(SpectrogramSettings(window=25, hop=10), 2), first_step(SpectrogramSettings(window=30, hop=10), 3)
    (1, 0)
    """
    hops = -(-settings.window_size // settings.hop_size)
    return -hops % stride


def waits_for_the_end(options: Any) -> bool:
    """Whether the network of these options reads a sound whole: in both directions, or by weighing all its steps, or
    since frames are made with those behind them."""
    whole = options.bidirectional or options.pooling == "attention"
    return bool(whole or options.deltas or options.normalise == "utterance")
