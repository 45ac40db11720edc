"""Exported sound classifiers: whole sounds, chunks of any size, and decisions on a stream without an end."""

import itertools

import numpy as np
import pytest
from tasks.sounding import OPTIONS, RATE, rows, save, tone

from rnnkit import lite
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sound_classifier.task import SoundClassifier


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    made = SoundClassifier(**{**OPTIONS, "epochs": 12, "stride": 2, "time_masks": 0, "normalise": "running"})
    made.fit(rows(90), to=tmp_path_factory.mktemp("sounds") / "run")
    made.export(quantize="none")
    return made


@pytest.fixture(scope="module")
def runner(task):
    return lite.load(task.folder / "lite")


@pytest.mark.parametrize("size", [1, 79, 80, 81, 5_000])
@pytest.mark.parametrize("count", [140, 199, 200, 1_003])
def test_chunks_of_any_size_equal_the_whole(task, runner, size, count):
    samples = tone("up", 0.4, 3)[:count]
    stream = runner.open_stream()
    for first in range(0, count, size):
        stream.step(samples[first : first + size])
    whole = np.array([task.predict(samples).probabilities[label] for label in task.labels])
    assert np.abs(stream.finish() - whole).max() < 1e-4
    assert np.abs(runner.run([samples])[0] - whole).max() < 1e-4


def test_int16_samples_and_a_wav_file_are_as_floats(runner, tmp_path):
    samples = np.round(tone("down", 0.4, 5) * 32767).astype(np.int16)
    path = save(tmp_path / "a.wav", samples / 32767)
    answers = runner.predict([samples, path, samples / np.float32(32768)])
    assert len({answer.label for answer in answers}) == 1
    assert answers[0].probability == pytest.approx(answers[1].probability, abs=1e-5)
    assert runner.predict(path)[0].label == runner.predict(samples)[0].label


def test_words_in_an_endless_stream_are_decided_once_each(runner):
    """From a generator that has no end, in chunks of a microphone."""

    def microphone():
        spoken = {20: "up", 50: "down", 80: "down"}
        for second in itertools.count():
            word = spoken.get(second)
            yield tone(word, 0.3, 900 + second) if word else tone("background", 0.1, second)

    found = list(itertools.islice(runner.stream(microphone(), threshold=0.6, hold=0.04, window=0.6), 3))
    assert [decision.label for decision in found] == ["up", "down", "down"]


def test_background_is_never_decided(runner):
    noise = [tone("background", 0.5, n) for n in range(10)]
    assert not list(runner.stream(noise, threshold=0.6, hold=0.02))


def test_a_stream_after_reset_is_a_new_one(runner):
    samples = tone("up", 0.3, 8)
    stream = runner.open_stream()
    first = stream.step(samples)
    stream.reset()
    assert np.array_equal(np.array(stream.step(samples)), np.array(first))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda runner: runner.predict(np.zeros(100)), "Sound 1 lasts 0.025 seconds; expected 0.035 to"),
        (lambda runner: runner.predict("none.wav"), "none.wav"),
        (
            lambda runner: runner.open_stream().step(np.zeros((2, 2))),
            r"The chunk is float64 \[2, 2\]; expected samples",
        ),
        (lambda runner: runner.open_stream().finish(), "The sound ended after 0 seconds; expected 0.035 or more"),
        (
            lambda runner: list(runner.stream([np.zeros(9)], window=0.01)),
            "window is 0.01 seconds; expected 0.07 or more",
        ),
        (lambda runner: list(runner.stream([np.zeros(9)], threshold=2)), "threshold is 2 and hold"),
    ],
)
def test_what_is_no_sound_is_refused_in_a_line(runner, call, said):
    with pytest.raises(RnnkitError, match=said) as error:
        call(runner)
    assert "\n" not in str(error.value)


def test_a_network_of_both_directions_has_no_stream(tmp_path):
    task = SoundClassifier(**{**OPTIONS, "bidirectional": True, "epochs": 1}).fit(rows(), to=tmp_path / "run")
    assert task.preprocessing.front.normalise == "utterance"
    task.export(quantize="none")
    runner = lite.load(tmp_path / "run" / "lite")
    assert runner.predict(rows()[0][0])[0].label == task.predict(rows()[0][0]).label
    with pytest.raises(RnnkitError, match="answers whole sounds alone"):
        runner.open_stream()


SHAPES = ({"pooling": "last"}, {"convolution": 0, "stride": 3}, {"pooling": "mean", "layers": 2, "block": 2})
CASES = [
    pytest.param(cell, shape, marks=[] if (cell, place) in (("mgu", 1),) else [pytest.mark.slow])
    for cell in ("gru", "mgu", "min_lstm")
    for place, shape in enumerate(SHAPES)
]


@pytest.mark.parametrize(("cell", "shape"), CASES)
def test_every_shape_streams_as_the_whole(tmp_path, cell, shape):
    task = SoundClassifier(**{**OPTIONS, "epochs": 1, "cell": cell, **shape}).fit(rows(), to=tmp_path / "run")
    done = task.export(quantize="none")  # which compares streams with the whole, too
    assert done["agreement"]["largest_difference"] < 1e-4


def test_steps_too_long_for_the_window_are_not_heard_in_streams(tmp_path):
    task = SoundClassifier(**{**OPTIONS, "epochs": 1, "window": 20.0, "hop": 10.0, "convolution": 0, "stride": 100})
    sounds = [(np.tile(samples, 6), label) for samples, label in rows(60)]
    task.fit(sounds, to=tmp_path / "run")
    scores = task.evaluate(sounds)
    assert 0 <= scores["accuracy"] <= 1 and "stream" not in scores


def test_the_figures_of_streams_are_those_of_the_runner(task, runner):
    """Recall and false alarms by Keras's network in batches, and by the exported one a stream at a time."""
    from rnnkit.lite.answers.decisions import decisions
    from rnnkit.metrics.detection import Detected, Detections, match_detections
    from rnnkit.tasks.sound_classifier.streams import detection_figures, joined

    encoded = task.encode_rows(task.read(rows(60)))
    figures = detection_figures(task, encoded)
    assert figures["words"] == 40
    total = Detections(0, 0, 0, 0.0)
    for samples, events in joined(task, encoded):
        found = list(runner.probabilities(np.array_split(samples, 37), window=1.0))
        first = round(1.0 * RATE / runner.step_size / 2)
        held = decisions(found, runner.labels, 0.6, max(round(0.1 * RATE / runner.step_size), 1), ["background"])
        at = [Detected(one.label, (one.step + first + 1) * runner.step_size / RATE) for one in held]
        total += match_detections(at, events, len(samples) / RATE)
    figure = next(one for one in figures["curve"] if one["threshold"] == 0.6)
    assert figure["recall"] == pytest.approx(total.recall, abs=0.03)
    assert figure["false_alarms_an_hour"] == pytest.approx(total.false_alarms_an_hour, rel=0.1, abs=40)
    recalls = [one["recall"] for one in figures["curve"]]
    assert recalls[0] >= recalls[-1]
    assert task.metrics(encoded, task.outputs(encoded))["stream"] == figures
