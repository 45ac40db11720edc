"""JAX beside TensorFlow: the contract, the same numbers, and weights that go from one to the other."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cells.jax_jobs import probabilities
from tasks.tagging import OPTIONS as TAGGING
from tasks.tagging import UNSEEN, sentences, write_conll
from tasks.tiny import OPTIONS, copied, rows, write_csv

import rnnkit
from rnnkit import cells, lite
from rnnkit.testing.saving import load_in_fresh_process
from rnnkit.testing.shared import Child
from rnnkit.testing.subject import Subject

pytest.importorskip("jax", reason="compares with JAX, a development extra")
ROOT = Path(__file__).parents[2]
TEXTS = ["a good film", "bad and dull", "the plot was awful but the music lovely", "of"]


@pytest.mark.slow
def test_every_cell_gives_the_same_numbers_on_jax():
    """Saved by TensorFlow, loaded by JAX: masked, in both directions, in a stack, backwards."""
    load_in_fresh_process([Subject(cells.get_cell(key), 6, 5) for key in cells.names()], backend="jax")


def under_jax(job, *arguments):
    with Child() as child:
        backend, numbers = child.run(f"cells.jax_jobs:{job}", *arguments)
    assert backend == "jax"
    return numbers


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["gru", "min_gru"])
def test_a_run_trained_on_jax_predicts_the_same_here_and_goes_to_a_phone(cell, tmp_path):
    data = write_csv(tmp_path / "reviews.csv", rows())
    expected = np.array(under_jax("train", str(data), str(tmp_path / "run"), {**OPTIONS, "cell": cell}, TEXTS))
    task = rnnkit.load(tmp_path / "run")
    np.testing.assert_allclose(probabilities(task, TEXTS), expected, atol=1e-5)
    assert task.history[-1]["loss"] < task.history[0]["loss"]

    task.export(quantize="none")
    phone = lite.load(tmp_path / "run" / "lite").predict(TEXTS)
    np.testing.assert_allclose([each.probability for each in phone], expected.max(axis=-1), atol=1e-5)


@pytest.mark.slow
def test_a_run_trained_here_predicts_the_same_on_jax(tmp_path):
    run = copied(tmp_path / "run")
    expected = probabilities(rnnkit.load(run), TEXTS)
    np.testing.assert_allclose(np.array(under_jax("predict", str(run), TEXTS)), expected, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("head, characters", [("crf", "cnn"), ("softmax", "rnn")])
def test_a_tagger_trained_on_jax_answers_the_same_here(head, characters, tmp_path):
    data = write_conll(tmp_path / "tagged.conll", sentences())
    options = {**TAGGING, "head": head, "characters": characters}
    tags, f1, losses = under_jax("tag", str(data), str(tmp_path / "run"), options, [UNSEEN, "", "Ann"])
    task = rnnkit.load(tmp_path / "run")
    assert [list(answer.tags) for answer in task.predict([UNSEEN, "", "Ann"])] == [list(row) for row in tags]
    assert f1 > 0.9 and losses[-1] < losses[0]


@pytest.mark.slow
def test_a_language_model_trained_on_jax_gives_the_same_here_and_can_be_begun_with(tmp_path):
    texts = [text for text, _ in rows(80)]
    options = {
        "units": 5,
        "embedding_size": 4,
        "cell": "gru",
        "min_count": 1,
        "batch_size": 4,
        "window": 8,
        "epochs": 2,
    }
    found, losses = under_jax("language", str(tmp_path / "run"), options, texts)
    task = rnnkit.load(tmp_path / "run")
    np.testing.assert_allclose(task.outputs(task.encode_inputs(texts[-1:])), found, atol=1e-4)
    assert losses[-1] < losses[0]
    begun = {**OPTIONS, "cell": "gru", "init_from": str(tmp_path / "run")}
    data = write_csv(tmp_path / "reviews.csv", rows())
    assert np.isfinite(under_jax("train", str(data), str(tmp_path / "begun"), begun, TEXTS)).all()


def contract(*words):
    reference = str(ROOT / "tests" / "reference.py")
    command = [sys.executable, "-m", "rnnkit.testing", *words, "--quick", "--reference", reference]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KERAS_BACKEND": "jax"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
def test_a_cell_keeps_the_contract_on_jax():
    assert contract("min_gru", "--jobs", "1").count("✓") == 8


@pytest.mark.slow
def test_every_cell_keeps_the_contract_on_jax():
    assert contract().count("✓") == len(cells.names()) * 8
