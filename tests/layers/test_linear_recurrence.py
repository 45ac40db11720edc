"""Recurrences that run all steps at once, against plain loops in NumPy."""

import numpy as np
import pytest

from rnnkit import cells
from rnnkit.layers.diagonal_system import diagonal_system
from rnnkit.layers.linear_recurrence import linear_recurrence, running_maximum
from rnnkit.layers.shown_first import shown_first

#: One step, within a block, exact blocks, and such as leave a rest.
LENGTHS = (1, 7, 32, 64, 67, 101)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_running_maximum_is_that_of_a_loop(length):
    decay, value, m = -abs(drawn(length, 2, 3)), 3 * drawn(length, 2, 3, seed=1), np.full((2, 3), -1e30)
    found = np.asarray(running_maximum(decay, value, m))
    for t in range(length):
        m = np.maximum(m + decay[t], value[t])
        np.testing.assert_allclose(found[t], m, atol=1e-12)


def test_a_running_maximum_of_hidden_steps_is_exactly_the_last():
    decay, value = np.zeros((70, 1, 2), "float32"), np.full((70, 1, 2), -1e30, "float32")
    first = np.array([[0.1, 1e5 / 3]], "float32")
    np.testing.assert_array_equal(np.asarray(running_maximum(decay, value, first))[-1], first)


def test_no_gradient_flows_through_a_running_maximum():
    import tensorflow as tf

    value = tf.constant(drawn(5, 1, 2))
    with tf.GradientTape() as tape:
        tape.watch(value)
        found = running_maximum(-tf.ones_like(value), value, tf.zeros((1, 2), tf.float64))
    assert tape.gradient(found, value) is None


@pytest.mark.parametrize("length", LENGTHS)
def test_a_linear_recurrence_is_that_of_a_loop(length):
    decay, increment, h = drawn(length, 1, 3), drawn(length, 2, 3, seed=1), drawn(2, 3, seed=2)
    (found,) = linear_recurrence((decay,), (increment,), (h,))
    for t in range(length):
        h = decay[t] * h + increment[t]
        np.testing.assert_allclose(found[t], h, atol=1e-9)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("length", (1, 6, 45))
def test_a_diagonal_system_is_that_of_a_loop(length, masked):
    batch, units, n = 3, 2, 4
    z = -abs(drawn(units, n)) - 0.01 + 1j * drawn(units, n, seed=1)
    w = drawn(units, n, seed=2) + 1j * drawn(units, n, seed=3)
    u, s = drawn(length, batch, units, seed=4), drawn(batch, units, n, seed=5) + 1j * drawn(batch, units, n, seed=6)
    mask = np.random.default_rng(7).random((length, batch, 1)) < 0.6 if masked else np.ones((length, batch, 1), bool)
    mask[:, 0] = not masked  # a row that counts nowhere
    parts = [(each.real, each.imag) for each in (z, w, s.reshape(batch, -1))]
    y, last = diagonal_system(parts[0], parts[1], u, parts[2], mask if masked else None)
    for t in range(length):
        s = np.where(mask[t][..., None], np.exp(z) * s + u[t][..., None], s)
        expected = 2 * (w * s).sum(-1).real
        np.testing.assert_allclose(np.asarray(y)[t][mask[t][:, 0]], expected[mask[t][:, 0]], atol=1e-9)
    np.testing.assert_allclose(np.asarray(last[0]) + 1j * np.asarray(last[1]), s.reshape(batch, -1), atol=1e-9)


def test_steps_that_count_come_first_and_go_back():
    mask = np.random.default_rng(0).random((9, 4, 1)) < 0.5
    order, back = (np.asarray(each) for each in shown_first(mask))
    data = np.arange(36).reshape(9, 4, 1)
    moved = np.take_along_axis(data, order, axis=0)
    for row in range(4):
        shown = data[:, row][mask[:, row]]
        np.testing.assert_array_equal(moved[: len(shown), row, 0], shown)
        again = np.take_along_axis(moved, back, axis=0)[:, row]
        np.testing.assert_array_equal(again[mask[:, row]], shown)


@pytest.mark.parametrize("key", ["min_gru", "s4d", "rwkv4"])
def test_no_steps_give_no_outputs(key):
    """A Fourier transform of nothing would end the process."""
    layer = cells.get(key)(4, return_sequences=True, return_state=True)
    outputs, *states = layer(np.zeros((2, 0, 3), "float32"))
    assert outputs.shape == (2, 0, 4) and not np.any(states[0])


@pytest.mark.parametrize("key", ["rg_lru", "selective_ssm", "s5", "lru", "hgrn"])
def test_bfloat16_remembers_as_long(key):
    """It has no number between 0.996 and 1, so a decay near 1 would keep all that was ever written."""
    x = np.random.default_rng(0).normal(0.5, 1.0, size=(2, 600, 8)).astype("float32")
    exact = cells.get(key)(8, seed=1)
    half = cells.get(key)(8, seed=1, dtype="mixed_bfloat16")
    expected = np.asarray(exact(x))
    half.build((None, None, 8))
    half.set_weights(exact.get_weights())
    assert np.abs(np.asarray(half(x), "float32") - expected).mean() < 0.015 * np.abs(expected).mean()
