"""Gradient flow against cases that can be worked out by hand, and how masks, directions and rows are counted."""

import keras
import numpy as np
import pytest

import rnnkit
from rnnkit.cells import GRU, IRNN, LRU, LSTM, SimpleRNN
from rnnkit.errors import RnnkitError
from rnnkit.training.flow_verdict import far_to_near, slope
from rnnkit.training.gradient_flow import measure

STEPS = 24
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(3, STEPS, 2)).astype("float32"), RANDOM.normal(size=(3, 4)).astype("float32")


def scaled_identity(factor, **options):
    matrix = keras.initializers.Identity(factor)
    return SimpleRNN(4, activation="linear", recurrent_initializer=matrix, **options)


def compiled(layer, masked=False):
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, layer(keras.layers.Masking()(inputs) if masked else inputs))
    model.compile("sgd", "mse", run_eagerly=True)
    return model


@pytest.mark.parametrize("factor, verdict", [(0.5, "vanishing"), (1.0, "healthy"), (1.5, "exploding")])
@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_a_linear_network_passes_on_the_factor_of_its_matrix(factor, verdict, pooling):
    flow = measure(compiled(scaled_identity(factor, pooling=pooling)), X, Y)[0]
    assert flow.handed_on == pytest.approx(factor, rel=1e-5)
    # With a mean over the outputs each step gets a share c of the loss's gradient: c (1 + a + a^2 + ...).
    powers = factor ** np.arange(STEPS)
    expected = powers if pooling == "last" else np.cumsum(powers)
    np.testing.assert_allclose(flow.norms / flow.norms[0], expected, rtol=1e-4)
    if pooling == "last":
        assert flow.factor == pytest.approx(factor, rel=1e-5)
        assert flow.verdict == verdict
    else:
        assert flow.verdict == ("exploding" if factor > 1 else "healthy")


def test_the_norms_are_those_of_the_loss_itself():
    model = compiled(scaled_identity(0.5))
    error = 2 * (model.predict(X, verbose=0) - Y) / Y.size  # the derivative of the mean squared error
    flow = measure(model, X, Y)[0]
    assert flow.norms[3] == pytest.approx(np.linalg.norm(error, axis=-1).mean() * 0.5**3, rel=1e-5)
    assert flow.rows.tolist() == [3] * STEPS


def test_a_pool_that_forgets_is_healthy_but_says_so():
    flow = measure(compiled(scaled_identity(0.5, pooling="mean")), X, Y)[0]
    assert flow.verdict == "healthy" and "hands on 50% of it a step" in flow.reason and not flow.advice


def test_irnn_remembers_where_the_plain_network_forgets():
    plain = measure(compiled(SimpleRNN(4, recurrent_initializer="glorot_uniform", seed=1)), X, Y)[0]
    identity = measure(compiled(IRNN(4, bias_initializer="ones")), X, Y)[0]  # all units on
    assert plain.verdict == "vanishing" and plain.factor < 0.8 and "--cell lstm" in plain.advice[0]
    assert identity.verdict == "healthy" and identity.factor == pytest.approx(1, abs=1e-3)


def test_the_forget_gate_decides_what_an_lstm_remembers():
    def bias(forget):
        return np.concatenate([np.full(4, value, "float32") for value in (0, forget, 0, 0)])

    found = {}
    for forget in (-2.0, 8.0):
        layer = LSTM(4, kernel_initializer="zeros", recurrent_initializer="zeros")
        model = compiled(layer)
        layer.cell.bias.assign(bias(forget))
        found[forget] = measure(model, X, Y)[0]
    kept = 1 / (1 + np.exp(-8))  # nothing but c' * f comes back, where U is zero
    assert found[8.0].verdict == "healthy" and found[8.0].factor == pytest.approx(kept, rel=0.02)
    assert found[-2.0].verdict == "vanishing" and found[-2.0].factor == pytest.approx(0.119, rel=0.2)


def test_hidden_steps_are_left_out_and_rows_are_counted_from_their_own_end():
    x, lengths = X.copy(), (STEPS, 10, 6)
    for row, length in enumerate(lengths):
        x[row, length:] = 0
    x[0, 5:9] = 0  # a gap
    flow = measure(compiled(scaled_identity(0.5), masked=True), x, Y)[0]
    assert flow.rows.tolist() == [3] * 6 + [2] * 4 + [1] * 10
    assert len(flow.same_rows) == 10 and flow.factor == pytest.approx(0.5, rel=1e-5)
    alone = measure(compiled(scaled_identity(0.5), masked=True), x[1:2], Y[1:2])[0]
    assert len(alone.norms) == 10


