"""The text and the music pipeline, end to end, on small files of the test's own: no network."""

import json

import pytest
from pipelines.running import run_pipeline
from tasks.writing import VERSE, tunes


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--unit", "bpe", "--cell", "mgu", "--epochs", "1")])
def test_text_quick_goes_from_a_file_to_a_phone_ready_run(more, tmp_path):
    data, to = tmp_path / "mine.txt", tmp_path / "run"
    data.write_text("".join(f"{number} {VERSE}" for number in range(400)), encoding="utf-8")
    done = run_pipeline("char_text.py", "--quick", "--data", data, "--to", to, *more)
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  mine.txt\n", "nats a character", "TFLite  "):
        assert part in done.stdout
    assert done.stdout.splitlines()[-1] == f"next: rnnkit generate {to} --tflite"
    metrics = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    assert {"nats_per_character", "bits_per_character", "bytes"} <= set(metrics["test_tflite"])
    again = run_pipeline("char_text.py", "--quick", "--data", data, "--to", to, "--resume", *more)
    assert again.returncode == 0 and "is already trained" in again.stderr


@pytest.mark.slow
def test_music_quick_goes_from_a_file_to_notes(tmp_path):
    for package in ("music21", "verovio"):
        pytest.importorskip(package, reason="of the extra music")
    data, to = tmp_path / "mine.abc", tmp_path / "run"
    data.write_text("\n\n".join(tunes()), encoding="utf-8")
    done = run_pipeline(
        "char_music.py", "--quick", "--data", data, "--to", to, "--key", "C", "--metre", "2/4", "--epochs", "40"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("DATA  mine.abc\n", "bits a character", "written tunes 20  parse "):
        assert part in done.stdout
    assert (to / "tune.abc").read_text(encoding="utf-8").startswith("X:1\nT:A tune by rnnkit\nM:2/4\nL:1/8\nK:C\n")
    assert (to / "lite" / "model.tflite").is_file() and (to / "plots" / "tune.svg").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "flags", "message"),
    [
        ("char_text.py", ("--data", "nowhere.txt"), "nowhere.txt"),
        ("char_text.py", ("--data", "sample", "--column", "x"), "is that of a table"),
        ("char_text.py", ("--data", "sample", "--unit", "letter"), "unit is 'letter'"),
        ("char_music.py", ("--data", "nowhere.abc"), "nowhere.abc"),
    ],
)
def test_mistakes_are_one_line(name, flags, message, tmp_path):
    done = run_pipeline(name, "--to", tmp_path / "run", *flags)
    assert done.returncode == 1 and not (tmp_path / "run").exists()
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1 and message in lines[0]
