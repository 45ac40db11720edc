"""A Run folder that somebody else has had in their hands."""

import errno
import json
import os
import zipfile

import numpy as np
import pytest
from tasks.tiny import OPTIONS, copied, trained

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.run import target as targets


def change(path, **values):
    """Sets keys of a JSON file; an option is named options__NAME."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for name, value in values.items():
        *outer, last = name.split("__")
        place = content
        for key in outer:
            place = place[key]
        place[last] = value
    path.write_text(json.dumps(content), encoding="utf-8")


def refused(folder):
    with pytest.raises(RnnkitError) as caught:
        rnnkit.load(folder)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 600
    return message


@pytest.mark.parametrize(
    "values, message",
    [
        ({"options__unts": 3}, "Unknown option 'unts'. Did you mean 'units'?"),
        ({"options__units": "5"}, "expected a whole number"),
        ({"options__units": 10**12}, "expected a whole number from 1 to 4096"),
        ({"options__units": 6}, "does not fit"),
        ({"options__cell": "../../evil"}, "Unknown cell"),
        ({"options__layers": 2}, "does not fit"),
        ({"options__embedding_size": -1}, "expected a whole number"),
        ({"options": [1, 2]}, "does not describe a Run"),
        ({"options": 7}, "does not describe a Run"),
        ({"task": "os.system"}, "Unknown task 'os.system'"),
        ({"task": ["text_classifier"]}, "Unknown task"),
        ({"task": "base"}, "Unknown task"),
        ({"format": 99}, "has Run format 99, this rnnkit reads 1"),
    ],
)
def test_a_changed_config_is_refused(values, message, tmp_path):
    run = copied(tmp_path / "run")
    change(run / "config.json", **values)
    assert message in refused(run)


@pytest.mark.parametrize("garbage", ["", "{", "[" * 100_000, "null", "[]", '"text"', "{}", "\x00\x01", "NaN"])
@pytest.mark.parametrize("name", ["config.json", "metrics.json"])
def test_json_garbage(name, garbage, tmp_path):
    run = copied(tmp_path / "run")
    (run / name).write_text(garbage)
    if (name, garbage) == ("metrics.json", "{}"):
        assert rnnkit.load(run).results == {}
    else:
        assert name in refused(run)


@pytest.mark.parametrize("name", ["metrics.json", "model.keras", "preprocessing/vocab.txt", "preprocessing/labels.txt"])
def test_missing_files(name, tmp_path):
    run = copied(tmp_path / "run")
    (run / name).unlink()
    assert name in refused(run)


@pytest.mark.parametrize("name", ["preprocessing/vocab.txt", "preprocessing/labels.txt", "metrics.json", "config.json"])
def test_bytes_that_are_no_text(name, tmp_path):
    run = copied(tmp_path / "run")
    (run / name).write_bytes(b"\xff\xfe\xff\n" * 10)
    assert name in refused(run)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.99])
def test_truncated_weights(share, tmp_path):
    run = copied(tmp_path / "run")
    whole = (run / "model.keras").read_bytes()
    (run / "model.keras").write_bytes(whole[: int(len(whole) * share)])
    assert "model.keras is no whole zip file" in refused(run)


def test_another_number_of_labels_or_words_does_not_fit(tmp_path):
    run = copied(tmp_path / "run")
    (run / "preprocessing" / "labels.txt").write_text("a\nb\nc\n")
    assert "does not fit" in refused(run)
    (run / "preprocessing" / "labels.txt").write_text("a\na\n")
    assert "two or more different labels" in refused(run)
    run = copied(tmp_path / "other")
    with open(run / "preprocessing" / "vocab.txt", "a") as file:
        file.write(f"more {len(trained().vocabulary)}\n")
    assert "does not fit" in refused(run)


def test_code_in_the_keras_file_is_not_run(tmp_path):
    """The network is built from config.json's options; of model.keras only the numbers are read."""
    run, mark = copied(tmp_path / "run"), tmp_path / "executed"
    code = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    evil = {
        "module": "builtins", "class_name": "exec", "registered_name": None,
        "config": {"args": [code], "function": {"class_name": "__lambda__", "config": {"value": code}}},
    }  # fmt: skip
    with zipfile.ZipFile(run / "model.keras") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts["config.json"] = json.dumps(evil).encode()
    with zipfile.ZipFile(run / "model.keras", "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    assert rnnkit.load(run).predict("a good film").probability == pytest.approx(
        trained().predict("a good film").probability, abs=1e-6
    )
    assert not mark.exists()


def test_names_that_are_no_run(tmp_path):
    copied(tmp_path / "reviews")
    for name, message in [
        ("reviws", "Did you mean 'reviews'?"),
        ("a long review, given in place of a Run. " * 30, "is no name of a folder"),
        ("a\0b", "There is no Run"),
    ]:
        assert message in refused(tmp_path / name)
    assert "is no Run: it has no config.json" in refused(tmp_path)
    (tmp_path / "begun.partial").mkdir()
    assert "--resume" in refused(tmp_path / "begun")


@pytest.mark.parametrize("target", ["", ".", "..", "file", "full", "file/below", "a\0b", "x" * 300])
def test_targets_that_cannot_be_a_run(target, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    to = tmp_path / target if target not in ("", ".", "..") else type(tmp_path)(target)
    with pytest.raises(RnnkitError, match="--to"):
        targets.check_target(to)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "mine.txt"]


def test_a_folder_that_may_not_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(RnnkitError, match="may not be written to"):
        targets.check_target(tmp_path / "run")


def test_saving_replaces_a_run_whole(tmp_path):
    run = copied(tmp_path / "run")
    rnnkit.load(run).save(run)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert rnnkit.load(run).predict("a good film").probability == pytest.approx(
        trained().predict("a good film").probability, abs=1e-6
    )


def test_a_full_disk_while_saving_leaves_the_old_run(tmp_path, monkeypatch):
    run = copied(tmp_path / "run")
    before = (run / "config.json").read_bytes()
    task = rnnkit.load(run)

    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(RnnkitError, match="cannot be written .No space left on device."):
        task.save(run)
    assert (run / "config.json").read_bytes() == before


def test_options_of_a_run_are_those_it_was_trained_with():
    options = json.loads((trained().folder / "config.json").read_text())["options"]
    assert {name: options[name] for name in OPTIONS} == OPTIONS


def test_half_precision_is_half_the_size_and_nearly_the_same(tmp_path):
    task = rnnkit.load(trained().folder)
    task.save(tmp_path / "whole")
    task.save(tmp_path / "half", half=True)
    assert {path.name for path in (tmp_path / "half").iterdir()} == {
        path.name for path in (tmp_path / "whole").iterdir()
    }
    again = rnnkit.load(tmp_path / "half")
    for exact, rounded in zip(task.network.get_weights(), again.network.get_weights(), strict=True):
        assert rounded.dtype == exact.dtype
        np.testing.assert_allclose(rounded, exact.astype("float16").astype("float32"))
    import keras

    keras.saving.load_model(tmp_path / "half" / "model.keras")  # Keras reads it too
    stored = zipfile.ZipFile(tmp_path / "half" / "model.keras").read("model.weights.h5")
    (tmp_path / "w.h5").write_bytes(stored)
    import h5py

    with h5py.File(tmp_path / "w.h5") as file:
        kinds = set()
        file.visititems(lambda name, each: kinds.add(str(each.dtype)) if isinstance(each, h5py.Dataset) else None)
    assert "float16" in kinds and "float32" not in kinds
