"""The readout in closed form, against NumPy's lstsq on the same features and against reservoirpy."""

import keras
import numpy as np
import pytest

from rnnkit.cells import ESN
from rnnkit.errors import RnnkitError
from rnnkit.training.ridge import fit_readout

WASHOUT, TRAIN, TEST = 200, 2000, 1000
RESERVOIR = {"spectral_radius": 1.1, "leak": 0.5, "input_scale": 1.0, "return_sequences": True}
ALPHA = 1e-7


def mackey_glass(count, tau=17, every=10, step=0.1):
    """The chaotic series x' = 0.2 x(t - tau) / (1 + x(t - tau) ** 10) - 0.1 x, by Euler's method, at whole t."""
    delay = round(tau / step)
    x = np.full(count * every + delay, 1.2)
    for t in range(delay, len(x) - 1):
        x[t + 1] = x[t] + step * (0.2 * x[t - delay] / (1 + x[t - delay] ** 10) - 0.1 * x[t])
    return x[delay::every]


def narma10(count, seed):
    """Inputs and outputs of the nonlinear moving average of order 10 (Atiya & Parlos 2000)."""
    u, y = np.random.default_rng(seed).uniform(0, 0.5, count), np.zeros(count)
    for t in range(9, count - 1):
        y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * y[t - 9 : t + 1].sum() + 1.5 * u[t - 9] * u[t] + 0.1
    return u, y


def normalised_error(got, expected):
    """Root of the mean squared error over the standard deviation: 1 is what the mean alone gives."""
    return float(np.sqrt(np.mean((got - expected) ** 2)) / expected.std())


def network(units=100, outputs=1, features=1, activation=None, use_bias=True, sequences=True, **reservoir):
    keras.utils.set_random_seed(1)
    arguments = {**RESERVOIR, **reservoir, "return_sequences": sequences}
    readout = keras.layers.Dense(outputs, activation=activation, use_bias=use_bias)
    return keras.Sequential([keras.Input((None, features)), ESN(units, **arguments), readout])


def states(model, x):
    """The reservoir in NumPy, float64: `[time, units]` for one sequence `[time, features]`."""
    kernel, recurrent, bias = (np.asarray(weight, "float64") for weight in model.layers[0].get_weights())
    h, found, leak = np.zeros(len(recurrent)), [], RESERVOIR["leak"]
    for row in x:
        h = (1 - leak) * h + leak * np.tanh(row @ kernel + h @ recurrent + bias)
        found.append(h)
    return np.array(found)


def ridge(features, targets, alpha):
    """Ridge regression with a free bias, as ordinary least squares on rows that stand for the penalty."""
    width = features.shape[1]
    rows = np.vstack([np.column_stack([features, np.ones(len(features))]), np.sqrt(alpha) * np.eye(width, width + 1)])
    return np.linalg.lstsq(rows, np.vstack([targets, np.zeros((width, targets.shape[1]))]))[0]


@pytest.fixture(scope="module")
def chaos():
    series = mackey_glass(TRAIN + TEST + 84)[:, None]
    return series - series.mean()


@pytest.mark.slow
@pytest.mark.parametrize(("ahead", "within"), [(1, 1e-3), (84, 0.2)])
def test_echo_state_network_predicts_mackey_glass(chaos, ahead, within):
    """One step ahead, and 84, the benchmark of Jaeger & Haas (2004)."""
    x, y = chaos[: TRAIN + TEST], chaos[ahead : TRAIN + TEST + ahead]
    model = network(units=300)
    fit_readout(model, x[None, :TRAIN], y[None, :TRAIN], alpha=ALPHA, washout=WASHOUT)
    got = model.predict(x[None], verbose=0)[0, TRAIN:]
    features = states(model, x)
    weights = ridge(features[WASHOUT:TRAIN], y[WASHOUT:TRAIN], ALPHA)
    expected = features[TRAIN:] @ weights[:-1] + weights[-1]
    ours, theirs = normalised_error(got, y[TRAIN:]), normalised_error(expected, y[TRAIN:])
    assert ours < within
    assert abs(ours - theirs) < 0.1 * theirs


def test_echo_state_network_learns_narma():
    """It takes a memory of ten steps and products of inputs, which a linear model of the last 20 inputs lacks."""
    u, y = narma10(TRAIN + TEST, seed=0)
    x, y = u[:, None] - 0.25, y[:, None]
    model = network(units=200, spectral_radius=0.9, leak=1.0, input_scale=0.3)
    fit_readout(model, x[None, :TRAIN], y[None, :TRAIN], washout=WASHOUT)
    error = normalised_error(model.predict(x[None], verbose=0)[0, TRAIN:], y[TRAIN:])
    past = np.column_stack([np.roll(x, lag) for lag in range(20)])
    weights = ridge(past[WASHOUT:TRAIN], y[WASHOUT:TRAIN], 0.0)
    linear = normalised_error(past[TRAIN:] @ weights[:-1] + weights[-1], y[TRAIN:])
    assert error < 0.36
    assert error < 0.9 * linear


