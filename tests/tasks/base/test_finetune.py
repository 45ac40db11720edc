"""Going on with a trained Run: what is kept, what starts anew, what is said of the data."""

import json

import numpy as np
import pytest
from tasks.tiny import OPTIONS, rows, trained

import rnnkit
from rnnkit.data.delimiters import split_at
from rnnkit.data.tables import open_table
from rnnkit.errors import RnnkitError
from rnnkit.run.figures import shown
from rnnkit.tasks.base.finetuning import findings, length_for, said_of_change


def started(data, **options):
    """A task prepared on `data` from the trained one, before its first step."""
    task = rnnkit.TextClassifier(**{**OPTIONS, **options}, cell="gru")
    parts = task.preprocessing.learn(open_table(data), parent=trained().preprocessing)
    task.network = task.build()
    return task, parts, task.copy_from(trained())


def layer(task, name):
    return task.network.get_layer(name).get_weights()


def equal(ours, theirs):
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_the_same_labels_go_on_where_the_run_ended():
    task, parts, said = started(rows(40, seed=2))
    assert "same labels" in said and "0 new words" in said
    assert equal(task.network.get_weights(), trained().network.get_weights())
    assert parts.report["unknown_rate_before"] == parts.report["unknown_rate"] == 0.0


def test_some_of_the_labels_keep_the_order_and_the_head():
    data = [(text, label) for text, label in rows(40, ("neg", "so so"), seed=2)]
    task, _, said = started([(text, label if label == "neg" else "pos") for text, label in data])
    assert task.labels == ["neg", "pos"] and "same labels" in said


def test_new_labels_keep_the_encoder_and_start_the_head_anew():
    task, _, said = started(rows(60, ("neg", "pos", "so so"), seed=2))
    assert task.labels == ["neg", "pos", "so so"] and "new labels (neg, pos, so so)" in said
    assert equal(layer(task, "recurrent"), layer(trained(), "recurrent"))
    assert layer(task, "logits")[0].shape == (5, 3)


def test_new_words_start_at_the_mean_and_old_ones_stay():
    data = [(f"{text} zebra", label) for text, label in rows(40, seed=2)]
    task, parts, said = started(data)
    old, new = layer(trained(), "embedding")[0], layer(task, "embedding")[0]
    assert "1 new words start at the mean" in said
    assert task.vocabulary.words[: len(old)] == trained().vocabulary.words and task.vocabulary.words[-1] == "zebra"
    assert np.array_equal(new[: len(old)], old) and new[len(old) :] == pytest.approx(old[3:].mean(0, keepdims=True))
    assert parts.report["unknown_rate_before"] == pytest.approx(1 / 9, abs=1e-4)
    assert parts.report["unknown_rate"] == 0.0


def test_finetune_gives_a_new_run_and_leaves_the_old_task_alone(tmp_path, capsys):
    before = [weight.copy() for weight in trained().network.get_weights()]
    task = trained().finetune(
        [(f"{text} zebra", label) for text, label in rows(40, seed=2)], to=tmp_path / "new", epochs=1
    )
    assert equal(before, trained().network.get_weights()) and not equal(before[1:], task.network.get_weights()[1:])
    assert rnnkit.load(tmp_path / "new").predict("good zebra").probability == pytest.approx(
        task.predict("good zebra").probability, abs=1e-6
    )
    said = capsys.readouterr().err
    assert "unknown rate before  11." in said and "WARNING" not in said
    assert "max_length is 16, which fits these data (the Run's: 10); --max-length N sets it." in said
    assert task.options.max_length == rnnkit.load(tmp_path / "new").options.max_length == 16
    before, after = task.results["test_before"], task.results["test"]
    assert before["rows"] == after["rows"] == len(task.parts.test) and before["confidence_intervals"]
    assert f"accuracy on the same test texts: {shown(before['accuracy'])} (" in said and ") after" in said
    recorded = json.loads((tmp_path / "new" / "metrics.json").read_text())
    assert recorded["test_before"] == before and recorded["test"] == after
    assert task.results["settings"]["start"] == str(trained().folder)
    assert (task.options.units, task.options.epochs) == (5, 1)


