"""Sentences in, tags and entities out: data in every form, trained, saved, gone on with, on the command line."""

import json
import re
from functools import partial

import keras
import numpy as np
import pytest
from tasks.tagging import BARE, OPTIONS, UNSEEN, copied, sentences, trained, write_conll

import rnnkit
from rnnkit import cells
from rnnkit.codec.tag_schemes import from_iob2, repair
from rnnkit.codec.word_features import joined
from rnnkit.errors import RnnkitError
from rnnkit.metrics.entities import entity_scores
from rnnkit.tasks.base.build import Build

SOFTMAX = {"cell": "mgu", "head": "softmax", "characters": "none", "casing_size": 0}
ONE_EPOCH = {**OPTIONS, "epochs": 1}


def weights(task):
    return task.network.get_weights()


def same(ours, theirs):
    return len(ours) == len(theirs) and all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def entities(answer):
    return [(found.text, found.type, found.start, found.end) for found in answer.entities]


# ---------------------------------------------------------------------- training and the Run


@pytest.mark.parametrize(
    "changed", [{}, pytest.param(SOFTMAX, id="softmax", marks=pytest.mark.slow),
                pytest.param({"cell": "lstm", "characters": "rnn", "tag_scheme": "iob2"}, id="lstm",
                             marks=pytest.mark.slow)],
)  # fmt: skip
def test_it_learns(changed):
    task = trained(**changed)
    test = task.results["test"]
    assert (test["f1"], test["precision"], test["recall"], test["accuracy"]) == (1, 1, 1, 1)
    assert test["rows"] == 16 and set(test["types"]) == {"LOC", "PER"}
    assert entities(task.predict(UNSEEN)) == [
        ("Bob  Price", "PER", 11, 21), ("Ann", "PER", 26, 29), ("New York", "LOC", 33, 41)
    ]  # fmt: skip
    letters = "BI" if task.options.tag_scheme == "iob2" else "BIES"
    assert task.labels == ["O", *(f"{letter}-{kind}" for kind in ("LOC", "PER") for letter in letters)]
    assert ("crf" in [layer.name for layer in task.network.layers]) == (task.options.head == "crf")


@pytest.mark.slow
def test_a_run_holds_what_the_design_says_and_no_sentence_of_the_data():
    run = trained().folder
    names = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert names == {
        "config.json", "metrics.json", "history.csv", "model.keras", "preprocessing/vocab.txt",
        "preprocessing/labels.txt", "preprocessing/characters.txt", "plots/learning_curves.png",
        "plots/confusion.png", "plots/types.png", "plots/transitions.png",
    }  # fmt: skip
    assert not (trained(**SOFTMAX).folder / "plots" / "transitions.png").exists()
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    data = metrics["data"]
    assert (data["name"], data["train"], data["validation"], data["test"]) == ("tagged.conll", 96, 48, 16)
    assert (data["scheme"], data["repaired"], data["left_out"], data["unknown_rate"]) == ("iob2", 0, 0, 0)
    assert len(data["sha256"]) == 64 and set(data["labels"]) == {"LOC", "PER"}
    for name in ("vocab.txt", "characters.txt"):
        assert re.fullmatch(r"(\S+ \d+\n)+", (run / "preprocessing" / name).read_text(encoding="utf-8"))
    text = " ".join(path.read_text(encoding="utf-8") for path in run.rglob("*") if path.suffix in (".txt", ".json"))
    pairs = {" ".join(pair) for tokens, _ in sentences() for pair in zip(tokens, tokens[1:], strict=False)}
    assert [pair for pair in pairs if pair in text] == []


