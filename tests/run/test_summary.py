"""What a Run says of itself is read from small files, whoever wrote them."""

import json

import pytest
from run_folders import write_run

from rnnkit.errors import RnnkitError
from rnnkit.run.figures import figures_of, key_figure
from rnnkit.run.summary import describe, files_of, history_of, is_shipped, runs_in, shipped_runs, size_of, summarise


@pytest.mark.parametrize(
    "test, figure",
    [
        ({"accuracy": 0.87, "macro_f1": 0.8}, "accuracy 0.8700"),
        ({"f1": 0.86168, "accuracy": 0.9}, "F1 0.8617"),
        ({"bleu": 38.39, "chrf": 60.0, "perplexity": 4.0}, "BLEU 38.39"),
        ({"bleu1": 0.6, "cider": 0.53}, "CIDEr-D 0.5300"),
        ({"root_accuracy": 0.4, "node_accuracy": 0.8}, "root accuracy 0.4000"),
        ({"nats_per_character": 1.2, "bits_per_character": 1.7, "perplexity": 3.0}, "bits/character 1.700"),
        ({"nats_per_word": 4.2, "perplexity": 66.7, "words": 9}, "perplexity 66.70"),
        ({"mean_error": 2.5}, "mean error 2.500"),  # of a task of one's own
    ],
)
def test_the_key_figure_has_its_usual_name(test, figure):
    assert str(key_figure(test)) == figure


def test_only_finite_numbers_are_figures():
    odd = {"a": True, "b": float("nan"), "c": float("inf"), "d": "0.5", "e": [1], "f": None, "g": 1}
    assert [figure.key for figure in figures_of(odd)] == ["g"] and figures_of([1]) == [] and key_figure("x") is None


def test_a_run_is_told_in_a_line(tmp_path):
    run = write_run(tmp_path / "mine")
    assert str(summarise(run)) == describe(run) == "text_classifier, trained 2026-11-20, accuracy 0.8700"
    (run / "metrics.json").unlink()
    assert describe(run) == "text_classifier"
    (run / "metrics.json").write_text("[1]")
    assert describe(run) == "broken"


def test_a_run_without_a_recorded_day_has_that_of_its_file(tmp_path):
    import os

    run = write_run(tmp_path / "mine", trained=None)
    os.utime(run / "metrics.json", (1e9, 1e9))
    assert summarise(run).date in ("2001-09-08", "2001-09-09", "2001-09-10")


def test_links_out_of_a_run_are_not_read(tmp_path):
    run, secret = write_run(tmp_path / "mine"), tmp_path / "secret.json"
    secret.write_text((run / "metrics.json").read_text())
    (run / "metrics.json").unlink()
    (run / "metrics.json").symlink_to(secret)
    with pytest.raises(RnnkitError, match="link out of the Run's folder"):
        summarise(run)
    (run / "history.csv").unlink()
    (run / "history.csv").symlink_to(secret)
    with pytest.raises(RnnkitError, match="link out of the Run's folder"):
        history_of(run)


def test_runs_of_a_folder_are_those_that_are_finished(tmp_path):
    for name in ("b", "a", "c.partial"):
        write_run(tmp_path / name)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    assert [run.name for run in runs_in(tmp_path)] == ["a", "b"] and runs_in(tmp_path / "none") == []


def test_shipped_runs_are_known(tmp_path):
    names = {run.name for run in shipped_runs()}
    assert {"imdb_sentiment", "conll_ner"} <= names and all(map(is_shipped, shipped_runs()))
    assert not is_shipped(write_run(tmp_path / "imdb_sentiment"))


def test_sizes_count_no_links(tmp_path):
    run = write_run(tmp_path / "mine")
    (tmp_path / "large").write_bytes(b"0" * 10_000)
    (run / "link").symlink_to(tmp_path / "large")
    (run / "plots" / "link").symlink_to(tmp_path)
    sizes = {name: (number, size) for name, number, size in files_of(run)}
    assert sizes["link"] == (0, 0) and sizes["plots/"][0] == 1 and 2000 <= sizes["plots/"][1] < 2500
    assert size_of(run) < 5000


def test_the_history_is_numbers(tmp_path):
    run = write_run(tmp_path / "mine")
    assert history_of(run)[1]["val_accuracy"] == 0.87
    (run / "history.csv").write_text("epoch\nx\n")
    with pytest.raises(RnnkitError, match="no table of figures"):
        history_of(run)
    (run / "history.csv").unlink()
    assert history_of(run) == []


def test_what_else_stands_in_the_files_does_not_matter(tmp_path):
    run = write_run(tmp_path / "mine", test=[1], data="x", reading="no", options={})
    found = summarise(run)
    assert (found.figures, found.key_figure, found.cell, found.reading) == ([], None, "", {})
    (run / "config.json").write_text(json.dumps({"format": 99, "task": "x", "options": {}}))
    with pytest.raises(RnnkitError, match="Run format 99"):
        summarise(run)
