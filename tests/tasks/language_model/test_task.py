"""A language model on made-up text: it learns, it carries its states, it is resumed, and other tasks begin with it."""

import importlib
import math
import random
import sys

import numpy as np
import pytest
from tasks.tiny import OPTIONS, rows

import rnnkit
from rnnkit import cli
from rnnkit.codec.vocabulary import START
from rnnkit.data.bucketing import Ragged
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.fitting import _digest
from rnnkit.tasks.language_model.stream_batches import RESTARTS, StreamBatches

LINE = 5
SMALL = {"units": 12, "embedding_size": 8, "min_count": 1, "batch_size": 4, "window": 8, "learning_rate": 0.02}


def texts(count=80, seed=0):
    """Each word but the first follows from the one before: a, b, c, d in turn, begun anywhere; all texts differ."""
    starts = enumerate(random.Random(seed).choices(range(4), k=count))
    return [" ".join("abcd"[(start + i) % 4] for i in range(10 + number)) for number, start in starts]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    to = tmp_path_factory.mktemp("language") / "run"
    return rnnkit.LanguageModel(**SMALL, cell="gru", epochs=10).fit(texts(), to=to)


@pytest.mark.slow
def test_what_follows_is_learnt(trained):
    assert trained.results["test"]["perplexity"] < 1.4  # of 7 words; the first of a text cannot be known
    assert trained.history[-1]["val_loss"] < trained.history[0]["val_loss"]
    assert trained.results["test"]["perplexity"] == pytest.approx(
        math.exp(trained.results["test"]["nats_per_word"]), rel=1e-3
    )


@pytest.mark.slow
def test_a_run_gives_the_same_figures_again(trained):
    again = rnnkit.load(trained.folder)
    assert again.evaluate(texts(10, seed=5)) == trained.evaluate(texts(10, seed=5))


@pytest.mark.slow
def test_states_are_carried_from_window_to_window(trained):
    """Cut into windows of 8 or read in one, the figures are the same."""
    encoded = trained.encode_inputs(texts(3, seed=3))  # too short for a second lane in either
    cut = trained.outputs(encoded)
    trained.options.window, kept = 1_000, trained.options.window
    try:
        whole = trained.outputs(encoded)
    finally:
        trained.options.window = kept
    np.testing.assert_allclose(cut, whole, atol=1e-5)


def test_lanes_and_windows_hold_every_id_once_and_the_one_after_it():
    ids = np.arange(1, 24)
    batches = StreamBatches(Ragged(ids, np.array([0, 10, 23])), lanes=3, window=4)
    seen = [(x, y) for x, y in batches.in_order()]
    assert len(seen) == batches.steps == 2
    inputs, targets = (np.concatenate(column, axis=1) for column in zip(*seen, strict=True))
    np.testing.assert_array_equal(inputs.ravel(), np.arange(1, 22))
    np.testing.assert_array_equal(targets, inputs + 1)


def test_in_a_long_text_lanes_begin_anew_now_and_then_at_line_ends_where_there_are_any():
    random_ = np.random.default_rng(0)
    ids = random_.integers(10, 30, 40_001).astype(np.int32)
    ids[random_.random(len(ids)) < 0.04] = LINE
    one = Ragged(ids, np.array([0, len(ids)]))
    batches = StreamBatches(one, lanes=4, window=20, seed=3, line_end=LINE)
    assert batches.restarts == pytest.approx(RESTARTS, abs=0.001)
    seen = list(batches.shuffled(0))
    again = list(batches.shuffled(0))
    assert all(np.array_equal(a, b) for pair in zip(seen, again, strict=True) for a, b in zip(*pair, strict=True))
    inputs, targets = (np.concatenate(column, axis=1) for column in zip(*seen, strict=True))
    changed = inputs[:, 1:] != targets[:, :-1]  # what is read is what was to be predicted a step before
    assert (inputs[:, 1:][changed] == START).all() and (inputs[:, 0] == START).all() and START not in targets
    windows = 4 * batches.steps
    assert 0.6 * RESTARTS * windows < changed.sum() < 1.4 * RESTARTS * windows
    replaced = targets[:, :-1][changed]
    without = np.concatenate([~(y == LINE).any(1) for _, y in seen]).mean()
    assert 0 < (replaced != LINE).mean() < 2 * without  # only where a window has no line end


