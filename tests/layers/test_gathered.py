"""Gathered weight gradients: the same numbers as TensorFlow's own gradient of a loop."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnnkit import cells
from rnnkit.layers import gathered, gathered_plan, run_cell
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.recurrent import Recurrent

BATCH, TIME, FEATURES, UNITS = 3, 7, 4, 6
#: One for each way to use products: two that are added, with a bias on the state, a matrix made once a sequence,
#: parts of a matrix, products within a step, weights that are no matrices.
KINDS = ("gru", "antisymmetric", "tau_gru", "mogrifier_lstm", "ind_rnn", "clockwork")
OPTIONS = {
    "sequences": {"return_sequences": True},
    "backwards": {"go_backwards": True},
    "both directions": {"bidirectional": True, "layers": 2, "pooling": "mean_max"},
    "deep": {"input_layers": 1, "transition_layers": 1, "output_layers": 1, "return_sequences": True},
    "truncated": {"truncate": 3},
    "dropped weights": {"weight_drop": 0.3},
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of 2 steps, so that the last one is shorter."""
    monkeypatch.setattr(gathered, "_ROWS", 2 * BATCH)


def inputs(batch=BATCH, time=TIME):
    random = np.random.default_rng(1)
    lengths = random.integers(1, time + 1, size=batch)
    x = random.normal(size=(batch, time, FEATURES)).astype("float32")
    return x, np.arange(time)[None, ::-1] < lengths[:, None]


def gradients(layer, x, mask, smallest, monkeypatch, **call):
    """Loss and gradients of a layer in a graph, gathered where a matrix has `smallest` numbers."""
    monkeypatch.setattr(run_cell, "SMALLEST", smallest)
    keras.utils.set_random_seed(1)
    layer.seed_generator.state.assign(keras.random.SeedGenerator(3).state)
    for cell in layer.cells:
        inner = getattr(cell, "cell", cell)
        inner.seed_generator.state.assign(keras.random.SeedGenerator(5).state)

    @tf.function(input_signature=[tf.TensorSpec((None, None, FEATURES))], autograph=False)
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, mask=mask, training=True, **call)
            loss = tf.reduce_sum(tf.sin(tf.cast(y, "float32")))
        return loss, tape.gradient(loss, [x, *layer.trainable_variables], unconnected_gradients="zero")

    loss, found = run(tf.constant(x))
    return [float(loss), *(np.asarray(each, "float64") for each in found)]


def layer_of(key, **options):
    keras.utils.set_random_seed(2)
    layer = cells.get(key)(UNITS, **options)
    layer.build((None, None, FEATURES))
    for weight in layer.trainable_variables:
        weight.assign(weight + 0.1 * keras.random.normal(weight.shape, seed=7))
    return layer


def assert_same(layer, monkeypatch, within=2e-5, **call):
    x, mask = inputs()
    mask = tf.constant(mask) if call.pop("masked", True) else None
    used = []
    monkeypatch.setattr(
        run_cell, "gathered_loop", lambda *a, **k: used.append(gathered.gathered_loop(*a, **k)) or used[-1]
    )
    plain = gradients(layer, x, mask, 1 << 40, monkeypatch, **call)
    assert all(each is None for each in used)
    used.clear()
    found = gradients(layer, x, mask, 1, monkeypatch, **call)
    for got, expected in zip(found, plain, strict=True):
        np.testing.assert_allclose(got, expected, rtol=within, atol=within)
    return used


@pytest.mark.parametrize("key", KINDS)
def test_same_gradients_as_tensorflows_own(key, monkeypatch):
    used = assert_same(layer_of(key), monkeypatch)
    assert used and None not in used


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_same_gradients_with_every_option(options, monkeypatch):
    used = assert_same(layer_of("gru", **options), monkeypatch)
    assert used and None not in used


@pytest.mark.parametrize("noise", [{"recurrent_dropout": 0.4, "variational": False}, {"zoneout": 0.3, "dropout": 0.2}])
def test_same_gradients_with_noise(noise, monkeypatch):
    assert_same(layer_of("lstm", **noise, seed=4), monkeypatch)


@pytest.mark.parametrize("options", [{}, {"weight_drop": 0.3}], ids=["plain", "dropped weights"])
def test_weights_that_are_the_same_for_all_steps_are_gathered(options, monkeypatch):
    plans = []
    monkeypatch.setattr(gathered, "plan_of", lambda *given: plans.append(gathered_plan.plan_of(*given)) or plans[-1])
    assert_same(layer_of("lstm", **options), monkeypatch)
    assert plans and all(met.gathered for plan in plans for met in plan.met)
    assert all(len(plan.met) == 2 for plan in plans)


