"""The forecaster: parts, windows, what it may look at, answers and figures."""

import dataclasses

import numpy as np
import pytest
from tasks import forecasting

import rnnkit
from rnnkit import lite
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.classical import classical_forecasts
from rnnkit.tasks.forecaster.fans import fans_of
from rnnkit.tasks.forecaster.floors import DRIFT, LAST, SEASONAL, floors, naive_errors, verdict
from rnnkit.tasks.forecaster.source import open_series


def learnt(data, test=None, **options):
    task = rnnkit.Forecaster(**{**forecasting.OPTIONS, **options})
    return task, task.preprocessing.learn(task.read(data), None if test is None else task.read(test))


def test_parts_follow_one_another_in_time():
    task, parts = learnt(list(forecasting.series(1, 60).values()), backtests=3)
    trained, validated, tested = (getattr(parts, part).origins for part in ("train", "validation", "test"))
    assert tested.tolist() == [48, 52, 56]
    assert validated.min() == 36 and validated.max() + 4 == 48
    assert (trained.min(), trained.max()) == (8, 32)
    assert (parts.report["look_back"], task.plan.missing) == (8, False)


def test_borders_by_number_and_by_time():
    import pandas as pd

    index = pd.date_range("2024-01-01", periods=60, freq="h")
    frame = pd.DataFrame({"time": index, "y": np.arange(60.0)})
    for borders in (("31", "41"), ("2024-01-02 06:00", "2024-01-02 16:00")):
        _, parts = learnt(frame, validation_start=borders[0], test_start=borders[1])
        assert parts.train.origins.max() + 4 == 30 and parts.validation.origins.tolist() == list(range(30, 37))
        assert parts.test.origins.tolist() == list(range(40, 57))
    with pytest.raises(RnnkitError, match="expected the validation first"):
        learnt(frame, validation_start="41", test_start="31")
    with pytest.raises(RnnkitError, match="no window for validation, test; .* Set --test-start otherwise"):
        learnt(frame, test_start="2030-01-01")
    with pytest.raises(RnnkitError, match="--test-start is '2024-02-30'; expected a time, such as"):
        learnt(frame, test_start="2024-02-30")


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_series_that_end_before_the_borders_are_learnt(order):
    """One that ended before the test, and one that began after the validation, have no windows of other parts."""
    spans = {"a": range(200), "b": range(60), "c": range(150, 200)}
    rows = [(name, time, float(time % 7)) for name in order for time in spans[name]]
    _, parts = learnt(rows, horizon=5, look_back=10, validation_start="120", test_start="150")
    for part in (parts.train, parts.validation, parts.test):
        assert not np.isnan(part.truth).any() and not np.isnan(naive_errors(part)).any()
        assert (part.origins + 5 <= part.table.lengths[part.series]).all()
    ids = [parts.train.table.ids[place] for place in range(3)]
    assert {ids[place] for place in parts.test.series} >= {"a"}
    assert "b" in {ids[place] for place in parts.train.series}
    assert "b" not in {ids[place] for place in np.concatenate([parts.validation.series, parts.test.series])}


def test_times_that_are_numbers_go_on():
    import pandas as pd

    frame = pd.DataFrame({"t": np.arange(60) * 10, "y": np.arange(60.0) % 4})
    task, _ = learnt(frame)
    task.network = task.build()
    assert task.predict(frame)[0].times == ("600", "610", "620", "630")
    encoded = task.encode_inputs(task.read(frame).inputs)
    assert fans_of(task, encoded, task.outputs(encoded))[0].times[-5:] == ["590", "600", "610", "620", "630"]
    with pytest.raises(RnnkitError, match="has a value every 20; this forecaster was trained on a value every 10"):
        task.predict(frame[::2])


def test_logarithms_of_made_up_series_are_finite():
    task, _ = learnt([np.exp(np.sin(np.arange(200.0)))], logarithm=True, look_back=120)
    assert np.isfinite(task.preprocessing.made_up().gather().inputs["past"]).all()


def test_a_few_windows_tell_nothing():
    def scores(*errors):
        return {"known": np.ones(len(errors), int), "mase": np.array(errors), "mae": np.array(errors)}

    for count, said in ((1, "1 window is too few"), (3, "3 windows are too few"), (4, "better than last value")):
        assert verdict(scores(*[1.0] * count), {LAST: scores(*[2.0] * count)}).startswith(said)


def test_series_of_pandas_keep_their_times():
    import pandas as pd

    hours = pd.Series(np.arange(48.0), index=pd.date_range("2024-01-01", periods=48, freq="h"))
    for data in ({"a": hours, "b": hours}, {"a": hours, "b": hours[1:]}, [hours, hours]):
        found = rnnkit.Forecaster().read(data)
        assert (len(found), found.frequency.text) == (2, "h")
    assert rnnkit.Forecaster(frequency="h").read({"a": [1, 2], "b": [3]}).season == 24


