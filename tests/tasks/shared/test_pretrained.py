"""What a network begins with: the same again when it is resumed, only what fits, and which flags it takes."""

import json
import sys

import keras
import pytest
from tasks.tiny import OPTIONS, rows, trained

import rnnkit
from rnnkit import cli
from rnnkit.data.tables import open_table
from rnnkit.errors import RnnkitError
from rnnkit.tasks._own import OWN
from rnnkit.tasks.base.word_encoder import WordEncoder

LANGUAGE = {"units": 5, "embedding_size": 4, "cell": "gru", "min_count": 1, "batch_size": 4, "window": 8, "epochs": 1}


class Stop(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def texts(seed=0):
    return [text for text, _ in rows(60, seed=seed)]


def vectors(path, first):
    path.write_text(f"good {first} 1 2 3\nbad 3 2 1 0\n", encoding="utf-8")


@pytest.mark.slow
def test_a_training_from_before_an_option_came_is_gone_on_with(tmp_path):
    """What was no option then was as its default is."""
    rnnkit.TextClassifier(**OPTIONS).fit(rows(), to=tmp_path / "run")
    path = tmp_path / "run" / "metrics.json"
    results = json.loads(path.read_text())
    del results["settings"]["options"]["average"]
    path.write_text(json.dumps(results))
    again = rnnkit.TextClassifier(**OPTIONS).fit(rows(), to=tmp_path / "run", resume=True)
    assert again.results["test"] == results["test"]
    with pytest.raises(RnnkitError, match=r"average 0.0, now it is 0.9"):
        rnnkit.TextClassifier(**OPTIONS, average=0.9).fit(rows(), to=tmp_path / "run", resume=True)


@pytest.mark.slow
@pytest.mark.parametrize("option", ["embeddings", "init_from"])
def test_a_training_is_only_resumed_with_what_it_began_with(option, tmp_path):
    def other(number):
        if option == "embeddings":
            vectors(tmp_path / "begin", number)
        else:
            rnnkit.LanguageModel(**LANGUAGE, seed=number).fit(texts(), to=tmp_path / "begin", overwrite=True)

    other(1)
    task = {**OPTIONS, "cell": "gru", option: str(tmp_path / "begin")}
    to = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        rnnkit.TextClassifier(**task).fit(rows(), to=to, callbacks=(Stop(),))
    other(2)
    for _ in range(2):
        with pytest.raises(RnnkitError, match=f"was started with other content of {option} '.*'. Resume") as caught:
            rnnkit.TextClassifier(**task).fit(rows(), to=to, resume=True)
        assert "\n" not in str(caught.value)
    other(1)
    rnnkit.TextClassifier(**task).fit(rows(), to=to, resume=True)
    other(2)
    with pytest.raises(RnnkitError, match=f"run was started with other content of {option}"):
        rnnkit.TextClassifier(**task).fit(rows(), to=to, resume=True)
    with pytest.raises(RnnkitError, match=f"was started with {option} '.*begin', now it is ''"):
        rnnkit.TextClassifier(**{**task, option: ""}).fit(rows(), to=to, resume=True)


@pytest.mark.slow
def test_runs_from_before_the_content_was_recorded_are_gone_on_with(tmp_path, capsys):
    vectors(tmp_path / "begin", 1)
    task = {**OPTIONS, "embeddings": str(tmp_path / "begin")}
    rnnkit.TextClassifier(**task).fit(rows(), to=tmp_path / "run")
    metrics = json.loads((tmp_path / "run/metrics.json").read_text())
    assert len(metrics["settings"].pop("content of embeddings")) == 64
    (tmp_path / "run/metrics.json").write_text(json.dumps(metrics))
    rnnkit.TextClassifier(**task).fit(rows(), to=tmp_path / "run", resume=True)
    assert "already trained with these settings and data" in capsys.readouterr().err


class MyTask(rnnkit.TextClassifier):
    """No language model, and yet one whose words and cells others can begin with."""

    key = "my_task"

    def word_encoder(self):
        return WordEncoder("word", self.options.delimiters, self.vocabulary.words, self.network)


@pytest.mark.slow
def test_a_task_of_a_users_own_can_be_begun_with(tmp_path):
    rnnkit.register_task(MyTask)
    try:
        old = MyTask(**{**OPTIONS, "epochs": 1}).fit(rows(60), to=tmp_path / "mine")
        new = rnnkit.TextClassifier(**OPTIONS, bidirectional=True, init_from=str(tmp_path / "mine"))
        new.preprocessing.learn(open_table(rows(60, seed=5)))
    finally:
        OWN.classes.clear()
    network = new.build()
    assert "1 of its 1 recurrent layers are kept" in new.preprocessing.initialise_weights(network)
    theirs, ours = (each.get_layer("embedding").get_weights()[0] for each in (old.network, network))
    words = old.vocabulary.words
    shared = [word for word in new.vocabulary.words[1:] if word in words]  # padding is begun with at random
    assert len(shared) > 10
    for word in shared:
        assert (ours[new.vocabulary.words.index(word)] == theirs[words.index(word)]).all()
    cells = [each.get_layer("recurrent").forward_cells[0] for each in (old.network, network)]
    for before, after in zip(*(cell.get_weights() for cell in cells), strict=True):
        assert (before == after).all()


def test_a_run_that_no_task_can_begin_with_is_refused():
    run = trained().folder
    with pytest.raises(RnnkitError, match="is a Run of text_classifier, with which no other task can begin") as caught:
        rnnkit.TextClassifier(**OPTIONS, init_from=str(run)).fit(rows(60))
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_words_that_are_split_otherwise_are_refused(tmp_path):
    rnnkit.LanguageModel(**LANGUAGE).fit(texts(), to=tmp_path / "lm")
    task = rnnkit.TextClassifier(**OPTIONS, init_from=str(tmp_path / "lm"), delimiters="ascii")
    with pytest.raises(RnnkitError, match="delimiters is 'ascii', and .*lm splits words by 'words'"):
        task.fit(rows())


@pytest.mark.slow
def test_the_next_line_names_all_that_must_be_alike(tmp_path, monkeypatch, capsys):
    file = tmp_path / "plain.txt"
    file.write_text("\n".join(texts()) + "\n", encoding="utf-8")
    flags = [
        part for name, value in {**LANGUAGE, "layers": 2}.items() for part in (f"--{name.replace('_', '-')}", value)
    ]
    more = ("--residual", "--output-layers", "1", "--depth-activation", "relu", "--to", tmp_path / "lm")
    monkeypatch.setattr(sys, "argv", ["rnnkit", "pretrain", str(file), *map(str, (*flags, *more))])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    line = capsys.readouterr().out.splitlines()[-1]
    shown = line.split("lm", 1)[1].split(" --")[1:]
    assert sorted(shown) == sorted(
        ["units 5", "layers 2", "residual", "output-layers 1", "depth-activation relu", "embedding-size 4"]
    )
