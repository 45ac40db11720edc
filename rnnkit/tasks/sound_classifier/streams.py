"""A trained classifier on streams that are joined from labelled sounds: recall beside false alarms an hour."""

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from rnnkit.lite.answers.decisions import decisions
from rnnkit.lite.answers.silent_labels import silent_labels
from rnnkit.metrics.detection import Detected, Detections, Event, match_detections
from rnnkit.tasks.shared.sound_batches import EncodedSounds, float_samples
from rnnkit.tasks.sound_classifier.backgrounds import is_background
from rnnkit.tasks.sound_classifier.network import Stepping

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
_STREAMS = 8  # side by side
_MOST_SOUNDS = 300
_GAPS = (0.5, 1.5)  # seconds between two sounds
_HOLD, _WINDOW = 0.1, 1.0  # seconds, those of `rnnkit.lite`
_QUIET = 1e-3  # the noise between sounds, where there are no recordings of the background

Step = Any


def detection_figures(task: Any, encoded: EncodedSounds) -> dict[str, Any]:
    """Recall and false alarms an hour for each threshold, on streams of these sounds in random order with background
    between them; what is unknown or background is nothing to be found.

    Args:
        task: The trained task, which can run on streams.
        encoded: Labelled sounds with their samples; 300 of them are used at most.

    Returns:
        The length of the streams, the number of words in them, and the curve.
    """
    streams = joined(task, encoded)
    silent = silent_labels(task.labels)
    rate, stepping = task.preprocessing.front.rate, Stepping(task.network, task.options, task.preprocessing.front)
    seconds_a_step = stepping.samples / rate
    rows = list(_answers(stepping, [samples for samples, _ in streams], _half(stepping.samples, rate)))
    steps, probabilities = [step for step, _ in rows], np.stack([row for _, row in rows])  # [steps, streams, labels]
    curve = []
    for threshold in THRESHOLDS:
        total = Detections(0, 0, 0, 0.0)
        for place, (samples, events) in enumerate(streams):
            hold = max(round(_HOLD / seconds_a_step), 1)
            own = sum(step < len(samples) // stepping.samples for step in steps)  # what is behind them is padding
            found = decisions(probabilities[:own, place], task.labels, threshold, hold, silent)
            detected = [Detected(one.label, (steps[one.step] + 1) * seconds_a_step) for one in found]
            total += match_detections(detected, events, len(samples) / rate)
        curve.append(
            {
                "threshold": threshold,
                "recall": round(total.recall, 4),
                "false_alarms_an_hour": round(total.false_alarms_an_hour, 2),
            }
        )
    return {"hours": round(total.seconds / 3600, 4), "words": total.events, "curve": curve}


def fits_window(task: Any) -> bool:
    """Whether half of the window of a second, in whole steps of the network, is long enough to be answered.

    The runner refuses a window that is not: one of steps that are too long, or of frames.
    """
    front, stride = task.preprocessing.front, task.options.stride
    size = stride * front.hop_size
    return bool(_half(size, front.rate) * size >= front.shortest(stride))


def _half(step_size: int, rate: int) -> int:
    """Steps of half a window."""
    return round(_WINDOW * rate / step_size / 2)


def joined(task: Any, encoded: EncodedSounds) -> list[tuple[np.ndarray, list[Event]]]:
    """Streams of about equal length, and the words in each."""
    random, rate = np.random.default_rng(task.options.seed), task.preprocessing.front.rate
    some = encoded.some(_MOST_SOUNDS)
    quiet = [float_samples(some, k) for k, each in enumerate(some.targets) if is_background(task.labels[each])]  # type: ignore[arg-type]
    order, silent = random.permutation(len(some)), silent_labels(task.labels)
    made = []
    for number in range(min(_STREAMS, len(some))):
        parts, events, at = [_between(quiet, 1.0, rate, random)], list[Event](), rate
        for place in order[number::_STREAMS]:
            samples, label = float_samples(some, int(place)), task.labels[some.targets[place]]  # type: ignore[arg-type]
            gap = _between(quiet, random.uniform(*_GAPS), rate, random)
            if label not in silent:
                events.append(Event(label, at / rate, (at + len(samples)) / rate))
            parts += [samples, gap]
            at += len(samples) + len(gap)
        made.append((np.concatenate(parts), events))
    return made


def _between(quiet: list[np.ndarray], seconds: float, rate: int, random: np.random.Generator) -> np.ndarray:
    count = round(seconds * rate)
    if not quiet:
        return (_QUIET * random.normal(size=count)).astype(np.float32)
    return np.resize(quiet[int(random.integers(len(quiet)))], count)


def _answers(stepping: Stepping, streams: list[np.ndarray], half: int) -> Iterator[tuple[int, np.ndarray]]:
    """The number of each step that is answered and the probabilities then, `[streams, labels]`, as the runner has them:
    two of a stream side by side, the younger by half a window, of which the older one answers."""
    size, count = stepping.samples, len(streams)
    longest = max(map(len, streams)) // size
    whole = np.stack([np.pad(each, (0, longest * size + size - len(each)))[: longest * size] for each in streams])
    step = _compiled(stepping)
    states = stepping.start(2 * count)
    fresh = {name: state[:count] for name, state in states.items()}
    for number in range(longest):
        if number and number % half == 0:
            states = {
                name: keras.ops.concatenate([state[count:], fresh[name]], axis=0)
                if number > half
                else keras.ops.concatenate([state[:count], fresh[name]], axis=0)
                for name, state in states.items()
            }
        now = whole[:, number * size : (number + 1) * size]
        found, states = step(np.concatenate([now, now]), states)
        if number >= half:
            yield number, np.asarray(keras.ops.convert_to_numpy(found))[:count]


def _compiled(stepping: Stepping) -> Step:
    def step(samples: Any, states: Mapping[str, Any]) -> Any:
        logits, after = stepping.step(samples, states)
        return keras.ops.softmax(logits), after

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(step, reduce_retracing=True)
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(step)
    return step
