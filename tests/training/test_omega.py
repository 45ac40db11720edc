"""The penalty Omega against Jacobians taken one step and one row at a time, and what training with it does."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tasks.tiny import OPTIONS, rows

import rnnkit
from rnnkit import cells
from rnnkit.cells import GRU, LSTM, LSTMCell, MGUCell, SimpleRNN, SimpleRNNCell
from rnnkit.data.tables import open_table
from rnnkit.errors import RnnkitError
from rnnkit.layers.probe import probing, split_states
from rnnkit.layers.recurrent import Recurrent
from rnnkit.tasks.base.build import Build
from rnnkit.training.gradient_flow import measure
from rnnkit.training.omega import Omega, omega
from rnnkit.training.penalties import PenalisedModel

STEPS, ROWS, FEATURES, UNITS = 4, 2, 2, 4
RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(ROWS, STEPS, FEATURES)).astype("float32")
WEIGHT = RANDOM.normal(size=(UNITS,)).astype("float32")


def run(layer, x=X, mask=None):
    """Traces of a layer's cells and the gradients that reach them from a loss that reads every step's output."""
    with tf.GradientTape() as tape, probing(tape.watch) as probes:
        outputs = layer(x, mask=mask)
        loss = tf.reduce_sum(tf.sin(outputs) * np.resize(WEIGHT, outputs.shape[-1]))
    return probes.traces, tape.gradient(loss, [trace.probe for trace in probes.traces])


def randomise(layer):
    for weight in layer.trainable_weights:
        weight.assign(RANDOM.normal(0, 0.6, weight.shape))


def slow_omega(trace, reaching):
    """The equation of the paper, literally: one Jacobian for one step of one row."""
    total = 0.0
    for row in range(reaching.shape[1]):
        for step in range(reaching.shape[0]):
            if trace.mask is not None and not trace.mask[step, row, 0]:
                continue
            before = trace.before[step, row]
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(before)
                states = split_states(trace.cell, before[None])
                after = tf.concat(trace.cell.step(trace.projected[step, row][None], *states), axis=-1)[0]
            jacobian = tape.jacobian(after, before, experimental_use_pfor=False).numpy().astype("float64")
            gradient = reaching[step, row].numpy().astype("float64")
            if np.linalg.norm(gradient):
                total += (np.linalg.norm(gradient @ jacobian) / np.linalg.norm(gradient) - 1) ** 2
    return total / reaching.shape[1]


@pytest.mark.parametrize("cell_class", [SimpleRNNCell, LSTMCell, MGUCell])
@pytest.mark.parametrize("masked", [False, True])
def test_it_is_the_equation_of_the_paper(cell_class, masked):
    layer = Recurrent(cell_class(UNITS), return_sequences=True)
    layer.build((None, None, FEATURES))
    randomise(layer)
    mask = np.ones((ROWS, STEPS), bool)
    mask[0, 3:] = mask[1, :1] = False
    traces, reaching = run(layer, mask=mask if masked else None)
    assert float(omega(traces, reaching)) == pytest.approx(slow_omega(traces[0], reaching[0]), rel=1e-4)


def test_an_orthogonal_linear_network_has_none():
    layer = SimpleRNN(UNITS, activation="linear", return_sequences=True, layers=2)
    traces, reaching = run(layer)
    assert len(traces) == 2 and float(omega(traces, reaching)) == pytest.approx(0, abs=1e-9)
    for cell in layer.cells:
        cell.recurrent_kernel.assign(0.5 * cell.recurrent_kernel)
    assert float(omega(*run(layer))) == pytest.approx(2 * STEPS * 0.25, rel=1e-5)


@pytest.mark.parametrize("cell_class", [SimpleRNNCell, LSTMCell])
def test_its_gradient_is_that_of_the_steps_alone(cell_class):
    layer = Recurrent(cell_class(UNITS), return_sequences=True)
    layer.build((None, None, FEATURES))
    randomise(layer)
    traces, reaching = run(layer)
    kernel = layer.cell.recurrent_kernel
    with tf.GradientTape() as tape:
        value = omega(traces, reaching)
    kinds = [kernel.value, layer.cell.kernel.value, layer.cell.bias.value]
    gradient, of_inputs, of_bias = tape.gradient(value, kinds)
    assert of_inputs is None and of_bias is None  # what is made of the inputs is constant
    start = keras.ops.convert_to_numpy(kernel).copy()
    direction = RANDOM.normal(size=start.shape).astype("float32")

    def moved(by):
        kernel.assign(start + by * direction)
        return float(omega(traces, reaching))  # states, gradients and what was made of the inputs as they were

    slope = (moved(1e-2) - moved(-1e-2)) / 2e-2
    assert float(tf.reduce_sum(gradient * direction)) == pytest.approx(slope, rel=5e-2)


@pytest.mark.slow
@pytest.mark.parametrize("key", cells.names())
def test_every_cell_has_one(key):
    layer = Recurrent(cells.get_cell(key)(UNITS), return_sequences=True)
    layer.build((None, None, FEATURES))
    randomise(layer)
    traces, reaching = run(layer)
    weights = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        value = omega(traces, reaching)
    gradients = [each for each in tape.gradient(value, weights) if each is not None]
    assert np.isfinite(float(value)) and all(np.isfinite(each.numpy()).all() for each in gradients)


def test_steps_that_nothing_reaches_count_nothing():
    layer = SimpleRNN(
        UNITS, activation="relu", bias_initializer=keras.initializers.Constant(-50), return_sequences=True
    )
    traces, reaching = run(layer)
    with tf.GradientTape() as tape:
        value = omega(traces, [tf.zeros_like(each) for each in reaching])
    assert float(value) == 0 and tape.gradient(value, layer.cell.recurrent_kernel.value) is not None
    # Where a gradient arrives and a dead step hands none of it on, the ratio is 0, and no number is nan.
    with tf.GradientTape() as tape:
        value = omega(traces, [tf.ones_like(each) * 1e-30 for each in reaching])
    assert float(value) == pytest.approx(STEPS)
    assert np.isfinite(tape.gradient(value, layer.cell.recurrent_kernel.value).numpy()).all()


def trained(weight, steps=40):
    """A network that forgets, trained a while on what the first input was; the flow before and after."""
    keras.utils.set_random_seed(5)
    x = RANDOM_ROWS.normal(size=(16, 12, 1)).astype("float32")
    y = x[:, 0]
    inputs = keras.Input((12, 1))
    layer = SimpleRNN(8, recurrent_initializer=keras.initializers.RandomNormal(stddev=0.15, seed=2))
    model = PenalisedModel(inputs, keras.layers.Dense(1)(layer(inputs)), penalties=[Omega(weight)])
    model.compile(keras.optimizers.Adam(0.01, global_clipnorm=1), "mse", jit_compile=False)
    before = measure(model, x, y)[0]
    for _ in range(steps):
        figures = model.train_on_batch(x, y, return_dict=True)
    return before, measure(model, x, y)[0], figures


RANDOM_ROWS = np.random.default_rng(8)


@pytest.mark.slow
def test_training_with_it_lets_the_gradient_through():
    before, after, figures = trained(1.0)
    assert before.verdict == "vanishing" and after.verdict == "healthy"
    assert after.factor > before.factor + 0.2 and set(figures) == {"loss", "omega"}


def test_a_step_is_the_sum_of_both_gradients():
    inputs = keras.Input((STEPS, FEATURES))
    model = PenalisedModel(inputs, keras.layers.Dense(1)(GRU(UNITS)(inputs)), penalties=[Omega(0.7)])
    model.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=True)
    y = RANDOM.normal(size=(ROWS, 1)).astype("float32")
    old = [np.copy(each) for each in model.get_weights()]
    with tf.GradientTape() as tape, probing(tape.watch) as probes:
        loss = tf.reduce_mean((model(X) - y) ** 2)
    weights = [each.value for each in model.trainable_weights]
    of_loss = tape.gradient(loss, [*weights, probes.traces[0].probe])
    with tf.GradientTape() as tape:
        penalty = omega(probes.traces, of_loss[-1:])
    of_penalty = tape.gradient(penalty, weights)
    figures = model.train_on_batch(X, y, return_dict=True)
    for before, after, one, two in zip(old, model.get_weights(), of_loss, of_penalty, strict=False):
        expected = before - one.numpy() - (0 if two is None else 0.7 * two.numpy())
        np.testing.assert_allclose(after, expected, atol=1e-5)
    assert figures["loss"] == pytest.approx(float(loss), rel=1e-5)
    assert figures["omega"] == pytest.approx(float(penalty), rel=1e-4)
    assert "omega" not in model.test_on_batch(X, y, return_dict=True)


def test_a_task_makes_it_for_training_alone():
    task = rnnkit.TextClassifier(**OPTIONS, cell="mgu", omega=0.5, layers=2, bidirectional=True)
    task.preprocessing.learn(open_table(rows(30)))
    assert task.build(Build(training=True)).penalties == (Omega(0.5),)
    assert type(task.build()) is type(keras.Model(*[keras.Input((1,))] * 2))


@pytest.mark.slow
def test_a_task_is_trained_with_it():
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}, cell="simple_rnn", omega=0.5, pooling="last")
    task.fit(rows(60))
    assert task.history[0]["omega"] > 0 and "val_omega" not in task.history[0]
    assert task.predict("good great film").label in ("neg", "pos")


@pytest.mark.parametrize("option", ["recurrent_dropout", "zoneout", "truncate"])
def test_what_does_not_go_with_it_is_refused(option):
    value = 3 if option == "truncate" else 0.1
    with pytest.raises(RnnkitError, match=f"omega 1 and {option} {value} do not go together"):
        rnnkit.TextClassifier(omega=1.0, **{option: value})
    inputs = keras.Input((STEPS, FEATURES))
    with pytest.raises(RnnkitError, match=f"omega 2 and {option}"):
        PenalisedModel(inputs, LSTM(2, **{option: value})(inputs), penalties=[Omega(2.0)])


def test_models_it_means_nothing_to_are_refused(monkeypatch):
    inputs = keras.Input((2,))
    with pytest.raises(RnnkitError, match="needs a recurrent layer"):
        PenalisedModel(inputs, keras.layers.Dense(1)(inputs), penalties=[Omega()])
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RnnkitError, match="The penalty Omega needs Keras on TensorFlow"):
        PenalisedModel(inputs, inputs, penalties=[Omega()])