@pytest.mark.interop
def test_same_predictions_as_reservoirpy(chaos):
    nodes = pytest.importorskip("reservoirpy.nodes", reason="compares with reservoirpy, an optional peer")
    x, y = chaos[:TRAIN], chaos[1 : TRAIN + 1]
    model = network(units=100)
    fit_readout(model, x[None], y[None], alpha=1e-3, washout=WASHOUT)
    kernel, recurrent, bias = (np.asarray(weight, "float64") for weight in model.layers[0].get_weights())
    reservoir = nodes.Reservoir(W=recurrent.T, Win=kernel.T, bias=bias, lr=RESERVOIR["leak"])
    peer = reservoir >> nodes.Ridge(ridge=1e-3)
    expected = peer.fit(x, y, warmup=WASHOUT).run(x)
    np.testing.assert_allclose(model.predict(x[None], verbose=0)[0][WASHOUT:], expected[WASHOUT:], atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["linear", "softmax"])
def test_classes(activation):
    """Slow and fast waves in noise, each sequence one answer."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 200)
    waves = np.sin(np.arange(30) * (0.3 + 0.3 * labels[:, None]) + random.uniform(0, 6, (200, 1)))
    x = (waves + random.normal(scale=0.3, size=waves.shape))[..., None]
    model = network(units=60, outputs=3, activation=activation, sequences=False)
    fit_readout(model, x[:150], labels[:150], alpha=1e-2, batch_size=64)
    features = np.array([states(model, row)[-1] for row in x[:150]])
    weights = ridge(features, np.eye(3)[labels[:150]], 1e-2)
    np.testing.assert_allclose(np.vstack(model.layers[1].get_weights()[0]), weights[:-1], atol=1e-3)
    np.testing.assert_allclose(model.layers[1].get_weights()[1], weights[-1], atol=1e-3)
    right = model.predict(x[150:], verbose=0).argmax(-1) == labels[150:]
    assert right.mean() >= 0.9


@pytest.mark.slow
def test_two_classes_with_sigmoid():
    x = np.random.default_rng(0).normal(size=(60, 8, 2))
    labels = (x[:, -1, 0] > 0).astype(int)
    model = network(units=30, features=2, activation="sigmoid", sequences=False)
    fit_readout(model, x, labels, alpha=1e-2)
    assert ((model.predict(x, verbose=0)[:, 0] > 0.5) == labels).mean() > 0.9


def test_weights_and_washout_leave_rows_out():
    x, y = np.random.default_rng(0).normal(size=(2, 4, 9, 1))
    whole, shown = network(units=6), np.ones((4, 9))
    shown[:, :3] = 0
    fit_readout(whole, x, y, washout=3)
    weighted = network(units=6)
    fit_readout(weighted, x, y, sample_weight=shown, batch_size=3)
    for mine, theirs in zip(whole.get_weights(), weighted.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)
    half = network(units=6)
    fit_readout(half, x, y, sample_weight=np.array([1, 1, 0, 0]))
    again = network(units=6)
    fit_readout(again, x[:2], y[:2])
    np.testing.assert_allclose(half.layers[1].get_weights()[0], again.layers[1].get_weights()[0], atol=1e-4)


def test_without_bias():
    x, y = np.random.default_rng(0).normal(size=(2, 4, 9, 1))
    model = network(units=6, use_bias=False)
    fit_readout(model, x, y, alpha=0.1)
    features = np.concatenate([states(model, row) for row in x])
    expected = np.linalg.solve(features.T @ features + 0.1 * np.eye(6), features.T @ y.reshape(-1, 1))
    np.testing.assert_allclose(model.layers[1].get_weights()[0], expected, atol=1e-4)


def small(last):
    return keras.Sequential([keras.Input((5, 1)), ESN(4), last])


@pytest.mark.parametrize(
    ("model", "changes", "message"),
    [
        (small(keras.layers.Dropout(0.1)), {}, "does not end with a Dense layer"),
        (small(keras.layers.Dense(1, activation="relu")), {}, "has the activation relu; expected linear"),
        (small(keras.layers.Dense(2)), {}, r"shape \(3, 1\) \(float64\).*expected \(3, 2\)"),
        (small(keras.layers.Dense(2)), {"y": np.array([0, 1, 2])}, "whole numbers from 0 to 1"),
        (small(keras.layers.Dense(1)), {"washout": 2}, r"washout=2 for features of the shape \(3, 4\)"),
        (small(keras.layers.Dense(1)), {"sample_weight": np.ones(2)}, r"sample_weight has the shape \(2,\)"),
    ],
)
def test_what_cannot_be_fitted(model, changes, message):
    given = {"x": np.zeros((3, 5, 1)), "y": np.zeros((3, 1)), **changes}
    with pytest.raises(RnnkitError, match=message):
        fit_readout(model, **given)