@pytest.mark.slow
def test_the_watched_figure_is_the_f1_of_its_own_answers():
    task = trained()
    lines = (task.folder / "history.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,loss,val_f1,val_loss") and len(lines) == 1 + OPTIONS["epochs"]
    scored = [row["val_f1"] for row in task.history]
    assert scored[0] < 1 and max(scored) == 1 == task.results["validation"]["f1"]
    assert scored[task.results["best_epoch"] - 1] == max(scored)
    encoded = task.parts.validation
    poor = task.build()  # of untrained weights, so that it is no 0 or 1
    poor.get_layer("logits").set_weights(task.network.get_layer("logits").get_weights())
    for name in ("embedding", "recurrent"):
        poor.get_layer(name).set_weights(task.network.get_layer(name).get_weights())
    task.compile(poor, 10)
    truth, guess = task._rows_of_tags(encoded, task._best_tags(poor, encoded))
    figures = task.validate(poor, encoded)
    assert figures["f1"] == entity_scores(truth, guess)["f1"] and set(figures) == {"f1", "loss"}
    assert [list(tags) for tags in truth] == [repair(tags) for tags in truth]


@pytest.mark.slow
def test_metrics_are_those_of_the_predictions():
    task, data = trained(**SOFTMAX), sentences(40, seed=8)
    wrong = [(tokens, ["O" if place == 0 else tag for place, tag in enumerate(tags)]) for tokens, tags in data]
    found = task.evaluate(wrong)
    guess = [answer.tags for answer in task.predict([list(tokens) for tokens, _ in data])]
    expected = entity_scores([repair(tags) for _, tags in wrong], guess)
    assert {name: found[name] for name in ("f1", "precision", "recall", "types")} == expected
    assert 0 < found["f1"] < 1 and found["rows"] == 40 and found["tokens"] == sum(len(tags) for _, tags in data)


@pytest.mark.slow
def test_a_saved_run_gives_the_same_tags(tmp_path):
    task = trained()
    given = [UNSEEN, *(list(tokens) for tokens, _ in sentences(20, seed=3))]
    loaded = rnnkit.load(task.folder)
    assert loaded.predict(given) == task.predict(given) and same(weights(loaded), weights(task))
    loaded.save(tmp_path / "again")
    assert rnnkit.load(tmp_path / "again").predict(given) == task.predict(given)


