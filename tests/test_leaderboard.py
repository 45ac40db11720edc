"""The board of all cells: what is missing is measured in order, nothing twice, and the page says what was measured."""

import dataclasses
import importlib
import json
from pathlib import Path

import pytest
from PIL import Image

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    """A module of benchmarks/, by its name."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module


@pytest.fixture
def filled(script, tmp_path, monkeypatch):
    """Writes a result of some jobs in a folder of its own."""

    def fill(jobs, settings=None):
        leaderboard, table = script("leaderboard"), script("_leaderboard_table")
        known = {name: leaderboard.settings_of(name) for name in leaderboard.JOBS} if settings is None else settings
        (tmp_path / "leaderboard.json").write_text(json.dumps({"result": {"settings": known, "jobs": jobs}}))
        monkeypatch.setattr(leaderboard, "RESULTS", tmp_path)
        monkeypatch.setattr(table, "RESULT", tmp_path / "leaderboard.json")
        monkeypatch.setattr(table, "PICTURE", tmp_path / "leaderboard.png")
        return leaderboard, table

    return fill


def figures(score, **more):
    return {"score": score, "chance": 0.1, "layers": 1, "parameters": 1234, "milliseconds_a_step": 12.345,
            "milliseconds": 0.0567, "bytes": 36_240, "wall_seconds": 40.0, **more}  # fmt: skip


def test_what_is_missing_comes_in_order_and_nothing_twice(filled):
    failed = {"error": "RnnkitError: no", "wall_seconds": 5.0}
    jobs = {"adding gru 1": figures(0.1), "natops lstm 1": failed, "imdb gru 1": figures(0.8)}
    leaderboard, _ = filled(jobs)
    wanted = (["adding", "natops", "imdb"], ["gru", "lstm"], [1, 2])
    assert leaderboard.Board().missing(*wanted) == [
        (("natops",), "gru", 1), (("adding",), "lstm", 1),  # first the cheap jobs of all cells
        (("imdb",), "lstm", 1),
        (("adding", "natops"), "gru", 2), (("adding", "natops"), "lstm", 2),
        (("imdb",), "gru", 2), (("imdb",), "lstm", 2),
    ]  # fmt: skip
    assert (("adding", "natops"), "lstm", 1) in leaderboard.Board(again=True).missing(*wanted)
    assert leaderboard.Board().expected(("adding", "shakespeare")) == pytest.approx(40 + 30 + leaderboard.OVERHEAD + 5)


def test_other_settings_are_refused(filled):
    leaderboard, _ = filled({}, {"adding": {"seconds": 3}})
    with pytest.raises(SystemExit, match="was filled with other settings of adding: .'seconds': 3.. Move it away"):
        leaderboard.Board()


def test_the_page_has_scores_ranks_and_costs(filled):
    jobs = {"adding gru 1": figures(0.004), "adding gru 2": figures(0.002), "adding lstm 1": figures(0.0045),
            "adding lru 1": figures(0.16789), "adding mgu 1": {"error": "no", "wall_seconds": 1.0},
            "natops gru 1": figures(0.9), "natops lstm 1": figures(0.95), "natops lru 1": figures(0.5)}  # fmt: skip
    _, table = filled(jobs)
    section = table.leaderboard_section()
    rows = [line for line in section.splitlines() if line.startswith("| [")]
    assert rows[:4] == [  # solved is solved: gru and lstm share the first two ranks of adding
        "| [lstm](#lstm) | 1 | 0.0045 | 0.950 | 1.2 |",
        "| [gru](#gru) | 1 | 0.0030 | 0.900 | 1.8 |",
        "| [lru](#lru) | 1 | 0.1679 | 0.500 | 3.0 |",
        "| [mgu](#mgu) | - | failed | - | - |",
    ]
    assert rows[4] == "| [lstm](#lstm) | 1,234 | 12.3 / 0.057 / 36 | 12.3 / 0.057 / 36 |"
    assert "| cell | layers | adding (30 s) | NATOPS (15 s) | rank |" in section
    assert "Means of the seeds 1, 2" in section and "0.1 by chance" in section and "leaderboard.png" not in section
    assert filled({})[1].leaderboard_section() == ""


def test_the_best_five_are_bold(filled):
    keys = ["gru", "lstm", "mgu", "lru", "qrnn", "sru", "rhn"]
    _, table = filled({f"natops {key} 1": figures(0.9 - place / 100) for place, key in enumerate(keys)})
    assert [key for key in keys if "**" in table.leaderboard_section().split(f"[{key}]")[1].split("\n")[0]] == keys[:5]


def test_the_picture_has_a_panel_for_each_job(filled, tmp_path):
    one = {"adding gru 1": figures(0.004), "adding lstm 1": figures(0.1, milliseconds=0.5)}
    _, table = filled(one)
    heights = []
    for jobs in (one, {**one, **{f"{name} gru 1": figures(0.5) for name in ("natops", "imdb")}}):
        filled(jobs)
        with Image.open(table.draw(tmp_path / "board.png")) as picture:
            heights.append(picture.height)
    assert heights[1] == 3 * heights[0]
    filled({})
    assert table.draw(tmp_path / "none.png") is None


@pytest.mark.slow
def test_a_job_is_trained_scored_exported_and_its_mistakes_are_kept(script, monkeypatch):
    pytest.importorskip("sklearn")
    jobs = script("_leaderboard_jobs")
    short = dataclasses.replace(jobs.JOBS["permuted_digits"], seconds=1)
    monkeypatch.setitem(jobs.JOBS, "permuted_digits", short)
    found = jobs.run("permuted_digits", "simple_rnn", 1)
    assert 0 < found["score"] <= 1 and found["seconds"] == pytest.approx(1, abs=0.5) and found["layers"] == 1
    assert found["steps"] * found["milliseconds_a_step"] == pytest.approx(1000 * found["seconds"], rel=0.1)
    assert found["bytes"] > 1000 and found["milliseconds"] > 0 and found["parameters"] == 4874
    monkeypatch.setattr(jobs, "exported", lambda *given: 1 / 0)
    assert jobs.run("permuted_digits", "simple_rnn", 1)["error"] == "ZeroDivisionError: division by zero"
