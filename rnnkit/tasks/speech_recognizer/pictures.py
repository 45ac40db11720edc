"""Pictures of a recogniser's test part: when a recording says what, and which words are confused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.decoding.ctc import collapse
from rnnkit.decoding.ctc_alignment import align
from rnnkit.metrics.transcripts import word_errors


def draw_alignment(task: Any, encoded: Any, outputs: np.ndarray, path: Path) -> None:
    """Draw what one recording, of middle length, is heard to say, over its spectrogram; nothing where none says a word.

    Args:
        task: The trained task.
        encoded: The test part.
        outputs: Its log-probabilities.
        path: The PNG to write.
    """
    from rnnkit.plots.alignment import Said, alignment_over_spectrogram

    heard = [collapse(row.argmax(axis=1).tolist()) for row in outputs]
    spoken = sorted((len(encoded.inputs[place]), place) for place, classes in enumerate(heard) if classes)
    if not spoken:
        return
    place = spoken[len(spoken) // 2][1]
    classes, seconds = heard[place], task.seconds_a_step
    spans = align(outputs[place], classes).spans
    units = [Said(task.units.texts[one.unit], one.first * seconds, (one.last + 1) * seconds) for one in spans]
    words = [Said(word.text, units[word.first].start, units[word.end - 1].end) for word in task.units.words(classes)]
    frames = encoded.inputs[place][:, : task.hearing.front.static]
    step, title = task.hearing.seconds_a_frame, f"heard: {task.units.decode(classes)}"
    alignment_over_spectrogram(frames, units, path, seconds=step, words=words, title=title)


def draw_confusions(heard: Sequence[str], said: Sequence[str], path: Path) -> None:
    """Draw which words were taken for which; nothing where no reference has a word."""
    from rnnkit.plots.word_errors import confused_words

    if any(said):
        confused_words(word_errors(heard, said), sum(len(text.split()) for text in said), path)
