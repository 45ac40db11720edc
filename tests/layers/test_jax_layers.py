"""Attention, decoder, bridge, scheduled sampling and the coverage loss on JAX: the same numbers, and they learn."""

import numpy as np
import pytest
from layers.jax_layers import data, learn, network

from rnnkit.testing.shared import Child
from rnnkit.testing.subject import randomize

pytest.importorskip("jax", reason="compares with JAX, a development extra")


@pytest.mark.slow
def test_a_small_translator_gives_the_same_on_jax_and_learns_there(tmp_path):
    model = network()
    randomize(model.trainable_weights)
    model.save(tmp_path / "model.keras")
    with Child() as child:
        backend, logits, (losses, seen) = child.run("layers.jax_layers:under_jax", str(tmp_path / "model.keras"))
    assert backend == "jax"
    np.testing.assert_allclose(np.array(logits), model(data()[0]), atol=1e-5)
    assert losses[-1] < losses[0] and seen == len(losses)


@pytest.mark.slow
def test_a_small_translator_learns():
    losses, seen = learn(network())
    assert losses[-1] < losses[0] and seen == len(losses)
