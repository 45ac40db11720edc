"""Steps traced once give Keras's numbers, whatever the shapes of targets and weights."""

import keras
import numpy as np
import pytest

from rnnkit.training.one_trace import traced_once


def model(outputs=1, flat=False):
    values = keras.Input((None, 2))
    out = keras.layers.Dense(outputs, kernel_initializer="ones")(keras.layers.GlobalAveragePooling1D()(values))
    made = keras.Model(values, out[:, 0] if flat else out)
    made.compile("sgd", "mse")
    return made


def batch(steps, *shapes):
    random = np.random.default_rng(steps)
    return [random.normal(size=shape).astype("float32") for shape in ((4, steps, 2), *shapes)]


@pytest.mark.parametrize("flat", [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize("shapes", [[(4, 1)], [(4,)], [(4, 1), (4, 1)], [(4, 1), (4,)], [(4,), (4,)]])
def test_losses_are_those_of_keras(shapes, flat):
    ours, theirs = model(flat=flat), model(flat=flat)
    with traced_once(ours):
        for steps in (3, 5):
            x, y, *weights = batch(steps, *shapes)
            given = {"sample_weight": weights[0]} if weights else {}
            for method in ("test_on_batch", "train_on_batch"):
                found, expected = (float(getattr(each, method)(x, y, **given)) for each in (ours, theirs))
                assert found == pytest.approx(expected, rel=1e-6)


def test_a_step_is_traced_once_for_all_lengths_and_again_for_another_dtype():
    made, traces = model(), []
    step = made.test_step
    made.test_step = lambda data: (traces.append(1), step(data))[1]
    with traced_once(made):
        for steps in (3, 5, 8):
            made.test_on_batch(*batch(steps, (4, 1)))
        assert len(traces) == 1
        x, y = batch(3, (4, 1))
        made.test_on_batch(x, y.astype("float64"))
        assert len(traces) == 2
    assert made.test_function is None and made.train_function is None


def test_a_training_step_has_a_trace_for_the_usual_number_of_rows_and_one_for_all_others():
    made, rows = model(), []
    step = made.train_step
    made.train_step = lambda data: (rows.append(data[0].shape[0]), step(data))[1]
    with traced_once(made, rows=4):
        for count in (4, 3, 2, 4):
            for steps in (3, 5):
                x, y = batch(steps, (4, 1))
                made.train_on_batch(x[:count], y[:count])
    assert rows == [4, None]


def test_a_model_that_runs_eagerly_still_does():
    made = model()
    made.run_eagerly = True
    with traced_once(made):
        assert made.train_function is None