def test_where_texts_are_many_none_is_cut():
    tunes = Ragged.from_iterable([START, *range(10, 90)] for _ in range(200))
    batches = StreamBatches(tunes, lanes=4, window=20, line_end=50)
    assert batches.restarts == 0
    inputs = np.concatenate([x for x, _ in batches.shuffled(1)], axis=1)
    lanes = np.array([*[START, *range(10, 90)] * 200])[:-1][: inputs.size].reshape(inputs.shape)
    np.testing.assert_array_equal(inputs, lanes)


def test_a_model_that_cannot_read_says_so():
    task = rnnkit.LanguageModel(unit="character")
    uniform = math.log(len(task.alphabet))
    task.history = [
        {"loss": 1.0, "val_loss": uniform + 0.1},
        {"loss": 1.0, "val_loss": 2.1},
        {"loss": 1, "val_loss": 1.9},
    ]
    (cannot,), (heart,) = task.doubts(1), task.doubts(2)
    assert f"costs {uniform:.2f}" in cannot and "cannot read it" in cannot and "by heart" in heart
    assert not list(task.doubts(3))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("script", "most"), [("char_text", 3.0), ("char_music", 1.6)])
def test_quick_settings_learn_to_begin(script, most, seed, monkeypatch, tmp_path):
    """Nats a character of test text, read from its start: 8.1 when states were zeros once an epoch only."""
    monkeypatch.syspath_prepend("pipelines")
    module = importlib.import_module(script)
    module.main(quick=True, seed=seed, to=tmp_path / "run")
    task = rnnkit.load(tmp_path / "run")
    assert task.results["test"]["nats_per_character"] < most
    assert not list(task.doubts(task.results["best_epoch"]))


def test_the_sampled_softmax_comes_near_the_whole_one():
    """On average over draws, at weights of no special kind, the loss of a sample is that of all words."""
    import keras

    from rnnkit.layers.tied_embedding import TiedEmbedding

    random_ = np.random.default_rng(0)
    layer = TiedEmbedding(50, 6, samples=400, seed=1)
    layer.build((None,))
    layer.embeddings.assign(random_.normal(size=(50, 6)))
    layer.bias.assign(random_.normal(size=50))
    h, targets = random_.normal(size=(30, 6)).astype("float32"), random_.integers(0, 50, 30).astype("int32")
    logits = h @ layer.get_weights()[0].T + layer.get_weights()[1]
    exact = np.mean(np.log(np.exp(logits).sum(-1)) - logits[np.arange(30), targets])
    assert -float(np.mean(keras.ops.convert_to_numpy(layer.log_probabilities(targets, h)))) == pytest.approx(
        exact, abs=1e-5
    )
    sampled = np.mean([float(keras.ops.convert_to_numpy(layer.loss(targets, h))) for _ in range(40)])
    assert sampled == pytest.approx(exact, rel=0.03)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert again.get_config() == layer.get_config()


