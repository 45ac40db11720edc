"""Forecasts step by step: paths into the future, of any head, the same in Keras and on the phone."""

import numpy as np
import pytest
from tasks import forecasting

import rnnkit
from rnnkit import lite
from rnnkit.codec.forecast_heads import HEADS, LEVELS
from rnnkit.codec.forecast_paths import chances_of, drawn, median_path, quantiles_of_paths, walked
from rnnkit.codec.forecast_plan import FUTURE, PAST, ForecastPlan
from rnnkit.errors import RnnkitError


def test_values_are_drawn_from_the_distribution():
    from scipy import stats

    chance = (np.arange(2000) + 0.5) / 2000
    given = np.tile([[1.0, 0.5, 2.0]], (2000, 1))
    for head, expected in (
        ("gaussian", stats.norm(1, np.log1p(np.exp(0.5)))),
        ("student_t", stats.t(2 + np.log1p(np.exp(2.0)), 1, np.log1p(np.exp(0.5)))),
    ):
        values = drawn(head, given[:, : HEADS[head]], chance, np.ones((2000, 1)))[:, 0]
        assert np.allclose(np.quantile(values, LEVELS), expected.ppf(LEVELS), rtol=0.01, atol=0.02), head


def test_a_walk_adds_what_is_drawn():
    """A step whose quantiles lie evenly around the value before is a random walk."""
    plan = ForecastPlan(look_back=2, horizon=30, decoding="stepwise", paths=400)
    offsets = np.array([-2.0, -1, -0.5, 0, 0.5, 1, 2])

    def step(before, future, numbers, states):
        assert future.shape == (800, 1) and [state.shape for state in states] == [(800, 1)]
        return before + offsets, [states[0] + 1]

    inputs = {PAST: np.array([[[0.0], [5.0]], [[0.0], [-3.0]]], "float32"), FUTURE: np.zeros((2, 30, 1), "float32")}
    chances = chances_of(400, 30)
    parameters, values = walked(plan, step, [np.zeros((2, 1), "float32")], inputs, np.ones((2, 1)), chances)
    assert parameters.shape == (2, 400, 30, 7) and values.shape == (2, 400, 30)
    assert np.allclose(values.mean(axis=1)[:, -1], [5, -3], atol=0.2)
    spread = values.std(axis=1)
    assert np.allclose(spread[:, 3::4] / spread[:, :1], np.sqrt(np.arange(4, 31, 4)), rtol=0.15)
    found = quantiles_of_paths(values, "quantiles")
    assert found.shape == (2, 30, 7) and (np.diff(found, axis=2) >= 0).all()
    alone = walked(plan, lambda *given: (given[0] + offsets, given[3]), [np.zeros((1, 1), "float32")],
                   {name: each[:1] for name, each in inputs.items()}, np.ones((1, 1)), chances)[1]  # fmt: skip
    assert np.allclose(alone[0], values[0])


def test_what_makes_no_sense_is_refused():
    with pytest.raises(RnnkitError, match="shortcut linear is of the whole horizon"):
        rnnkit.Forecaster(decoding="stepwise", shortcut="linear")


def test_the_true_values_give_what_the_walk_on_them_gives():
    """Trained on the values before each step, the network is walked along them with the same numbers."""
    from rnnkit.tasks.forecaster.stepwise import Stepping

    task = rnnkit.Forecaster(**forecasting.OPTIONS, decoding="stepwise", cell="lstm")
    parts = task.preprocessing.learn(task.read(forecasting.rows()))
    task.network = task.build()
    some = parts.train.some(5)
    inputs, _ = task.collate(some, np.arange(5))
    whole = task.network.predict_on_batch(inputs)
    stepping = Stepping(task.network, task.options, task.plan)
    states = stepping.encoder.predict_on_batch(inputs[PAST])
    for place in range(4):
        given, states = stepping.step(inputs["before"][:, place], inputs[FUTURE][:, place], inputs["series"], states)
        assert np.allclose(given, whole[:, place], atol=1e-5)
    medians = task.parameters(some)
    assert np.allclose(medians[:, 0], whole[:, 0], atol=1e-5) and len(median_path(4)[0]) == 4


@pytest.mark.slow
def test_the_phone_walks_as_keras_does(tmp_path):
    counts = {"scaling": "mean", "shortcut": "none"}
    for head, how in (("quantiles", {}), ("student_t", {}), ("negative_binomial", counts)):
        task = rnnkit.Forecaster(**forecasting.OPTIONS, **how, decoding="stepwise", paths=20, head=head)
        task.fit([(name, abs(round(value))) for name, value in forecasting.rows()], to=tmp_path / head)
        task.export(quantize="none")
        task.export(format="saved_model")
        given = {"series": "s1", "values": forecasting.series()["s1"]}
        ours, theirs = task.predict(given), lite.load(tmp_path / head / "lite").predict(given)[0]
        assert all(np.allclose(row, theirs.quantiles[level], rtol=1e-4) for level, row in ours.quantiles.items())
        assert np.allclose(task.lite_outputs(task.parts.test), task.outputs(task.parts.test), rtol=1e-4, atol=1e-4)
