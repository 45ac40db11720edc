"""Captions of drawn scenes: every way of bringing the picture in, Keras step by step, Runs, and slips."""

import tempfile

import numpy as np
import pytest
from tasks.captioning import OPTIONS, pictures, scenes, trained

import rnnkit
from rnnkit.data.scenes_sample import write_scenes
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner import ImageCaptioner


@pytest.mark.parametrize("inject", ["attention", "init", "par", "merge"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_step_is_what_training_does(inject, cell):
    from rnnkit.tasks._caption_network import Captioning, caption_network

    options = ImageCaptioner(inject=inject, cell=cell, units=5, layers=2, embedding_size=6).options
    network = caption_network(options, 11, (4, 3))
    random = np.random.default_rng(0)
    features, target = random.normal(size=(2, 4, 3)).astype("float32"), np.array([[1, 5, 6, 7], [1, 4, 4, 0]])
    logits = np.asarray(network([features, target]))
    captioning = Captioning(network, inject)
    states, memory = captioning.encode(features)
    for time in range(4):
        step, states, weights = captioning.step(target[:, time], states, memory)
        np.testing.assert_allclose(step, logits[:, time], atol=1e-5)
        assert (weights is None) == (inject != "attention")
    other = np.asarray(network([features + 1, target]))
    assert np.abs(other - logits).max() > 1e-3  # the picture matters


def test_even_attention_costs_nothing_and_the_rest_what_equation_14_says():
    from rnnkit.layers.doubly_stochastic import DoublyStochastic

    random = np.random.default_rng(0)
    weights = random.dirichlet(np.ones(3), size=(2, 4)).astype("float32")
    target = np.array([[5, 6, 7, 3], [5, 3, 0, 0]])
    layer = DoublyStochastic(0.7)
    layer(np.zeros(1), weights, target, training=True)
    looked = np.stack([weights[0].sum(0), weights[1, :2].sum(0)])
    assert float(layer.losses[0]) == pytest.approx(0.7 * np.mean(((1 - looked) ** 2).sum(-1)), rel=1e-5)
    even = DoublyStochastic(1.0)
    even(np.zeros(1), np.full((1, 3, 3), 1 / 3, "float32"), np.array([[4, 5, 3]]), training=True)
    assert float(even.losses[0]) == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_a_run_gives_the_same_captions_again():
    task = trained()
    assert {"bleu1", "bleu4", "cider", "rouge_l"} <= set(task.results["test"])
    assert task.results["test"]["rows"] == task.results["data"]["test_pictures"]
    again = rnnkit.load(task.folder)
    assert again.predict(pictures()) == task.predict(pictures())
    assert again.predict(pictures(1)[0]) == task.predict(pictures(1))[0]
    assert (
        len({text for text, _ in again.predict(pictures(1)[0], n_best=2).others} - {again.predict(pictures(1)[0]).text})
        == 1
    )


@pytest.mark.slow
def test_evaluating_the_test_part_gives_its_figures():
    task = trained()
    assert task.evaluate(scenes()) == task.results["test"]


@pytest.mark.slow
def test_scenes_are_learnt():
    options = {**OPTIONS, "units": 48, "embedding_size": 32, "epochs": 12, "learning_rate": 3e-3, "dropout": 0.0,
               "embedding_dropout": 0.0, "picture_dropout": 0.0, "label_smoothing": 0.0}  # fmt: skip
    task = ImageCaptioner(**options).fit(write_scenes(tempfile.mkdtemp(), 1000, side=32).parent)
    assert (
        task.results["validation"]["bleu4"] > 0.2 and task.history[-1]["val_loss"] < 0.8 * task.history[0]["val_loss"]
    )


def test_slips():
    with pytest.raises(RnnkitError, match="cannot read it from its end"):
        ImageCaptioner(bidirectional=True)
    with pytest.raises(RnnkitError, match="encoder is 'resnet'"):
        ImageCaptioner(encoder="resnet")
    with pytest.raises(RnnkitError, match="coverage_penalty needs attention"):
        ImageCaptioner(inject="merge", coverage_penalty=0.1)
