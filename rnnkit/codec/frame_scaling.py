"""From frames of a whole sound to what a network reads of them: deltas, then each feature normalised."""

import numpy as np

from rnnkit.codec.frame_settings import FrameSettings
from rnnkit.codec.spectrogram_settings import LEAST_VARIANCE


def finished(static: np.ndarray, settings: FrameSettings) -> np.ndarray:
    """Frames with deltas, normalised, float32 `[frames, features]`.

    Args:
        static: The frames of a whole sound without deltas, `[frames, static]`.
        settings: Those of the front end.

    Raises:
        RnnkitError: They are to be normalised by scales that are not learnt yet.
    """
    frames = beside(static.astype(np.float64), settings)
    if settings.normalise == "utterance":
        mean, variance = frames.mean(axis=0), frames.var(axis=0)
        return ((frames - mean) / np.sqrt(np.maximum(variance, LEAST_VARIANCE))).astype(np.float32)
    return normalised(frames, settings, *settings.scales())[0]


def beside(static: np.ndarray, settings: FrameSettings) -> np.ndarray:
    """Frames with deltas beside them; beyond both ends the first and the last repeat."""
    return with_slopes(np.pad(static, ((settings.context, settings.context), (0, 0)), mode="edge"), settings)


def with_slopes(around: np.ndarray, settings: FrameSettings) -> np.ndarray:
    """Frames with deltas, of those that have all their neighbours."""
    count = max(0, len(around) - 2 * settings.context)
    made = [sum(w * around[k : k + count] for k, w in enumerate(row) if w) for row in settings.slopes]
    return np.concatenate(made, axis=1) if count else np.zeros((0, around.shape[1] * len(settings.slopes)))


def normalised(
    frames: np.ndarray, settings: FrameSettings, mean: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The frames, float32, normalised by mean and variance, and these behind the last frame."""
    if settings.normalise != "running":
        return ((frames - mean) / np.sqrt(variance)).astype(np.float32), mean, variance
    made, share = np.empty(frames.shape, np.float32), 1 / settings.memory
    for place, frame in enumerate(frames):
        off = frame - mean
        mean = mean + share * off
        variance = (1 - share) * (variance + share * off**2)
        made[place] = (frame - mean) / np.sqrt(np.maximum(variance, LEAST_VARIANCE))
    return made, mean, variance
