"""`rnnkit predict --tflite` on recordings: every kind and rate that `rnnkit predict` reads, as it reads them."""

import json
from pathlib import Path

import numpy as np
import pytest
from tasks import sounding

from rnnkit.tasks.shared import hearing

soundfile = pytest.importorskip("soundfile")
RUNS = Path(__file__).parents[1] / "formats" / "1"
TASKS = {"sound_classifier": 4_000, "speech_recognizer": 8_000}
KINDS = [("WAV", "PCM_24"), ("WAV", "ULAW"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")]


def written(path, kind, subtype, rate, channels=1):
    """A tone that rises, in a file of another kind, rate and number of channels."""
    samples = sounding.tone("up", 0.45)
    at = np.arange(round(len(samples) * rate / sounding.RATE)) * sounding.RATE / rate
    sound = np.interp(at, np.arange(len(samples)), samples)
    soundfile.write(path, np.stack([sound] * channels, axis=1), rate, format=kind, subtype=subtype)
    return path


@pytest.mark.parametrize("task", TASKS)
def test_files_of_every_kind_and_rate_are_answered_as_keras_does(task, tmp_path, command_line):
    paths = [
        written(tmp_path / f"{number}.{kind.lower()}", kind, subtype, rate, 1 + number % 2)
        for number, (kind, subtype) in enumerate(KINDS)
        for rate in (16_000 if kind == "MP3" else 11_025,)
    ]
    answers = []
    for flags in ((), ("--tflite",)):
        code, out, err = command_line("predict", RUNS / task, *paths, "--json", *flags)
        assert code == 0 and err == "", err
        answers.append([json.loads(line) for line in out.splitlines()])
    keras, lite = answers
    assert len(keras) == len(lite) == len(KINDS)
    for one, other in zip(keras, lite, strict=True):
        for name in ("label", "text"):
            assert one.get(name) == other.get(name)
        for name in ("probability", "confidence"):
            assert one.get(name, 0) == pytest.approx(other.get(name, 0), abs=2e-3)


@pytest.mark.parametrize("flags", [(), ("--tflite",)])
@pytest.mark.parametrize("task", TASKS)
def test_each_file_is_opened_once(task, flags, tmp_path, command_line, monkeypatch):
    opened, open_sound = [], hearing.open_sound
    monkeypatch.setattr(hearing, "open_sound", lambda path, *how: opened.append(path.name) or open_sound(path, *how))
    names = [f"{number}.flac" for number in range(3)]
    for name in names:
        written(tmp_path / name, "FLAC", "PCM_16", 11_025)
    (tmp_path / "bad.flac").write_bytes((tmp_path / names[0]).read_bytes()[:400])
    code, out, err = command_line("predict", RUNS / task, *(tmp_path / name for name in (*names, "bad.flac")), *flags)
    assert code == 1 and out and err.count("\n") == 1 and sorted(opened) == [*names, "bad.flac"]
    opened.clear()
    monkeypatch.setattr("rnnkit.cli.answering._FILES_AT_ONCE", 2)
    lines = "\n".join(str(tmp_path / name) for name in names).encode()
    code, out, _ = command_line("predict", RUNS / task, "--json", *flags, stdin=lines)
    assert code == 0 and out.count("\n") == 3 and opened == names


@pytest.mark.parametrize("task", TASKS)
def test_broken_ones_are_told_and_the_others_answered(task, tmp_path, command_line):
    good = written(tmp_path / "good.flac", "FLAC", "PCM_16", 16_000)
    (tmp_path / "bad.flac").write_bytes(good.read_bytes()[:400])
    sounding.save(tmp_path / "short.wav", np.ones(3) / 2)
    soundfile.write(tmp_path / "long.wav", np.tile(sounding.tone("up", 1.0), 200), sounding.RATE)
    names = [tmp_path / name for name in ("bad.flac", "good.flac", "short.wav", "long.wav")]
    code, out, err = command_line("predict", RUNS / task, *names, "--tflite")
    assert code == 1 and out and err.count("\n") == 3 and "good.flac" not in err
    assert all(
        f"{name} " in line for name, line in zip(("bad.flac", "short.wav", "long.wav"), err.splitlines(), strict=True)
    )


@pytest.mark.parametrize("flags", [(), ("--tflite",)])
def test_a_mistyped_name_is_answered_by_a_near_one(flags, tmp_path, command_line, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calls").mkdir()
    written(tmp_path / "calls" / "first.flac", "FLAC", "PCM_16", 16_000)
    given = ("calls/frist.flac", "cals/first.flac", "other")
    code, out, err = command_line("predict", RUNS / "speech_recognizer", *given, *flags)
    lines = err.splitlines()
    assert code == 1 and len(lines) == 3 and not out
    assert "frist.flac cannot be read" in lines[0] and lines[0].endswith("Did you mean 'first.flac'?")
    assert lines[1].endswith("Did you mean 'calls'?") and "Did you mean" not in lines[2]


def test_a_folder_is_answered_by_the_kind_that_most_of_its_files_are_of(tmp_path, command_line):
    for name in ("README.txt", "a.wav", "b.wav"):
        (tmp_path / name).write_bytes(b"")
    code, _, err = command_line("predict", RUNS / "speech_recognizer", tmp_path)
    assert code == 1 and " ".join(err.split()).endswith("*.wav")


@pytest.mark.parametrize("task", TASKS)
def test_a_table_names_files_of_every_kind(task, tmp_path, command_line):
    written(tmp_path / "a.ogg", "OGG", "VORBIS", 16_000)
    (tmp_path / "table.csv").write_text("file\na.ogg\nmissing.ogg\n")
    code, _, err = command_line(
        "predict", RUNS / task, tmp_path / "table.csv", "--to", tmp_path / "out.csv", "--tflite"
    )
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert code == 1 and len(rows) == 3 and len(rows[1]) > len("a.ogg,") + 2 and "missing.ogg cannot be read" in err


def test_only_frames_are_read_where_frames_were_learnt(tmp_path):
    from types import SimpleNamespace

    from rnnkit.codec.ready_frames import ReadyFrames
    from rnnkit.errors import RnnkitError
    from rnnkit.tasks.speech_recognizer.task import SpeechRecognizer

    runner = SimpleNamespace(front=ReadyFrames(13, 10.0, 0), stride=3, bundle=SimpleNamespace(max_length=100))
    np.save(tmp_path / "a.npy", np.ones((50, 13), np.float32))
    assert SpeechRecognizer.runner_input(str(tmp_path / "a.npy"), runner).shape == (50, 13)
    np.save(tmp_path / "b.npy", np.ones((101, 13), np.float32))
    for name, said in (("a.wav", "is no file of frames"), ("b.npy", "b.npy lasts 1.0 s")):
        with pytest.raises(RnnkitError, match=said):
            SpeechRecognizer.runner_input(str(tmp_path / name), runner)
