"""Each way of clipping gradients, in numbers: Adam's first moment after one step is a tenth of the clipped gradient."""

import keras
import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import Options
from rnnkit.training.trainer import optimizer

GRADIENTS = [np.array([[3.0, -4.0], [0.1, 0.0]], "float32"), np.array([-12.0, 0.2], "float32")]


def by_value(limit):
    return [np.clip(gradient, -limit, limit) for gradient in GRADIENTS]


def by_norm(limit):
    return [gradient * min(1, limit / np.sqrt((gradient**2).sum())) for gradient in GRADIENTS]


def by_global_norm(limit):
    norm = np.sqrt(sum((gradient**2).sum() for gradient in GRADIENTS))
    return [gradient * min(1, limit / norm) for gradient in GRADIENTS]


@pytest.mark.parametrize(
    "given, expected",
    [
        ({}, by_global_norm(1)),
        ({"global_clipnorm": 6.0}, by_global_norm(6)),
        ({"global_clipnorm": 100.0}, GRADIENTS),
        ({"global_clipnorm": 0}, GRADIENTS),
        ({"global_clipnorm": 0, "clipnorm": 6.0}, by_norm(6)),
        ({"global_clipnorm": 0, "clipvalue": 0.15}, by_value(0.15)),
    ],
)
def test_what_adam_is_given(given, expected):
    options = Options.from_dict({**given, "schedule": "constant"})
    weights = [keras.Variable(np.zeros_like(gradient)) for gradient in GRADIENTS]
    adam = optimizer(options, 10)
    adam.build(weights)
    adam.apply([keras.ops.convert_to_tensor(gradient) for gradient in GRADIENTS], weights)
    moments = [keras.ops.convert_to_numpy(each) for each in adam.variables if "momentum" in each.path]
    assert len(moments) == 2
    for moment, clipped in zip(moments, expected, strict=True):
        np.testing.assert_allclose(moment / (1 - adam.beta_1), clipped, rtol=1e-5)


@pytest.mark.parametrize(
    "given, message",
    [
        ({"clipvalue": 0.5}, "clipvalue 0.5 and global_clipnorm 1 are both on"),
        ({"clipvalue": 0.5, "clipnorm": 2.0, "global_clipnorm": 0}, "clipvalue 0.5 and clipnorm 2 are both on"),
        ({"clipnorm": -1.0}, "clipnorm is -1.0; expected a number 0 or more"),
        ({"clip_norm": 1.0}, "Unknown option 'clip_norm'. Did you mean 'clipnorm'?"),
    ],
)
def test_one_way_at_a_time(given, message):
    with pytest.raises(RnnkitError) as caught:
        Options.from_dict(given)
    assert message in str(caught.value)
