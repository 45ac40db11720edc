"""The loop of files for phones gives what the loop of every other place gives, at any length."""

from itertools import product

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from rnnkit.cells import GRU, LSTM
from rnnkit.export.streaming import export_sequence
from rnnkit.layers import device_loop
from rnnkit.layers.device_loop import on_device
from rnnkit.layers.time_loop import time_loop


def counted(carry, values):
    """A step whose output tells its time and all that came before it."""
    (total, turns), (x,) = carry, values
    new = 0.5 * total + x
    return (new, turns + 1), new * 2


@pytest.mark.parametrize("block, reverse", [(1, False), (3, False), (4, False), (4, True)])
def test_each_length_gives_the_outputs_and_the_last_states(block, reverse, monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(device_loop, "_BLOCK", 8)
    monkeypatch.setattr(device_loop, "_SHORT", 6)
    start = (np.ones((2, 3), "float32"), np.zeros((2, 1), "float32"))
    for length, longest in product((1, 4, 6, 7, 17), (6, None)):
        if longest is not None and length > longest:
            continue
        x = np.random.default_rng(length).normal(size=(length, 2, 3)).astype("float32")

        def run(x, longest=longest):
            with on_device(longest):
                return time_loop(
                    counted, tuple(map(tf.constant, start)), [x], reverse=reverse, collect=True, unroll=block
                )

        carry, outputs = tf.function(run, jit_compile=True, autograph=False)(x)
        expected, wanted = time_loop(counted, start, [x], reverse=reverse, collect=True, unroll=False)
        np.testing.assert_allclose(outputs, wanted, rtol=1e-6)
        np.testing.assert_allclose(carry[0], expected[0], rtol=1e-6)
        assert float(carry[1][0, 0]) == length


@pytest.mark.slow
@pytest.mark.parametrize("layer", [LSTM, GRU])
def test_a_file_of_an_open_length_gives_kerass_outputs_at_every_length(layer):
    keras.utils.set_random_seed(3)
    recurrent = layer(5, layers=2, bidirectional=True, return_sequences=True)
    recurrent.build((None, None, 4))
    model = export_sequence(recurrent, 4, None, "loop")
    interpreter = Interpreter(model_content=model)
    place, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    for length in (1, 2, 4, 63, 64, 65, 68, 127, 128, 129, 300, 7):
        x = np.random.default_rng(length).normal(size=(1, length, 4)).astype("float32")
        interpreter.resize_tensor_input(place, x.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, x)
        interpreter.invoke()
        np.testing.assert_allclose(interpreter.get_tensor(result), recurrent(x), atol=1e-5)


@pytest.mark.slow
def test_a_known_length_adds_no_zeros_to_the_file():
    recurrent = GRU(64, return_sequences=True)
    recurrent.build((None, None, 4))
    short, long = (len(export_sequence(recurrent, 4, length, "loop")) for length in (20, 2000))
    assert long < 1.1 * short
