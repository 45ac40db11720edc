"""Frequencies against pandas, distributions against SciPy, scales and features of windows, and plans of strangers."""

import json

import numpy as np
import pytest

from rnnkit.codec.calendar import calendar_features, cycles_of
from rnnkit.codec.forecast_heads import LEVELS, negative_binomial_quantiles, quantiles_of, softplus, t_quantile
from rnnkit.codec.forecast_plan import FUTURE, NUMBER, PAST, ForecastPlan
from rnnkit.codec.frequencies import Frequency, find_frequency
from rnnkit.codec.histories import histories_in, history_of
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.forecasts import forecast_of


@pytest.mark.parametrize(
    "name,start",
    [
        ("h", "2024-02-28 22:00"), ("15min", "2023-12-31 23:30"), ("D", "2024-02-27"), ("W", "2024-01-07"),
        ("B", "2024-03-28"), ("MS", "2023-11-01"), ("ME", "2023-11-30"), ("QS", "2023-10-01"), ("QE", "2023-12-31"),
        ("YS", "2020-01-01"), ("2h", "2024-01-01 01:00"),
    ],
)  # fmt: skip
def test_frequencies_are_those_of_pandas(name, start):
    import pandas as pd

    expected = pd.date_range(start, periods=30, freq=name)
    times = expected.to_numpy().astype("datetime64[s]").astype(np.float64)
    found = find_frequency([times], True)
    assert found == Frequency.of(name) == Frequency.of(found.text)
    assert np.array_equal(found.after(times[0], np.arange(30)), times)
    assert np.allclose(found.places(times, times[0]), np.arange(30))
    shown = expected.strftime("%Y-%m-%d %H:%M:%S")
    assert [text.ljust(19, "x")[:10] for text in found.written(times)] == [text[:10] for text in shown]


def test_a_month_that_lacks_the_day_has_its_last():
    found = Frequency.of("MS").after(30 * 86_400.0, np.arange(3))  # from 31 January 1970
    assert Frequency.of("MS").written(found) == ["1970-01-31", "1970-02-28", "1970-03-31"]


def test_the_thirtieth_of_each_month_is_a_month():
    days = np.array(["2023-01-30", "2023-02-28", "2023-03-30", "2023-04-30"], "datetime64[s]").astype(np.float64)
    found = find_frequency([days], True)
    assert found.text == "MS" and np.allclose(found.places(days, days[0]), np.arange(4))


def test_numbers_keep_the_step_between_them():
    found = Frequency.of(find_frequency([np.arange(5) * 0.5], False).text)
    assert (found.text, found.season, found.after(5.0, np.array([2])).tolist()) == ("numbers by 0.5", 1, [6.0])
    plan = ForecastPlan(horizon=2, frequency="numbers by 10.0")
    given = np.array([[1.0], [2.0]])
    assert forecast_of("a", 0.0, 3, given, (0.5,), plan).times == ("30", "40")
    assert forecast_of("a", None, 3, given, (0.5,), plan).times == ("1", "2")
    for wrong in ("numbers by 0", "numbers by x", "numbers by nan", "numbers by -1"):
        with pytest.raises(RnnkitError, match="expected a number above 0"):
            Frequency.of(wrong)


def test_times_beyond_the_calendar_are_refused():
    for time in (1e12, 1e18, -1e12):
        with pytest.raises(RnnkitError, match="expected the years 1 to 9999"):
            Frequency.of("h").written(np.array([time]))


def test_histories_in_a_line():
    plan = ForecastPlan(missing=True)
    assert history_of("1,2,NA", plan, "It").values.tolist()[:2] == [1, 2]
    assert history_of("1, 2, 3", plan, "It").values.tolist() == [1, 2, 3]
    with pytest.raises(RnnkitError, match="a comma may stand before decimals or between values"):
        history_of("1,5 2,5 3", plan, "It")
    for wrong in (None, 7, [1e39], {"values": None}):
        with pytest.raises(RnnkitError, match="expected the values of a series"):
            history_of(histories_in(wrong)[0], plan, "It")
    moment = {"values": [1], "start": "2024-01-31T00:00:00+01:00"}
    starts = [history_of(moment, ForecastPlan(missing=True, frequency=each), "It").start for each in ("D", "MS", "h")]
    assert [start - 1706659200 for start in starts] == [0, 0, -3600]
    named = history_of({"values": [1], "series": 0, "start": np.int64(5)}, plan, "It")
    assert (named.series, named.start) == ("0", 5.0)
    with pytest.raises(RnnkitError, match=r"Series 1 \(shop\) has the key|Series 1 \(shop\) starts at"):
        history_of({"values": [1], "series": "shop", "start": "soon"}, plan, "Series 1")


