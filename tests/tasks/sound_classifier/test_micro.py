"""A sound classifier for microcontrollers: samples in, the front end in the file, in TFLite Micro's own interpreter."""

import numpy as np
import pytest
from tasks.sounding import OPTIONS, rows, tone

from rnnkit import lite
from rnnkit.errors import RnnkitError
from rnnkit.export.micro.products import quantize_products
from rnnkit.tasks.sound_classifier.task import SoundClassifier

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    pytest.importorskip("tflite_micro")
    # More units and filters than the other tests have, so that the network has matrices of 1,024 numbers.
    options = {**OPTIONS, "units": 24, "filters": 24, "epochs": 12, "time_masks": 0, "normalise": "running"}
    return SoundClassifier(**options).fit(rows(90), to=tmp_path_factory.mktemp("sounds") / "run")


@pytest.mark.parametrize(("quantize", "within"), [("none", 1e-4), ("int8", 0.2)])
def test_the_file_answers_as_keras_does(task, quantize, within):
    given = task.encode_rows(task.read(rows(24)))
    done = task.export(target="micro", quantize=quantize, rows=given, overwrite=True)
    assert done["agreement"]["largest_difference"] < within and done["arena"] > 0
    runner = lite.load(done["path"])
    for count in (140, 199, 200, 1_003):
        samples = tone("up", 0.4, 3)[:count]
        ours, theirs = task.predict(samples).probabilities, runner.predict(samples)[0].probabilities
        assert max(abs(ours[label] - theirs[label]) for label in task.labels) < within
    header = next(path for path in (task.folder / "micro").glob("*_model.h")).read_text("utf-8")
    assert "samples: 80 of one channel at 4000 a second" in header and '"down"' in header


def test_the_front_end_stays_in_float32(task):
    """Where its matrices become whole numbers, too, the answers are others."""
    micro = task.exporter().micro()
    given = task.encode_rows(task.read(rows(24)))
    done = task.export(target="micro", quantize="none", rows=given, overwrite=True)
    model = (task.folder / "micro" / "model.tflite").read_bytes()
    calls = micro.calls(given, "step")
    network, all_of_it = (quantize_products(model, calls, fewest) for fewest in (micro.fewest_weights, 256))
    assert done["bytes"] > len(network) > len(all_of_it)


def test_words_are_decided_as_the_samples_come(task):
    done = task.export(target="micro", quantize="none", rows=task.encode_rows(task.read(rows(24))), overwrite=True)
    runner, samples = lite.load(done["path"]), tone("down", 0.3, 905)
    found = list(runner.stream(np.array_split(samples, 23), threshold=0.6, hold=2))
    assert [one.label for one in found] == ["down"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bidirectional": True}, "has no export for microcontrollers"),
        ({}, "cannot be exported with the strategy 'unroll'; expected one of auto, step"),
    ],
)
def test_what_does_not_run_there_is_refused_in_a_line(tmp_path, options, said):
    pytest.importorskip("tflite_micro")
    task = SoundClassifier(**{**OPTIONS, "epochs": 1, **options}).fit(rows(), to=tmp_path / "run")
    with pytest.raises(RnnkitError, match=said) as error:
        task.export(target="micro", strategy="auto" if options else "unroll")
    assert "\n" not in str(error.value)
