"""A Run's file of weights that was made to do harm: it is refused before it costs time or memory."""

import zipfile
import zlib

import h5py
import numpy as np
import pytest
from tasks.hostile import refused
from tasks.tiny import copied, trained

import rnnkit

WEIGHTS = "model.weights.h5"


def weights_of(run):
    with zipfile.ZipFile(run / "model.keras") as file:
        return {name: file.read(name) for name in file.namelist()}


def changed_weights(tmp_path, change, method=zipfile.ZIP_DEFLATED):
    """A Run whose HDF5 file `change` has had; told the open file and the names of its arrays of numbers."""
    run = copied(tmp_path / "run")
    parts = weights_of(run)
    scratch = tmp_path / "scratch.h5"
    scratch.write_bytes(parts[WEIGHTS])
    with h5py.File(scratch, "r+") as file:
        names = []
        file.visititems(lambda name, each: names.append(name) if isinstance(each, h5py.Dataset) else None)
        change(file, sorted(names, key=lambda name: -file[name].size))
    with zipfile.ZipFile(run / "model.keras", "w", method) as file:
        file.write(scratch, WEIGHTS)
    return run


def replaced(**how):
    def change(file, names):
        del file[names[0]]
        file.create_dataset(names[0], **how)

    return change


def external(file, names):
    shape, name = file[names[0]].shape, names[0]
    del file[name]
    file.create_dataset(name, shape, "float32", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def virtual(file, names):
    layout = h5py.VirtualLayout(file[names[0]].shape, "float32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", layout.shape)
    del file[names[0]]
    file.create_virtual_dataset(names[0], layout)


def linked(link):
    def change(file, names):
        del file[names[0]]
        file[names[0]] = link

    return change


def twice(file, names):
    file["again"] = file[names[0]]


def around(file, names):
    file["around"] = file["/"]


@pytest.mark.parametrize(
    "change, message",
    [
        (replaced(shape=(1 << 29, 3), dtype="float32", compression="gzip"), "of 6.0 GiB is compressed or in parts"),
        (replaced(shape=(60, 4), dtype="float32", chunks=(6, 4)), "is compressed or in parts"),
        (replaced(shape=(1 << 29, 3), dtype="float32"), "says that it has 6.0 GiB, and there are 0 bytes"),
        (replaced(data=b"text"), "holds no numbers"),
        (replaced(data=h5py.Empty("float32")), "says that it has"),
        (external, "lies in another file"),
        (virtual, "lies in another file"),
        (linked(h5py.SoftLink("/other")), "is a link"),
        (linked(h5py.ExternalLink("/etc/passwd", "/x")), "is a link"),
        (linked(np.dtype("float32")), "holds no numbers"),
        (twice, "is there twice"),
        (around, "is there twice"),
    ],
)
def test_hdf5_that_keras_does_not_write_is_refused(change, message, tmp_path):
    assert message in refused(changed_weights(tmp_path, change))


def test_gzip_of_gigabytes_in_a_small_file_is_not_unpacked(tmp_path):
    def zeros(file, names):
        del file[names[0]]
        table = file.create_dataset(names[0], (1 << 28,), "float32", chunks=(1 << 22,), compression="gzip")
        packed = table.id
        chunk = zlib.compress(bytes(1 << 24), 9)
        for number in range(64):
            packed.write_direct_chunk((number << 22,), chunk)

    run = changed_weights(tmp_path, zeros)
    assert (run / "model.keras").stat().st_size < 1 << 21
    assert "of 1.0 GiB is compressed or in parts" in refused(run)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_keras_writes_is_read_stored_or_packed(method, tmp_path):
    run = changed_weights(tmp_path, lambda file, names: None, method)
    assert rnnkit.load(run).predict("a good film").label == trained().predict("a good film").label


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_finite_numbers_are_refused(value, tmp_path):
    def spoil(file, names):
        file[names[0]][-1] = value

    assert "holds weights that are no finite numbers, in embedding/embeddings" in refused(
        changed_weights(tmp_path, spoil)
    )


@pytest.mark.slow
def test_a_zip_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    run = copied(tmp_path / "run")
    with zipfile.ZipFile(run / "model.keras", "w", zipfile.ZIP_DEFLATED) as file, file.open(WEIGHTS, "w") as member:
        for _ in range(20):
            member.write(bytes(1 << 24))
    assert "unpacks 'model.weights.h5' from" in refused(run) and "to 320.0 MiB" in refused(run)


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "assets/evil.txt", "model.weights.h5/x"])
def test_other_members_are_refused(name, tmp_path):
    run = copied(tmp_path / "run")
    with zipfile.ZipFile(run / "model.keras", "a") as file:
        file.writestr(name, "x")
    assert "is not as Keras writes it (it has " in refused(run)


def test_a_long_list_of_members_is_not_read(tmp_path):
    run = copied(tmp_path / "run")
    with zipfile.ZipFile(run / "model.keras", "w") as file:
        for number in range(80):
            file.writestr(f"{number}", "")
            file.infolist()[-1].comment = b"x" * 65_000
    assert "its list of members has more than 4.0 MiB" in refused(run)