def test_calendar_features():
    import pandas as pd

    times = pd.date_range("2023-12-30", periods=24 * 400, freq="h")
    seconds = times.to_numpy().astype("datetime64[s]").astype(np.float64)
    cycles = cycles_of(Frequency.of("h"), seconds[-1] - seconds[0])
    found = calendar_features(seconds, cycles)
    assert cycles == ("day", "week") and found.shape == (len(times), 11)
    assert np.array_equal(found[:, 4:].argmax(axis=1), times.day_of_week)
    assert np.allclose(found[:, 0], 0.5 * np.sin(2 * np.pi * times.hour / 24), atol=1e-6)
    assert np.abs(found).max() <= 0.5
    months = calendar_features(seconds[:: 24 * 30], ("months",))
    assert np.array_equal(months.argmax(axis=1), times.month[:: 24 * 30] - 1)


def test_quantiles_are_those_of_scipy():
    from scipy import stats

    freedom = np.array([2.0, 2.37, 3.0, 4.5, 10, 33, 1000])
    for level in LEVELS:
        assert np.allclose(t_quantile(level, freedom), stats.t.ppf(level, freedom), rtol=2e-4, atol=1e-6)
    means, dispersions = np.array([0.3, 2.0, 7.7, 150.0, 3000.0]), np.array([0.5, 1.5, 0.01, 0.2, 0.001])
    sizes = 1 / dispersions
    expected = [stats.nbinom.ppf(level, sizes, sizes / (sizes + means)) for level in LEVELS]
    assert np.array_equal(negative_binomial_quantiles(means, dispersions, LEVELS).T, expected)
    large = negative_binomial_quantiles(np.array([1e6]), np.array([1e-3]), LEVELS)[0]
    assert np.allclose(large, stats.nbinom.ppf(LEVELS, 1e3, 1e3 / (1e3 + 1e6)), rtol=1e-3)
    given = np.array([[0.3, -1.0, 2.0]])
    spread, freedom = softplus(given[0, 1]) + 1e-4, 2 + softplus(given[0, 2])
    expected = stats.t.ppf(LEVELS, freedom, 0.3, spread)
    assert np.allclose(quantiles_of("student_t", given, np.ones((1, 1)))[0], expected, rtol=1e-3)
    expected = stats.norm.ppf(LEVELS, 0.3, spread)
    assert np.allclose(quantiles_of("gaussian", given[:, :2], np.ones((1, 1)))[0], expected)


PAST_VALUES = np.array([[np.nan, 4.0, np.nan, 6.0], [2.0, 2.0, 2.0, 2.0]])


@pytest.mark.parametrize(
    "scaling,spread,centre,scale",
    [
        ("last", "series", [6, 2], [10, 20]),
        ("last", "window", [6, 2], [1, 2]),
        ("standard", "window", [5, 2], [1, 2]),
        ("mean", "window", [0, 0], [6, 3]),
        ("none", "window", [0, 0], [1, 1]),
    ],
)
def test_scales(scaling, spread, centre, scale):
    plan = ForecastPlan(look_back=4, scaling=scaling, spread=spread)
    found = plan.scales(PAST_VALUES, np.array([10.0, 20.0]))
    assert np.allclose(found[0][:, 0], centre) and np.allclose(found[1][:, 0], scale, rtol=1e-4)


def test_inputs_tell_what_is_missing():
    plan = ForecastPlan(
        look_back=4, horizon=2, missing=True, series={"a": 1.0}, numbered=True, static={"x": ["p", "q"]}
    )
    covariates = np.tile(plan.covariates(0.0, 6, None, ["q"]), (2, 1, 1))
    found = plan.inputs(PAST_VALUES, covariates, np.array([1, 0]), np.zeros((2, 1)), np.ones((2, 1)))
    assert found[PAST][0].tolist() == [[0, 0, 0, 1], [4, 1, 0, 1], [4, 0, 0, 1], [6, 1, 0, 1]]
    assert found[FUTURE].shape == (2, 2, 2) and found[NUMBER].tolist() == [1, 0]
    assert (plan.past_features, plan.future_features) == (4, 2)


