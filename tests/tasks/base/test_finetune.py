"""Going on with a trained Run: what is kept, what starts anew."""

import numpy as np
import pytest
from tasks.tiny import OPTIONS, rows, trained

import rnnkit
from rnnkit.data.tables import open_table
from rnnkit.errors import RnnkitError


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
    assert "unknown rate before  11." in capsys.readouterr().err
    assert task.results["settings"]["start"] == str(trained().folder)
    assert (task.options.units, task.options.epochs) == (5, 1)


@pytest.mark.parametrize(
    "changed", [{"units": 6}, {"cell": "lstm"}, {"layers": 2}, {"bidirectional": True}, {"pooling": "last"},
                {"embedding_size": 5}, {"delimiters": "ascii"}],
)  # fmt: skip
def test_sizes_cannot_change(changed, tmp_path):
    with pytest.raises(RnnkitError, match="in the trained Run and cannot change"):
        trained().finetune(rows(40), to=tmp_path / "new", **changed)
    assert list(tmp_path.iterdir()) == []


def test_unknown_options_are_named(tmp_path):
    with pytest.raises(RnnkitError, match="Did you mean 'learning_rate'"):
        trained().finetune(rows(40), learning_rat=1.0)
