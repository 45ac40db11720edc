"""Penalties that are combined, against the gradient of each term taken on its own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tasks.tiny import OPTIONS, rows

import rnnkit
from rnnkit.cells import GRU
from rnnkit.errors import RnnkitError
from rnnkit.layers.perturbation import Perturbation
from rnnkit.layers.probe import probing
from rnnkit.training.adversarial import Adversarial
from rnnkit.training.omega import Omega, omega
from rnnkit.training.penalties import PenalisedModel

WORDS, FEATURES, UNITS, WEIGHT, SIZE = 7, 3, 4, 0.7, 0.3
RANDOM = np.random.default_rng(11)
X, Y = RANDOM.integers(0, WORDS, (4, 6)), np.array([0, 1, 1, 0])
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def parts():
    """An embedding, a recurrent layer and a readout with distinct random weights."""
    layers = keras.layers.Embedding(WORDS, FEATURES), GRU(UNITS), keras.layers.Dense(2)
    for layer, shape in zip(layers, [(None, None), (None, None, FEATURES), (None, UNITS)], strict=True):
        layer.build(shape)
        layer.set_weights([RANDOM.normal(0, 0.6, weight.shape) for weight in layer.get_weights()])
    return layers


def made(penalties, layers):
    embedding, recurrent, readout = layers
    ids = keras.Input((None,), dtype="int32")
    model = PenalisedModel(ids, readout(recurrent(Perturbation()(embedding(ids)))), penalties=penalties)
    model.compile(keras.optimizers.SGD(1.0), LOSS, run_eagerly=True)
    return model


def gradients(layers):
    """The plain loss, the penalty, and the gradients of loss, Omega and adversarial loss, weight by weight."""
    embedding, recurrent, readout = layers
    weights = [weight.value for layer in layers for weight in layer.trainable_weights]

    def loss(vectors):
        return LOSS(Y, readout(recurrent(vectors)))

    with tf.GradientTape(persistent=True) as tape, probing(tape.watch) as probes:
        vectors = tf.gather(embedding.embeddings.value, X)
        plain = loss(vectors)
    of_vectors = tape.gradient(plain, vectors).numpy()
    reaching = tape.gradient(plain, [trace.probe for trace in probes.traces])
    lengths = [
        np.linalg.norm(each.reshape(len(X), -1), axis=1)[:, None, None] for each in (vectors.numpy(), of_vectors)
    ]
    shift = SIZE * lengths[0] * of_vectors / lengths[1]
    with tf.GradientTape(persistent=True) as other:
        penalty = omega(probes.traces, reaching)
        shifted = loss(tf.gather(embedding.embeddings.value, X) + shift)
    found = [tape.gradient(plain, weights), other.gradient(penalty, weights), other.gradient(shifted, weights)]
    dense = [[0.0 if each is None else tf.convert_to_tensor(each).numpy() for each in column] for column in found]
    return float(plain), float(penalty), dense


@pytest.mark.parametrize("order", [1, -1])
def test_a_step_goes_down_the_loss_and_every_term(order):
    layers = parts()
    model = made([Omega(WEIGHT), Adversarial(SIZE)][::order], layers)
    plain, penalty, (of_loss, of_omega, of_shifted) = gradients(layers)
    before = model.get_weights()
    figures = model.train_on_batch(X, Y, return_dict=True)
    assert figures == pytest.approx({"loss": plain, "omega": penalty}, rel=1e-4)
    moved = [old - new for old, new in zip(before, model.get_weights(), strict=True)]
    for by, loss, term, shifted in zip(moved, of_loss, of_omega, of_shifted, strict=True):
        np.testing.assert_allclose(by, loss + WEIGHT * term + shifted, atol=2e-6)
    # Each term has its own share, larger than what the comparison allows.
    assert all(max(np.abs(each).max() for each in column) > 1e-3 for column in (of_loss, of_omega, of_shifted))


def test_without_penalties_a_step_is_that_of_a_plain_model():
    layers = parts()
    model = made([], layers)
    plain, _, (of_loss, *_) = gradients(layers)
    before = model.get_weights()
    assert model.train_on_batch(X, Y, return_dict=True) == pytest.approx({"loss": plain}, rel=1e-5)
    for old, new, slope in zip(before, model.get_weights(), of_loss, strict=True):
        np.testing.assert_allclose(old - new, slope, atol=2e-6)


def test_two_of_a_kind_are_refused():
    with pytest.raises(RnnkitError, match="The penalty Omega is given twice"):
        made([Omega(1.0), Adversarial(SIZE), Omega(2.0)], parts())


@pytest.mark.slow
def test_a_classifier_is_trained_with_both(tmp_path):
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}, cell="mgu", omega=0.5, adversarial=0.05)
    task.fit(rows(60), to=tmp_path / "run")
    assert task.history[0]["omega"] > 0
    again = rnnkit.load(tmp_path / "run")
    assert (again.options.omega, again.options.adversarial) == (0.5, 0.05)
    assert again.predict("good film") == task.predict("good film")
