"""Sentences in, translations out: data in every form, trained, saved, gone on with, exported."""

import dataclasses
import itertools
import json
import re
import shutil

import keras
import numpy as np
import pytest
from tasks.translating import OPTIONS, WORDS, copied, exported, pairs, trained, write_csv

import rnnkit
import rnnkit.lite
from rnnkit import cells
from rnnkit.codec.pieces import END, SPECIALS, Pieces
from rnnkit.codec.vocabulary import START
from rnnkit.errors import RnnkitError
from rnnkit.layers.attention.attention_kinds import ATTENTIONS
from rnnkit.lite.answers.translations import Translation, translations_of
from rnnkit.metrics.translations import translation_scores
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.shared.sequence_loss import loss_of, nats_of_rows
from rnnkit.tasks.translator.network import Translating
from rnnkit.tasks.translator.options import TranslatorOptions

#: None of the training sentences; nobody there is called Zuzu.
UNSEEN, TRANSLATED = "big dog sees Zuzu", "Zuzu sieht Hund groß"


def weights(task):
    return task.network.get_weights()


def same(ours, theirs):
    return len(ours) == len(theirs) and all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


# ---------------------------------------------------------------------- training and the Run


@pytest.mark.slow
def test_it_learns():
    task = trained()
    assert task.results["test"]["bleu"] > 90 and task.results["validation"]["bleu"] > 90
    assert task.results["test"]["perplexity"] < 1.5 and task.results["test"]["rows"] == 60
    assert task.results["test"]["bleu_signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|")
    answer = task.predict(UNSEEN)
    assert answer.text == TRANSLATED and -1 < answer.score < 0 and answer.others == ()


@pytest.mark.slow
def test_a_run_holds_what_the_design_says_and_no_sentence_of_the_data():
    run = trained().folder
    names = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert names == {
        "config.json", "metrics.json", "history.csv", "model.keras", "preprocessing/source.pieces",
        "preprocessing/target.pieces", "plots/learning_curves.png", "plots/bleu_by_length.png", "plots/attention.png",
    }  # fmt: skip
    data = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["data"]
    assert (data["name"], data["train"], data["validation"], data["test"]) == ("pairs.csv", 480, 60, 60)
    assert data["pieces"] == "16 and 16" and 0.05 < data["unknown_rate"] < 0.2 and len(data["sha256"]) == 64
    text = " ".join(path.read_text(encoding="utf-8") for path in run.rglob("*") if path.suffix != ".png" and
                    path.suffix != ".keras" and path.is_file())  # fmt: skip
    assert [source for source, _ in pairs() if " " in source and source in text] == []


@pytest.mark.slow
def test_metrics_are_those_of_the_predictions():
    task, data = trained(), pairs(40, seed=8)
    wrong = [(source, target + " mag" * (number % 2)) for number, (source, target) in enumerate(data)]
    found = task.evaluate(wrong)
    answers = [answer.text for answer in task.predict([source for source, _ in wrong])]
    expected = translation_scores(answers, [target for _, target in wrong])
    assert {name: found[name] for name in expected} == expected and 10 < found["bleu"] < 90
    encoded = task.encode_rows(task.read(wrong))
    nats = nats_of_rows(task.network, task.batches(encoded), len(encoded))
    assert found["nats_per_piece"] == pytest.approx(nats.sum() / len(encoded.targets.flat), abs=1e-4)
    assert found["perplexity"] == pytest.approx(np.exp(found["nats_per_piece"]), abs=1e-3)


@pytest.mark.parametrize(("signs", "cut"), [({}, "13a"), ({"der": "狗", "die": "河"}, "zh"), ({"der": "สุนัข"}, "char")])
def test_bleu_is_cut_for_the_target_language(signs, cut):
    data = [(source, "".join(signs.values()) * 9 + target) for source, target in pairs(60)]
    task = rnnkit.Translator(**{**OPTIONS, "max_length": 200})
    task.preprocessing.learn(task.read(data))
    assert task.options.bleu_tokenize == cut


def test_pairs_without_a_side_are_counted_where_they_are_not_scored():
    task = rnnkit.Translator(**OPTIONS)
    task.preprocessing.learn(task.read(pairs(60)))
    task.encode_rows(task.read([*pairs(9, seed=3), ("a dog", ""), ("", "ein Hund")]))
    assert task.preprocessing.unscored == 2


@pytest.mark.slow
def test_bleu_can_cut_as_the_target_language_asks():
    task, data = rnnkit.load(trained().folder), [(source, f"{target}x") for source, target in pairs(30, seed=8)]
    encoded, given = task.encode_rows(task.read(data)), [source for source, _ in data]
    task.compile(task.network, 1)
    for cut in ("13a", "char"):
        task.options.bleu_tokenize = cut
        found, watched = task.evaluate(data), task.validate(task.network, encoded)["bleu"]
        assert f"|tok:{cut}|" in found["bleu_signature"]
        for figure, how in ((found["bleu"], {}), (watched, {"beam_width": 1})):
            answers = [answer.text for answer in task.predict(given, **how)]
            assert figure == translation_scores(answers, encoded.references, cut)["bleu"]
    assert found["bleu"] > 50


