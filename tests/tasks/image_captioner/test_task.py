"""Captions of drawn scenes: every way of bringing the picture in, Keras step by step, Runs, and slips."""

import tempfile

import numpy as np
import pytest
from tasks.captioning import OPTIONS, pictures, scenes, trained

import rnnkit
from rnnkit.codec.pictures import as_picture
from rnnkit.data.scenes_sample import write_scenes
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.task import ImageCaptioner


@pytest.mark.slow
@pytest.mark.parametrize("inject", ["attention", "init", "par", "merge"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_step_is_what_training_does(inject, cell):
    from rnnkit.tasks.image_captioner.network import Captioning, caption_network

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
    from rnnkit.layers.attention.doubly_stochastic import DoublyStochastic

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
def test_the_loss_of_an_epoch_is_without_what_attention_costs():
    """Else its curve could not be held against validation's, which has no penalty in it."""
    epoch = trained().history[-1]
    assert epoch["penalty"] > 0.1
    assert 0.2 < epoch["loss"] / epoch["val_loss"] < 5
    assert "val_data_loss" not in epoch


@pytest.mark.slow
def test_a_run_gives_the_same_captions_again():
    task = trained()
    assert {"bleu1", "bleu4", "cider", "rouge_l", "exact", "novelty"} <= set(task.results["test"])
    assert task.results["test"]["rows"] == task.results["data"]["test_pictures"]
    again = rnnkit.load(task.folder)
    assert again.predict(pictures()) == task.predict(pictures())
    assert again.predict(pictures(1)[0]) == task.predict(pictures(1))[0]
    best = again.predict(pictures(1)[0], n_best=2)
    assert len({best.text, *(text for text, _ in best.others)}) == 2


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
    with pytest.raises(RnnkitError, match="cannot read the caption it writes"):
        ImageCaptioner(bidirectional=True)
    with pytest.raises(RnnkitError, match="encoder is 'resnet'"):
        ImageCaptioner(encoder="resnet")
    with pytest.raises(RnnkitError, match="coverage_penalty needs attention"):
        ImageCaptioner(inject="merge", coverage_penalty=0.1)
    with pytest.raises(RnnkitError, match="image_size is 100; efficientnet_lite0 takes multiples of 32, such as 224"):
        ImageCaptioner(image_size=100)
    with pytest.raises(RnnkitError, match="units is 30, which 4 heads cannot share evenly"):
        ImageCaptioner(units=30, attention="multi_head")


@pytest.fixture
def lite0(monkeypatch, tmp_path):
    """Two convolutions, always the same, in the place of the usual encoder; and a cache of its own."""
    from rnnkit.vision import encoders

    def build(size, pretrained, say):
        import keras
        from keras import layers

        keras.utils.set_random_seed(3)
        picture = keras.Input((size, size, 3), dtype="uint8")
        x = layers.Conv2D(8, 8, 8, use_bias=False, activation="relu")(layers.Rescaling(1 / 64)(picture))
        return keras.Model(picture, layers.Conv2D(6, 4, 4, use_bias=False)(layers.BatchNormalization()(x)))

    monkeypatch.setitem(encoders._BUILD, "efficientnet_lite0", build)
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))


USUAL = {**OPTIONS, "encoder": "efficientnet_lite0", "image_size": 64, "mirror": True}


@pytest.mark.slow
def test_features_are_kept_for_each_picture_and_its_mirror_image(lite0, tmp_path):
    task = ImageCaptioner(**USUAL).fit(scenes(), to=tmp_path / "run")
    blocks = sorted(path.parent.name.rsplit("-", 2)[0] for path in (tmp_path / "cache").rglob("*.npy"))
    assert blocks == ["efficientnet_lite0"] * 3 + ["efficientnet_lite0_mirrored"]  # three parts, one of them learnt
    seen = task.parts.train.seen
    rows = [0, 1, 2]
    shown = np.stack([as_picture(task.parts.train.files[row], 64) for row in rows])
    for mirrored, picture in ((False, shown), (True, shown[:, :, ::-1])):
        np.testing.assert_allclose(seen(rows, mirrored), task.encoder.predict_on_batch(picture), atol=2e-2, rtol=2e-3)
    assert not np.allclose(seen(rows, True), seen(rows, False), atol=1e-3)
    for part in (task.parts.validation, task.parts.test):
        np.testing.assert_array_equal(part.seen([0], True), part.seen([0], False))
    assert rnnkit.load(tmp_path / "run").predict(pictures()) == task.predict(pictures())


