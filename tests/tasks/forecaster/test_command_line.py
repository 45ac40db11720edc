"""`rnnkit check`, `predict` and `evaluate` on time series."""

import csv
import json

import pytest
from tasks import forecasting

import rnnkit


@pytest.fixture
def history(tmp_path, monkeypatch):
    """A table of two series, in the working folder."""
    monkeypatch.chdir(tmp_path)
    made = forecasting.series(2)
    rows = [(name, step, value) for name, values in made.items() for step, value in enumerate(values)]
    (tmp_path / "history.csv").write_text("id,t,y\n" + "".join(f"{n},{t},{v}\n" for n, t, v in rows))
    return tmp_path / "history.csv"


def test_a_file_is_forecast(history, command_line):
    run = forecasting.trained().folder
    code, out, err = command_line("predict", run, "history.csv", "--to", "forecast.csv")
    assert code == 0 and "written forecast.csv: 8 rows" in out + err
    with open("forecast.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["series", "time", "forecast", "q0.025", "q0.1", "q0.25", "q0.75", "q0.9", "q0.975"]
    assert [row["series"] for row in rows] == ["s0"] * 4 + ["s1"] * 4
    values = forecasting.series(2)["s1"]
    expected = forecasting.trained().predict({"series": "s1", "values": values})
    assert [float(row["forecast"]) for row in rows[4:]] == pytest.approx(expected.values, rel=1e-4)
    code, out, _ = command_line("predict", run, "history.csv", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [each["series"] for each in found] == ["s0", "s1"] and len(found[0]["quantiles"]) == 7
    code, out, _ = command_line("predict", run, "3 5 4 2 3 5 4 2")
    assert code == 0 and out.splitlines()[0].split() == ["time", "forecast", "q0.1", "q0.9"]


def test_one_series_is_drawn(history, command_line, tmp_path):
    run = forecasting.trained().folder
    code, _, err = command_line("predict", run, "history.csv", "--plot", "fan.png")
    assert code == 1 and "--plot draws one answer" in err and not (tmp_path / "fan.png").exists()
    history.write_text("\n".join(line for line in history.read_text().splitlines() if "s1" not in line))
    assert command_line("predict", run, "history.csv", "--plot", "fan.png")[0] == 0
    assert (tmp_path / "fan.png").read_bytes().startswith(b"\x89PNG")


def test_figures_stand_beside_those_of_no_network(history, command_line):
    code, out, _ = command_line("evaluate", forecasting.trained().folder, "history.csv")
    assert code == 0 and "verdict" in out
    for name in ("this network", "last value", "seasonal naive", "drift"):
        assert name in out


def test_check_says_what_is_read(history, command_line):
    code, out, _ = command_line("check", "forecaster", "history.csv")
    assert code == 0 and "Columns: series = 'id', time = 't', value = 'y'" in out
    assert "from which 11 steps can be forecast: --horizon 11" in out and "no season is known" in out
    history.write_text("id,t,y\na,1,high\na,2,2\na,3,low\na,4,1\n")
    code, out, err = command_line("check", "forecaster", "history.csv")
    assert code == 1 and "history.csv line 2: 'y' holds 'high', no number" in out + err


def test_folds_are_refused_with_what_tests_instead():
    with pytest.raises(rnnkit.RnnkitError, match="--backtests 10 tests ten forecasts"):
        rnnkit.cross_validate(rnnkit.Forecaster(**forecasting.OPTIONS), forecasting.rows(), folds=3)