@pytest.mark.slow
@pytest.mark.parametrize("bleu, watched", [(0.6, 0.0), (0.99, 0.0), (1.0, 1.0), (1.31, 1.31)])
def test_a_bleu_that_is_chance_leaves_the_choice_to_the_loss(bleu, watched, monkeypatch):
    monkeypatch.setattr("rnnkit.tasks.translator.task.translation_scores", lambda *given: {"bleu": bleu})
    figures = trained().validate(trained().network, trained().encode_pairs(pairs(4)))
    assert figures["bleu"] == watched and figures["loss"] > 0


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_the_loss_is_that_of_its_equation_by_numpy(smoothing):
    random = np.random.default_rng(5)
    targets = np.array([[4, 5, 3, 0, 0], [6, 3, 0, 0, 0], [5, 4, 6, 4, 3]], np.int32)
    logits = random.normal(0, 3, (3, 5, 7))
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    losses = [-(1 - smoothing) * log_p[row, time, word] - smoothing * log_p[row, time].mean()
              for row, words in enumerate(targets) for time, word in enumerate(words) if word != 0]  # fmt: skip
    assert float(loss_of(smoothing)(targets, logits.astype("float32"))) == pytest.approx(np.mean(losses), rel=1e-5)


@pytest.mark.slow
def test_a_small_model_of_shared_pieces_learns_too():
    shared = {"unit": "bpe", "joint": True, "tied": "all", "vocabulary_size": 200, "max_length": 30}
    names = {**WORDS, "Kim": "Kim"}  # so that the languages share a word
    data = [(text, answer) for text, answer in pairs(900, words=names) if set(text.split()) <= set(names)][:500]
    task = rnnkit.Translator(**{**OPTIONS, **shared, "batch_tokens": 200}).fit(data)
    assert task.results["validation"]["bleu"] > 80


@pytest.mark.slow
def test_perplexity_is_that_of_the_logits_by_numpy():
    task = trained()
    encoded = task.encode_pairs(pairs(9, seed=3))
    nats = []
    for source, target in zip(encoded.inputs, encoded.targets, strict=True):
        before = np.append(START, target[:-1])
        logits = np.asarray(task.network([source[None], before[None]]), np.float64)[0]
        log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        nats += [-log_p[place, piece] for place, piece in enumerate(target)]
    rows = np.add.reduceat(nats, encoded.targets.offsets[:-1])
    assert nats_of_rows(task.network, task.batches(encoded), len(encoded)) == pytest.approx(rows, abs=1e-3)


@pytest.mark.slow
def test_a_saved_run_gives_the_same_translations(tmp_path):
    task, given = trained(), [UNSEEN, *(source for source, _ in pairs(20, seed=3))]
    loaded = rnnkit.load(task.folder)
    assert loaded.predict(given) == task.predict(given) and same(weights(loaded), weights(task))
    loaded.save(tmp_path / "again")
    assert same(weights(rnnkit.load(tmp_path / "again")), weights(task))


