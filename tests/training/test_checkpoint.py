"""A checkpoint that somebody else has had in their hands."""

import io
import os
import zipfile

import numpy as np
import pytest
from alarm import at_most
from training.test_resume import compiled, row

from rnnkit.errors import RnnkitError
from rnnkit.training import checkpoint


def saved(path, arrays=(), **progress):
    """A checkpoint of two epochs, with some of its arrays and of what it says of its progress in other ones."""
    model = compiled()
    told = {"epoch": 2, "best_score": 0.5, "best_epoch": 1, "history": [row(1), row(2)], "finished": False, **progress}
    checkpoint.save_checkpoint(path, model, model.get_weights(), checkpoint.Progress(**told))
    if arrays:
        with np.load(path) as file:
            np.savez(path.with_suffix(".new.npz"), **{**file, **dict(arrays)})
        os.replace(path.with_suffix(".new.npz"), path)
    return path


def refused_checkpoint(path, epochs=3):
    model = compiled()
    before = [np.array(weight) for weight in model.get_weights()]
    with pytest.raises(RnnkitError, match="is no checkpoint of this model") as error:
        checkpoint.load_checkpoint(path, model, epochs)
    message = str(error.value)
    assert "\n" not in message and len(message) < 700 and "Delete its folder, or train without --resume." in message
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))  # nothing half-read
    return message


@pytest.mark.parametrize(
    "progress, message",
    [
        ({"epoch": "x"}, "epoch 'x'"),
        ({"epoch": -5}, "epoch -5; expected 1 to 3"),
        ({"epoch": 4}, "epoch 4; expected 1 to 3"),
        ({"epoch": True}, "epoch True"),
        ({"epoch": 1.5}, "epoch 1.5"),
        ({"history": None}, "history None"),
        ({"history": []}, "0 rows for 2 epochs"),
        ({"history": [row(1), None]}, "epoch 2 of its history"),
        ({"history": [row(1), {"epoch": 2}]}, "epoch 2 of its history"),
        ({"history": [row(1), row(2, extra=1.0)]}, "epoch 2 of its history"),
        ({"history": [row(1), row(1)]}, "epoch 2 of its history says epoch 1"),
        ({"history": [row(1, loss="x"), row(2)]}, "epoch 1 of its history says loss 'x'"),
        ({"history": [row(1, loss=[]), row(2)]}, "epoch 1 of its history says loss []"),
        ({"history": "ab"}, "history 'ab'"),
        ({"best_epoch": 99}, "best_epoch 99; expected 1 to 2"),
        ({"best_epoch": 0}, "best_epoch 0"),
        ({"best_score": None}, "best_score None"),
        ({"best_score": "high"}, "best_score 'high'"),
        ({"finished": 1}, "finished 1"),
    ],
)
def test_progress_that_cannot_be_is_refused(progress, message, tmp_path):
    assert message in refused_checkpoint(saved(tmp_path / "c.npz", **progress))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "null", "3", "{}", '{"epoch": 1, "epoch": 2}', '{"epoch": ' + "9" * 5000 + "}", "\xff"]
)
def test_progress_that_is_no_progress_is_refused(text, tmp_path):
    content = np.frombuffer(text.encode("latin-1"), np.uint8)
    assert "progress" in refused_checkpoint(saved(tmp_path / "c.npz", {"progress": content}))


@pytest.mark.parametrize(
    "arrays, message",
    [
        ({"best_0": np.zeros((3, 5), np.float32)}, "best_0 is float32 [3, 5]"),
        ({"best_0": np.zeros((3, 2), np.float64)}, "best_0 is float64 [3, 2]"),
        ({"best_0": np.full((3, 2), np.nan, np.float32)}, "best_0 has numbers that are not finite"),
        ({"variable_1": np.full(2, np.inf, np.float32)}, "variable_1 has numbers that are not finite"),
        ({"variable_0": np.array(["ab"] * 6).reshape(3, 2)}, "variable_0 is <U2"),
        ({"best_99": np.zeros(2)}, "'best_99' is the first odd one"),
        ({"progress": np.zeros((2, 2), np.uint8)}, "progress is uint8 [2, 2]"),
    ],
)
def test_arrays_that_are_not_the_models_are_refused(arrays, message, tmp_path):
    assert message in refused_checkpoint(saved(tmp_path / "c.npz", arrays))


def packed(path, name, shape, length):
    """Adds a member to a zip file: an array of zeros that unpacks to much more than it is, or says that it would."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w", force_zip64=True) as file:
        file.write(header.getvalue())
        for _ in range(length >> 24):
            file.write(bytes(1 << 24))


def test_an_array_that_unpacks_to_much_more_is_never_unpacked(tmp_path, monkeypatch):
    path = saved(tmp_path / "c.npz")
    packed(path, "huge.npy", (1 << 26,), 1 << 28)
    monkeypatch.setattr(np.lib.format, "read_array", None)  # what unpacks
    assert "to 256.0 MiB, which no honest one does" in refused_checkpoint(path)


def test_an_array_that_says_it_has_four_gigabytes_is_never_made(tmp_path, monkeypatch):
    path = tmp_path / "c.npz"
    with zipfile.ZipFile(saved(tmp_path / "old.npz")) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if name != "best_0.npy":
                new.writestr(name, old.read(name))
    packed(path, "best_0.npy", (1 << 30,), 0)
    monkeypatch.setattr(np.lib.format, "read_array", None)
    assert "best_0 is float32 [1073741824]" in refused_checkpoint(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_in_place_of_a_checkpoint_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "c.npz")
    with at_most(20):
        assert "is a named pipe" in refused_checkpoint(tmp_path / "c.npz")
