"""The simulation of benchmarks/scaling.py: what can be computed by hand, and what must be so whatever was measured."""

import importlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnkit.data.bucketing import LengthBuckets

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def model(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("_scaling_model")


@pytest.fixture
def machine(model):
    return model.Machine(
        fixed=0.002, per_width=1e-4, per_word=1e-5, per_row=1e-3, per_gathered=1e-7, dense_bytes=1e6,
        validate=(0.001, 5e-5, 2e-6),
    )  # fmt: skip


@pytest.fixture
def network(model):
    return model.Network(fixed=2e-3, latency=1e-4, per_dense=1e-9, per_sparse=2e-9)


def test_a_step_of_one_worker_is_what_was_measured_of_it(model, machine, network):
    found = model.steps(machine, network, np.array([[64]]), np.array([[24]]))
    assert found["step"][0] == pytest.approx(0.002 + 24 * (1e-4 + 64 * 1e-5) + 64 * 1e-3)
    assert all(found[name][0] == 0 for name in ("slowest", "latency", "dense", "sparse", "apply"))


def test_a_step_of_four_workers_is_as_computed_by_hand(model, machine, network):
    found = model.steps(machine, network, np.array([[8, 8, 8, 7]]), np.array([[16, 16, 24, 24]]))
    slowest = 0.002 + 24 * (1e-4 + 8 * 1e-5) + 8 * 1e-3  # the third
    sent = 2e-3 + 7 * 3 * 1e-4 + 2 * 3 / 4 * 1e6 * 1e-9 + 3 * (8 * 24) * (64 * 4 + 4) * 2e-9
    rows = 2 * 8 * 16 + 8 * 24 + 7 * 24
    assert found["step"][0] == pytest.approx(slowest + sent + (rows - rows / 4) * 1e-7)


def test_batches_made_on_a_core_of_their_own_cost_what_is_longer(model, machine, network):
    one = (np.array([[64]]), np.array([[24]]))
    quick = model.steps(machine.faster(20), network, *one)
    assert quick["step"][0] == pytest.approx(64 * 1e-3)  # twenty times as fast, but for its batches
    assert model.steps(replace(machine, overlaps=True), network, *one)["step"][0] == pytest.approx(64 * 1e-3)
    quick = replace(machine, per_row=0.0, overlaps=True)
    assert model.steps(quick, network, *one)["step"][0] == pytest.approx(0.002 + 24 * (1e-4 + 64 * 1e-5))


def test_nothing_gets_faster_by_a_slower_network_and_steps_vary(model, machine, network):
    parts = model.drawn(np.arange(2, 60), 8, 16, 50)
    speeds = [model.steps(machine, network.of(gigabits, 5e-5), *parts)["step"].mean() for gigabits in (1, 10, 100)]
    assert speeds[0] > speeds[1] >= speeds[2] > model.steps(machine, network, *parts)["step"].mean()
    varied = model.steps(replace(machine, spread=(0.9, 1.0, 1.5)), network, *parts)
    assert varied["slowest"].mean() > model.steps(machine, network, *parts)["slowest"].mean()


def test_drawn_batches_are_as_wide_as_those_of_very_many_examples(model):
    lengths = np.random.default_rng(0).geometric(0.02, 60_000) + 1
    buckets = LengthBuckets(lengths, 256)
    real = np.mean([model.padded(lengths[batch].max()) for batch in buckets.epoch(0)])
    rows, widths = model.drawn(lengths, 1, 256, 300)
    assert (rows == 256).all() and (widths % 8 == 0).all() and widths.mean() == pytest.approx(real, rel=0.08)
    rows, widths = model.drawn(lengths, 8, 0.5, 10)
    assert rows[0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0] and ((widths > 0) == (rows > 0)).all()


def test_an_epoch_has_a_part_that_no_worker_takes_from_the_chief(model, machine, network):
    lengths, serial = np.arange(2, 60), model.Serial(per_sorted=1e-9, checkpoint=2.0, validated=0.1)
    epochs = [
        model.epoch(machine, network, serial, lengths, rows=1e6, workers=workers, each=64, count=20)
        for workers in (1, 4, 16)
    ]
    assert [each["order"] for each in epochs] == [pytest.approx(1e-9 * 1e6 * np.log2(1e6))] * 3
    assert epochs[0]["compute"] > 3 * epochs[1]["compute"] > 9 * epochs[2]["compute"]
    for each in epochs:
        serially = each["order"] + each["validation"] + each["checkpoint"]
        assert each["validation"] > 1e5 * machine.per_row and each["epoch"] == pytest.approx(each["step"] + serially)
    assert model.stops_at({1: 8.0, 2: 4.5, 4: 2.5}) is None and model.stops_at({1: 8.0, 2: 4.5, 4: 4.0}) == 2


def test_the_recorded_predictions_are_near_what_two_workers_took():
    found = json.loads((BENCHMARKS / "results" / "scaling.json").read_text())["result"]
    ratios = [check["ratio_epoch"] for check in found["checks"] if check["workers"] == 2]
    assert len(ratios) >= 5 and all(0.75 < ratio < 1.25 for ratio in ratios)
