"""Several devices and several workers end where one device ends."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest
from training.in_cluster import cluster, train

import rnnkit
from rnnkit import tasks
from rnnkit.tasks.base.example_files import example_of, write_example

SAME = 1e-5
SMALL = {
    "units": 12, "layers": 1, "dropout": 0.0, "dropout_between": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0,
    "char_dropout": 0.0, "series_dropout": 0.0, "softmax_samples": 0, "seed": 3, "patience": 99,
}  # fmt: skip
#: What makes fifty steps or more of each example.
FIFTY = {
    "text_classifier": {"epochs": 10, "batch_size": 16},
    "token_tagger": {"epochs": 6, "batch_size": 5},
    "translator": {"epochs": 10, "batch_tokens": 200},
    "forecaster": {"epochs": 3},
    "language_model": {"epochs": 3, "batch_size": 4, "window": 32},
    "multilabel_classifier": {"epochs": 10, "batch_size": 7},
}
KEYS = tuple(FIFTY)


def job(key, folder, **more):
    task_class = tasks.get(key)
    if not folder.is_dir():
        write_example(example_of(task_class).contents(), folder)
    known = task_class.options_class().to_dict()
    options = {name: value for name, value in {**SMALL, **FIFTY[key]}.items() if name in known}
    file = folder / example_of(task_class).names[0]
    plain = {"task": key, "file": str(file), "to": None, "resume": False, "devices": 1, "dies": None}
    return {**plain, "options": options, **more}


def weights(folder, place=0):
    with np.load(folder / f"{place}.npz") as kept:
        return [kept[name] for name in kept.files]


def apart(one, other):
    assert len(one) == len(other) > 2
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The weights of a training on one device, by task."""
    kept = {}

    def trained(key):
        if key not in kept:
            folder = tmp_path_factory.mktemp(key)
            [(code, said)] = train(folder / "one", [job(key, folder / "data")], [{}])
            assert code == 0, said
            kept[key] = folder / "data", weights(folder / "one")
        return kept[key]

    return trained


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_two_workers_end_with_the_weights_of_one(key, alone, tmp_path):
    data, one = alone(key)
    ended = train(tmp_path / "two", [job(key, data)] * 2, cluster(2))
    assert [code for code, _ in ended] == [0, 0], ended
    for place in range(2):
        assert apart(one, weights(tmp_path / "two", place)) < SAME
    assert "this is worker 0 of 2 (127.0.0.1:" in ended[0][1] and "which writes the Run" in ended[0][1]


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_two_devices_of_one_machine_end_with_the_weights_of_one(key, alone, tmp_path):
    data, one = alone(key)
    [(code, said)] = train(tmp_path / "two", [job(key, data, devices=2)], [{}])
    assert code == 0 and "2 devices: each takes a part of every batch" in said, said
    assert apart(one, weights(tmp_path / "two")) < SAME


@pytest.mark.slow
def test_states_that_are_carried_begin_anew_on_devices_of_jax(tmp_path):
    for count in (1, 2):
        variables = {"KERAS_BACKEND": "jax", "XLA_FLAGS": f"--xla_force_host_platform_device_count={count}"}
        [(code, said)] = train(tmp_path / f"of_{count}", [job("language_model", tmp_path / "data")], [variables])
        assert code == 0, said
    assert apart(weights(tmp_path / "of_1"), weights(tmp_path / "of_2")) < SAME


@pytest.mark.slow
def test_two_devices_of_jax_end_with_the_weights_of_one_and_with_the_same_run(tmp_path):
    ends = []
    for count in (1, 2):
        to = tmp_path / f"run_{count}"
        variables = {"KERAS_BACKEND": "jax", "XLA_FLAGS": f"--xla_force_host_platform_device_count={count}"}
        [(code, said)] = train(
            tmp_path / f"of_{count}", [job("text_classifier", tmp_path / "data", to=str(to))], [variables]
        )
        assert code == 0 and (count == 1) != ("2 devices: each takes a part" in said), said
        ends.append((weights(tmp_path / f"of_{count}"), json.loads((to / "metrics.json").read_text())))
    (one, figures), (two, figures_of_two) = ends
    assert apart(one, two) < SAME and figures["test"]["accuracy"] == figures_of_two["test"]["accuracy"]
    assert rnnkit.load(tmp_path / "run_2").predict("a film") is not None


@pytest.mark.slow
def test_a_killed_worker_is_said_and_resumed_all_end_as_undisturbed(alone, tmp_path):
    data, one = alone("text_classifier")
    to = tmp_path / "run"
    first = [job("text_classifier", data, to=str(to), dies=dies) for dies in (None, [4, 2])]
    (chief, said), (killed, _) = train(tmp_path / "killed", first, cluster(2))
    assert killed == -signal.SIGKILL and chief == 1
    assert "Another worker is gone" in said or "Another worker (127.0.0.1" in said
    assert said.endswith("start all workers again with --resume.") and not to.exists()
    again = [job("text_classifier", data, to=str(to), resume=True)] * 2
    ended = train(tmp_path / "again", again, cluster(2))
    assert [code for code, _ in ended] == [0, 0], ended
    assert "resuming after epoch 4" in ended[0][1]
    assert all(apart(one, weights(tmp_path / "again", place)) < SAME for place in range(2))
    assert rnnkit.load(to).results["epochs"] == 10


@pytest.mark.slow
def test_workers_with_other_settings_or_other_data_are_refused_by_name(tmp_path):
    mine = job("text_classifier", tmp_path / "data")
    other = {**mine, "options": {**mine["options"], "learning_rate": 0.5}}
    for (code, said), number in zip(train(tmp_path / "settings", [mine, other], cluster(2)), range(2), strict=True):
        assert code == 1 and "was started with other settings than worker 0" in said, (number, said)
    rows = tmp_path / "data" / "shorter.csv"
    rows.write_text("".join(Path(mine["file"]).read_text().splitlines(keepends=True)[:-1]))
    ended = train(tmp_path / "rows", [mine, {**mine, "file": str(rows)}], cluster(2))
    assert all(code == 1 and "was started with other data than worker 0" in said for code, said in ended), ended
