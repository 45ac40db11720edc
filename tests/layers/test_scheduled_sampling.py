"""Which input ids are replaced in training, by what, and when."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from rnnkit.layers.scheduled_sampling import ScheduledSampling

ROWS, TIME, WORDS = 200, 12, 9
START = 1


@pytest.fixture
def ids():
    """Rows of START, words from 2 to 6, and padding."""
    random = np.random.default_rng(1)
    ids = random.integers(2, 7, size=(ROWS, TIME)).astype("int32")
    ids[:, 0] = START
    ids[np.arange(TIME) >= random.integers(3, TIME + 1, size=(ROWS, 1))] = 0
    return ids


def saying(words):
    """Logits that leave no doubt, `[rows, time, words]`, for ids `[rows, time]`."""
    return (1e4 * np.eye(WORDS, dtype="float32"))[words]


def built(rate, steps, seen=0, **arguments):
    layer = ScheduledSampling(rate, steps, **arguments)
    layer.build((None, None), (None, None, WORDS))
    layer.seen.assign(seen)
    return layer


@pytest.mark.parametrize("rate, steps, seen, share", [
    (0.8, 10, 0, 0.0), (0.8, 10, 5, 0.4), (0.8, 10, 10, 0.8), (0.8, 10, 1000, 0.8), (1.0, 1, 1, 1.0), (0.0, 5, 5, 0.0),
])  # fmt: skip
def test_the_share_that_is_replaced_grows_with_the_steps(rate, steps, seen, share, ids):
    layer = built(rate, steps, seen)
    got = np.asarray(layer(ids, saying(np.full_like(ids, 8)), training=True))
    could = ids[:, 1:] != 0
    assert (got[:, 1:] == 8)[could].mean() == pytest.approx(share, abs=0.05 if 0 < share < 1 else 0)
    assert float(layer.seen.value) == seen + 1


def test_start_and_padding_stay_and_all_others_may_go(ids):
    got = np.asarray(built(1.0, 1, 1)(ids, saying(np.full_like(ids, 8)), training=True))
    np.testing.assert_array_equal(got[:, 0], START)
    np.testing.assert_array_equal(got == 0, ids == 0)
    assert (got[:, 1:][ids[:, 1:] != 0] == 8).all()
    assert got.dtype == ids.dtype


def test_a_word_comes_from_the_logits_of_the_step_before(ids):
    said = np.random.default_rng(2).integers(2, WORDS, size=ids.shape)
    got = np.asarray(built(0.5, 1, 1)(ids, saying(said), training=True))
    expected = np.concatenate([ids[:, :1], np.where(ids[:, 1:] == 0, 0, said[:, :-1])], axis=1)
    replaced = got != ids
    np.testing.assert_array_equal(got[replaced], expected[replaced])
    assert 0.3 < replaced[:, 1:][ids[:, 1:] != 0].mean() < 0.6


def test_words_are_drawn_with_their_probability():
    p = np.array([0, 0, 0.1, 0.2, 0.3, 0.4, 0, 0, 0])
    logits = np.broadcast_to(np.log(p + 1e-30), (ROWS, TIME, WORDS)).astype("float32")
    got = np.asarray(built(1.0, 1, 1)(np.full((ROWS, TIME), 3, "int32"), logits, training=True))[:, 1:]
    np.testing.assert_allclose(np.bincount(got.reshape(-1), minlength=WORDS) / got.size, p, atol=0.04)


def test_outside_training_nothing_changes(ids):
    layer = built(1.0, 1, 7)
    np.testing.assert_array_equal(layer(ids, saying(np.full_like(ids, 8))), ids)
    assert float(layer.seen.value) == 7


def test_no_gradient_flows_into_the_first_run(ids):
    import tensorflow as tf

    logits = tf.Variable(saying(ids))
    with tf.GradientTape() as tape:
        replaced = ops.take(ops.ones((WORDS, 2)), built(1.0, 1, 1)(ids, logits, training=True), axis=0)
        loss = ops.sum(replaced)
    assert tape.gradient(loss, logits) is None


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_many_steps_are_counted_in_every_precision(policy, ids):
    layer = built(0.5, 100_000, 70_000, dtype=policy)
    for _ in range(3):
        got = np.asarray(layer(ids, saying(np.full_like(ids, 8)), training=True))
    assert float(layer.seen.value) == 70_003
    assert (got[:, 1:] == 8)[ids[:, 1:] != 0].mean() == pytest.approx(0.35, abs=0.05)


def test_the_same_seed_gives_the_same_words(ids):
    logits = np.zeros((*ids.shape, WORDS), "float32")
    one, same, other = (np.asarray(built(0.5, 1, 1, seed=seed)(ids, logits, training=True)) for seed in (3, 3, 4))
    assert (one == same).all() and (one != other).any()


def model(rate=1.0, steps=4):
    """A network that reads its own words."""
    ids = keras.Input((None,), dtype="int32")
    table, head = layers.Embedding(WORDS, 6, name="table"), layers.Dense(WORDS, name="head")
    mixed = ScheduledSampling(rate, steps, seed=2, name="sampling")(ids, head(table(ids)))
    assert mixed.dtype == "int32"
    return keras.Model(ids, [head(table(mixed)), mixed])


def test_is_saved_and_loaded_with_the_steps_it_has_seen(ids, tmp_path):
    before = model()
    for _ in range(3):
        before(ids, training=True)
    before.save(tmp_path / "model.keras")
    after = keras.saving.load_model(tmp_path / "model.keras")
    layer = after.get_layer("sampling")
    assert (layer.rate, layer.steps, layer.seed, float(layer.seen.value)) == (1.0, 4, 2, 3)
    np.testing.assert_allclose(after(ids)[0], before(ids)[0], atol=1e-6)


@pytest.mark.slow
def test_counts_its_steps_while_a_model_trains(ids):
    network = model()
    network = keras.Model(network.inputs, network.outputs[0])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(0.05), loss, jit_compile=False)
    losses = [network.train_on_batch(ids, np.roll(ids, -1, axis=1)) for _ in range(6)]
    assert float(network.get_layer("sampling").seen.value) == 6
    assert losses[-1] < losses[0]
    network.evaluate(ids, np.roll(ids, -1, axis=1), verbose=0)
    assert float(network.get_layer("sampling").seen.value) == 6


@pytest.mark.parametrize("rate, steps", [(1.5, 10), (-0.1, 10), (0.5, 0)])
def test_arguments_out_of_range_are_named(rate, steps):
    with pytest.raises(ValueError, match=f"rate is {rate} and steps is {steps}; expected 0 to 1, and 1 or more"):
        ScheduledSampling(rate, steps)


@pytest.mark.parametrize("training, steps", [(100, 50), (7, 3), (1, 1)])
def test_the_full_share_is_reached_after_half_of_the_training(training, steps):
    layer = ScheduledSampling(0.5, 1)
    layer.spread_over(training)
    assert layer.steps == steps
