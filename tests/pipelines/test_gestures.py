"""The pipeline of gestures, from the made-up ones and from a file."""

import functools

import pytest
from pipelines.running import run_pipeline

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.sample import gesture_data

run = functools.partial(run_pipeline, "gestures.py")


def test_the_sample_has_twelve_persons_and_a_file_of_ones_own_is_read(tmp_path):
    made = gesture_data()
    assert len(made) == 600 and len(set(made.groups)) == 12 and len(set(made.digests())) == 600
    (tmp_path / "mine.csv").write_text("id,x,label\n1,1,a\n1,2,a\n2,3,b\n")
    assert len(gesture_data(str(tmp_path / "mine.csv"))) == 2
    with pytest.raises(RnnkitError, match="smaple"):
        gesture_data("smaple")


@pytest.mark.slow
def test_quick_goes_from_numbers_to_a_phone_ready_run(tmp_path):
    done = run("--quick", "--to", tmp_path / "run")
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  made-up gestures", "test    accuracy", "TFLite  accuracy", "next: rnnkit predict"):
        assert part in done.stdout
    assert rnnkit.load(tmp_path / "run").results["test"]["accuracy"] > 0.6
    assert (tmp_path / "run" / "plots" / "steps.png").is_file()
