"""Frames that others made: Sphinx's files and NumPy's, sound ones and broken ones."""

import io
import struct
import zipfile

import numpy as np
import pytest

from rnnkit.data.sound_frames import read_frame_archive, read_frames, read_mfc
from rnnkit.errors import RnnkitError

FRAMES = np.random.default_rng(0).normal(0, 20, (7, 13)).astype("float32")


def mfc(frames=FRAMES, count=None, order=">"):
    """A Sphinx file."""
    values = np.asarray(frames, "float32").ravel()
    return struct.pack(f"{order}i", len(values) if count is None else count) + values.astype(f"{order}f4").tobytes()


def npy(header, raw=b""):
    """An .npy file with a header of its own."""
    text = header.encode().ljust(118 - 1) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + raw


def test_a_sphinx_file_is_read_as_it_was_written(tmp_path):
    file = tmp_path / "a.mfc"
    file.write_bytes(mfc())
    assert np.array_equal(read_mfc(file), FRAMES) and read_mfc(file).dtype == np.float32
    assert np.array_equal(read_frames(file), FRAMES)
    assert np.array_equal(read_mfc(file, features=7), FRAMES.reshape(13, 7))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has 0 bytes"), (b"\0\0\0", "has 3 bytes"), (mfc()[:-1], "cut short"), (mfc()[:200], "cut short"),
        (mfc(count=90), "91 numbers|cut short"), (mfc(count=2**31 - 1), "cut short"), (mfc(count=-5), "cut short"),
        (mfc(order="<"), "little-endian"), (struct.pack(">i", 0), "0 numbers"),
        (mfc(FRAMES.ravel()[:90]), "90 numbers"),
        (struct.pack(">i", 91) + FRAMES.astype("<f4").tobytes(), "no finite number|which no frame"),
        (mfc(np.where(FRAMES == FRAMES[3, 2], np.nan, FRAMES)), "feature 3 of frame 4 is no finite"),
        (mfc(FRAMES * 1e6), "which no frame of a sound has"), (b"RIFF" + bytes(100), "cut short"),
    ],
)  # fmt: skip
def test_a_broken_sphinx_file_is_refused(content, said, tmp_path):
    file = tmp_path / "a.mfc"
    file.write_bytes(content)
    with pytest.raises(RnnkitError, match=said) as caught:
        read_mfc(file)
    assert "a.mfc" in str(caught.value) and "\n" not in str(caught.value)


def test_archives_have_the_frames_of_many_sounds(tmp_path):
    file = tmp_path / "a.npz"
    np.savez_compressed(file, one=FRAMES, two=np.asfortranarray(FRAMES[:3].astype("float64")))
    found = read_frame_archive(file)
    assert list(found) == ["one", "two"] and np.array_equal(found["one"], FRAMES)
    assert np.array_equal(found["two"], FRAMES[:3]) and found["two"].dtype == np.float32
    with pytest.raises(RnnkitError, match="has 2 arrays; expected one"):
        read_frames(file)
    np.savez(file, FRAMES.astype("float16"))
    assert np.allclose(read_frames(file, 13), FRAMES, atol=0.1)
    np.save(tmp_path / "a.npy", FRAMES)
    assert np.array_equal(read_frames(tmp_path / "a.npy"), FRAMES)
    with pytest.raises(RnnkitError, match="frames of 13 features; expected 40"):
        read_frames(tmp_path / "a.npy", 40)
    with pytest.raises(RnnkitError, match="expected .mfc, .npy or .npz"):
        read_frames(tmp_path / "a.csv")


SHAPE = "{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as .npy"), (npy(SHAPE.format("(3, 2)")), "cut short or broken"),
        (npy(SHAPE.format("(1099511627776, 1048576)"), bytes(24)), "cut short or broken"),
        (npy(SHAPE.format("(-1, 2)"), bytes(24)), "expected floats"),
        (npy(SHAPE.format("(6,)"), bytes(24)), "expected floats"),
        (npy(SHAPE.format("(3, 2)").replace("<f4", "<i4"), bytes(24)), "int32"),
        (npy(SHAPE.format("(3, 2)").replace("<f4", "|O"), bytes(48)), "never loaded"),
        (npy("__import__('os').system('false')"), "cannot be read"), (npy("(" * 100), "cannot be read"),
        (npy(SHAPE.format("(3, 2)"), np.full(6, np.inf, "<f4").tobytes()), "no finite number"),
    ],
)  # fmt: skip
def test_a_broken_array_is_refused(content, said, tmp_path):
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("one.npy", content)
    for name in ("a.npy", "a.npz"):
        with pytest.raises(RnnkitError, match=said) as caught:
            read_frames(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_archives_that_are_none_are_refused(tmp_path):
    file = tmp_path / "a.npz"
    whole = io.BytesIO()
    np.savez(whole, one=FRAMES)
    damaged = bytearray(whole.getvalue())
    damaged[150] ^= 0xFF
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.npy", bytes(200 * 2**20))
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    for content in (b"PK", whole.getvalue()[:-30], bytes(damaged), bomb.getvalue(), empty.getvalue()):
        file.write_bytes(content)
        with pytest.raises(RnnkitError) as caught:
            read_frame_archive(file)
        assert "\n" not in str(caught.value)


def test_a_file_of_python_2_is_read_without_a_word(tmp_path):
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (7L, 13L), }"
    (tmp_path / "a.npy").write_bytes(npy(header, FRAMES.tobytes()))
    assert np.array_equal(read_frames(tmp_path / "a.npy"), FRAMES)
