"""The pipeline of spoken digits, from the made-up ones and from a folder."""

import functools

import pytest
from pipelines.running import run_pipeline

import rnnkit
from rnnkit.data.spoken_sample import DIGITS
from rnnkit.errors import RnnkitError
from rnnkit.tasks.speech_recognizer.sample import dialled, digit_data, wav_bytes

run = functools.partial(run_pipeline, "speech_digits.py")


def test_a_folder_of_ones_own_is_read(tmp_path):
    (tmp_path / "one.wav").write_bytes(wav_bytes(dialled(1)[0].samples))
    (tmp_path / "one.txt").write_text("six five")
    assert [row.target for row in digit_data(str(tmp_path))] == ["six five"]
    with pytest.raises(RnnkitError, match="smaple"):
        digit_data("smaple")


def test_recordings_of_a_word_each_are_joined_and_broken_ones_left_out(tmp_path):
    for number, one in enumerate(dialled(6, most=1)):
        (tmp_path / f"{number}.wav").write_bytes(wav_bytes(one.samples))
        (tmp_path / f"{number}.txt").write_text(one.text)
    (tmp_path / "0.wav").write_bytes(b"RIFF and no more")
    said = []
    found = digit_data(str(tmp_path), say=said.append)
    expected = sorted(DIGITS[int(one.text)] for one in dialled(6, most=1)[1:])
    assert sorted(word for row in found for word in row.target.split()) == expected
    assert found.dropped["cannot be read"] == 1 and "a word in each recording" in said[0]
    (tmp_path / "1.txt").write_text("six five")
    assert len(digit_data(str(tmp_path), say=said.append)) == 6 and len(said) == 1
    for number in range(6):
        (tmp_path / f"{number}.wav").write_bytes(b"RIFF and no more")
        (tmp_path / f"{number}.txt").write_text("six")
    with pytest.raises(RnnkitError, match="none of its 6 recordings of a word can be read"):
        digit_data(str(tmp_path), say=said.append)


@pytest.mark.slow
def test_quick_goes_from_sounds_to_a_phone_that_writes(tmp_path):
    pytest.importorskip("espeakng_loader")
    done = run("--quick", "--to", tmp_path / "run")
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  Made-up digits", "test    WER", "TFLite  WER", "stream  ", "words   ", "next: rnnkit predict"):
        assert part in done.stdout
    assert len(rnnkit.load(tmp_path / "run").units.units) == 16  # a blank sign and the letters of ten digits
