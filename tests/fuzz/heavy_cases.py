"""Readers that need TensorFlow: whole Runs with their weights, what loaded ones are asked, and trainings that go on."""

import functools
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fuzz import recording_cases, run_cases, samples
from fuzz.case import Case, only_file
from fuzz.edits import edit, edited, files
from fuzz.json_edits import json_edit, json_edited
from fuzz.made import Made
from hypothesis import strategies as st
from tasks import captioning, forecasting, sequencing, sounding, speaking, tagging, tiny, translating, writing

import rnnkit
from rnnkit.run import folder as runs
from rnnkit.tasks.language_model.sample import split_text
from rnnkit.tasks.tree_classifier.sample import make_trees

MODEL = runs.MODEL
_TREE = "((good) (film))"


def heavy_cases() -> list[Case]:
    """The cases; making them builds a small network of every task."""
    found = []
    rows = {"text_classifier": samples.tables(), "multilabel_classifier": samples.label_sets(),
            "forecaster": samples.series(),
            "sequence_classifier": samples.sequences(), "sound_classifier": recording_cases.tables(),
            "speech_recognizer": recording_cases.tables(), "token_tagger": samples.tagged(),
            "translator": samples.pairs(),
            "tree_classifier": samples.trees(), "language_model": samples.texts(),
            "music_model": samples.tunes()}  # fmt: skip
    for key in small_tasks():
        sound = samples.files_of(small_run(key))
        load, ask, evaluate = (functools.partial(read, key) for read in (_load, _ask, _evaluate))
        made = st.one_of(run_cases.folders(sound), _weights(sound))
        run_made, asked_made = Made(sound), Made({}, (run_cases.PLAIN,))
        found += [
            Case(f"Run: load {key}", made, load, run_cases.answers, stranger=True, heavy=True, plain=run_made,
                 share=0.3),
            Case(f"Run: ask {key}", run_cases.asked(), ask, run_cases.answers, heavy=True, plain=asked_made, share=0.3),
        ]  # fmt: skip
        if key in rows:
            made = files(rows[key])
            if key in recording_cases.KEYS:
                made = made.flatmap(recording_cases.with_sounds)
            found.append(Case(f"Run: evaluate {key}", made, evaluate, _figures, heavy=True, share=0.3))
    begun = samples.files_of(_begun())
    made = run_cases.folders(begun)
    return [
        *found,
        Case("training: resume", made, _resume, _trained, heavy=True, writes=True, plain=Made(begun), share=0.1),
    ]


def _figures(figures: Any) -> bool:
    return isinstance(figures, dict) and len(figures) > 0


def _trained(task: Any) -> bool:
    return 0 <= task.results["test"]["accuracy"] <= 1 and len(task.history) == 2


@functools.cache
def small_tasks() -> Mapping[str, Callable[[], Any]]:
    """For each task a function that gives one with a small network, untrained, ready to be saved."""
    small = {"units": 3, "embedding_size": 4}
    return {
        "text_classifier": lambda: _built(rnnkit.TextClassifier(**tiny.OPTIONS), tiny.rows(60)),
        "multilabel_classifier": lambda: _built(rnnkit.MultilabelClassifier(**tiny.OPTIONS), tiny.label_sets(60)),
        "sequence_classifier": lambda: _built(rnnkit.SequenceClassifier(**sequencing.OPTIONS), sequencing.rows(60)),
        "sound_classifier": lambda: _built(rnnkit.SoundClassifier(**sounding.OPTIONS), sounding.rows()),
        "speech_recognizer": lambda: _built(rnnkit.SpeechRecognizer(**speaking.OPTIONS), speaking.rows()),
        "forecaster": lambda: _built(rnnkit.Forecaster(**forecasting.OPTIONS), forecasting.series()),
        "token_tagger": lambda: _built(rnnkit.TokenTagger(**tagging.OPTIONS), tagging.sentences(60)),
        "translator": lambda: _built(rnnkit.Translator(**{**translating.OPTIONS, "units": 8}), translating.pairs(80)),
        "tree_classifier": lambda: _built(rnnkit.TreeClassifier(**small), list(make_trees(60))),
        "language_model": lambda: _built(
            rnnkit.LanguageModel(**writing.WRITER), split_text(writing.VERSE * 60, "verses")
        ),
        "music_model": lambda: _built(rnnkit.MusicModel(**writing.WRITER), writing.tunes()),
        "image_captioner": lambda: _built(rnnkit.ImageCaptioner(**captioning.OPTIONS), captioning.scenes()),
    }


def _verses() -> Any:
    return split_text(writing.VERSE * 60, "verses")


def _built(task: Any, source: Any) -> Any:
    task.preprocessing.learn(task.read(source))
    task.network = task.build()
    return task


@functools.cache
def small_run(key: str) -> Path:
    """A Run of the task, untrained."""
    folder = samples.scratch() / key
    small_tasks()[key]().save(folder)
    return folder


@functools.cache
def _loaded(key: str) -> Any:
    return rnnkit.load(small_run(key))


def _weights(sound: Mapping[str, bytes]) -> st.SearchStrategy[Made]:
    """A Run whose file of weights is edited inside: one of the members of its zip."""
    with zipfile.ZipFile(io.BytesIO(sound[MODEL])) as file:
        members = {name: file.read(name) for name in file.namelist()}

    def made(name: str, byte_edits: Any, json_edits: Any, compress: bool) -> Made:
        changed = dict(members)
        if name.endswith(".json") and json_edits:
            changed[name] = json_edited(members[name], json_edits)
        else:
            changed[name] = edited(members[name], byte_edits)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as file:
            for each, content in changed.items():
                file.writestr(zipfile.ZipInfo(each), content)
        return Made({**sound, MODEL: packed.getvalue()}, (name, byte_edits, json_edits, compress))

    names = st.sampled_from(sorted(members, key=lambda name: not name.endswith(".h5")))
    edits = st.lists(edit(), min_size=1, max_size=3)
    return st.builds(made, names, edits, st.lists(json_edit(), max_size=2), st.booleans())


def _load(key: str, folder: Path, made: Made) -> Any:
    task = rnnkit.load(folder)
    return _answers(task, task.key, run_cases.PLAIN)


def _ask(key: str, folder: Path, made: Made) -> Any:
    return _answers(_loaded(key), key, str(made.how[0]))


def _answers(task: Any, key: str, asked: str) -> Any:
    if key == "tree_classifier" and asked == run_cases.PLAIN:
        asked = _TREE
    if key == "sequence_classifier" and asked == run_cases.PLAIN:
        asked = "0.5,1 0.25,-1"
    if key == "image_captioner" and asked == run_cases.PLAIN:
        return task.predict(captioning.pictures(1)[0])
    return run_cases.answered(task, key, asked)


def _evaluate(key: str, folder: Path, made: Made) -> Any:
    return _loaded(key).evaluate(only_file(folder, made))


@functools.cache
def _begun() -> Path:
    """A folder with a training that broke off after its first epoch."""
    import keras

    class Break(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                raise KeyboardInterrupt

    folder = samples.scratch()
    try:
        _beginner().fit(tiny.rows(60), to=folder / "run", callbacks=(Break(),))
    except KeyboardInterrupt:
        return folder
    raise AssertionError("the training was to break off")


def _beginner() -> Any:
    return rnnkit.TextClassifier(**{**tiny.OPTIONS, "epochs": 2}, cell="gru")


def _resume(folder: Path, made: Made) -> Any:
    return _beginner().fit(tiny.rows(60), to=folder / "run", resume=True)
