"""Pictures of a recogniser: when a recording says what, and which words of the test part are confused."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.decoding.ctc import collapse
from rnnkit.decoding.ctc_alignment import align
from rnnkit.lite.answers.transcripts import NOTHING_RECOGNISED
from rnnkit.metrics.transcripts import word_errors


def draw_alignment(task: Any, encoded: Any, outputs: np.ndarray, path: Path) -> None:
    """Draw what one recording, of middle length, is heard to say, over its spectrogram; nothing where none says a word.

    Args:
        task: The trained task.
        encoded: The test part.
        outputs: Its log-probabilities.
        path: The PNG to write.
    """
    heard = [collapse(row.argmax(axis=1).tolist()) for row in outputs]
    spoken = sorted((len(encoded.inputs[place]), place) for place, classes in enumerate(heard) if classes)
    if not spoken:
        return
    place = spoken[len(spoken) // 2][1]
    _draw(task, encoded.inputs[place], outputs[place], heard[place], path)


def draw_heard(task: Any, recording: Any, path: Path, how: Mapping[str, Any]) -> None:
    """Draw what a recording is heard to say, and when, over its spectrogram.

    Args:
        task: The trained task.
        recording: As for its `predict`.
        path: The PNG to write.
        how: Likewise.

    Raises:
        RnnkitError: The recording cannot be read, or an option is unknown or out of range.
    """
    encoded, search = task.encode_inputs([recording]), task.transcriber(how).search()
    [log_probs] = task.outputs(encoded)
    search.feed(log_probs)
    _draw(task, encoded.inputs[0], log_probs, search.finish()[0].units, path)


def _draw(task: Any, frames: np.ndarray, log_probs: np.ndarray, classes: list[int], path: Path) -> None:
    from rnnkit.plots.alignment import Said, alignment_over_spectrogram

    seconds = task.seconds_a_step
    spans = align(log_probs, classes).spans if classes else []
    units = [Said(task.units.texts[one.unit], one.first * seconds, (one.last + 1) * seconds) for one in spans]
    words = [Said(word.text, units[word.first].start, units[word.end - 1].end) for word in task.units.words(classes)]
    title = f"heard: {task.units.decode(classes)}" if words else NOTHING_RECOGNISED
    step, bands = task.hearing.seconds_a_frame, task.hearing.shown(frames)
    alignment_over_spectrogram(bands, units, path, seconds=step, words=words, title=title)


def draw_confusions(heard: Sequence[str], said: Sequence[str], path: Path) -> None:
    """Draw which words were taken for which; nothing where no reference has a word."""
    from rnnkit.plots.word_errors import confused_words

    if any(said):
        confused_words(word_errors(heard, said), sum(len(text.split()) for text in said), path)