@pytest.mark.slow
@pytest.mark.parametrize("options, seeds", [(BARE, (1, 1)), (OPTIONS, (1, 1, 2))], ids=["bare", "all"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(options, seeds):
    options = {**options, "epochs": 1, "word_dropout": 0.2, "dropout": 0.2, "embedding_dropout": 0.2}
    fits = [rnnkit.TokenTagger(**options, seed=seed).fit(sentences(40)) for seed in seeds]
    assert same(weights(fits[0]), weights(fits[1])) and fits[0].results["test"] == fits[1].results["test"]
    assert not any(same(weights(fits[0]), weights(other)) for other in fits[2:])


@pytest.mark.slow
@pytest.mark.parametrize("number, cell", list(enumerate(cells.names())))
def test_every_cell_plugs_in(number, cell):
    """In words and in characters, with either head; without compiling a graph, which is most of the time."""
    options = {"cell": cell, "characters": ("rnn", "cnn")[number % 2], "head": ("softmax", "crf")[number // 2 % 2]}
    task = rnnkit.TokenTagger(**{**OPTIONS, "units": 8, **options, "bidirectional": number % 3 > 0})
    parts = task.preprocessing.learn(task.read(sentences(20)))
    task.network = task.build(Build(training=True))
    task.compile(task.network, 1)
    task.network.run_eagerly = True
    before = [weight.copy() for weight in weights(task)]
    inputs, targets = task.collate(parts.train, np.arange(4))
    assert np.isfinite(task.network.train_on_batch(inputs, targets))
    assert not same(before, weights(task)) and all(np.isfinite(weight).all() for weight in weights(task))
    tags = task.outputs(parts.test)
    assert tags.shape == parts.test.truth.shape and 0 <= tags.min() and tags.max() < len(task.labels)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"mixed_precision": True, "layers": 2, "residual": True, "zoneout": 0.1, "recurrent_dropout": 0.1},
        {"omega": 0.1, "bidirectional": False, "characters": "rnn"},
        {"initial_state": "learned", "truncate": 3, "characters": "rnn", "clipvalue": 0.5, "global_clipnorm": 0.0},
        {"min_count": 3, "vocabulary_size": 12, "characters_size": 8, "word_dropout": 0.3, "rare_word_dropout": 0.9},
        {"batch_size": 1000, "max_length": 3, "word_length": 1, "units": 1, "embedding_size": 1, "head": "softmax"},
    ],
)
def test_other_options(options, tmp_path):
    task = rnnkit.TokenTagger(**{**ONE_EPOCH, **options}).fit(sentences(60), to=tmp_path / "run")
    assert np.isfinite(task.history[0]["loss"]) and 0 <= task.results["test"]["f1"] <= 1
    assert rnnkit.load(tmp_path / "run").predict(UNSEEN) == task.predict(UNSEEN)
    assert {weight.dtype for weight in weights(task)} == {np.dtype("float32")}


@pytest.mark.slow
def test_interrupted_and_resumed_ends_where_the_undisturbed_training_ends(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    data, to = trained().folder.with_name("tagged.conll"), tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        rnnkit.TokenTagger(**OPTIONS).fit(data, to=to, callbacks=(Stop(),))
    assert not to.exists()
    with pytest.raises(RnnkitError, match="was started with head 'crf', now it is 'softmax'"):
        rnnkit.TokenTagger(**OPTIONS, head="softmax").fit(data, to=to, resume=True)
    rnnkit.TokenTagger(**OPTIONS).fit(data, to=to, resume=True)
    assert same(weights(rnnkit.load(to)), weights(trained()))


def test_a_finished_run_is_not_trained_again(tmp_path, capsys):
    run = copied(tmp_path / "run")
    rnnkit.TokenTagger(**OPTIONS).fit(trained().folder.with_name("tagged.conll"), to=run, resume=True)
    assert "already trained with these settings and data" in capsys.readouterr().err


# ---------------------------------------------------------------------- data


def parts_of(source, **options):
    task = rnnkit.TokenTagger(**{**OPTIONS, **options})
    return task, task.preprocessing.learn(task.read(source))


@pytest.mark.parametrize("kind", ["conll", "conll4", "iobes", "csv", "tsv", "text", "frame", "jsonl"])
def test_every_form_of_data_is_the_same_data(kind, tmp_path):
    import csv

    import pandas as pd

    data = sentences(40)
    task, expected = parts_of(data)
    file = tmp_path / f"tagged.{kind if kind in ('csv', 'tsv', 'jsonl') else 'csv' if kind == 'text' else 'conll'}"
    rows = [(token, tag, f"s{number}") for number, (tokens, tags) in enumerate(data)
            for token, tag in zip(tokens, tags, strict=True)]  # fmt: skip
    match kind:
        case "conll" | "conll4":
            write_conll(file, data, 4 if kind == "conll4" else 2)
        case "iobes":
            write_conll(file, [(tokens, from_iob2(tags, "iobes")) for tokens, tags in data])
        case "csv" | "tsv" | "frame":
            frame = pd.DataFrame(rows, columns=["token", "tag", "sentence"])
            frame.to_csv(file, index=False, sep="\t" if kind == "tsv" else ",")
            file = frame if kind == "frame" else file
        case "jsonl":
            file.write_text("".join(json.dumps({"tokens": a, "ner_tags": b}) + "\n" for a, b in data))
        case "text":
            answers = [(" ".join(tokens), spans_in_characters(tokens, tags)) for tokens, tags in data]
            with file.open("w", newline="", encoding="utf-8") as target:
                csv.writer(target).writerows([("text", "entities"), *((a, json.dumps(b)) for a, b in answers)])
    other, parts = parts_of(file)
    assert parts.digest == expected.digest and parts.report["repaired"] == 0
    assert (other.vocabulary.words, other.characters.words) == (task.vocabulary.words, task.characters.words)
    for part in ("train", "validation", "test"):
        ours, theirs = getattr(parts, part), getattr(expected, part)
        assert np.array_equal(ours.inputs.flat, theirs.inputs.flat) and np.array_equal(ours.truth, theirs.truth)


def spans_in_characters(tokens, tags):
    """Entities as (start, end, label) in the tokens joined by blanks."""
    found, place = [], 0
    for token, tag in zip(tokens, tags, strict=True):
        if tag[0] == "B":
            found.append([place, 0, tag[2:]])
        if tag != "O":
            found[-1][1] = place + len(token)
        place += len(token) + 1
    return found


def test_tags_that_continue_nothing_are_repaired_and_counted_or_refused(tmp_path):
    broken = [(tokens, [tag.replace("B-", "I-", 1) if tokens[0] == "in" else tag for tag in tags])
              for tokens, tags in sentences(40)]  # fmt: skip
    file = write_conll(tmp_path / "broken.conll", broken)
    _, parts = parts_of(file, scheme="iob2")
    _, expected = parts_of(sentences(40))
    count = sum(tag[0] == "B" for tokens, tags in sentences(40) if tokens[0] == "in" for tag in tags)
    assert parts.report["repaired"] == count > 3 and parts.digest == expected.digest
    lines = file.read_text().split("\n")
    line = next(number for number in range(1, len(lines)) if lines[number - 1 : number + 1] == ["", "in O"]) + 2
    message = rf"broken\.conll line {line}: I-LOC follows O; .*Correct it, or leave --strict out"
    with pytest.raises(RnnkitError, match=message) as error:
        rnnkit.TokenTagger(**OPTIONS, scheme="iob2", strict=True).fit(file, to=tmp_path / "run")
    assert "\n" not in str(error.value) and [path.name for path in tmp_path.iterdir()] == ["broken.conll"]


@pytest.mark.parametrize(
    "data, test, message",
    [
        ([(tokens, ["O"] * len(tags)) for tokens, tags in sentences(40)], None, "every tag is O"),
        (sentences(2), None, r"too few different sentences \(2\) to leave any for test"),
        (sentences(1) * 40, None, r"too few different sentences \(1\) to leave any for"),
        (
            sentences(20),
            sentences(20),
            r"too few different sentences that are in no given part \(0\) to leave any for train and validation",
        ),
        ([(["Ann"], ["B-PER", "O"])], None, "1 tokens and 2 tags"),
        ([(["Ann"], ["B-PER"], 3)], None, "expected a pair of tokens and tags"),
        ([], None, "The list is empty"),
        (7, None, "expected a file name, a folder, a data frame, or a list"),
        ("nowhere.conll", None, "There is no file nowhere.conll"),
        ([(["Ann"], ["B-PER"]), (["Bob"], ["X-PER"])], None, "sentence 2: the tag 'X-PER' is none of iob2"),
    ],
)
def test_data_that_cannot_be_used_leaves_nothing_behind(data, test, message, tmp_path):
    with pytest.raises(RnnkitError, match=message) as error:
        rnnkit.TokenTagger(**OPTIONS).fit(data, test, to=tmp_path / "deep" / "run")
    assert "\n" not in str(error.value) and list(tmp_path.iterdir()) == []


def test_types_that_the_model_does_not_know_are_refused():
    with pytest.raises(RnnkitError, match="the label 'B-LCO', which this model does not know. Did you mean 'B-LOC'"):
        trained().evaluate(sentences(5, place="LCO"))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"cell": "lsmt"}, "Did you mean 'lstm'"),
        ({"head": "crff"}, "Did you mean 'crf'"),
        ({"characters": "lstm"}, "expected one of cnn, rnn, none"),
        ({"tag_scheme": "bilou"}, "expected one of iob2, iobes"),
        ({"scheme": "iobse"}, "Did you mean 'iobes'"),
        ({"word_length": 0}, "expected a whole number from 1"),
        ({"pooling": "mean"}, "Unknown option 'pooling'"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(RnnkitError, match=message):
        rnnkit.TokenTagger(**options)


# ---------------------------------------------------------------------- what goes in and comes out


def test_sentences_in_any_form():
    task = trained()
    tokens = "nobody met Bob Price and Ann in New York .".split()
    listed, joined = task.predict([tokens, tuple(tokens)])
    assert listed == joined and listed.text == " ".join(tokens) and listed.tokens == tuple(tokens)
    assert listed.tags == task.predict(UNSEEN).tags == task.predict([UNSEEN])[0].tags
    assert task.predict(iter([UNSEEN])) == task.predict((UNSEEN,)) == task.predict(np.array([UNSEEN]))
    assert [found.text for found in listed.entities] == ["Bob Price", "Ann", "New York"]
    assert task.predict(["in", "Rome"])[1].tokens == ("Rome",), "a list holds sentences"


def test_places_are_those_in_the_raw_sentence():
    text = "\t😀  Bob \u00a0 Price — Ann\u0301 met  Ann in\nNew   York… \ud800"
    answer = trained().predict(text)
    assert answer.text == text and len(answer.tags) == len(answer.tokens)
    assert [(found.text, found.type) for found in answer.entities if found.text != "Ann\u0301"] == [
        ("Bob \u00a0 Price", "PER"), ("Ann", "PER"), ("New   York", "LOC"),
    ]  # fmt: skip
    assert all(text[found.start : found.end] == found.text for found in answer.entities)


@pytest.mark.slow
def test_long_sentences_are_cut_and_joined():
    task = trained()
    tokens = [token for row, _ in sentences(12, seed=4) for token in row]
    whole = task.predict([tokens])[0]
    room = OPTIONS["max_length"]
    cut = task.predict([tokens[start : start + room] for start in range(0, len(tokens), room)])
    assert len(tokens) > 3 * room and whole.tags == tuple(joined([tag for piece in cut for tag in piece.tags], room))
    by_itself, beside = task.predict(UNSEEN), task.predict([tokens, UNSEEN, "", tokens[:3]])
    assert beside[1] == by_itself and beside[0] == whole and beside[2].tags == () and len(beside[3].tags) == 3
    tags = [tag for _, row in sentences(12, seed=4) for tag in row]
    scored = task.evaluate([(tokens, tags)])
    assert scored["tokens"] == len(tokens) and scored["rows"] == 1
    assert sum(row["entities"] for row in scored["types"].values()) == sum(tag.startswith("B-") for tag in tags)


def test_nothing_gives_nothing():
    task = trained()
    assert task.predict([]) == []
    for empty in ("", "  \n", [], ()):
        [answer] = task.predict([empty])
        assert (answer.tokens, answer.tags, answer.entities) == ((), (), ())
    assert task.predict("").text == ""


@pytest.mark.parametrize("given", [None, 7, b"Ann", [None], ["fine", 3], [["Ann", 3]], [["Ann", ""]], {3: "Ann"}])
def test_anything_but_sentences_is_refused(given):
    with pytest.raises(RnnkitError, match="A sentence to tag is .*; expected a string, or a list of tokens") as error:
        trained().predict(given)
    assert "\n" not in str(error.value)


def test_an_untrained_task_says_so():
    for call in (lambda t: t.predict("Ann"), lambda t: t.export("x"), lambda t: t.finetune(sentences(20))):
        with pytest.raises(RnnkitError, match="not trained"):
            call(rnnkit.TokenTagger(**OPTIONS))


@pytest.mark.slow
def test_made_up_rows_have_tags_to_measure_gradients_with():
    """Without any, no gradient of the loss would be found."""
    rows = trained().preprocessing.made_up(30)
    alone = {number for number, label in enumerate(trained().labels) if label[0] in "OS"}
    assert set(rows.truth.tolist()) == alone and rows.inputs.lengths.tolist() == rows.targets.lengths.tolist()
    assert trained().validate(trained().network, rows)["loss"] > 1


# ---------------------------------------------------------------------- going on with a trained Run


def started(data):
    """A task prepared on `data` from the trained one, before its first step."""
    task = rnnkit.TokenTagger(**OPTIONS)
    parts = task.preprocessing.learn(task.read(data), parent=trained().preprocessing)
    task.network = task.build()
    return task, parts, task.copy_from(trained())


def layer(task, name):
    return task.network.get_layer(name).get_weights()


@pytest.mark.slow
def test_the_same_tags_go_on_where_the_run_ended():
    task, parts, said = started(sentences(40, seed=2))
    assert "same tags: the head is kept; 0 new words" in said and same(weights(task), weights(trained()))
    assert parts.report["unknown_rate_before"] == parts.report["unknown_rate"] == 0
    fewer = [(tokens, [tag if "PER" in tag else "O" for tag in tags]) for tokens, tags in sentences(40, seed=2)]
    assert started(fewer)[0].labels == trained().labels


@pytest.mark.slow
def test_other_tags_keep_the_encoder_and_start_the_head_anew():
    task, _, said = started(sentences(40, seed=2, place="GPE"))
    assert task.types == ["GPE", "PER"] and "new tags (GPE, PER): the encoder is kept, the head is new" in said
    for name in ("embedding", "casing_embedding", "character_encoder", "recurrent"):
        assert same(layer(task, name), layer(trained(), name))
    assert not same(layer(task, "logits"), layer(trained(), "logits")) and not layer(task, "crf")[0].any()


def test_new_words_start_at_the_mean_and_old_ones_stay():
    data = [((*tokens, "Zebra"), (*tags, "O")) for tokens, tags in sentences(40, seed=2)]
    task, parts, said = started(data)
    old, new = layer(trained(), "embedding")[0], layer(task, "embedding")[0]
    assert "1 new words start at the mean" in said and task.vocabulary.words[-1] == "zebra"
    assert task.characters.words == trained().characters.words
    assert np.array_equal(new[: len(old)], old) and new[len(old) :] == pytest.approx(old[3:].mean(0, keepdims=True))
    assert 0 < parts.report["unknown_rate_before"] < 0.3 and parts.report["unknown_rate"] == 0


@pytest.mark.slow
def test_finetune_gives_a_new_run_and_leaves_the_old_task_alone(tmp_path):
    before = [weight.copy() for weight in weights(trained())]
    data = [((*tokens, "zebra"), (*tags, "O")) for tokens, tags in sentences(60, seed=2, place="GPE")]
    task = trained().finetune(data, to=tmp_path / "new", epochs=1, batch_size=99)
    assert same(before, weights(trained())) and task.types == ["GPE", "PER"]
    assert rnnkit.load(tmp_path / "new").predict(UNSEEN) == task.predict(UNSEEN)
    assert (task.options.units, task.options.epochs, task.options.learning_rate) == (OPTIONS["units"], 1, 1e-3)
    assert task.results["settings"]["start"] == str(trained().folder)


@pytest.mark.parametrize(
    "changed", [{"units": 6}, {"cell": "lstm"}, {"layers": 2}, {"bidirectional": False}, {"head": "softmax"},
                {"embedding_size": 5}, {"characters": "rnn"}, {"character_size": 9}, {"character_units": 6},
                {"casing_size": 0}, {"word_length": 9}, {"tag_scheme": "iob2"}],
)  # fmt: skip
def test_sizes_cannot_change(changed, tmp_path):
    with pytest.raises(RnnkitError, match=f"{next(iter(changed))} is .* in the trained Run and cannot change"):
        trained().finetune(sentences(40), to=tmp_path / "new", **changed)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------- broken Runs


@pytest.mark.parametrize("name", ["vocab.txt", "labels.txt", "characters.txt"])
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


# ---------------------------------------------------------------------- the command line


@pytest.fixture
def command(monkeypatch, command_line, tmp_path):
    """Runs the command line in this process: command("predict", run, "text") gives code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return partial(command_line, stdin=b"")


@pytest.mark.slow
def test_from_a_column_file_to_a_phone(command, tmp_path):
    write_conll(tmp_path / "mine.conll", sentences(60))
    code, out, err = command("check", "token_tagger", "mine.conll")
    assert code == 0 and err == "" and "60 sentences" in out and "next: rnnkit train token_tagger mine.conll" in out
    flags = [part for name, value in BARE.items() if name != "bidirectional"
             for part in (f"--{name.replace('_', '-')}", value)]  # fmt: skip
    code, out, err = command("train", "token_tagger", "mine.conll", *flags, "--no-bidirectional", "--to", "run")
    assert code == 0 and "\nF1 " in out and "next: rnnkit export run" in out and "epoch 1/1" in err
    code, out, _ = command("evaluate", "run", "mine.conll", "--json")
    keras_figures = json.loads(out)
    named = {"f1", "precision", "recall", "accuracy", "rows", "tokens", "types", "confidence_intervals"}
    assert code == 0 and named == set(keras_figures)
    code, out, _ = command("evaluate", "run")
    assert code == 0 and "precision" in out
    code, out, _ = command("export", "run", "--data", "mine.conll", "--quantize", "none")
    assert code == 0 and "(100.0%)" in out and "next: rnnkit predict run --tflite" in out
    code, out, _ = command("evaluate", "run", "mine.conll", "--tflite", "--json")
    assert code == 0 and json.loads(out) == keras_figures
    said = [command("predict", "run", "--json", *lite, "Bob met  Ann", "") for lite in ([], ["--tflite"])]
    assert said[0] == said[1] and said[0][0] == 0
    answers = [json.loads(line) for line in said[0][1].splitlines()]
    assert [answer["tokens"] for answer in answers] == [["Bob", "met", "Ann"], []]
    code, out, _ = command("finetune", "run", "mine.conll", "--epochs", 1, "--to", "tuned")
    assert code == 0 and (tmp_path / "tuned" / "model.keras").is_file() and "saved tuned" in out
    assert command("predict", "run", "Bob met Ann")[0] == 0


COLUMNS = "Ann B-PER\nsings O\n\n"
BAD_FILES = {
    "missing": (None, "There is no file mine.conll"),
    "empty": ("", "is empty"),
    "all O": (
        "".join(f"Ann{number} O\nsings O\n\n" for number in range(30)),
        "every tag is O|no word is part of an entity",
    ),
    "one column": (COLUMNS + "alone\n", "mine.conll line 4: 'alone' stands alone"),
    "columns differ": (COLUMNS + "Bob NNP B-PER\n", "mine.conll line 4 has 3 columns"),
    "no tag": (COLUMNS * 20 + "Bob X-PER\n", "mine.conll line 61: the tag 'X-PER' is none of iob2"),
    "too few": (COLUMNS, "1 different sentence;|different sentences .1. to leave"),
}


@pytest.mark.parametrize("name", ["check", "train", "finetune", "evaluate"])
@pytest.mark.parametrize("kind", BAD_FILES)
def test_bad_files_get_one_line_and_nothing_is_written(kind, name, command, tmp_path):
    content, message = BAD_FILES[kind]
    if content is not None:
        (tmp_path / "mine.conll").write_text(content)
    before = sorted(path.name for path in tmp_path.iterdir())
    run = trained().folder if name in ("finetune", "evaluate") else "token_tagger"
    code, out, err = command(name, run, "mine.conll", *(["--to", "deep/run"] if name in ("train", "finetune") else []))
    if name == "evaluate" and kind in ("too few", "all O"):
        assert code == 0  # can be read, and be scored
    elif name == "check" and kind in ("too few", "all O"):
        assert code == 1 and re.search(message, out) and out.startswith("fail")
    else:
        assert code == 1 and out == "" and err.startswith("error: ") and err.count("\n") == 1, (code, out, err)
        assert re.search(message, err)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_slips_get_one_line(command, tmp_path):
    write_conll(tmp_path / "mine.conll", sentences(20))
    run = trained().folder
    for words, code, message in (
        (("train", "token_tager", "mine.conll"), 1, "Did you mean 'token_tagger'"),
        (("train", "token_tagger", "mine.conll", "--head", "crff"), 1, "Did you mean 'crf'"),
        (("train", "token_tagger", "mine.conll", "--scheme", "iobse"), 1, "Did you mean 'iobes'"),
        (("train", "token_tagger", "mine.conll", "--uints", "3"), 2, "--units"),
        (("train", "token_tagger", "mine.conll", "--tag", "7"), 1, "has 2 columns, none with the number 7"),
        (("train", "token_tagger", "mine.conll", "--token", "word"), 1, "no column"),
        (("export", run, "--quantize", "int8"), 1, "token_tagger cannot be exported as int8"),
        (("export", run, "--strategy", "fused", "--to", "x"), 1, "plain LSTM only"),
        (("evaluate", run, "mine.conll", "--label", "x"), 1, "--label is not for token_tagger"),
        (("finetune", run, "mine.conll", "--units", "3"), 1, "cannot change"),
        (("predict", run, "Ann", "--tflite"), 1, "no such folder"),
    ):
        answered, out, err = command(*words)
        assert (answered, out) == (code, "") and message in err and err.count("\n") == 1, (words, out, err)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.conll"]


@pytest.mark.parametrize("words", [("train", "token_tagger"), ("check", "token_tagger")])
def test_help_fits_80_columns(words, command):
    code, out, _ = command(*words, "--help")
    assert code == 0 and max(map(len, out.splitlines())) <= 80 and "--token " in out and "--entities" in out


@pytest.mark.slow
def test_it_begins_with_a_language_model(tmp_path, capsys):
    """Its words, and in the forward cell what both read; the other features' rows and the backward cell are its own."""
    texts = [" ".join(row) for row, _ in sentences()]
    shape = {"cell": "gru", "units": 20, "embedding_size": 8}
    model = rnnkit.LanguageModel(**shape, unit="token", min_count=1, batch_size=4, window=8, epochs=1)
    model.fit(texts, to=tmp_path / "lm")
    options = {**OPTIONS, "epochs": 1, "learning_rate": 1e-8}
    task = rnnkit.TokenTagger(**options, init_from=str(tmp_path / "lm")).fit(sentences())
    old, new = (each.network.get_layer("recurrent").forward_cells[0].get_weights() for each in (model, task))
    assert len(new[0]) > len(old[0]) == 8
    for before, after in zip(old, new, strict=True):
        np.testing.assert_allclose(after[: len(before)], before, atol=1e-5)
    assert "1 of its 1 recurrent layers are kept" in capsys.readouterr().err
    words = rnnkit.LanguageModel(**shape, unit="word", min_count=1, batch_size=4, window=8, epochs=1)
    words.fit(texts, to=tmp_path / "words")
    with pytest.raises(RnnkitError, match="predicts by word, and this task reads by token"):
        rnnkit.TokenTagger(**options, init_from=str(tmp_path / "words")).fit(sentences())


@pytest.mark.slow
def test_vectors_of_its_own_words_are_taken_wherever_they_stand(tmp_path):
    lines = [*(f"filling{i} 0 0 0 0 0 0 0 0" for i in range(50)), "oslo 1 2 3 4 5 6 7 8"]
    (tmp_path / "vectors.txt").write_text("\n".join(lines), encoding="utf-8")
    options = {**OPTIONS, "epochs": 1, "learning_rate": 1e-8, "vocabulary_size": 40}
    task = rnnkit.TokenTagger(**options, embeddings=str(tmp_path / "vectors.txt")).fit(sentences())
    table = task.network.get_layer("embedding").get_weights()[0]
    np.testing.assert_allclose(table[task.vocabulary.words.index("oslo")], np.arange(1, 9), atol=1e-5)
    assert len(task.vocabulary) == 40  # fillings, as far as there is room


@pytest.mark.slow
def test_words_seen_once_are_the_rare_ones():
    task = rnnkit.TokenTagger(**{**BARE, "epochs": 1, "rare_word_dropout": 0.4})
    rows_ = [*sentences(), *((("once" + chr(97 + i), "sings"), ("O", "O")) for i in range(20))]
    task.fit(rows_)
    layer = task.build().get_layer("word_dropout")
    words = task.vocabulary.words
    assert (
        all(word.startswith("once") for word in words[layer.rare_from :]) and "once" not in words[layer.rare_from - 1]
    )
    assert layer.rare_rate == 0.4


def test_a_folder_is_scored_on_its_test_part(tmp_path):
    for name, rows_ in (("train", sentences(40)), ("test", sentences(6, seed=9))):
        text = "\n\n".join("\n".join(map(" ".join, zip(*row, strict=True))) for row in rows_)
        (tmp_path / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
    assert trained().evaluate(tmp_path)["rows"] == 6
