"""The network of the forecaster: its losses, and every cell, whole and step by step."""

import keras
import numpy as np
import pytest
from scipy import stats
from tasks import forecasting

import rnnkit
from rnnkit import cells, lite
from rnnkit.codec.forecast_heads import FREEDOM, HEADS, LEAST
from rnnkit.tasks.forecaster.network import log_gamma, loss

CELLS = [pytest.param(key, marks=pytest.mark.slow) for key in cells.names()]


def softplus(x):
    return np.log1p(np.exp(x))


def gaussian(value, given, scale):
    return stats.norm(given[..., 0], softplus(given[..., 1]) + LEAST).logpdf(value)


def student_t(value, given, scale):
    return stats.t(FREEDOM + softplus(given[..., 2]), given[..., 0], softplus(given[..., 1]) + LEAST).logpdf(value)


def negative_binomial(value, given, scale):
    mean, size = (softplus(given[..., 0]) + LEAST) * scale, 1 / (softplus(given[..., 1]) + LEAST)
    return stats.nbinom(size, size / (size + mean)).logpmf(np.round(value * scale))


@pytest.mark.parametrize("likelihood", [gaussian, student_t, negative_binomial])
def test_a_loss_is_the_likelihood_of_what_is_known(likelihood):
    random, head = np.random.default_rng(0), likelihood.__name__
    given = random.normal(0, 2, (40, 6, HEADS[head]))
    scale = np.repeat(random.uniform(0.5, 30, (40, 1)), 6, axis=1)
    value = random.normal(0, 3, (40, 6))
    if head == "negative_binomial":
        value = random.negative_binomial(2, 0.1, (40, 6)) / scale
    known = random.random((40, 6)) < 0.8
    true = np.stack([np.where(known, value, 0), known, scale], axis=-1)
    for rows in (slice(None), *(slice(row, row + 1) for row in range(10))):
        expected = -likelihood(value, given, scale)[rows][known[rows]].mean()
        found = loss(head, "mae")(true[rows].astype(np.float32), keras.ops.convert_to_tensor(given[rows], "float32"))
        assert float(found) == pytest.approx(expected, rel=1e-4)


def test_the_loss_of_steps_of_which_none_is_known_is_nothing():
    nothing = np.tile(np.array([0, 0, 1], "float32"), (2, 3, 1))
    for head, size in HEADS.items():
        assert float(loss(head, "mse")(nothing, np.ones((2, 3, size), "float32"))) == 0


def test_logarithms_of_the_gamma_function():
    from scipy.special import gammaln

    x = np.geomspace(1e-4, 1e6, 400).astype(np.float32)
    np.testing.assert_allclose(log_gamma(keras.ops.convert_to_tensor(x)), gammaln(x), rtol=2e-6, atol=2e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_forecasts_whole_and_step_by_step(cell, tmp_path):
    """Trained for an epoch; the exported file answers as Keras does, and a walk of the untrained network is finite."""
    data, given = forecasting.rows(3), {"series": "s1", "values": forecasting.series()["s1"]}
    options = {**forecasting.OPTIONS, "cell": cell, "epochs": 1, "windows": 16, "paths": 4}
    task = rnnkit.Forecaster(**options).fit(data, to=tmp_path)
    task.export(quantize="none")
    ours, theirs = task.predict(given), lite.load(tmp_path / "lite").predict(given)[0]
    for level, row in ours.quantiles.items():
        np.testing.assert_allclose(row, theirs.quantiles[level], rtol=1e-4)
    walking = rnnkit.Forecaster(**options, decoding="stepwise")
    parts = walking.preprocessing.learn(walking.read(data))
    walking.network = walking.build()
    assert np.isfinite(walking.outputs(parts.test)).all()


@pytest.mark.slow
def test_a_file_of_logarithms_answers_as_keras_does(tmp_path):
    data = {name: np.exp(values / 20) for name, values in forecasting.series().items()}
    task = rnnkit.Forecaster(**forecasting.OPTIONS, logarithm=True).fit(data, to=tmp_path)
    task.export(quantize="none")
    np.testing.assert_allclose(task.lite_outputs(task.parts.test), task.outputs(task.parts.test), rtol=1e-4)
    given = {"series": "s2", "values": data["s2"][:20]}
    ours, theirs = task.predict(given), lite.load(tmp_path / "lite").predict(given)[0]
    assert min(ours.quantiles["0.025"]) > 0
    for level, row in ours.quantiles.items():
        np.testing.assert_allclose(row, theirs.quantiles[level], rtol=1e-4)