@pytest.mark.slow
def test_interrupted_and_resumed_ends_where_the_undisturbed_training_ends(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    data, to, options = (
        trained().folder.with_name("pairs.csv"),
        tmp_path / "run",
        {**OPTIONS, "dropout": 0.2, "epochs": 4},
    )
    undisturbed = rnnkit.Translator(**options).fit(data)
    with pytest.raises(KeyboardInterrupt):
        rnnkit.Translator(**options).fit(data, to=to, callbacks=(Stop(),))
    assert not to.exists()
    with pytest.raises(RnnkitError, match="was started with attention 'additive', now it is 'dot'"):
        rnnkit.Translator(**options, attention="dot").fit(data, to=to, resume=True)
    rnnkit.Translator(**options).fit(data, to=to, resume=True)
    assert same(weights(rnnkit.load(to)), weights(undisturbed))


@pytest.mark.slow
def test_a_finished_run_is_not_trained_again(tmp_path, capsys):
    run = copied(tmp_path / "run")
    rnnkit.Translator(**OPTIONS).fit(trained().folder.with_name("pairs.csv"), to=run, resume=True)
    assert "already trained with these settings and data" in capsys.readouterr().err


# ---------------------------------------------------------------------- every cell, every option


@pytest.fixture
def eager():
    """Functions run as they are written: compiling their graphs would be most of the time."""
    tf = pytest.importorskip("tensorflow", reason="graphs are TensorFlow's")
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def stepped(options, count=24):
    """A task that has made one step of training, and what it was prepared on."""
    task = rnnkit.Translator(**{**OPTIONS, "units": 8, "embedding_size": 8, **options})
    parts = task.preprocessing.learn(task.read([pair for pair in pairs(3 * count) if len(pair[0]) < 13][:count]))
    task.network = task.build(Build(training=True))
    task.compile(task.network, 4)
    task.network.run_eagerly = True
    before = [weight.copy() for weight in weights(task)]
    figures = task.network.train_on_batch(*task.collate(parts.train, np.arange(4)), return_dict=True)
    assert np.isfinite(list(figures.values())).all()
    assert not same(before, weights(task)) and all(np.isfinite(weight).all() for weight in weights(task))
    return task, parts


def step_by_step(task, inputs):
    """Logits of known targets, from the functions that decoding calls."""
    translating = Translating(task.network)
    states, memory, mask = translating.encode(inputs[0])
    logits = []
    for time in range(inputs[1].shape[1]):
        made, states, _ = translating.step(inputs[1][:, time], states, memory, mask)
        logits.append(np.asarray(made))
    return np.stack(logits, axis=1)


@pytest.mark.slow
@pytest.mark.parametrize("number, cell", list(enumerate(cells.names())))
def test_every_cell_plugs_in(number, cell, eager):
    other = {"decoder_cell": "gru", "decoder_units": 6} if number % 3 == 0 else {}
    task, parts = stepped({"cell": cell, "bidirectional": number % 2 == 0, **other})
    inputs, _ = task.collate(parts.validation, np.arange(2))
    np.testing.assert_allclose(step_by_step(task, inputs), task.network(inputs), atol=1e-4)
    assert len(task.predict([UNSEEN, ""], beam_width=1, max_length=2)) == 2


CHOICES = [
    {"attention": "none", "layers": 2, "bidirectional": False}, {"attention": "dot", "decoder_units": 6},
    {"attention": "dot", "label_smoothing": 0.0, "bidirectional": False}, {"attention": "general", "decoder_units": 6},
    {"attention": "multi_head", "heads": 2, "input_feeding": True}, {"input_feeding": True, "layers": 2},
    {"unit": "character", "vocabulary_size": 40}, {"unit": "unigram", "vocabulary_size": 60, "tied": "none"},
    {"unit": "bpe", "joint": True, "vocabulary_size": 70, "tied": "all"}, {"joint": True, "tied": "target"},
    {"joint": True, "tied": "none", "scheduled_sampling": 0.5}, {"tied": "none", "residual": True, "layers": 2},
    {"scheduled_sampling": 0.5, "attention": "none"},
    {"coverage_loss": 1.0, "coverage_penalty": 0.2, "length_penalty": 0.5},
    {"dropout": 0.3, "embedding_dropout": 0.3, "recurrent_dropout": 0.2, "zoneout": 0.1, "layers": 2},
    {"cell": "lstm", "decoder_cell": "mgu", "initial_state": "learned"},
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", CHOICES, ids=lambda options: "-".join(f"{k}={v}" for k, v in options.items()),
)  # fmt: skip
def test_every_option_trains_and_decoding_sees_the_network_that_was_trained(options, eager):
    task, parts = stepped({"cell": "simple_rnn", "max_length": 30, **options})
    inputs, _ = task.collate(parts.validation, np.arange(2))
    np.testing.assert_allclose(step_by_step(task, inputs), task.network(inputs), atol=1e-4)
    assert (task.source_pieces.pieces is task.target_pieces.pieces) == task.options.joint
    assert len(task.predict([UNSEEN, ""], beam_width=2, n_best=2, max_length=2)) == 2
    if options.get("attention") == "none":
        with pytest.raises(RnnkitError, match="no attention to show"):
            task.attention(UNSEEN)
    else:
        seen, source, target = task.attention(UNSEEN, TRANSLATED)
        assert seen.shape == (len(target), len(source)) and np.allclose(seen.sum(-1), 1, atol=1e-4)
        assert source[-1] == target[-1] == "<END>"


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"attention": "none"}, {"attention": "multi_head", "input_feeding": True, "layers": 2},
        {"mixed_precision": True, "cell": "lstm"}, {"scheduled_sampling": 0.3},
        {"coverage_loss": 1.0, "coverage_penalty": 0.2, "truncate": 3},
    ],
)  # fmt: skip
def test_other_options_in_graphs(options, tmp_path):
    task = rnnkit.Translator(**{**OPTIONS, "epochs": 1, **options}).fit(pairs(200), to=tmp_path / "run")
    assert np.isfinite(task.history[0]["loss"]) and rnnkit.load(tmp_path / "run").predict(UNSEEN) == task.predict(
        UNSEEN
    )
    assert task.export(quantize="none")["agreement"]["same_label"] == 1


