"""JAX beside TensorFlow: the contract, the same numbers, and weights that go from one to the other."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cells.jax_jobs import probabilities
from tasks.tiny import OPTIONS, copied, rows, write_csv

import rnnkit
from rnnkit import cells, lite
from rnnkit.child import Child
from rnnkit.testing.saving import load_in_fresh_process
from rnnkit.testing.subject import Subject

pytest.importorskip("jax", reason="compares with JAX, a development extra")
ROOT = Path(__file__).parents[2]
TEXTS = ["a good film", "bad and dull", "the plot was awful but the music lovely", "of"]


def test_every_cell_gives_the_same_numbers_on_jax():
    """Saved by TensorFlow, loaded by JAX: masked, in both directions, in a stack, backwards."""
    load_in_fresh_process([Subject(cells.get(key), 6, 5) for key in cells.names()], backend="jax")


def under_jax(job, *arguments):
    with Child() as child:
        backend, numbers = child.run(f"cells.jax_jobs:{job}", *arguments)
    assert backend == "jax"
    return np.array(numbers)


@pytest.mark.parametrize("cell", ["gru", pytest.param("min_gru", marks=pytest.mark.slow)])
def test_a_run_trained_on_jax_predicts_the_same_here_and_goes_to_a_phone(cell, tmp_path):
    data = write_csv(tmp_path / "reviews.csv", rows())
    expected = under_jax("train", str(data), str(tmp_path / "run"), {**OPTIONS, "cell": cell}, TEXTS)
    task = rnnkit.load(tmp_path / "run")
    np.testing.assert_allclose(probabilities(task, TEXTS), expected, atol=1e-5)
    assert task.history[-1]["loss"] < task.history[0]["loss"]

    task.export(quantize="none")
    phone = lite.load(tmp_path / "run" / "lite").predict(TEXTS)
    np.testing.assert_allclose([each.probability for each in phone], expected.max(axis=-1), atol=1e-5)


def test_a_run_trained_here_predicts_the_same_on_jax(tmp_path):
    run = copied(tmp_path / "run")
    expected = probabilities(rnnkit.load(run), TEXTS)
    np.testing.assert_allclose(under_jax("predict", str(run), TEXTS), expected, atol=1e-5)


def contract(*words):
    reference = str(ROOT / "tests" / "reference.py")
    command = [sys.executable, "-m", "rnnkit.testing", *words, "--quick", "--reference", reference]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KERAS_BACKEND": "jax"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_a_cell_keeps_the_contract_on_jax():
    assert contract("min_gru", "--jobs", "1").count("✓") == 8


@pytest.mark.slow
def test_every_cell_keeps_the_contract_on_jax():
    assert contract().count("✓") == len(cells.names()) * 8