def test_an_encoder_that_learns_sees_mirror_images_in_training_alone():
    task = ImageCaptioner(**{**OPTIONS, "mirror": True})
    parts = task.preprocessing.learn(task.read(scenes()))
    row = parts.train.seen([0], False)
    np.testing.assert_array_equal(parts.train.seen([0], True), row[:, :, ::-1])
    assert not np.array_equal(row, row[:, :, ::-1])
    for part in (parts.validation, parts.test):
        np.testing.assert_array_equal(part.seen([0], True), part.seen([0], False))


def test_many_pictures_are_opened_when_they_are_asked_for(monkeypatch):
    from rnnkit.tasks.image_captioner import seen as _seen_pictures

    task = ImageCaptioner(**OPTIONS)
    files = [one.path for one in task.read(scenes())]
    held = task.preprocessing._shown(files, True)
    monkeypatch.setattr(_seen_pictures, "_MOST_HELD", 0)
    opened = task.preprocessing._shown(files, True)
    for mirrored in (False, True):
        np.testing.assert_array_equal(held([3, 1], mirrored), opened([3, 1], mirrored))


@pytest.mark.slow
def test_in_a_second_stage_the_encoder_learns_and_is_not_thrown_away(lite0, tmp_path):
    first = ImageCaptioner(**USUAL).fit(scenes(), to=tmp_path / "first")
    second = first.finetune(scenes(), to=tmp_path / "second", encoder_layers=1, epochs=1, learning_rate=1e-3)
    assert second.encoder_learns and not first.encoder_learns
    before, after = (task.encoder.get_weights() for task in (first, second))
    changed = [not np.array_equal(old, new) for old, new in zip(before, after, strict=True)]
    assert changed == [False] * (len(changed) - 1) + [True]
    again = rnnkit.load(tmp_path / "second")
    np.testing.assert_array_equal(again.encoder.get_weights()[0], after[0])
    assert again.predict(pictures()) == second.predict(pictures())
    with pytest.raises(RnnkitError, match="was trained, and encoder_layers is 0, which would discard it"):
        second.finetune(scenes(), encoder_layers=0)


@pytest.mark.slow
def test_small_cnn_learns_all_of_its_weights():
    network = ImageCaptioner(**OPTIONS).fit(scenes()).network
    encoder = network.get_layer("small_cnn")
    moving = [weight for weight in encoder.weights if "moving_mean" in weight.path]
    assert len(moving) == 6 and all(np.abs(weight.numpy()).max() > 0 for weight in moving)


def test_captions_read_as_a_person_writes_and_hold_no_unknown_word():
    from rnnkit.codec.pieces import Pieces
    from rnnkit.decoding import decode
    from rnnkit.lite.answers.captions import CAPTION_MARKS, captions_of
    from rnnkit.tasks.image_captioner.preprocessing import plain_caption

    words = plain_caption("A man's (big) dog doesn't run, they're slow.").split()
    assert words == ["a", "man", "'s", "big", "dog", "does", "n't", "run", "they", "'re", "slow"]
    pieces = Pieces("word", [f"\u2581{word}" for word in words])
    ids = np.array([[[*range(4, 4 + len(words)), 3]]])
    assert captions_of(ids, np.zeros((1, 1)), pieces, 1)[0].text == "a man's big dog doesn't run they're slow"
    logits = np.zeros((1, 6), np.float32)
    logits[0, 2], logits[0, 5] = 9.0, 1.0  # <UNKNOWN> would be the likeliest

    def step(last, states, memory):
        return logits.repeat(len(last), 0), states, None

    for how in ({"strategy": "greedy"}, {"strategy": "beam", "beam_width": 2}):
        found = decode(step, [np.zeros((1, 1), np.float32)], marks=CAPTION_MARKS, max_length=3, rows=1, **how)
        assert 2 not in np.asarray(found.ids)


def test_a_table_away_from_its_pictures(tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text((scenes() / "captions.csv").read_text().replace("images/", ""))
    with pytest.raises(RnnkitError, match="Name the folder of the pictures with --images"):
        ImageCaptioner(**OPTIONS).read(table)
    task = ImageCaptioner(**OPTIONS, images=str(scenes() / "images"))
    assert len(task.read(table)) == 60 and task.config()["options"]["images"] == ""


@pytest.mark.slow
def test_exports_are_compared_on_pictures_that_are_no_test():
    task = trained()
    rows = task.rows_to_compare(task.read(scenes()), 4)
    assert len(rows.pictures) == 4 and all("validation" in path.name for path in rows.files)