def test_every_attention_can_be_chosen():
    [spec] = [spec for spec in dataclasses.fields(TranslatorOptions) if spec.name == "attention"]
    assert spec.metadata["choices"] == ("none", *ATTENTIONS)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"cell": "lsmt"}, "Did you mean 'lstm'"),
        ({"decoder_cell": "lsmt"}, "Did you mean 'lstm'"),
        ({"attention": "bahdanau"}, "expected one of none, additive, dot"),
        ({"unit": "bpee"}, "Did you mean 'bpe'"),
        ({"joint": False}, "tied is 'all', which needs"),
        ({"beam_width": 0}, "expected a whole number from 1"),
        ({"omega": 0.1}, "Set it to 0"),
        ({"bleu_tokenize": "zhh"}, "Did you mean 'zh'"),
        ({"max_length": 1}, "max_length is 1, which is the end mark only"),
        ({"attention": "none", "coverage_loss": 1}, "coverage_loss 1 concerns attention, and attention is 'none'"),
        ({"attention": "none", "coverage_penalty": 0.2}, "Set coverage_penalty to 0"),
        ({"truncate": 5, "input_feeding": True}, "truncate cannot be combined with input_feeding"),
        ({"pooling": "mean"}, "Unknown option 'pooling'"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(RnnkitError, match=message):
        rnnkit.Translator(**options)


def test_the_usual_length_is_that_of_the_unit():
    for unit, usual in (("bpe", 100), ("word", 100), ("unigram", 100), ("character", 400)):
        task = rnnkit.Translator(unit=unit)
        assert task.options.max_length == task.config()["options"]["max_length"] == usual
        assert rnnkit.Translator(**task.options.to_dict()).options == task.options
        assert rnnkit.Translator(unit=unit, max_length=50).options.max_length == 50


# ---------------------------------------------------------------------- data


def parts_of(source, **options):
    task = rnnkit.Translator(**{**OPTIONS, **options})
    return task, task.preprocessing.learn(task.read(source))


def test_every_form_of_data_is_the_same_data(tmp_path):
    import pandas as pd

    data = pairs(60)
    _, expected = parts_of(data)
    frame = pd.DataFrame(data, columns=["source", "target"])
    frame.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"source": a, "target": b}) + "\n" for a, b in data))
    for place, language in enumerate(("en", "de")):
        (tmp_path / f"corpus.{language}").write_text("".join(f"{pair[place]}\n" for pair in data), encoding="utf-8")
    forms = [write_csv(tmp_path / "a.csv", data), tmp_path / "a.tsv", tmp_path / "a.jsonl", frame,
             tmp_path / "corpus.en", (tmp_path / "corpus.en", tmp_path / "corpus.de")]  # fmt: skip
    assert {parts_of(form)[1].digest for form in forms} == {expected.digest}


def test_given_parts_are_kept_and_what_they_ask_is_not_learnt(tmp_path):
    data = pairs(60)
    for name, rows in (("train", data), ("val", data[:9]), ("test", data[9:16])):
        for place, language in enumerate(("en", "de")):
            (tmp_path / f"{name}.{language}").write_text("".join(f"{row[place]}\n" for row in rows), encoding="utf-8")
    _, parts = parts_of(tmp_path)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (44, 9, 7)
    assert parts.report["languages"] == "en-de" and parts.test.references == tuple(row[1] for row in data[9:16])


def test_pairs_of_one_source_stay_together():
    data = [(source, target + ending) for source, target in pairs(40) for ending in ("", " !", " ?")]
    _, parts = parts_of(data)
    held = set(parts.validation.sources) | set(parts.test.sources)
    assert len(parts.validation) % 3 == len(parts.test) % 3 == 0 and not set(parts.validation.sources) & set(
        parts.test.sources
    )
    assert len(parts.train) == 3 * (40 - len(held))


def test_pairs_of_any_length_can_be_learnt_from():
    long = [(f"dog {i}{' sees' * 300}", f"Hund {i}{' sieht' * 300}") for i in range(20)]
    assert "20 too long" in parts_of([*pairs(40), *long])[1].report["cleaning"]
    _, parts = parts_of([*pairs(40), *long], max_length=400)
    assert "too long" not in parts.report["cleaning"] and parts.report["longer_than_max_length"] == 0


def test_sentences_that_stay_as_they_are_can_be_kept():
    data = [*pairs(30), *((f"dog sees cat {i}", f"dog sees cat {i}") for i in range(20))]
    assert "20 not translated (--keep-same keeps them)" in parts_of(data)[1].report["cleaning"]
    _, parts = parts_of(data, keep_same=True)
    assert parts.report["cleaning"] == "50 pairs" and sum(map(len, (parts.train, parts.validation, parts.test))) == 50


def test_long_pairs_are_left_out_of_training_alone():
    data = [*pairs(60), *((f"dog{' sees' * 20} {i}", f"{i}{' sieht' * 20} Hund") for i in range(30))]
    task, parts = parts_of(data)
    assert parts.report["longer_than_max_length"] > 0 and parts.train.inputs.lengths.max() <= OPTIONS["max_length"]
    total = sum(len(part) for part in (parts.train, parts.validation, parts.test))
    assert total + parts.report["longer_than_max_length"] == 90
    with pytest.raises(RnnkitError, match="no pair fits max_length 2; raise --max-length"):
        parts_of([(source + " dog", target) for source, target in pairs(60)], max_length=2)


