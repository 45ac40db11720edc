"""The pipeline of forecasts, from made-up sales."""

import functools

import numpy as np
import pytest
from pipelines.running import run_pipeline

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.tasks.forecaster.sample import make_sales, make_walks, sales_series

run = functools.partial(run_pipeline, "forecast.py")


def test_the_sample_is_the_same_each_time_and_sells_more_on_promotions():
    made = make_sales(4, 300)
    assert made == make_sales(4, 300) and len({day.shop for day in made}) == 4
    promoted, usual = ([day.sales for day in made if day.promotion == kind and not day.holiday] for kind in (1, 0))
    assert np.mean(promoted) > 1.2 * np.mean(usual) and 0.05 < len(promoted) / len(made) < 0.3
    found = sales_series()
    assert (len(found), found.known, found.static) == (20, ("known_promotion", "known_holiday"), ("static_kind",))


def test_walks_have_no_season_and_other_names_are_refused():
    steps = np.diff(np.stack(list(make_walks().values())), axis=1)
    assert abs(np.corrcoef(steps[:, 1:].ravel(), steps[:, :-1].ravel())[0, 1]) < 0.05
    with pytest.raises(RnnkitError, match="--data is 'smaple'; expected sample, walks or the name of a file"):
        sales_series("smaple")


@pytest.mark.slow
def test_quick_goes_from_sales_to_a_phone_ready_run(tmp_path):
    done = run("--quick", "--to", tmp_path / "run")
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  made-up sales", "test    MASE", "seasonal naive", "TFLite  MASE", "next: rnnkit predict"):
        assert part in done.stdout
    assert rnnkit.load(tmp_path / "run").results["test"]["mase"] < 2.2