def test_plans_come_back_and_those_of_strangers_are_refused():
    plan = ForecastPlan(8, 4, known=("promo",), known_mean=(0.5,), known_std=(1.0,), cycles=("week",), frequency="D",
                        static={"town": ["a"], "size": [1.0, 2.0]}, series={"x": 1.5})  # fmt: skip
    content = json.loads(plan.to_json())
    assert ForecastPlan.of_json(content, "plan.json") == plan
    for change in (
        {"look_back": 0}, {"horizon": 10**9}, {"head": "os.system"}, {"known_std": [0.0]}, {"known_mean": []},
        {"cycles": ["moon"]}, {"static": {"a": [1, 0]}}, {"series": {"x": "1"}}, {"frequency": "1e9D"}, {"more": 1},
        {"missing": 1}, {"season": 2.5}, {"decoding": "backwards"}, {"paths": 0},
    ):  # fmt: skip
        with pytest.raises(RnnkitError, match=r"plan\.json holds no plan of forecasts"):
            ForecastPlan.of_json({**content, **change}, "plan.json")
    for wrong in (None, [], {}):
        with pytest.raises(RnnkitError):
            ForecastPlan.of_json(wrong, "plan.json")


def test_histories_that_lack_something_are_refused_in_a_line():
    plan = ForecastPlan(3, 2, known=("promo",), known_mean=(0.5,), known_std=(1.0,), cycles=("week",), frequency="D",
                        static={"town": ["a"]})  # fmt: skip
    whole = {"values": [1, 2, 3], "start": "2024-01-01", "known": {"promo": [0] * 5}, "static": {"town": "a"}}
    assert history_of(whole, plan, "It").known.shape == (5, 1)
    for change, said in (
        ({"values": []}, "expected the values of a series"),
        ({"values": "a b"}, "expected the values of a series"),
        ({"values": [1, float("inf"), 2]}, "expected the values of a series"),
        ({"values": [1, 2]}, "has 2 values; this forecaster reads the last 3"),
        ({"values": [1, None, 3]}, "value 2 is missing"),
        ({"start": None}, "has no times"),
        ({"start": "soon"}, "expected a time such as"),
        ({"known": {"promo": [0] * 4}}, "promo is known of 1 of the 2 steps ahead"),
        ({"known": None}, "lacks what is known ahead"),
        ({"static": {}}, "lacks what is static"),
        ({"price": 1}, "has the key 'price'"),
    ):
        with pytest.raises(RnnkitError) as caught:
            history_of({**whole, **change}, plan, "It")
        assert said in str(caught.value) and "\n" not in str(caught.value)


def test_seasons_are_those_that_what_is_read_holds():
    assert ForecastPlan(336, 48, season=24, week=168).seasons == (24, 168)
    assert ForecastPlan(100, 48, season=24, week=168).seasons == (24,) and ForecastPlan(6, 3, season=12).seasons == ()
    assert np.array_equal(ForecastPlan(168, 3, season=24, week=168).season_before(168), [0, 1, 2])
    assert [Frequency.of(each).week for each in ("h", "15min", "7h", "D", "MS", "numbers")] == [168, 672, 0, 0, 0, 0]


def test_a_plan_of_an_earlier_file_has_no_week():
    content = json.loads(ForecastPlan(8, 4).to_json())
    del content["week"]
    assert ForecastPlan.of_json(content, "plan.json") == ForecastPlan(8, 4)


def test_what_is_static_is_one_of_those_of_training():
    plan = ForecastPlan(8, 4, static={"kind": ["town", "village", "station"], "size": [10.0, 2.0]})
    assert plan.covariates(0.0, 1, None, ("village", "14")).tolist() == [[0, 1, 0, 2]]
    with pytest.raises(RnnkitError, match="'kind' is 'mall', which no training series has; expected town, village"):
        plan.covariates(0.0, 1, None, ("mall", "14"))
    with pytest.raises(RnnkitError, match="'size' is 'large'; expected a number"):
        plan.covariates(0.0, 1, None, ("town", "large"))
