"""Adversarial training against gradients and losses worked out by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tasks.tiny import OPTIONS, rows

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.layers.perturbation import Perturbation
from rnnkit.tasks.base.build import Build
from rnnkit.training.adversarial import Adversarial, worst_shift
from rnnkit.training.penalties import PenalisedModel

RANDOM = np.random.default_rng(0)


def test_the_shift_is_along_the_gradient_and_as_long_as_asked():
    gradient, values = (RANDOM.normal(size=(3, 5, 2)).astype("float32") for _ in range(2))
    gradient[1] *= 1e-25  # whose squares are zero in float32
    gradient[2] = 0
    shift = worst_shift(tf.constant(gradient), tf.constant(values), 0.1).numpy()
    for row in (0, 1):
        exact = gradient[row].astype(np.float64)
        expected = 0.1 * np.linalg.norm(values[row]) * exact / np.linalg.norm(exact)
        np.testing.assert_allclose(shift[row], expected, rtol=1e-4)
    assert (shift[2] == 0).all()


@pytest.mark.slow
def test_padding_neither_counts_nor_is_shifted():
    gradient, values = (RANDOM.normal(size=(3, 9, 2)).astype("float32") for _ in range(2))
    mask = np.arange(9) < np.array([[9], [5], [0]])
    shift = worst_shift(tf.constant(gradient), tf.constant(values), 0.1, tf.constant(mask)).numpy()
    for row, length in enumerate((9, 5)):
        alone = worst_shift(gradient[row : row + 1, :length], values[row : row + 1, :length], 0.1).numpy()
        np.testing.assert_allclose(shift[row, :length], alone[0], rtol=1e-5)
    assert (shift[~mask] == 0).all()
    network = rnnkit.TextClassifier(**OPTIONS, adversarial=0.1).fit(rows(40)).build(Build(training=True))
    place = network.get_layer("perturbation")
    with place.shifted():
        network(np.array([[1, 3, 0, 0]]))
    assert place.mask.numpy().tolist() == [[True, True, False, False]]


def made(size):
    ids = keras.Input((None,), dtype="int32")
    vectors = keras.layers.Embedding(7, 3)(ids)
    layers = [keras.layers.GlobalMaxPooling1D(), keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)]
    outputs = Perturbation()(vectors) if size is not None else vectors
    for layer in layers:
        outputs = layer(outputs)
    return PenalisedModel(ids, outputs, penalties=[] if size is None else [Adversarial(size)])


def test_a_step_goes_down_both_losses():
    model = made(0.3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.5), loss)
    x, y = RANDOM.integers(0, 7, (4, 6)), np.array([0, 1, 1, 0])
    before = model.get_weights()
    vectors = tf.constant(before[0][x])

    def of_vectors(vectors):
        pooled = tf.reduce_max(vectors, axis=1)
        return loss(y, tf.tanh(pooled @ model.weights[1].value + model.weights[2].value) @ model.weights[3].value
                    + model.weights[4].value)  # fmt: skip

    with tf.GradientTape() as tape:
        tape.watch(vectors)
        plain = of_vectors(vectors)
    gradient = tape.gradient(plain, vectors).numpy()
    size = np.linalg.norm(vectors.numpy().reshape(4, -1), axis=1) / np.linalg.norm(gradient.reshape(4, -1), axis=1)
    shift = 0.3 * size[:, None, None] * gradient
    with tf.GradientTape() as tape:
        table = tf.Variable(before[0])
        looked_up = tf.gather(table, x)
        total = of_vectors(looked_up) + of_vectors(looked_up + shift)
        expected = tape.gradient(total, [table, *(weight.value for weight in model.weights[1:])])
    assert of_vectors(vectors + shift) > plain
    assert float(model.train_on_batch(x, y)) == pytest.approx(float(plain), rel=1e-5)
    for old, new, slope in zip(before, model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(new, old - 0.5 * tf.convert_to_tensor(slope).numpy(), atol=1e-5)


def test_a_network_without_a_place_for_it():
    inputs = keras.Input((3,))
    with pytest.raises(RnnkitError, match="needs one Perturbation layer, and there are 0"):
        PenalisedModel(inputs, keras.layers.Dense(1)(inputs), penalties=[Adversarial(0.1)])


@pytest.mark.slow
def test_a_classifier_trained_so_is_a_classifier_like_others(tmp_path):
    task = rnnkit.TextClassifier(**OPTIONS, adversarial=0.05).fit(rows(), to=tmp_path / "run")
    plain = rnnkit.TextClassifier(**OPTIONS).fit(rows())
    assert task.history[0]["loss"] != plain.history[0]["loss"]
    again = rnnkit.load(tmp_path / "run")
    assert [layer.name for layer in again.network.layers] == [layer.name for layer in plain.network.layers if
                                                              layer.name != "perturbation"]  # fmt: skip
    assert again.predict("good film") == task.predict("good film")
