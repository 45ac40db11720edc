"""The long texts of the pipeline."""

import os

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.language_model.sample import load_text_sample, load_tiny_shakespeare, split_text, text_data


def test_parts_follow_each_other():
    text = "".join(map(str, range(1000)))
    parts = split_text(text, "numbers")
    assert parts.validation + parts.train + parts.test == parts.whole == text
    assert len(parts.train + parts.validation) == int(len(text) * 0.9)
    with pytest.raises(RnnkitError, match="has 3 characters"):
        split_text("abc", "abc")


def test_the_sample_is_this_pythons_source():
    text = load_text_sample()
    assert len(text) == 2_000_000 and "def " in text and "\r" not in text


def test_files_and_columns(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"caf\xe9\r\n" * 50)
    data = text_data(str(tmp_path / "a.txt"))
    assert data.whole == "café\n" * 50 and data.name == "a.txt"
    (tmp_path / "a.csv").write_text("poem,n\n" + "to be,1\n" * 50)
    data = text_data(str(tmp_path / "a.csv"), column="poem")
    assert data.whole.startswith("to be\nto be")
    with pytest.raises(RnnkitError, match="is that of a table"):
        text_data(str(tmp_path / "a.txt"), column="poem")
    with pytest.raises(RnnkitError, match="--data is 'tdfs'.*Did you mean 'tfds'"):
        text_data("tdfs")


def test_auto_says_loudly_that_it_takes_the_sample(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "nowhere"))
    said = []
    assert "offline sample" in text_data("auto", say=said.append).name
    assert said[0].startswith("NOT USING tfds") and "Going on with sample." in said[0]


@pytest.mark.data
def test_shakespeare():
    if "TFDS_DATA_DIR" not in os.environ:
        pytest.skip("needs tiny_shakespeare in TFDS_DATA_DIR")
    parts = load_tiny_shakespeare()
    assert [len(part) for part in (parts.train, parts.validation, parts.test)] == [948_084, 55_770, 111_540]
    assert parts.validation.startswith("First Citizen:\n") and parts.train.startswith("irect way should be at")
    assert parts.test.startswith("?\n\nGREMIO:\n")
