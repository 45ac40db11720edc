"""Large data are encoded once: a second training maps what the first kept, and is the same training."""

import os
import sys

import numpy as np
import pandas as pd
import pytest
from tasks import tiny

import rnnkit
from rnnkit.data import known_files
from rnnkit.data.growing import is_mapped
from rnnkit.tasks.base import kept_parts
from rnnkit.tasks.shared.labelled_texts import LabelledTexts


@pytest.fixture
def data(monkeypatch, tmp_path):
    """A table that counts as large."""
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    for module in (known_files, kept_parts):
        monkeypatch.setattr(module, "LARGE", 100)
    monkeypatch.setattr(known_files, "KNOWN", 100)
    monkeypatch.setattr(known_files, "_SAMPLE", 10)
    path = tmp_path / "rows.csv"
    pd.DataFrame(tiny.rows(80), columns=["text", "label"]).to_csv(path, index=False)
    return path


@pytest.fixture
def learnt(monkeypatch):
    """How often data were learnt from."""
    calls, learn = [], LabelledTexts.learn

    def counted(preprocessing, *given):
        calls.append(1)
        return learn(preprocessing, *given)

    monkeypatch.setattr(LabelledTexts, "learn", counted)
    return calls


def fit(data, **options):
    return rnnkit.TextClassifier(**{**tiny.OPTIONS, "epochs": 1, "class_weights": True, **options}).fit(data)


def prepare(data, **options):
    """The same without a network."""
    task = rnnkit.TextClassifier(**{**tiny.OPTIONS, **options})
    task.parts = kept_parts.learnt(task.preprocessing, task.read(data), None, None)
    return task


def same(one, other):
    parts = [[getattr(task.parts, name) for name in ("train", "validation", "test")] for task in (one, other)]
    return all(
        np.array_equal(a.inputs.flat, b.inputs.flat)
        and np.array_equal(a.inputs.offsets, b.inputs.offsets)
        and np.array_equal(a.targets, b.targets)
        for a, b in zip(*parts, strict=True)
    )


def kept(tmp_path):
    return sorted((tmp_path / "cache" / "encoded").iterdir())


def test_the_second_training_learns_nothing_anew_and_is_the_same(data, learnt, tmp_path, capsys):
    first, second = fit(data), fit(data, learning_rate=tiny.OPTIONS.get("learning_rate", 0.002))
    assert len(learnt) == 1 and "data as encoded before" in capsys.readouterr().err
    weights = zip(first.network.get_weights(), second.network.get_weights(), strict=True)
    assert same(first, second) and all(np.array_equal(a, b) for a, b in weights)
    assert is_mapped(second.parts.train.inputs.flat)
    assert first.parts.digest == second.parts.digest and first.results["data"] == second.results["data"]
    assert np.array_equal(first.preprocessing.uncut_lengths, second.preprocessing.uncut_lengths)
    assert np.array_equal(first.preprocessing.class_weights, second.preprocessing.class_weights)
    assert second.predict("a good film") == first.predict("a good film")
    assert len(kept(tmp_path)) == 1


def test_other_settings_of_training_use_the_same_and_others_of_the_data_do_not(data, learnt):
    prepare(data)
    prepare(data, units=7, batch_size=5, embedding_size=9, dropout=0.3, class_weights=True)
    assert len(learnt) == 1
    for options in ({"seed": 5}, {"validation_share": 0.2}, {"max_length": 4}, {"unit": "character"}):
        before = len(learnt)
        prepare(data, **options)
        assert len(learnt) == before + 1, options


def test_a_changed_file_is_read_anew(data, learnt):
    prepare(data)
    text = data.read_text()
    data.write_text(text.replace("good", "fine"))
    os.utime(data, (1, 1))
    prepare(data)
    assert len(learnt) == 2
    data.write_text(text)  # the first again, written later
    prepare(data)
    assert len(learnt) == 2


def test_what_was_damaged_is_made_again(data, learnt, tmp_path):
    first = prepare(data)
    [folder] = kept(tmp_path)
    names = ("parts.json", "train_flat.npy", "validation_offsets.npy", "beside_uncut_lengths.npy")
    for number, name in enumerate(names):
        (folder / name).write_bytes(b"damaged")
        assert same(first, prepare(data)) and len(learnt) == number + 2, name


def test_few_are_kept(data, tmp_path):
    for seed in range(1, 7):
        prepare(data, seed=seed)
    assert len(kept(tmp_path)) == 4


def test_a_cache_that_cannot_be_written_stops_nothing(data, monkeypatch, tmp_path, capsys):
    (tmp_path / "cache").write_text("a file")
    prepare(data)
    assert "cannot be kept" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_full_disk_stops_nothing_and_is_named(data, monkeypatch, tmp_path, capsys):
    import resource

    write, most = kept_parts._write, resource.getrlimit(resource.RLIMIT_FSIZE)

    def limited(path, array):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, most[1]))
        try:
            write(path, array)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, most)

    monkeypatch.setattr(kept_parts, "_write", limited)
    assert len(prepare(data).parts.train)
    said = capsys.readouterr().err
    assert "(File too large), so the next training reads them anew. Make room, or name another folder" in said
    assert not kept(tmp_path)


def test_test_rows_in_memory_are_read_each_time(data, learnt):
    task = rnnkit.TextClassifier(**tiny.OPTIONS)
    for _ in range(2):
        rows, test = (task.read(each, None) for each in (data, tiny.rows(20)))
        kept_parts.learnt(task.preprocessing, rows, test, None)
    assert len(learnt) == 2


def test_a_preprocessing_of_ones_own_is_not_kept(data, tmp_path):
    task = rnnkit.TextClassifier(**tiny.OPTIONS)

    class LabelledText(type(task.preprocessing)):
        def fold(self, word):
            return word[:1]

    kept_parts.learnt(LabelledText(task.options), task.read(data), None, None)
    assert not (tmp_path / "cache" / "encoded").exists()


def test_small_data_and_those_in_memory_are_not_kept(data, monkeypatch, tmp_path):
    prepare(tiny.rows(60))
    monkeypatch.setattr(kept_parts, "LARGE", 2**26)
    prepare(data)
    assert not (tmp_path / "cache" / "encoded").exists()


def test_of_many_parts_each_is_known_at_the_second_start(monkeypatch, tmp_path):
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    path, found = tmp_path / "part-1.csv", []
    path.write_text("text,label\n" + "good film,yes\n" * 200_000)  # 3 MB: large data may be in a thousand of such
    for _ in range(2):
        assert known_files.known(path, "encoding", lambda: found.append(1) or "utf-8") == "utf-8"
    assert len(found) == 1