@pytest.mark.parametrize(
    "changed", [{"units": 6}, {"cell": "lstm"}, {"layers": 2}, {"bidirectional": True}, {"pooling": "last"},
                {"embedding_size": 5}, {"delimiters": "ascii"}, {"recurrent_initializer": "identity"}],
)  # fmt: skip
def test_sizes_cannot_change(changed, tmp_path):
    with pytest.raises(RnnkitError, match="in the trained Run and cannot change"):
        trained().finetune(rows(40), to=tmp_path / "new", **changed)
    assert list(tmp_path.iterdir()) == []


def test_unknown_options_are_named(tmp_path):
    with pytest.raises(RnnkitError, match="Did you mean 'learning_rate'"):
        trained().finetune(rows(40), learning_rat=1.0)


def test_what_a_network_keeps_nothing_of_cannot_change():
    for task, name in [(rnnkit.LanguageModel, "vocabulary_size"), (rnnkit.MusicModel, "min_count"),
                       (rnnkit.TokenTagger, "characters_size"), (rnnkit.TreeClassifier, "composition")]:  # fmt: skip
        assert name in task().fixed_options()


def test_data_of_another_language_are_named_with_what_to_do(tmp_path):
    german = "der film ist gut und lang".replace("film", "streifen").split()
    data = [(f"{' '.join(german)} {number}", ("neg", "pos")[number % 2]) for number in range(40)]
    file = tmp_path / "meine filme.csv"
    file.write_text("\n".join(["Text|Stars", *(f"{text} ü|{label}" for text, label in data)]), "cp1252")
    with split_at("|"):
        rows = open_table(file, {"text": "Text", "label": "Stars"}, encoding="cp1252")
    task, parts, _ = started(rows)
    (warns, line), *more = findings(task, trained(), parts.report, rows)
    assert warns and not more and parts.report["unknown_rate_before"] > 0.9
    assert f"of the words in meine filme.csv are unknown to {trained().folder}" in line
    assert "(it knows " in line and "these data have der, " in line
    assert (
        f"rnnkit train text_classifier '{file}' --text Text --label Stars --encoding cp1252 --delimiter '|' "
        "--to 'saved_models/meine filme_anew'" in line
    )
    assert (
        "To train anew instead: rnnkit.TextClassifier().fit(...)"
        in [*findings(task, trained(), parts.report, data)][0][1]
    )


def test_data_of_the_same_words_are_not_warned_of():
    task, parts, _ = started(rows(40, seed=2))
    assert list(findings(task, trained(), parts.report, None)) == []


def test_the_length_fits_the_new_texts_unless_it_is_given():
    task = rnnkit.TextClassifier(**OPTIONS)
    data = [(" ".join([text] * 4), label) for text, label in rows(40, seed=2)]  # 32 words
    task.preprocessing.learn(open_table(data), parent=trained().preprocessing)
    assert task.options.max_length == 10
    task.preprocessing.chooses_length = True
    parts = task.preprocessing.learn(open_table(data), parent=trained().preprocessing)
    assert task.options.max_length == 40 and parts.train.inputs.lengths.tolist() == [33] * len(parts.train)
    task.preprocessing.learn(open_table(data))
    assert task.options.max_length == 40  # as trained anew: the option stays


def test_the_length_is_no_longer_than_usual_for_a_few_long_texts():
    options = rnnkit.TextClassifier(max_length=50).options
    assert (
        length_for(np.array([5] * 99 + [4000]), options, 0.99) == 50
    )  # as before: the Run may have to read such texts again
    assert length_for(np.array([5] * 99 + [4000]), rnnkit.TextClassifier(max_length=5).options, 0.99) == 8
    assert length_for(np.array([4000] * 9), options) == 800  # the default
    assert length_for(np.array([4000] * 9), rnnkit.TextClassifier(max_length=2000).options) == 2000
    assert length_for(np.array([300]), rnnkit.Translator(max_length=20).options) == 100


def test_new_labels_are_said_to_have_had_an_untrained_head():
    task = rnnkit.TextClassifier()
    task.labels = ["a", "b"]
    task.results = {"test_before": {"accuracy": 0.5}, "test": {"accuracy": 0.75}}
    assert said_of_change(task, task) == "accuracy on the same test texts: 0.5000 before; 0.7500 after"
    assert "0.5000 before, with an untrained head for the new labels; 0.7500" in said_of_change(task, trained())
    task.results = {"test_before": {}, "test": {"accuracy": 0.75}}
    assert said_of_change(task, task) == ""