@pytest.mark.parametrize(
    "data, message",
    [
        ([], "The 0 that can be learnt from leave none"),
        (7, "expected a file name"),
        ("nowhere.csv", "There is no file nowhere.csv"),
        (pairs(2), "The list: 2 pairs. The 2 that can be learnt from leave none for"),
        ([("a dog", "")] * 9, "9 with an empty side .*The 0 that can be learnt from leave none"),
        (
            [("dog " * 300, "Hund " * 250 + str(i)) for i in range(9)],
            r"9 too long \(a larger --max-length takes more\)",
        ),
        ([("a dog",)], "expected"),
    ],
)
def test_data_that_cannot_be_used_leaves_nothing_behind(data, message, tmp_path):
    with pytest.raises(RnnkitError, match=message) as error:
        rnnkit.Translator(**OPTIONS).fit(data, to=tmp_path / "deep" / "run")
    assert "\n" not in str(error.value) and list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------- what goes in and comes out


@pytest.mark.slow
def test_one_sentence_gives_one_answer_and_a_list_a_list():
    task = trained()
    assert task.predict([UNSEEN]) == [task.predict(UNSEEN)] and task.predict([]) == []
    assert (
        task.predict((UNSEEN,))
        == task.predict(iter([UNSEEN]))
        == task.predict(np.array([UNSEEN]))
        == [task.predict(UNSEEN)]
    )


@pytest.mark.slow
def test_sentences_do_not_depend_on_those_beside_them():
    task, given = trained(), [source for source, _ in pairs(30, seed=5)]
    alone = [task.predict(text).text for text in given[:8]]
    assert [answer.text for answer in task.predict(given)][:8] == alone
    assert [answer.text for answer in task.predict(given[::-1])][::-1][:8] == alone


@pytest.mark.slow
def test_hostile_sentences():
    task = trained()
    given = ["", " \t\n", "dog " * 10_000, "\ud800 \x00", "👍🏽", "x" * 100_000, "dog\u2028cat", "<END> <PAD>", "▁dog"]
    answers = task.predict(given)
    assert len(answers) == len(given) and all(np.isfinite(answer.score) for answer in answers)
    assert all(len(answer.text.split()) <= OPTIONS["max_length"] for answer in answers[:3])
    json.dumps([answer.text for answer in answers]).encode()
    for wrong in ([None], [7], [b"dog"], ["fine", ["dog"]]):
        with pytest.raises(RnnkitError, match=r"Sentence \d is a .*; expected a string"):
            task.predict(wrong)
    for wrong in (7, None):
        with pytest.raises(RnnkitError, match="to be translated is a .*; expected a string or a list of them"):
            task.predict(wrong)