@pytest.mark.slow
def test_a_classifier_begins_with_its_words_and_its_cells(tmp_path, capsys):
    words = [text for text, _ in rows(80)]
    model = rnnkit.LanguageModel(**SMALL, cell="gru", epochs=1).fit(words, to=tmp_path / "lm")
    task = rnnkit.TextClassifier(
        **{**OPTIONS, "epochs": 1, "learning_rate": 1e-8}, **{"cell": "gru"}, init_from=str(tmp_path / "lm")
    )
    with pytest.raises(RnnkitError, match="Give --embedding-size 8"):
        task.fit(rows())
    options = {**OPTIONS, "units": 12, "embedding_size": 8, "epochs": 1, "learning_rate": 1e-8}
    task = rnnkit.TextClassifier(**options, cell="gru", init_from=str(tmp_path / "lm")).fit(rows())
    old, new = (each.network.get_layer("embedding").get_weights()[0] for each in (model, task))
    for word in ("good", "film", "<UNKNOWN>"):
        places = (each.vocabulary.words.index(word) for each in (model, task))
        np.testing.assert_allclose(*(table[place] for table, place in zip((old, new), places, strict=True)), atol=1e-5)
    cells = (each.network.get_layer("recurrent").forward_cells[0].get_weights() for each in (model, task))
    for before, after in zip(*cells, strict=True):
        np.testing.assert_allclose(before, after, atol=1e-5)
    assert "1 of its 1 recurrent layers are kept" in capsys.readouterr().err

    frozen = {"init_from": str(tmp_path / "lm"), "freeze_embeddings": True, "learning_rate": 0.1}
    more = [*rows(), *((f"a gorgeous film {number}", "good") for number in range(20))]
    other = rnnkit.TextClassifier(**{**options, "units": 9, **frozen}, cell="gru").fit(more)
    assert "are not kept" in capsys.readouterr().err
    [kept] = other.network.get_layer("embedding").get_weights()
    for place, word in enumerate(other.vocabulary.words[1:], 1):  # a word it does not know is to it the unknown one
        known = model.vocabulary.words.index(word if word in model.vocabulary else "<UNKNOWN>")
        np.testing.assert_array_equal(kept[place], old[known])
    assert "gorgeous" in other.vocabulary and "gorgeous" not in model.vocabulary
    thawed = other.finetune(rows(), epochs=1)
    assert thawed.network.get_layer("embedding").trainable and not thawed.options.freeze_embeddings
    still = other.finetune(rows(), epochs=1, freeze_embeddings=True).network.get_layer("embedding")
    np.testing.assert_array_equal(still.get_weights()[0], kept)


@pytest.mark.slow
def test_other_text_is_other_data_though_its_numbers_are_the_same(trained):
    def digest(given):
        task = rnnkit.LanguageModel(**SMALL)
        return task.preprocessing.learn(task.read(given)).digest

    assert digest(texts()) == digest(texts()) == trained.results["data"]["sha256"]
    assert digest([text.replace("a", "x") for text in texts()]) != digest(texts())


@pytest.mark.slow
def test_a_run_is_known_again_by_its_weights(trained):
    again, other = rnnkit.load(trained.folder), rnnkit.load(trained.folder)
    trained.evaluate(texts(5, seed=7))  # which moves the states that are carried on
    assert _digest(again) == _digest(trained)
    table = other.network.get_layer("embedding").embeddings
    table.assign(table + 1)
    assert _digest(other) != _digest(trained)


@pytest.mark.slow
def test_mistakes(tmp_path, trained):
    with pytest.raises(RnnkitError, match="also reads backwards sees what it predicts"):
        rnnkit.LanguageModel(bidirectional=True)
    with pytest.raises(RnnkitError, match="omega is for networks that read whole sequences"):
        rnnkit.LanguageModel(omega=1.0)
    with pytest.raises(RnnkitError, match="embedding_size is 1; expected"):
        rnnkit.LanguageModel(embedding_size=1)
    (tmp_path / "plain.txt").write_text("\n".join(texts(5)))
    with pytest.raises(RnnkitError, match="plain.txt is plain text, without columns; leave --text foo out"):
        rnnkit.LanguageModel(**SMALL).read(tmp_path / "plain.txt", {"text": "foo"})
    with pytest.raises(RnnkitError, match="too few different texts: 2; expected 3 or more"):
        rnnkit.LanguageModel(**SMALL).fit(["a b", "b c"])
    with pytest.raises(RnnkitError, match="fewer than a batch's 500 rows"):
        rnnkit.LanguageModel(**{**SMALL, "batch_size": 500}).fit(texts(5))
    with pytest.raises(RnnkitError, match="can start from only one"):
        rnnkit.TextClassifier(**OPTIONS, embeddings="x.txt", init_from="y")
    with pytest.raises(RnnkitError, match="freeze_embeddings is on without pretrained vectors"):
        rnnkit.TreeClassifier(freeze_embeddings=True).fit([])


