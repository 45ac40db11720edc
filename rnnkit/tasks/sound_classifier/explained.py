"""Which part of a sound spoke for its label: each stretch of it is hidden in turn."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.vocabulary import SPECIALS
from rnnkit.codec.vocabulary import UNKNOWN as HIDDEN
from rnnkit.data.bucketing import Ragged
from rnnkit.lite.answers.labels import Prediction
from rnnkit.tasks.base.examples import UNKNOWN
from rnnkit.tasks.shared.occlusion import occlusion
from rnnkit.tasks.shared.sound_batches import EncodedSounds

_MOST = 25  # stretches
_SHORTEST = 0.03  # seconds of a stretch


@dataclass
class Explained:
    """An answer and what it rests on.

    Attributes:
        spans: The first frame of each stretch and the one behind its last, from 0.
        scores: The drop of the label's log-odds when the frames of a stretch are hidden, `[spans]`.
        prediction: The answer.
        frames: Those of the sound before deltas and as the network reads them, `[frames, bands]`.
        seconds: From one frame to the next.
    """

    spans: list[tuple[int, int]]
    scores: np.ndarray
    prediction: Prediction
    frames: np.ndarray
    seconds: float

    @property
    def of_frames(self) -> np.ndarray:
        """The score of each frame's stretch, `[frames]`."""
        return np.repeat(self.scores, [last - first for first, last in self.spans])

    @property
    def names(self) -> list[str]:
        """Each stretch in seconds, with its score."""
        times = [(first * self.seconds, last * self.seconds) for first, last in self.spans]
        return [f"{a:.2f}-{b:.2f}s({score:+.1f})" for (a, b), score in zip(times, self.scores, strict=True)]


def explained(task: Any, sound: Any) -> Explained:
    """Explain the label of a sound, by up to 25 stretches of it. A hidden frame has the mean of each feature: that of
    the training sounds or, where frames are not scaled by these, of this sound.

    Args:
        task: A trained `SoundClassifier`.
        sound: As for its `predict`.

    Raises:
        RnnkitError: The sound cannot be read.
    """
    encoded = task.encode_inputs([sound])
    hearing = task.preprocessing.hearing
    frames, front, seconds = encoded.inputs[0], hearing.front, hearing.seconds_a_frame
    count = int(np.clip(len(frames) * seconds / _SHORTEST, 1, min(_MOST, len(frames))))
    cuts = np.unique(np.linspace(0, len(frames), count + 1).astype(int)).tolist()
    spans = list(zip(cuts[:-1], cuts[1:], strict=True))
    usual = np.zeros(frames.shape[1]) if front.normalise in ("corpus", "running") else frames.mean(axis=0)

    def probabilities(rows: list[np.ndarray]) -> np.ndarray:
        """Of the sound without the stretches whose number is replaced in a row."""
        hidden = [frames.copy() for _ in rows]
        for made, row in zip(hidden, rows, strict=True):
            for place in np.flatnonzero(row == HIDDEN):
                made[spans[place][0] : spans[place][1]] = usual
        names = [""] * len(rows)
        some = EncodedSounds(Ragged.from_iterable(hidden), np.full(len(rows), UNKNOWN, np.int32), names)
        return np.asarray(task.probabilities(task.outputs(some)))

    [prediction] = task.decode(task.outputs(encoded))
    numbers = len(SPECIALS) + np.arange(len(spans))
    scores = occlusion(probabilities, numbers, task.labels.index(prediction.label))
    return Explained(spans, scores, prediction, hearing.shown(frames), seconds)