def test_a_file_of_later_values_is_the_test():
    whole = forecasting.series(3, 44)
    _, parts = learnt(
        {name: each[:40] for name, each in whole.items()}, {name: each[40:] for name, each in whole.items()}
    )
    assert np.array_equal(parts.test.truth, [each[40:] for each in whole.values()]) and len(parts.test) == 3
    with pytest.raises(RnnkitError, match="lacks the series 's2'"):
        learnt({name: each[:40] for name, each in whole.items()}, {"s0": whole["s0"][40:], "s1": whole["s1"][40:]})
    rows = [("a", time, float(time % 4)) for time in range(60)]
    _, parts = learnt(rows[:50], rows[50:])
    assert parts.test.origins.tolist() == [50, 54]
    with pytest.raises(RnnkitError, match="'a' begins at 51, and in The list it ends at 49"):
        learnt(rows[:50], rows[51:])
    with pytest.raises(RnnkitError, match="The list has times, and .* has not"):
        learnt(rows[:50], {"a": np.arange(10.0)})


def test_nothing_of_the_future_is_looked_at():
    """Other values from the first validated step on change no training input, scale or forecast of a time before."""
    data = forecasting.series(3, 60)
    task, parts = learnt(data)
    border = int(parts.validation.origins.min())
    changed = {name: np.concatenate([each[:border], each[border:] * -7 + 1000]) for name, each in data.items()}
    other, others = learnt(changed)
    assert other.plan == task.plan
    one, two = parts.train.gather(), others.train.gather()
    for name, values in one.inputs.items():
        assert np.array_equal(values, two.inputs[name])
    assert np.array_equal(one.truth, two.truth) and np.array_equal(one.scale, two.scale)
    for part in (parts.validation, parts.test):
        later = dataclasses.replace(part.table, values=part.table.values.copy())
        for series, origin in zip(part.series, part.origins, strict=True):
            seen = part.take(np.flatnonzero((part.series == series) & (part.origins == origin)))
            later.values[:] = part.table.values
            later.values[later.base[series] + origin :] = 1e6
            blind = type(seen)(later, seen.plan, seen.series, seen.origins)
            assert all(np.array_equal(blind.gather().inputs[name], each) for name, each in seen.gather().inputs.items())
            assert all(np.array_equal(floors(blind)[name], each) for name, each in floors(seen).items())
            assert np.array_equal(naive_errors(blind), naive_errors(seen))


def test_what_is_evaluated_of_a_new_series_is_not_looked_at_either():
    task = forecasting.trained()
    values = forecasting.series(1, 60)["s0"]
    later = np.concatenate([values[:44], values[44:] * 9])
    one, two = (task.encode_rows(task.read({"new": each})).gather() for each in (values, later))
    assert len(one.truth) == 4 and np.array_equal(one.scale[0], two.scale[0]) and one.truth[0, 0] != two.truth[0, 0]
    assert np.array_equal(one.inputs["past"][0], two.inputs["past"][0])


def test_what_is_told_while_reading_is_a_finding():
    import pandas as pd

    frame = pd.DataFrame({"date": np.arange(45292, 45352)[::-1], "y": np.arange(60.0)})
    found = [each.message for each in rnnkit.Forecaster.check(frame)]
    assert any("not in the order of time" in each for each in found) and any("Excel's days" in each for each in found)


def test_a_column_that_is_the_target_is_told():
    import pandas as pd

    values = forecasting.series(1, 60)["s0"]
    frame = pd.DataFrame({"time": np.arange(60), "y": values, "leak": values})
    found = rnnkit.Forecaster.check(frame, {"value": "y", "known": "leak"})
    assert any(each.level == "warn" and "equals the values" in each.message for each in found)


def test_floors():
    data = [[1.0, 2, 4, 3, 5, 7, 6, 8, 9, 11, 10, 12]]
    _, parts = learnt(data, horizon=2, look_back=3, season=3, backtests=1, segment=1)
    found = floors(parts.test)
    assert found[LAST].tolist() == [[11, 11]] and found[SEASONAL].tolist() == [[8, 9]]
    assert np.allclose(found[DRIFT], [[11 + 10 / 9, 11 + 20 / 9]])
    steps = np.abs(np.array(data[0][3:10]) - data[0][:7])
    assert np.allclose(naive_errors(parts.test), steps.mean())


def test_smoothing_and_theta_stand_beside(monkeypatch):
    import sys

    _, parts = learnt(list(forecasting.series(2, 60).values()))
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    with pytest.raises(RnnkitError, match="--classical needs the package statsmodels"):
        classical_forecasts(parts.test)
    monkeypatch.undo()
    pytest.importorskip("statsmodels")
    found = classical_forecasts(parts.test)
    blind = type(parts.test)(parts.test.table, parts.test.plan, parts.test.series[:1], parts.test.origins[:1])
    assert list(found) == ["ETS", "Theta"] and found["ETS"].shape == parts.test.truth.shape
    assert (
        np.abs(found["ETS"] - parts.test.truth).mean() < 0.6 and np.abs(found["Theta"] - parts.test.truth).mean() < 0.8
    )
    assert np.allclose(classical_forecasts(blind)["ETS"], found["ETS"][:1])


