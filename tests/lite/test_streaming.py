"""A one-step model fed its own state gives the numbers of the whole sequence."""

import numpy as np
import pytest
from lite.small_models import UNITS

from rnnkit.errors import RnnkitError
from rnnkit.lite.interpreter import dequantized, quantized
from rnnkit.lite.streaming import Streaming


def lstm(frames, weights):
    """The sequence by hand, in float64, gate order i f g o."""
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    h = c = np.zeros((1, UNITS))
    outputs = []
    for x in frames.astype(np.float64):
        z = x @ weights["kernel"] + h @ weights["recurrent"] + weights["bias"]
        i, f, g, o = np.split(z, 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.array(outputs)


def test_steps_equal_the_sequence(models, weights, tmp_path):
    path = tmp_path / "step.tflite"
    path.write_bytes(models["step"])
    frames = np.random.default_rng(1).normal(size=(30, 1, UNITS)).astype(np.float32)
    stream = Streaming(path)
    assert stream.state_names == ("c", "h")
    outputs = np.array([stream.step(frame) for frame in frames])
    np.testing.assert_allclose(outputs, lstm(frames, weights), atol=1e-5)

    stream.reset()
    np.testing.assert_array_equal([stream.step(frame[0]) for frame in frames], outputs)


def test_a_stream_goes_on_from_a_given_state(models):
    frames = np.random.default_rng(2).normal(size=(6, 1, UNITS)).astype(np.float32)
    stream = Streaming(models["step"])
    whole = [stream.step(frame) for frame in frames]
    stream.reset()
    for frame in frames[:3]:
        stream.step(frame)
    other = Streaming(models["step"])
    other.reset(**stream.state)
    np.testing.assert_array_equal([other.step(frame) for frame in frames[3:]], whole[3:])


def test_what_does_not_fit_is_refused(models, tmp_path):
    stream = Streaming(models["step"])
    with pytest.raises(RnnkitError, match=rf"x has shape \[2\]; expected \[1, {UNITS}\]"):
        stream.step(np.zeros(2))
    with pytest.raises(RnnkitError, match="No such state: z. There is: c, h"):
        stream.reset(z=np.zeros(UNITS))
    with pytest.raises(RnnkitError, match="serving_default; expected 'step'"):
        Streaming(models["fixed"])
    with pytest.raises(RnnkitError, match="cannot be read"):
        Streaming(tmp_path / "nothing.tflite")
    with pytest.raises(RnnkitError, match="LiteRT cannot run this model"):
        Streaming(b"no model")


def test_int8_numbers_are_scaled_and_clipped():
    details = {"dtype": np.int8, "quantization": (0.5, 10)}
    numbers = np.array([-1000.0, -1.0, 0.0, 0.5, 1000.0], np.float32)
    np.testing.assert_array_equal(quantized(numbers, details), np.array([-128, 8, 10, 11, 127], np.int8))
    np.testing.assert_array_equal(dequantized(quantized(numbers[1:4], details), details), numbers[1:4])
    plain = {"dtype": np.float32, "quantization": (0.0, 0)}
    np.testing.assert_array_equal(quantized(numbers, plain), numbers)
