"""The pipeline of key words, from the made-up ones and from a folder."""

import functools

import numpy as np
import pytest
from pipelines.running import run_pipeline
from tasks.sounding import save, tone

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sound_classifier.sample import key_word_data, key_word_rows

run = functools.partial(run_pipeline, "key_words.py")


def test_the_sample_has_words_others_and_noises_and_a_folder_of_ones_own_is_read(tmp_path):
    pytest.importorskip("espeakng_loader")
    made = key_word_rows(("yes", "no"), speakers=3)
    assert [label for _, label, _ in made[:6]] == ["yes", "no", "unknown"] * 2
    assert {label for _, label, _ in made} == {"yes", "no", "unknown", "background"}
    again = key_word_rows(("yes", "no"), speakers=3)
    assert all(np.array_equal(one[0], two[0]) for one, two in zip(made, again, strict=True))
    others = key_word_rows(("yes", "no"), speakers=2, first=3)
    assert not {who for *_, who in others} & {who for *_, who in made}
    for label in ("up", "down"):
        save(tmp_path / label / "one.wav", tone(label))
    assert len(key_word_data(str(tmp_path), 4000)) == 2
    with pytest.raises(RnnkitError, match="smaple"):
        key_word_data("smaple")


@pytest.mark.slow
def test_quick_goes_from_words_to_a_phone_that_listens(tmp_path):
    pytest.importorskip("espeakng_loader")
    done = run("--quick", "--to", tmp_path / "run")
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  Made-up key words", "test    accuracy", "TFLite  accuracy", "stream  ", "next: rnnkit try"):
        assert part in done.stdout
    assert rnnkit.load(tmp_path / "run").results["test"]["accuracy"] > 0.1