def test_each_layer_and_direction_is_told_apart():
    model = compiled(GRU(2, layers=2, bidirectional=True, name="reader"))
    flows = measure(model, X, Y)
    names = ["reader_layer1", "reader_layer1_backward", "reader_layer2", "reader_layer2_backward"]
    assert [flow.name for flow in flows] == names
    assert {flow.cell for flow in flows} == {"gru"} and flows[0].pooling == flows[1].pooling == "sequence"
    # The last step of a backward layer is the first in time: with "last" it alone is reached by the loss directly.
    assert flows[3].norms[0] > flows[3].norms[-1] and flows[2].norms[0] > flows[2].norms[-1]


def test_a_backward_layer_is_the_forward_one_on_turned_rows():
    model, turned = compiled(GRU(4)), compiled(GRU(4, go_backwards=True))
    turned.set_weights(model.get_weights())
    forward, backward = measure(model, X, Y)[0], measure(turned, X[:, ::-1], Y)[0]
    np.testing.assert_allclose(backward.norms, forward.norms, rtol=1e-4)


def test_numbers_out_of_range_are_an_explosion():
    flow = measure(compiled(scaled_identity(1e6)), X, Y)[0]
    assert flow.verdict == "exploding" and "not finite" in flow.reason and "--global-clipnorm" in flow.advice[0]
    assert None in flow.to_dict()["norms"]


def test_a_dead_network_gets_nothing():
    layer = SimpleRNN(4, activation="relu", bias_initializer=keras.initializers.Constant(-100))
    flow = measure(compiled(layer), X, Y)[0]
    assert flow.verdict == "vanishing" and np.isnan(flow.factor) == (flow.norms[0] == 0)


def test_underflow_is_no_accident():
    x = RANDOM.normal(size=(2, 200, 2)).astype("float32")
    flow = measure(compiled(scaled_identity(0.5)), x, Y[:2])[0]
    assert flow.verdict == "vanishing" and flow.factor == pytest.approx(0.5, rel=1e-3) and flow.norms[-1] == 0


def states(model):
    return np.copy(keras.ops.convert_to_numpy(model.layers[1].states[0]))


def test_a_stateful_layer_keeps_its_states():
    inputs = keras.Input(batch_shape=(3, STEPS, 2))
    model = keras.Model(inputs, GRU(4, stateful=True)(inputs))
    model.compile("sgd", "mse")
    model(X)
    before = states(model)
    first = measure(model, X, Y)[0]
    assert np.array_equal(before, states(model)) and before.any()
    np.testing.assert_allclose(first.norms, measure(model, X, Y)[0].norms, rtol=1e-6)


def test_models_without_loss_or_recurrence_are_refused():
    inputs = keras.Input((None, 2))
    with pytest.raises(RnnkitError, match="no loss"):
        measure(keras.Model(inputs, LRU(4)(inputs)), X, Y)
    with pytest.raises(RnnkitError, match="no recurrent layer"):
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(4)])
        model.compile("sgd", "mse")
        model(X)
        measure(model, X, Y)


def test_other_backends_are_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RnnkitError, match="not on jax. Set KERAS_BACKEND=tensorflow"):
        measure(None, X, Y)


def test_the_callback_keeps_a_history():
    x = X[:, :5]
    model = compiled(GRU(4, layers=2, truncate=3))
    watch = rnnkit.GradientFlow(x, Y)
    history = model.fit(x, Y, epochs=2, verbose=0, callbacks=[watch]).history
    assert [len(found) for found in watch.history] == [2, 2]
    name = "gradient_flow_factor_" + watch.history[0][1].name
    assert history[name] == [found[1].factor for found in watch.history]
    one = compiled(scaled_identity(0.5))
    one.optimizer.learning_rate = 0.0
    found = one.fit(x, Y, verbose=0, callbacks=[rnnkit.GradientFlow(x, Y)]).history
    assert found["gradient_flow_factor"] == [pytest.approx(0.5, rel=1e-5)]


def test_the_slope_and_the_quarters():
    assert slope(np.array([0.0, 0.0])) != slope(np.array([0.0, 0.0])) and slope(np.array([3.0])) == 1
    assert far_to_near(np.array([2.0, 9, 9, 9, 9, 9, 9, 1.0])) == pytest.approx((9 + 1) / (2 + 9))
    assert far_to_near(np.array([0.0, 1.0])) == np.inf and np.isnan(far_to_near(np.zeros(3)))
