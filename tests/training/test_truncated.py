"""Training on streams window by window: against the loop by hand, the whole sequence, and a task that needs it."""

import keras
import numpy as np
import pytest

from rnnkit.cells import GRU, LSTM, MGU, SimpleRNN
from rnnkit.errors import RnnkitError
from rnnkit.layers.weights import stateful_layers
from rnnkit.training.truncated import fit_stream, reset_states, windows

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(4, 8, 2)).astype("float32")
Y = RANDOM.normal(size=(4, 8, 1)).astype("float32")


def streaming(layer_class=GRU, units=5, batch=2, rate=0.1, **options):
    inputs = keras.Input(batch_shape=(batch, None, 2))
    outputs = layer_class(units, return_sequences=True, stateful=True, **options)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(outputs))
    model.compile(keras.optimizers.SGD(rate), "mse", run_eagerly=True)
    return model


@pytest.mark.parametrize("layer_class, layers", [(GRU, 2), (MGU, 1)])
def test_it_is_the_loop_by_hand(layer_class, layers):
    import tensorflow as tf

    ours, hand = (streaming(layer_class, layers=layers) for _ in range(2))
    hand.set_weights(ours.get_weights())
    history = fit_stream(ours, X, Y, window=3, epochs=2)

    recurrent, dense = hand.layers[1:]
    losses = []
    for _ in range(2):
        for rows in (slice(0, 2), slice(2, 4)):
            states = [np.zeros((2, 5), "float32")] * layers
            for start in (0, 3, 6):
                x, y = X[rows, start : start + 3], Y[rows, start : start + 3]
                with tf.GradientTape() as tape:
                    layer_states = [tf.constant(state) for state in states]
                    steps = []
                    for t in range(x.shape[1]):  # by the cells alone
                        sequence = tf.constant(x[:, t])
                        for number, cell in enumerate(recurrent.cells):
                            (layer_states[number],) = cell.step(cell.project(sequence), layer_states[number])
                            sequence = layer_states[number]
                        steps.append(sequence)
                    loss = tf.reduce_mean((dense(tf.stack(steps, 1)) - y) ** 2)
                weights = hand.trainable_weights
                gradients = tape.gradient(loss, [weight.value for weight in weights])
                for weight, gradient in zip(weights, gradients, strict=True):
                    weight.assign(weight - 0.1 * gradient)
                states = [state.numpy() for state in layer_states]
                losses.append((float(loss), x.shape[1]))
    for mine, theirs in zip(ours.trainable_weights, hand.trainable_weights, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), atol=1e-5)
    per_epoch = np.array(losses).reshape(2, -1, 2)
    expected = (per_epoch[..., 0] * per_epoch[..., 1]).sum(1) / per_epoch[..., 1].sum(1)
    assert [epoch["loss"] for epoch in history] == pytest.approx(expected.tolist(), rel=1e-4)


def test_windows_give_what_the_whole_sequence_gives():
    model = streaming(LSTM, layers=2, batch=4)
    whole = model(X).numpy()
    reset_states(model)
    parts = [model(part).numpy() for (part,) in windows(3, X)]
    assert [part.shape[1] for part in parts] == [3, 3, 2]
    np.testing.assert_allclose(np.concatenate(parts, 1), whole, atol=1e-6)
    reset_states(model)
    np.testing.assert_allclose(model(X).numpy(), whole, atol=1e-6)


def test_afterwards_the_states_are_zero():
    model = streaming()
    fit_stream(model, X, Y, window=4)
    assert not np.any(keras.ops.convert_to_numpy(stateful_layers(model)[0].states[0]))


@pytest.mark.slow
def test_an_echo_older_than_the_window_is_learnt():
    """The input of 3 steps ago, in windows of 2: what is to be said now was never in this window."""
    bits = np.random.default_rng(0).integers(0, 2, (32, 60, 1)).astype("float32")
    x = np.concatenate([2 * bits - 1, np.ones_like(bits)], axis=-1)
    y = np.concatenate([np.zeros((32, 3, 1), "float32"), bits[:, :-3]], axis=1)

    def learnt(carried):
        keras.utils.set_random_seed(1)
        model = streaming(SimpleRNN, units=40, batch=32)
        model.compile(keras.optimizers.Adam(0.005), "mse", jit_compile=False)
        if carried:
            return fit_stream(model, x, y, window=2, epochs=10)[-1]["loss"]
        pieces = [(part_x, part_y) for part_x, part_y in windows(2, x, y)]
        for _ in range(10):
            losses = []
            for part_x, part_y in pieces:
                reset_states(model)
                model.reset_metrics()
                losses.append(float(model.train_on_batch(part_x, part_y)))
        return np.mean(losses)

    assert learnt(carried=True) < 0.1 < 0.2 < learnt(carried=False)  # 0.25: knowing nothing


def test_callbacks_are_told_and_may_stop():
    class Stop(keras.callbacks.Callback):
        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = logs["loss"] > 0

    stop = Stop()
    assert len(fit_stream(streaming(), X, Y, window=4, epochs=5, callbacks=[stop])) == 1
    assert stop.batches == 2 * 2


@pytest.mark.parametrize(
    "x, y, window, message",
    [
        (X[:3], Y[:3], 4, "x has 3 rows and the model's batch size is 2; expected a multiple of 2"),
        (X[:0], Y[:0], 4, "x has 0 rows"),
        (X, Y[:, :5], 4, r"y \[4, 5, 1\]; expected"),
        (X, Y, 0, "window is 0; expected 1 step or more"),
    ],
)
def test_what_does_not_fit_is_refused(x, y, window, message):
    with pytest.raises(RnnkitError, match=message):
        fit_stream(streaming(), x, y, window=window)


def test_a_model_without_states_is_refused():
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, GRU(1, return_sequences=True)(inputs))
    model.compile("sgd", "mse")
    with pytest.raises(RnnkitError, match="stateful=True"):
        fit_stream(model, X, Y, window=4)
