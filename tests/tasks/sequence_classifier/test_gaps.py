"""Irregular times given to cells that read them: in training, in a Run, on a phone, whole and step by step."""

import keras
import numpy as np
import pytest

import rnnkit
from rnnkit.layers.elapsed import ElapsedBehind
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.sequence_classifier.network import Stepping, reads_time, sequence_network
from rnnkit.tasks.sequence_classifier.options import SequenceClassifierOptions
from rnnkit.tasks.sequence_classifier.sequences import Sequences

OPTIONS = {"units": 6, "epochs": 2, "batch_size": 16, "convolution": 3, "filters": 4, "layers": 2}
TIMED = ("cfc", "phased_lstm")


def events(count=60, seed=0):
    """Noise at random times: with one label the third gap is short, with the other it is long."""
    random = np.random.default_rng(seed)
    values, elapsed = [], []
    for number in range(count):
        gaps = random.exponential(0.5, int(random.integers(5, 12)))
        gaps[[0, 3]] = 0, (0.1, 4.0)[number % 2]
        values.append(random.normal(size=(len(gaps), 1)).astype("float32"))
        elapsed.append(gaps)
    labels = ["short long".split()[number % 2] for number in range(count)]
    return Sequences("events", ("x",), values, labels, [str(number) for number in range(count)], elapsed)


@pytest.mark.parametrize("cell", ["cfc", "phased_lstm", "gru"])
def test_cells_that_read_time_get_it_in_usual_gaps(cell):
    options = SequenceClassifierOptions(cell=cell, **OPTIONS)
    network = sequence_network(options, 2, 2, 9, irregular=True)
    layer = network.get_layer("recurrent")
    assert layer.cell.time_columns == reads_time(options) == (cell in TIMED)
    assert not sequence_network(options, 2, 2, 9).get_layer("recurrent").cell.time_columns
    if cell in TIMED:
        gaps = np.array([0.0, 1.0, 30.0], "float32")
        values = np.stack([gaps, np.log1p(gaps)], axis=-1)[None]
        inner = keras.Model(network.input, network.get_layer("elapsed").output)
        np.testing.assert_allclose(inner(values)[0, :, -1], gaps, rtol=1e-5)
        assert inner(values).shape[-1] == OPTIONS["filters"] + 1, "no convolution meets the time"


@pytest.mark.parametrize("cell", TIMED)
def test_a_step_after_the_other_is_the_whole(cell):
    random = np.random.default_rng(0)
    values = np.abs(random.normal(size=(2, 7, 3))).astype("float32")
    options = SequenceClassifierOptions(cell=cell, **OPTIONS)
    network = sequence_network(options, 3, 2, 7, irregular=True)
    network.set_weights([random.normal(0, 0.4, each.shape) for each in network.get_weights()])
    stepping = Stepping(network, options)
    states = stepping.start(2)
    for step in range(7):
        logits, states = stepping.step(keras.ops.convert_to_tensor(values[:, step]), states)
        np.testing.assert_allclose(logits, network(values[:, : step + 1]), atol=2e-5)


def test_padding_is_no_gap():
    options = SequenceClassifierOptions(cell="cfc", bidirectional=True, units=6)
    network = sequence_network(options, 2, 2, 9, Build(training=True), irregular=True)
    row = np.abs(np.random.default_rng(0).normal(size=(1, 5, 2))).astype("float32")
    padded = np.pad(row, ((0, 0), (0, 4), (0, 0)), constant_values=np.nan)
    np.testing.assert_allclose(network(padded), network(row), atol=1e-6)


def test_the_layer_is_saved_and_keeps_the_mask(tmp_path):
    steps, known = keras.Input((None, 2)), keras.Input((None, 3))
    hidden = keras.layers.Masking()(steps)
    model = keras.Model([steps, known], keras.layers.GlobalAveragePooling1D()(ElapsedBehind()([hidden, known])))
    model.save(tmp_path / "m.keras")
    given = [np.array([[[1.0, 2.0], [0.0, 0.0]]]), np.log1p(np.array([[[9.0, 9.0, 3.0], [9.0, 9.0, 9.0]]]))]
    for each in (model, keras.saving.load_model(tmp_path / "m.keras")):
        np.testing.assert_allclose(each(given), [[1, 2, 3]], atol=1e-5)


def test_training_says_that_the_cell_reads_the_time(capsys):
    task = rnnkit.SequenceClassifier(cell="cfc", units=2, epochs=1, batch_size=32).fit(events(40))
    told, usual = capsys.readouterr(), f"irregular, usually {task.channels.interval:.4g} between steps"
    assert f"{usual}; the cell cfc reads it in units of that" in " ".join((told.out + told.err).split())
    assert task.network.get_layer("recurrent").cell.time_columns
    counting = rnnkit.SequenceClassifier(cell="gru")
    assert counting.preprocessing.learn(events(40)).report["time"] == usual


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "more"), [("cfc", {"pooling": "last"}), ("phased_lstm", OPTIONS)])
def test_a_run_answers_whole_and_step_by_step_as_on_a_phone(cell, more, tmp_path):
    options = {"units": 6, "batch_size": 32, **more, "cell": cell, "epochs": 1}
    task = rnnkit.SequenceClassifier(**options).fit(events(), to=tmp_path / "run")
    again = rnnkit.load(tmp_path / "run")
    again.export(quantize="none")
    phone = rnnkit.lite.load(tmp_path / "run" / "lite")
    source = events(1, seed=5)
    [values], [elapsed], stream = source.values, source.elapsed, phone.open_stream()
    for step in range(len(values)):
        begun = {"values": values[: step + 1], "elapsed": elapsed[: step + 1]}
        found = stream.step(values[step], float(elapsed[step]))
        expected = list(task.predict(begun).probabilities.values())
        np.testing.assert_allclose(found, expected, atol=1e-5)
    for one in (again.predict(begun), phone.predict(begun)[0]):
        np.testing.assert_allclose(list(one.probabilities.values()), expected, atol=1e-5)
    waited = {"values": values, "elapsed": elapsed * 20}
    assert list(task.predict(waited).probabilities.values()) != pytest.approx(expected, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["padded", "loop", "unroll"])
@pytest.mark.parametrize("cell", TIMED)
def test_every_export_reads_the_gaps_in_both_directions(cell, strategy, tmp_path):
    options = {**OPTIONS, "cell": cell, "bidirectional": True, "epochs": 1}
    task = rnnkit.SequenceClassifier(**options).fit(events(), to=tmp_path / "run")
    task.export(quantize="none", strategy=strategy)
    phone = rnnkit.lite.load(tmp_path / "run" / "lite")
    for one in events(4, seed=5).inputs:
        expected = list(task.predict(one).probabilities.values())
        np.testing.assert_allclose(list(phone.predict(one)[0].probabilities.values()), expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("cell", TIMED)
def test_gaps_that_carry_the_label_are_learnt(cell):
    options = {"cell": cell, "units": 16, "epochs": 30, "learning_rate": 0.01, "patience": 30}
    task = rnnkit.SequenceClassifier(**options).fit(events(600))
    assert task.results["test"]["accuracy"] > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("quantize", ["none", "int8"])
def test_a_microcontroller_reads_the_gaps(quantize, tmp_path):
    pytest.importorskip("tflite_micro", reason="runs files in the interpreter of microcontrollers")
    task = rnnkit.SequenceClassifier(cell="cfc", units=6, epochs=1, pooling="last").fit(events(), to=tmp_path / "run")
    task.export(target="micro", quantize=quantize)