class DrawingCell(RecurrentCell):
    """A cell that draws its weights anew at each step."""

    def step(self, x, h):
        kernel = self.draw(keras.ops.convert_to_tensor(self.recurrent_kernel), self.seed_generator)
        return (self.activation(x + self.recur(h, kernel)),)


DRAWS = {
    "dropped": lambda kernel, seed: keras.random.dropout(kernel, 0.5, seed=seed),
    "noise that is cut off": lambda kernel, seed: kernel + keras.random.truncated_normal(kernel.shape, seed=seed),
    "TensorFlow's own": lambda kernel, seed: kernel + tf.random.truncated_normal(kernel.shape),
    "a choice": lambda kernel, seed: kernel * tf.cast(
        keras.random.categorical(tf.zeros((UNITS, 2)), UNITS, seed=seed), "float32"
    ),
    "within a branch": lambda kernel, seed: tf.cond(
        tf.reduce_sum(kernel) < 1e9, lambda: kernel + tf.random.normal(kernel.shape), lambda: kernel
    ),
    "within a function": lambda kernel, seed: tf.function(lambda: kernel + tf.random.normal(kernel.shape))(),
    "within a loop": lambda kernel, seed: tf.map_fn(lambda row: row + tf.random.normal(row.shape), kernel),
}  # fmt: skip


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_weights_that_a_step_draws_are_left_to_tensorflow(draw, monkeypatch):
    plans = []
    monkeypatch.setattr(gathered, "plan_of", lambda *given: plans.append(gathered_plan.plan_of(*given)) or plans[-1])
    monkeypatch.setattr(DrawingCell, "draw", staticmethod(draw), raising=False)
    layer = Recurrent(DrawingCell(UNITS), return_sequences=True)
    layer.build((None, None, FEATURES))
    gradients(layer, inputs()[0], None, 1, monkeypatch)
    assert [[met.gathered for met in plan.met] for plan in plans] == [[True, False]]


class ChangingCell(RecurrentCell):
    """A cell whose matrix is another at each step, so that its gradient cannot be gathered."""

    def step(self, x, h):
        kernel = keras.ops.convert_to_tensor(self.recurrent_kernel) * (1 + keras.ops.mean(h))
        return (self.activation(x + self.recur(h, kernel)),)


def test_a_matrix_that_changes_is_left_to_tensorflow(monkeypatch):
    layer = Recurrent(ChangingCell(UNITS), return_sequences=True)
    layer.build((None, None, FEATURES))
    assert_same(layer, monkeypatch)


class ProductAsStateCell(RecurrentCell):
    """A cell one of whose states is a product that also goes into a sum."""

    state_names = ("h", "z")

    def step(self, x, h, z):
        new = self.recur(h)
        return self.activation(x + new + z), new


class BroadcastCell(RecurrentCell):
    """A cell that adds a product with one row, the same for all, to one with many."""

    def build(self, input_shape):
        super().build(input_shape)
        self.row = self.add_kernel("row", (1, self.units))
        self.turned = self.add_kernel("turned", (self.units, self.units))

    def step(self, x, h):
        return (self.activation(self.recur(h) + self.affine(keras.ops.convert_to_tensor(self.row), self.turned) + x),)


@pytest.mark.parametrize("masked", [True, False])  # a mask reads every state
@pytest.mark.parametrize("cell_class", [ProductAsStateCell, BroadcastCell])
def test_a_sum_stands_for_its_products_only_where_all_have_its_gradient(cell_class, masked, monkeypatch):
    layer = Recurrent(cell_class(UNITS), return_sequences=True)
    layer.build((None, None, FEATURES))
    used = assert_same(layer, monkeypatch, masked=masked)
    assert used and None not in used


def test_a_product_of_two_precisions_is_left_to_tensorflow(monkeypatch):
    layer = layer_of("exp_rnn", return_sequences=True, dtype="mixed_bfloat16")
    used = assert_same(layer, monkeypatch, within=0.1)
    assert used and None not in used  # its input is gathered


@pytest.mark.slow
@pytest.mark.parametrize("key", cells.names())
@pytest.mark.parametrize("masked", [True, False])
def test_same_gradients_for_every_cell(key, masked, monkeypatch):
    assert_same(layer_of(key, return_sequences=True), monkeypatch, masked=masked)


def test_gradient_of_a_gradient_is_the_same_or_refused(monkeypatch):
    layer, (x, _) = layer_of("lstm"), inputs()

    def penalised(smallest):
        monkeypatch.setattr(run_cell, "SMALLEST", smallest)

        @tf.function(autograph=False)
        def run(x):
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    loss = tf.reduce_sum(layer(x, training=True) ** 2)
                penalty = tf.reduce_sum(inner.gradient(loss, x) ** 2)
            return outer.gradient(penalty, layer.trainable_variables)

        return [np.asarray(each) for each in run(tf.constant(x))]

    for got, expected in zip(penalised(1), penalised(1 << 40), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
