"""Cross-validation: what each fold learns from and is tested on, in every task; resumed without training again."""

import json

import numpy as np
import pytest
from tasks import captioning, sequencing, tagging, tiny, translating, writing

import rnnkit
from rnnkit.data.folds import folds_of
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.cross_validation import cross_validate
from rnnkit.tasks.tree_classifier.sample import make_trees

SMALL = {**tiny.OPTIONS, "cell": "simple_rnn", "epochs": 1}


def tasks():
    """A task of each kind, not trained, and raw data for it."""
    texts = [f"the film {number} is good and long" for number in range(40)]
    return {
        "text_classifier": (rnnkit.TextClassifier(**tiny.OPTIONS), tiny.rows(60, ("neg", "pos", "so so"))),
        "multilabel_classifier": (rnnkit.MultilabelClassifier(**tiny.OPTIONS), tiny.label_sets(60)),
        "token_tagger": (rnnkit.TokenTagger(**tagging.OPTIONS), tagging.sentences(60)),
        "sequence_classifier": (rnnkit.SequenceClassifier(**sequencing.OPTIONS), sequencing.rows(60)),
        "translator": (rnnkit.Translator(**translating.OPTIONS), translating.pairs(90)),
        "tree_classifier": (rnnkit.TreeClassifier(min_count=1), list(dict.fromkeys(map(str, make_trees(60))))),
        "language_model": (rnnkit.LanguageModel(min_count=1, batch_size=2), texts),
        "music_model": (rnnkit.MusicModel(batch_size=2, transpose=0), writing.tunes()),
    }


def learnt_from(task, data, chosen, fold):
    rest, tested = (
        [data.examples[place] for place in np.flatnonzero(each)] for each in (chosen != fold, chosen == fold)
    )
    return task.preprocessing.learn(data.opened(rest), data.opened(tested, test=True))


@pytest.mark.parametrize("key", tasks())
def test_each_fold_is_learnt_without_and_tested_alone(key):
    task, source = tasks()[key]
    data = task.in_folds(task.read(source))
    assert len(data.examples) == len(data.keys) == len(set(data.keys))
    assert bool(data.labels) == (task.answers_labels or task.answers_label_sets)
    chosen = folds_of(data, 3)
    for fold in range(3):
        parts = learnt_from(task, data, chosen, fold)
        assert len(parts.test) == (chosen == fold).sum()
        assert len(parts.train) + len(parts.validation) == (chosen != fold).sum()


@pytest.mark.slow
def test_pictures_of_a_fold_are_tested_alone():
    task = rnnkit.ImageCaptioner(**captioning.OPTIONS)
    source = task.read(captioning.scenes())
    data = task.in_folds(source)
    assert len(data.examples) == len(source.parts["train"])
    chosen = folds_of(data, 3)
    parts = learnt_from(task, data, chosen, 1)
    assert len(parts.test.pictures) == (chosen == 1).sum()
    assert len(parts.train.pictures) == (chosen != 1).sum()
    assert len(parts.validation.pictures) == len(source.parts["validation"])


def test_given_parts_serve_every_fold_or_are_left_alone():
    task = rnnkit.TokenTagger(**tagging.OPTIONS)
    source = task.read(tagging.sentences(60))
    source.validation, source.test, source.sentences = source.sentences[:5], source.sentences[5:9], source.sentences[9:]
    data = task.in_folds(source)
    parts = learnt_from(task, data, folds_of(data, 3), 0)
    assert (len(data.examples), len(parts.validation), len(parts.test)) == (51, 5, 17)


@pytest.mark.parametrize(
    ("how", "said"),
    [({"folds": 1}, "folds is 1; expected a whole number from 2"), ({"folds": 2.0}, "folds is 2.0; expected"),
     ({"repeats": 0}, "repeats is 0; expected a whole number from 1"), ({"folds": 99}, "12 different examples cannot")],
)  # fmt: skip
def test_what_cannot_be_is_said_before_anything_is_trained(how, said, tmp_path):
    with pytest.raises(RnnkitError, match=said):
        cross_validate(rnnkit.TextClassifier(**SMALL), tiny.rows(12), to=tmp_path / "x.folds", **how)
    assert list(tmp_path.iterdir()) == []


def test_one_long_text_has_no_folds(tmp_path):
    file = tmp_path / "long.txt"
    file.write_text("a line of text\n" * 99)
    with pytest.raises(RnnkitError, match="long.txt is one long text, and folds take many"):
        cross_validate(rnnkit.LanguageModel(unit="character"), file)


@pytest.mark.slow
def test_finished_folds_are_not_trained_again(tmp_path, capsys):
    task, data, to = rnnkit.TextClassifier(**SMALL), tiny.rows(60), tmp_path / "x.folds"
    whole = cross_validate(task, data, folds=3, repeats=2, to=to)
    assert task.network is None and (to / "folds.png").is_file()
    said = capsys.readouterr().err
    assert "fold 3 of 3, repetition 2 of 2: accuracy" in said and "epoch" not in said
    assert json.loads((to / "folds.json").read_text()) == json.loads(json.dumps(whole))
    assert [(one["repetition"], one["fold"]) for one in whole["results"]] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)
    ]  # fmt: skip
    assert sum(one["test"] for one in whole["results"][:3]) == 60
    broken_off = {**whole, "results": [{**whole["results"][0], "figures": {"accuracy": 0.123}}, *whole["results"][1:4]]}
    (to / "folds.json").write_text(json.dumps(broken_off))
    again = cross_validate(task, data, folds=3, repeats=2, to=to, resume=True)
    figures = [one["figures"] for one in again["results"]]
    assert figures == [{"accuracy": 0.123}, *(one["figures"] for one in whole["results"][1:])]
    assert again["summary"]["accuracy"]["mean"] == pytest.approx(
        np.mean([each["accuracy"] for each in figures]), abs=1e-5
    )
    said = capsys.readouterr().err
    assert "fold 2 of 3, repetition 2 of 2" in said and "fold 1 of 3, repetition 2" not in said
    with pytest.raises(RnnkitError, match="was started with folds 3, now it is 2"):
        cross_validate(task, data, folds=2, repeats=2, to=to, resume=True)
    with pytest.raises(RnnkitError, match="was started with other data"):
        cross_validate(task, tiny.rows(60, seed=5), folds=3, repeats=2, to=to, resume=True)
