"""The pipeline of spoken digits, from the made-up ones and from a folder."""

import functools

import pytest
from pipelines.running import run_pipeline

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.tasks.speech_recognizer.sample import dialled, digit_data, wav_bytes

run = functools.partial(run_pipeline, "speech_digits.py")


def test_a_folder_of_ones_own_is_read(tmp_path):
    (tmp_path / "one.wav").write_bytes(wav_bytes(dialled(1)[0].samples))
    (tmp_path / "one.txt").write_text("six five")
    assert [row.target for row in digit_data(str(tmp_path))] == ["six five"]
    with pytest.raises(RnnkitError, match="smaple"):
        digit_data("smaple")


@pytest.mark.slow
def test_quick_goes_from_sounds_to_a_phone_that_writes(tmp_path):
    pytest.importorskip("espeakng_loader")
    done = run("--quick", "--to", tmp_path / "run")
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  Made-up digits", "test    WER", "TFLite  WER", "stream  ", "words   ", "next: rnnkit predict"):
        assert part in done.stdout
    assert len(rnnkit.load(tmp_path / "run").units.units) == 16  # a blank sign and the letters of ten digits
