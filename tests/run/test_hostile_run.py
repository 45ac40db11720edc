"""A Run with files that are none of its own, or that say what no Run says: one line each, at once."""

import json
import math
import os

import pytest
from tasks.hostile import options, refused
from tasks.tiny import copied, trained

import rnnkit
from rnnkit.errors import RnnkitError

FILES = ("config.json", "metrics.json", "history.csv", "model.keras", "preprocessing/vocab.txt",
         "preprocessing/labels.txt")  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("name", FILES)
def test_pipes_devices_and_folders_in_a_run_are_not_read(name, tmp_path):
    for kind, message in (("pipe", "is a named pipe"), ("zero", "is a link out of the Run's folder"),
                          ("folder", "is a folder")):  # fmt: skip
        run = copied(tmp_path / kind)
        (run / name).unlink()
        if kind == "pipe":
            os.mkfifo(run / name)
        elif kind == "zero":
            (run / name).symlink_to("/dev/zero")
        else:
            (run / name).mkdir()
        said = refused(run)
        assert name in said and (message in said or (name == "config.json" and "is no Run" in said))


@pytest.mark.parametrize("name", FILES)
def test_links_out_of_a_run_are_not_followed(name, tmp_path):
    run, aside = copied(tmp_path / "run"), tmp_path / "aside"
    (run / name).rename(aside)
    (run / name).symlink_to(aside)
    assert f"{name} is a link out of the Run's folder" in refused(run)
    (run / name).unlink()
    aside.rename(run / "own")
    (run / name).symlink_to(run / "own")
    (tmp_path / "link").symlink_to(run)  # a link to a Run is a Run, and one within it as good as a file
    for folder in (run, tmp_path / "link"):
        assert rnnkit.load(folder).predict("a good film").label == trained().predict("a good film").label


def test_a_preprocessing_folder_elsewhere_is_not_followed(tmp_path):
    run = copied(tmp_path / "run")
    (run / "preprocessing").rename(tmp_path / "aside")
    (run / "preprocessing").symlink_to(tmp_path / "aside")
    assert "preprocessing is a link out of the Run's folder" in refused(run)


JSON = {
    "deep": ("[" * 100_000, "nested more than 64 deep"),
    "key twice": ('{"format": 1, "format": 1}', "the key 'format' is there twice"),
    "long number": ('{"format": ' + "9" * 5000 + "}", "has more than 64 bits"),
    "large number": ('{"format": 1e999}', "is too large"),
    "half a pair": (r'{"task": "\ud800"}', "half of a surrogate pair"),
    "too much": ("[" + " " * (5 << 20) + "]", "has 5.0 MiB; expected at most 4.0 MiB"),
}


@pytest.mark.parametrize("case", JSON)
@pytest.mark.parametrize("name", ["config.json", "metrics.json"])
def test_json_that_is_no_runs(case, name, tmp_path):
    run = copied(tmp_path / "run")
    content, message = JSON[case]
    (run / name).write_text(content)
    said = refused(run)
    assert message in said and name in said


@pytest.mark.parametrize(
    "changed",
    [
        {"learning_rate": math.nan},
        {"global_clipnorm": math.inf},
        {"units": "x" * 100_000},
        {"cell": ["gru"] * 10_000},
        {"x" * 100_000: 1},
        {"units": {"a": [1] * 10_000}},
    ],
)
def test_odd_options_get_a_short_line(changed, tmp_path):
    assert "units" in refused(options(copied(tmp_path / "run"), **changed)) or "units" not in changed


def test_history_that_is_no_table(tmp_path):
    run = copied(tmp_path / "run")
    for content in ("", "epoch\nx\n", "epoch,loss\n1\n", "epoch\n1,2\n", "a," * 100_000 + "\n1\n"):
        (run / "history.csv").write_text(content)
        assert "history.csv is no table of figures" in refused(run)


def test_figures_that_are_no_numbers_are_written_as_null_and_earlier_ones_are_read(tmp_path):
    run = copied(tmp_path / "run")
    (run / "metrics.json").write_text('{"test": {"perplexity": Infinity, "loss": NaN}}')  # as earlier versions wrote
    task = rnnkit.load(run)
    assert task.results["test"]["perplexity"] == math.inf and math.isnan(task.results["test"]["loss"])
    task.save(tmp_path / "saved")
    assert json.loads((tmp_path / "saved" / "metrics.json").read_text()) == {"test": {"perplexity": None, "loss": None}}
    assert rnnkit.load(tmp_path / "saved").results == {"test": {"perplexity": None, "loss": None}}


def test_options_are_finite():
    for value in (math.inf, math.nan):
        with pytest.raises(RnnkitError, match="clipnorm is (inf|nan); expected a finite number"):
            rnnkit.TextClassifier(clipnorm=value)