@pytest.mark.slow
def test_names_that_nobody_knows_are_carried_over():
    task = trained()
    assert task.target_pieces.encode("Zuzu").tolist() == [SPECIALS.index("<UNKNOWN>")]
    assert [task.predict(text).text for text in (UNSEEN, "Kim old tree Lee", "Éva sees 2021")] == [
        TRANSLATED, "Lee Baum alt Kim", "2021 sieht Éva",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_picture_of_attention_shows_where_words_come_from(tmp_path):
    seen, source, target = trained().attention(UNSEEN)
    assert source == ["▁big", "▁dog", "▁sees", "▁Zuzu", "<END>"] and target[1:] == ["▁sieht", "▁Hund", "▁groß", "<END>"]
    assert seen[:4].argmax(-1).tolist() == [3, 2, 1, 0]
    trained().draw_explanation(UNSEEN, tmp_path / "seen.png")
    assert (tmp_path / "seen.png").stat().st_size > 5000


@pytest.mark.slow
def test_the_picture_is_of_the_translation_that_is_printed(command, tmp_path, monkeypatch):
    from rnnkit import plots

    run, drawn = copied(tmp_path / "run"), []
    monkeypatch.setattr(plots, "attention_map", lambda weights, source, target, path: drawn.append(target))
    how = {"beam_width": 9, "coverage_penalty": 10.0}  # words not looked at weigh so much that it says too many
    given = [" ".join(words) for words in itertools.permutations(list(WORDS)[:5], 2)]
    usual, asked = (task.predict(given, **each) for task, each in ((trained(), {}), (trained(), how)))
    text, answer = next((text, b.text) for text, a, b in zip(given, usual, asked, strict=True) if a.text != b.text)
    code, out, _ = command("predict", run, text, "--beam-width", 9, "--coverage-penalty", 10, "--plot", "x.png")
    assert (code, out.splitlines()[0]) == (0, answer)
    assert trained().target_pieces.join(drawn[0][:-1]) == answer


@pytest.mark.slow
def test_ways_to_decode():
    task, given = trained(), [source for source, _ in pairs(12, seed=6)]
    best = task.predict(given, n_best=3)
    assert [answer.text for answer in best] == [answer.text for answer in task.predict(given)]
    for answer in best:
        scores = [answer.score, *(score for _, score in answer.others)]
        assert scores == sorted(scores, reverse=True) and 1 < len(scores) <= 3
    greedy = [answer.text for answer in task.predict(given, beam_width=1)]
    assert greedy == [answer.text for answer in task.predict(given, strategy="greedy")]
    drawn = [task.predict(given, strategy="sample", seed=seed, temperature=2.0) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "how, message",
    [
        ({"n_best": 9}, "a beam of 3 finds only as many. Widen the beam: --beam-width 9"),
        ({"beam_width": 0}, "beam_width is 0; expected a whole number from 1"),
        ({"beam_width": "5"}, "beam_width is '5'; expected a whole number"),
        ({"strategy": "bream"}, "Did you mean 'beam'"),
        ({"beamwidth": 3}, "Unknown option 'beamwidth'. Did you mean 'beam_width'"),
        ({"temperature": 5.0}, "temperature 5.0 is for the strategy 'sample', and this one is 'beam'"),
        ({"strategy": "sample", "n_best": 2}, "n_best 2 is for the strategy 'beam', and this one is 'sample'"),
        ({"strategy": "sample", "top_p": 0}, "top_p is 0"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_alike_in_keras_and_on_a_phone(how, message):
    said = []
    for translator in (trained(), rnnkit.lite.load(exported())):
        with pytest.raises(RnnkitError, match=message) as error:
            translator.predict(UNSEEN, **how)
        said.append(str(error.value))
    assert said[0] == said[1] and "\n" not in said[0]


@pytest.mark.slow
def test_the_n_best_are_different_texts_from_all_of_the_beam():
    pieces = Pieces("bpe", ["▁a", "b", "▁ab", "▁b"])
    ids = np.array([[[4, 5, END, 0], [6, END, 0, 0], [7, END, 0, 0], [4, 4, END, 0], [5, END, 0, 0]]])
    scores = np.array([[-1.0, -2.0, -3.0, -4.0, -1e9]])
    for n_best, others in ((1, ()), (2, (("b", -3.0),)), (9, (("b", -3.0), ("a a", -4.0)))):
        [answer] = translations_of(ids, scores, None, ["x"], pieces, pieces, n_best)
        assert answer == Translation("ab", -1.0, others)
    for how in ({"n_best": 3}, {"n_best": 2, "beam_width": 9}):
        for answer in trained().predict([source for source, _ in pairs(12, seed=6)], **how):
            texts = [answer.text, *(text for text, _ in answer.others)]
            assert len(set(texts)) == len(texts) and (len(texts) == 2 or "beam_width" not in how)


@pytest.mark.slow
def test_a_run_trained_for_greedy_can_be_asked_for_a_beam(monkeypatch):
    monkeypatch.setattr(trained().options, "beam_width", 1)
    assert trained().search() == {"strategy": "greedy", "beam_width": 1, "length_penalty": 1.0, "coverage_penalty": 0.0}
    assert trained().search(beam_width=3, n_best=2)["strategy"] == "beam"


@pytest.mark.slow
def test_an_untrained_task_says_so():
    for call in (lambda t: t.predict("dog"), lambda t: t.export("x"), lambda t: t.finetune(pairs(20)),
                 lambda t: t.outputs(trained().parts.test)):  # fmt: skip
        with pytest.raises(RnnkitError, match="not trained"):
            call(rnnkit.Translator(**OPTIONS))


# ---------------------------------------------------------------------- going on with a trained Run

MORE = {**WORDS, "zebra": "Zebra", "bird": "Vogel"}


@pytest.mark.slow
def test_new_words_start_at_the_mean_and_old_ones_stay():
    task = rnnkit.Translator(**OPTIONS)
    report = task.preprocessing.learn(task.read(pairs(300, seed=2, words=MORE)), parent=trained().preprocessing).report
    assert report["unknown_rate"] < report["unknown_rate_before"] < 0.5
    task.network = task.build()
    said = task.copy_from(trained())
    names = task.target_pieces.pieces
    assert names[: len(trained().target_pieces)] == trained().target_pieces.pieces and {"▁Zebra", "▁Vogel"} <= set(
        names
    )
    more = [len(getattr(task, side)) - len(getattr(trained(), side)) for side in ("source_pieces", "target_pieces")]
    assert f"; {more[0]} new subwords of the source, {more[1]} of the target, which start at the mean" in said
    for side in ("source", "target"):
        old, new = (each.network.get_layer(f"{side}_embedding").get_weights()[0] for each in (trained(), task))
        assert len(new) > len(old) and np.array_equal(new[: len(old)], old)
        assert new[len(old) :] == pytest.approx(
            np.tile(old[len(SPECIALS) :].mean(0), (len(new) - len(old), 1)), abs=1e-6
        )
    others = [layer.name for layer in task.network.layers if layer.weights and "embedding" not in layer.name]
    for name in others:
        assert same(task.network.get_layer(name).get_weights(), trained().network.get_layer(name).get_weights())


@pytest.mark.slow
def test_finetune_gives_a_new_run_and_leaves_the_old_task_alone(tmp_path):
    before = [weight.copy() for weight in weights(trained())]
    task = trained().finetune(pairs(300, seed=2, words=MORE), to=tmp_path / "new", epochs=4, learning_rate=0.02)
    assert same(before, weights(trained())) and task.results["test"]["bleu"] > 60
    assert task.predict("zebra sees old Kim").text == "Kim alt sieht Zebra"
    assert rnnkit.load(tmp_path / "new").predict(UNSEEN) == task.predict(UNSEEN)
    assert (task.options.epochs, task.results["settings"]["start"]) == (4, str(trained().folder))


@pytest.mark.slow
@pytest.mark.parametrize("before, after", [(0.0, 0.4), (0.4, 0.0), (0.4, 0.2)])
def test_scheduled_sampling_can_change_and_begins_anew(before, after):
    old = rnnkit.Translator(**{**OPTIONS, "units": 8, "attention": "dot", "decoder_units": 6},
                            scheduled_sampling=before)  # fmt: skip
    old.preprocessing.learn(old.read(pairs(60)))
    old.network = old.build()
    if before:
        old.network.get_layer("scheduled_sampling").seen.assign(700.0)
    task = rnnkit.Translator(**{**old.options.to_dict(), "scheduled_sampling": after})
    task.source_pieces, task.target_pieces = old.source_pieces, old.target_pieces
    task.network = task.build()
    task.copy_from(old)
    sampling = "scheduled_sampling"
    for layer in task.network.layers:
        if layer.name != sampling:
            assert same(layer.get_weights(), old.network.get_layer(layer.name).get_weights())
    if after:
        assert float(task.network.get_layer(sampling).seen) == 0


@pytest.mark.slow
def test_finetune_may_change_what_is_no_size(tmp_path):
    changed = {"scheduled_sampling": 0.2, "coverage_loss": 0.5, "dropout": 0.3, "label_smoothing": 0.0, "truncate": 3}
    task = trained().finetune(pairs(60, seed=2), to=tmp_path / "new", epochs=1, **changed)
    assert {name: getattr(task.options, name) for name in changed} == changed
    back = rnnkit.load(tmp_path / "new").finetune(pairs(60, seed=3), epochs=1, scheduled_sampling=0.0)
    assert np.isfinite(back.history[0]["loss"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "changed", [{"units": 6}, {"cell": "lstm"}, {"decoder_cell": "lstm"}, {"decoder_units": 6}, {"layers": 2},
                {"bidirectional": False}, {"attention": "dot"}, {"input_feeding": True}, {"embedding_size": 5},
                {"tied": "none"}, {"unit": "bpe"}, {"joint": True}, {"heads": 2}],
)  # fmt: skip
def test_sizes_cannot_change(changed, tmp_path):
    with pytest.raises(RnnkitError, match=f"{next(iter(changed))} is .* in the trained Run and cannot change"):
        trained().finetune(pairs(40), to=tmp_path / "new", **changed)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------- broken Runs


@pytest.mark.slow
@pytest.mark.parametrize("name", ["source.pieces", "target.pieces"])
def test_preprocessing_that_is_missing_or_does_not_fit(name, tmp_path):
    run = copied(tmp_path / "run")
    file = run / "preprocessing" / name
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:-2]), encoding="utf-8")
    with pytest.raises(RnnkitError, match="does not fit") as error:
        rnnkit.load(run)
    assert "\n" not in str(error.value)
    file.unlink()
    with pytest.raises(RnnkitError, match="cannot be read"):
        rnnkit.load(run)


# ---------------------------------------------------------------------- batches


@pytest.mark.slow
def test_the_decoder_reads_what_came_before(monkeypatch):
    task = trained()
    encoded = task.encode_pairs([("dog", "Hund"), ("dog sees Kim", "Kim sieht Hund")])
    (source, before), target = task.collate(encoded, np.arange(2))
    assert source.shape[1] % 4 == before.shape[1] % 4 == 0 and before.shape == target.shape
    assert (before[:, 0] == START).all() and not (before == END).any()
    for row, ids in enumerate(encoded.targets):
        assert target[row, : len(ids)].tolist() == ids.tolist() and not target[row, len(ids) :].any()
        assert before[row, 1 : len(ids)].tolist() == ids[:-1].tolist() and not before[row, len(ids) :].any()


@pytest.mark.slow
def test_made_up_rows_are_sentences_of_known_pieces():
    rows = trained().preprocessing.made_up(20)
    assert len(rows) == 20 and all(re.fullmatch(r"\S+( \S+)*", text) for text in rows.sources)
    assert trained().validate(trained().network, rows)["loss"] > 1  # else no gradients could be measured on them
    assert rows.inputs.lengths.max() <= OPTIONS["max_length"]


# ---------------------------------------------------------------------- the command line


@pytest.fixture
def command(monkeypatch, command_line, tmp_path):
    """Runs the command line in this process: command("predict", run, "text") gives code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return command_line


@pytest.mark.slow
def test_translations_on_the_command_line(command, tmp_path):
    run = copied(tmp_path / "run")
    assert command("predict", run, UNSEEN, "dog") == (0, f"{TRANSLATED}\nHund\n", "")
    code, out, _ = command("predict", run, UNSEEN, "--n-best", 3, "--plot", "pictures/seen.png")
    lines = out.splitlines()
    assert code == 0 and lines[0] == UNSEEN and lines[1].endswith(f"  {TRANSLATED}") and len(lines) == 5
    assert lines[-1] == "drawn pictures/seen.png" and (tmp_path / "pictures" / "seen.png").stat().st_size > 5000
    code, out, _ = command("predict", run, UNSEEN, "", "--json", "--n-best", 2)
    first, second = map(json.loads, out.splitlines())
    assert code == 0 and (first["input"], first["translation"], second["input"]) == (UNSEEN, TRANSLATED, "")
    assert len(first["others"]) == 1 and first["others"][0]["score"] < first["score"]
    code, out, _ = command("evaluate", run)
    assert code == 0 and re.search(r"BLEU +\d", out) and re.search(r"bleu signature +nrefs:1\|case:mixed", out)
    write_csv(tmp_path / "few.csv", pairs(9, seed=3))
    assert json.loads(command("evaluate", run, "few.csv", "--json")[1])["rows"] == 9


@pytest.mark.slow
def test_the_exported_translator_on_the_command_line(command, tmp_path):
    run = copied(tmp_path / "run")
    shutil.copytree(exported(), run / "lite")
    assert command("predict", run, UNSEEN, "dog", "--tflite") == (0, f"{TRANSLATED}\nHund\n", "")
    said = [command("predict", run, UNSEEN, "--n-best", 3, *lite) for lite in ([], ["--tflite"])]
    words = [[line.split(maxsplit=1)[1] for line in out.splitlines()] for _, out, _ in said]
    assert words[0] == words[1] and said[1][0] == 0
    write_csv(tmp_path / "few.csv", pairs(9, seed=3))
    assert json.loads(command("evaluate", run, "few.csv", "--tflite", "--json")[1])["bleu"] > 90


@pytest.mark.slow
def test_slips_get_one_line(command, tmp_path):
    run = copied(tmp_path / "run")
    write_csv(tmp_path / "odd.csv", pairs(9), header="english,german")
    for words, code, message in (
        (("predict", run, "dog", "--n-best", 9), 1, "a beam of 3 finds only as many"),
        (("predict", run, "dog", "--beam-width", 0), 1, "beam_width is 0; expected a whole number from 1"),
        (("predict", run, "dog", "--explain"), 1, "--explain is not for translator but for"),
        (("predict", run, "dog", "cat", "--plot", "x.png"), 1, "--plot draws one answer, with Keras; give one input"),
        (("predict", run, "dog", "--plot", tmp_path), 1, "is a folder. Give --plot another file."),
        (
            ("predict", "imdb_sentiment", "a film", "--n-best", 2),
            1,
            "--n-best is not for text_classifier; leave",
        ),
        (("predict", run, "dog", "--tflite"), 1, "no such folder"),
        (("check", "translator", "odd.csv"), 1, "has no column 'source'"),
        (("check", "translator", "odd.csv", "--label", "x"), 2, "--label"),
        (("export", run, "--quantize", "int8"), 1, "translator cannot be exported as int8"),
    ):
        answered, out, err = command(*words)
        assert (answered, out) == (code, "") and message in err and err.count("\n") == 1, (words, out, err)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["odd.csv", "run"]
    assert command("check", "translator", "odd.csv", "--source", "english", "--target", "german")[0] == 0


@pytest.mark.slow
def test_from_a_csv_to_a_phone_and_on_to_other_sentences(command, tmp_path):
    write_csv(tmp_path / "mine.csv", pairs(60))
    options = {**OPTIONS, "epochs": 1}
    flags = [part for name, value in options.items() if not isinstance(value, bool)
             for part in (f"--{name.replace('_', '-')}", value)]  # fmt: skip
    code, out, err = command("train", "translator", "mine.csv", *flags, "--no-joint", "--to", "run")
    assert code == 0 and "\nBLEU " in out and "next: rnnkit export run" in out and "epoch 1/1" in err
    code, out, _ = command("export", "run", "--data", "mine.csv", "--quantize", "none")
    assert code == 0 and "same answer" in out and "next: rnnkit predict run --tflite" in out
    code, out, _ = command("finetune", "run", "mine.csv", "--epochs", 1, "--to", "tuned")
    assert code == 0 and (tmp_path / "tuned" / "model.keras").is_file() and "saved tuned" in out


@pytest.mark.parametrize("words", [("train", "translator"), ("check", "translator"), ("predict",)])
def test_help_fits_80_columns(words, command):
    code, out, _ = command(*words, "--help-all" if words == ("predict",) else "--help")
    assert code == 0 and max(map(len, out.splitlines())) <= 80
    assert ("--n-best" in out) == (words == ("predict",)) and "--source" in out
