"""The rows of a comparison: the best by validation first, means over seeds, failures last."""

import math

import pytest

from rnnkit.tasks.base.ranking import ranked


def result(cell, score, seed=1, layers=0, milliseconds=1.0, figure="accuracy", **more):
    run = f"{cell}-seed{seed}"
    return {
        "cell": cell, "layers": layers, "seed": seed, "run": run, "training_seconds": 10.0 * seed, "parameters": 100,
        "validation": {figure: score, "confidence_intervals": {figure: [score - 0.1, score + 0.1]}},
        "validation_to_train": 0.25, "tflite": {"bytes": 2000, "milliseconds": milliseconds}, **more,
    }  # fmt: skip


def test_the_best_is_first_and_of_equals_the_faster():
    rows = ranked([result("a", 0.8), result("b", 0.9, milliseconds=3.0), result("c", 0.9, milliseconds=2.0, layers=2)])
    assert [row.name for row in rows] == ["c:2", "b", "a"]
    assert rows[0].runs == ("c-seed1",) and rows[0].interval == (0.8, 1.0) and rows[0].bytes == 2000
    rows = ranked([result("a", 2.1, figure="bits_per_character"), result("b", 1.9, figure="bits_per_character")])
    assert [row.name for row in rows] == ["b", "a"] and rows[0].figure == "bits_per_character"


def test_seeds_are_averaged_with_the_interval_of_the_mean():
    rows = ranked([result("a", 0.9), result("b", 0.84), result("a", 0.7, seed=2), result("b", 0.82, seed=2)])
    assert [(row.name, row.seeds) for row in rows] == [("b", 2), ("a", 2)]
    assert rows[0].score == pytest.approx(0.83) and rows[1].runs == ("a-seed1", "a-seed2")
    assert rows[0].numbers["training_seconds"] == 15.0 and rows[0].numbers["parameters"] == 100
    # Nadeau & Bengio: t(1) at 0.975 is 12.7062; two seeds of deviation 0.01414; each tests a quarter of what it learns
    aside = 12.7062 * math.sqrt(0.0002) * math.sqrt(1 / 2 + 0.25)
    assert rows[0].interval == pytest.approx((0.83 - aside, 0.83 + aside), abs=1e-4)


def test_what_failed_comes_last_with_its_reason_and_one_without_a_file_keeps_its_place():
    broken = {"cell": "a", "layers": 0, "seed": 1, "run": "a", "error": "The loss became nan."}
    rows = ranked([broken, result("b", 0.5, tflite={"error": "cannot be exported"}), result("c", 0.4)])
    assert [(row.name, row.figure, row.error) for row in rows] == [
        ("b", "accuracy", "cannot be exported"), ("c", "accuracy", ""), ("a", "", "The loss became nan."),
    ]  # fmt: skip
    assert rows[0].milliseconds is None and rows[0].bytes is None and rows[2].runs == ()
    half = ranked([result("a", 0.9), {**broken, "seed": 2}, result("b", 0.2)])
    assert [row.name for row in half] == ["b", "a"]  # one of two seeds says nothing


def test_a_line_of_the_table_has_the_same_columns_for_all():
    broken = {"cell": "a", "layers": 0, "seed": 1, "run": "a", "error": "no"}
    lines = [row.cells() for row in ranked([broken, result("b", 0.5)])]
    assert list(lines[0]) == list(lines[1]) and lines[1]["validation"] is None and lines[1]["error"] == "no"
    assert (lines[0]["validation"], lines[0]["low"], lines[0]["tflite_bytes"]) == (0.5, 0.4, 2000)