def test_series_that_are_too_short_are_refused_with_the_numbers():
    with pytest.raises(RnnkitError, match="its longest series has 9 values.*takes 14 or more"):
        learnt([np.arange(9.0), np.arange(5.0)])
    with pytest.raises(RnnkitError, match="has 5 values; to test a forecast of 4 steps takes 6 or more"):
        forecasting.trained().evaluate([np.arange(5.0)])
    assert len(forecasting.trained().encode_rows(open_series([np.arange(6.0)]))) == 1
    task, parts = learnt({**forecasting.series(2, 40), "tiny": [1, 2, 3]})
    assert parts.report["left_out"] == 1 and len(parts.train)


def test_counts_alone_have_a_distribution_of_counts():
    counts = {"head": "negative_binomial", "scaling": "mean", "shortcut": "none"}
    with pytest.raises(RnnkitError, match=r"'series 1' has 0.5 at step 2; the head negative_binomial is for counts"):
        learnt([[1, 0.5, *range(40)]], **counts)
    with pytest.raises(RnnkitError, match="add --scaling mean"):
        rnnkit.Forecaster(head="negative_binomial")
    learnt([list(range(40))], **counts)


def test_logarithms_are_of_what_is_above_nothing():
    with pytest.raises(RnnkitError, match=r"'series 1' has 0 at step 1; --logarithm is for values above 0"):
        learnt([np.arange(60.0)], logarithm=True)
    values = np.exp(np.sin(np.arange(60.0))) * 100
    task, parts = learnt([values], logarithm=True)
    found = parts.train.gather()
    back = task.plan.own(found.inputs["past"][:, :, 0] * found.scale + found.centre)
    assert np.allclose(back, parts.train.values(-8, 0), rtol=1e-5) and np.array_equal(found.truth, parts.train.truth)
    assert task.plan.series["series 1"] == pytest.approx(np.log(values[: parts.validation.origins.min()]).std())
    task.network = task.build()
    assert (task.outputs(parts.test) > 0).all()
    with pytest.raises(RnnkitError, match="this forecaster reads values above 0"):
        task.predict([1.0, -2, 3, 4, 5, 6, 7, 8])


def test_answers():
    task = forecasting.trained()
    values = forecasting.series()["s1"]
    answer = task.predict(values)
    assert len(answer.values) == 4 and answer.times == ("1", "2", "3", "4") and len(answer.quantiles) == 7
    columns = np.array(list(answer.quantiles.values()))
    assert (np.diff(columns, axis=0) >= 0).all() and answer.quantiles["0.5"] == answer.values
    named, short = task.predict([{"series": "s1", "values": values}, values[-3:]])
    assert named.series == "s1" and named.values != answer.values and len(short.values) == 4
    with pytest.raises(RnnkitError, match="has the key 'frequency'"):
        task.predict({"values": values, "frequency": "h"})


def test_other_columns_and_frequencies_are_refused():
    import pandas as pd

    task = forecasting.trained()
    days = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=50), "y": np.arange(50.0)})
    with pytest.raises(RnnkitError, match="has a value every D; this forecaster was trained on no dates"):
        task.evaluate(days)
    known = pd.DataFrame({"t": range(50), "y": np.arange(50.0), "promo": 1.0})
    with pytest.raises(RnnkitError, match="has as --known: promo; this forecaster reads: none"):
        task.evaluate(open_series(known, {"value": "y", "known": "promo"}))


@pytest.mark.slow
def test_the_file_answers_as_keras_does(tmp_path):
    import pandas as pd

    index = pd.date_range("2024-01-01", periods=24 * 30, freq="h")
    promo = (np.arange(len(index)) // 24 % 5 == 0) * 1.0
    frames = [
        pd.DataFrame({"id": name, "time": index, "y": 9 + number + promo, "promo": promo, "town": name.upper()})
        for number, name in enumerate("ab")
    ]
    how = {"horizon": 6, "look_back": 24, "units": 6, "epochs": 1}
    for head in ("quantiles", "student_t", "point"):
        task = rnnkit.Forecaster(**how, head=head, logarithm=head == "student_t")
        task.fit(pd.concat(frames), columns={"known": "promo", "static": "town"}, to=tmp_path / head)
        task.export(quantize="none")
        task.export(format="saved_model")
        runner = lite.load(tmp_path / head / "lite")
        for values, name in ((np.arange(1, 41.0), "a"), (np.arange(1, 25.0) ** 2, "new")):
            given = {"values": values, "series": name, "start": "2024-03-01 05:00", "static": {"town": "B"}}
            given["known"] = {"promo": np.arange(len(values) + 6) % 2}
            ours, theirs = task.predict(given), runner.predict(given)[0]
            assert ours.times == theirs.times and ours.times[0].startswith("2024-03-0")
            for level, row in ours.quantiles.items():
                assert np.allclose(row, theirs.quantiles[level], rtol=1e-4, atol=1e-4 * np.ptp(values))
