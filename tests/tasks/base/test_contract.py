"""The task contract on every task: quick points here, the whole under `make check-tasks`; and planted faults."""

import numpy as np
import pytest
from tasks import captioning, forecasting, sequencing, sounding, speaking, tagging, tiny, translating, writing

import rnnkit
from rnnkit import tasks
from rnnkit.tasks.text_classifier.preprocessing import LabelledText
from rnnkit.testing import ContractError, check_task

#: Raw rows, of many lengths, and the options of a training of seconds.
VARIED = [(" ".join(text.split()[: 2 + place % 7]), label) for place, (text, label) in enumerate(tiny.rows(60))]
TREES = [f"({i % 2} ({i % 2} w{i}) ({i % 2} {'(0 a) (1 b)' if i % 3 else 'good'}))" for i in range(40)]
GIVEN = {
    "multilabel_classifier": (tiny.label_sets(60), tiny.OPTIONS),
    "forecaster": (forecasting.rows(), forecasting.OPTIONS, forecasting.inputs()),
    "sequence_classifier": (sequencing.rows(), sequencing.OPTIONS),
    "sound_classifier": (sounding.rows(), sounding.OPTIONS),
    "speech_recognizer": (speaking.rows(40), speaking.OPTIONS),
    "text_classifier": (VARIED, tiny.OPTIONS),
    "token_tagger": (tagging.sentences(60), tagging.BARE),
    "translator": (translating.pairs(60), translating.OPTIONS),
    "language_model": ([(text,) for text, _ in VARIED], {**writing.WRITER, "epochs": 2}),
    "music_model": (writing.tunes(), {**writing.WRITER, "epochs": 2}),
    "tree_classifier": (TREES, {"units": 4, "embedding_size": 4, "epochs": 2, "min_count": 1}),
}


def test_every_task_is_here_but_for_pictures():
    assert {*GIVEN, "image_captioner"} == set(tasks.names()) and captioning.OPTIONS  # its rows are files


@pytest.mark.parametrize("key", GIVEN)
def test_quick_points(key):
    rows, options, *inputs = GIVEN[key]
    report = check_task(tasks.get(key), rows, options=options, inputs=next(iter(inputs), None), points=(1, 2, 3, 9))
    assert [result.status for result in report.results] == ["passed"] * 4


@pytest.mark.slow
@pytest.mark.parametrize("key", GIVEN)
def test_whole_contract(key):
    rows, options, *inputs = GIVEN[key]
    check_task(tasks.get(key), rows, options=options, inputs=next(iter(inputs), None))


class OneDigest(LabelledText):
    def learn(self, source, test=None, parent=None):
        splits = super().learn(source, test, parent)
        splits.digest = "the same"
        return splits


class FixedDigest(rnnkit.TextClassifier):
    preprocessing_class = OneDigest


class Unmasked(rnnkit.TextClassifier):
    def build(self, how=None):
        from rnnkit.tasks.base.build import Build

        return super().build(Build(masked=False, training=bool(how and how.training)))


class Sharing(rnnkit.TextClassifier):
    def copy_from(self, parent):
        said = super().copy_from(parent)
        for weight in parent.network.weights:
            weight.assign(np.zeros(weight.shape))
        return said


def refused(task_class, point):
    with pytest.raises(ContractError) as caught:
        check_task(task_class, VARIED, options=tiny.OPTIONS, points=(point,))
    return str(caught.value)


def test_what_is_printed_afterwards_is_seen(capsys):
    from rnnkit.training.progress import console

    check_task(rnnkit.TextClassifier, VARIED, options=tiny.OPTIONS, points=(9,))
    console.print("after")
    assert "after" in capsys.readouterr().err


def test_a_constant_digest_is_found():
    assert "point 2" in (said := refused(FixedDigest, 2)) and "without the last row" in said


@pytest.mark.slow
def test_an_ignored_mask_is_found():
    assert "The padding is not masked" in refused(Unmasked, 4)


@pytest.mark.slow
def test_a_finetuning_that_changes_the_old_task_is_found():
    assert "of the old task" in refused(Sharing, 8)