@pytest.mark.slow
def test_pretrain_on_the_command_line(tmp_path, monkeypatch, capsys):
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["rnnkit", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    file = tmp_path / "plain.txt"
    file.write_text("\n".join(texts()) + "\n\n", encoding="utf-8")
    flags = ("--units", 12, "--embedding-size", 8, "--batch-size", 4, "--epochs", 1, "--min-count", 1)
    code, out, _ = run("pretrain", file, *flags, "--to", tmp_path / "lm")
    assert code == 0 and "perplexity" in out
    assert f"--init-from {tmp_path / 'lm'} --units 12 --embedding-size 8" in out.splitlines()[-1]
    assert rnnkit.load(tmp_path / "lm").options.cell == "gru"  # as the text classifier has it
    code, out, err = run("pretrain", file, "--for", "text_clasifier")
    assert code == 1 and "Did you mean 'text_classifier'?" in out + err
    assert run("check", "language_model", file)[0] == 0


@pytest.mark.slow
def test_a_short_text_is_scored_and_one_word_refused(trained, tmp_path):
    assert trained.evaluate(["a b c d"])["words"] == 4  # the start mark is given, each word is scored
    with pytest.raises(RnnkitError, match="does not answer texts"):
        trained.predict("a b c")
    again = trained.finetune(texts(40, seed=8), batch_size=2, epochs=1)
    assert again.results["test"]["perplexity"] < 2
    with pytest.raises(RnnkitError, match="embedding_size is 8 in the trained Run and cannot change"):
        trained.finetune(texts(), embedding_size=9)


def test_repeated_texts_and_those_of_the_test_are_left_out():
    task = rnnkit.LanguageModel(**{**SMALL, "batch_size": 1})
    repeated = [*texts(30), *texts(30)]
    parts = task.preprocessing.learn(task.read(repeated), task.read(texts(10)))
    assert len(parts.train) + len(parts.validation) == 20 and len(parts.test) == 10
    assert task.preprocessing.learn(task.read(repeated), task.read(texts(9))).digest != parts.digest


@pytest.mark.slow
def test_its_gradients_are_measured_on_a_window_of_the_stream(trained, tmp_path, monkeypatch, capsys):
    encoded = trained.encode_inputs(texts(6, seed=2))
    inputs, targets = trained.collate(encoded, np.array([3, 4]))
    stream = encoded.take(np.array([3, 4])).inputs.flat
    assert inputs.shape == targets.shape == (2, SMALL["window"])
    np.testing.assert_array_equal(inputs[0], stream[:8])
    np.testing.assert_array_equal(targets[0], stream[1:9])
    assert trained.collate(trained.encode_inputs(["a b"]), np.array([0]))[0].shape == (1, 2)
    (tmp_path / "plain.txt").write_text("\n".join(texts(8, seed=4)), encoding="utf-8")
    for given, said in (((), "measured on 64 made-up texts"), ((tmp_path / "plain.txt",), "8 texts of plain.txt")):
        monkeypatch.setattr(sys, "argv", ["rnnkit", "diagnose", *map(str, (trained.folder, *given))])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out = capsys.readouterr().out
        assert not ended.value.code and said in out and "layer 1" in out and (trained.folder / "plots").is_dir()
        assert f"{SMALL['window']}" in out and out.splitlines()[-1].startswith("next: rnnkit ")
