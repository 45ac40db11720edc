"""Recordings that nobody should have to read, through every command of the tasks that hear: a line each, no crash."""

import functools
import os
from pathlib import Path

import numpy as np
import pytest
from data import hostile_sounds
from tasks import sounding, speaking

import rnnkit
from rnnkit.cli import answering
from rnnkit.errors import RnnkitError
from rnnkit.tasks.speech_recognizer.source import open_speech

pytest.importorskip("soundfile")
RUNS = Path(__file__).parents[2] / "formats" / "1"
#: The role of what each learns, and options with which it trains in seconds.
TASKS = {
    "sound_classifier": ("label", {**sounding.OPTIONS, "epochs": 1}),
    "speech_recognizer": ("text", {**speaking.OPTIONS, "rate": sounding.RATE, "epochs": 1}),
}
#: What a sound classifier reads, since background is often silent; a recogniser of speech answers it, too.
SILENT = {"silence", "silence at another level"}
HOSTILE = {name: make for name, make in hostile_sounds.hostile().items() if name != "no name of a file"}
SOME = list(HOSTILE)[::2]
WHICH = [pytest.param(SOME, id="some"), pytest.param(list(HOSTILE), id="all", marks=pytest.mark.slow)]


def refused(names, tmp_path, command_line, words_of):
    """What is not as it should be where a command is given each of these files alone."""
    wrong = {}
    for number, name in enumerate(names):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        path = HOSTILE[name](folder)
        words = words_of(folder, path)
        before = sorted(os.listdir(folder))
        code, out, err = command_line(*words)
        said = out + err
        reason = said.replace(str(path), "").replace(path.name, "")
        if code != 1 or said.count("\n") != 1 or path.name[:20] not in said or len(reason) < 20:
            wrong[name] = (code, said)
        elif sorted(os.listdir(folder)) != before:
            wrong[name] = f"left {os.listdir(folder)}"
    return wrong


def table_of(folder, path, role):
    """A table that names one file under two labels."""
    rows = "".join(f"{path.name},{'up' if n % 2 else 'down'}\n" for n in range(4))
    (folder / "table.csv").write_text(f"file,{role}\n{rows}")
    return folder / "table.csv"


def test_there_are_many():
    assert len(SOME) >= 60


@pytest.mark.parametrize("names", WHICH)
@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize("task", TASKS)
def test_data_of_such_files_alone_are_refused_in_a_line(task, command, names, tmp_path, command_line):
    role, options = TASKS[task]
    flags = [word for name in ("rate", "units") for word in (f"--{name}", options[name])]
    names = [name for name in names if task == "speech_recognizer" or name not in SILENT]

    def words(folder, path):
        to = ("--to", folder / "run", *flags) if command == "train" else ("--rate", options["rate"])
        return (command, task, table_of(folder, path, role), *to)

    assert refused(names, tmp_path, command_line, words) == {}


@pytest.mark.parametrize("names", WHICH)
@pytest.mark.parametrize("flags", [(), ("--tflite",)], ids=["keras", "tflite"])
@pytest.mark.parametrize("task", TASKS)
def test_a_run_refuses_each_in_a_line(task, flags, names, tmp_path, command_line, monkeypatch):
    monkeypatch.setattr(answering, "loaded", functools.cache(answering.loaded))  # which takes a second
    names = [name for name in names if name not in SILENT]
    assert refused(names, tmp_path, command_line, lambda folder, path: ("predict", RUNS / task, path, *flags)) == {}


def among_good(folder):
    """Good files, and the hostile ones that can be files of a folder; returns how many of these there are."""
    for number in range(24):
        label = ("up", "down")[number % 2]
        sounding.save(folder / label / f"good_{number}.wav", sounding.tone(label, 0.3, number))
    count = 0
    for name in [name for name in SOME if name not in SILENT]:
        scratch = folder.parent / "scratch" / str(count)
        scratch.mkdir(parents=True)
        path = HOSTILE[name](scratch)
        if os.path.lexists(path):
            os.rename(path, folder / "up" / f"{count:03d}{path.suffix if path.suffix in ('.flac', '.mp3') else '.wav'}")
            count += 1
    return count


@pytest.fixture
def mixed(tmp_path):
    """A folder of good and of hostile files, with a transcript beside each, and how many are hostile."""
    count = among_good(tmp_path / "sounds")
    for path in (tmp_path / "sounds").rglob("*"):
        if path.parent.name in ("up", "down"):
            path.with_suffix(".txt").write_text("one two")
    return tmp_path / "sounds", count


@pytest.mark.parametrize("task", TASKS)
def test_among_good_ones_they_are_left_out_by_name_with_their_count(task, mixed, capsys):
    folder, count = mixed
    made = {"sound_classifier": rnnkit.SoundClassifier, "speech_recognizer": rnnkit.SpeechRecognizer}[task](
        **TASKS[task][1]
    )
    parts = made.preprocessing.learn(made.read(folder))
    assert parts.report["left_out"] == count >= 55 and len(parts.train) + len(parts.validation) + len(parts.test) == 24
    said = capsys.readouterr().err
    assert all(f"{place:03d}" in said for place in range(5)) and f"{count - 5} more recordings" in said


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_training_goes_on_with_the_good_ones(task, mixed, tmp_path, command_line):
    folder, _ = mixed
    flags = [word for name in ("rate", "units", "filters", "epochs") for word in (f"--{name}", TASKS[task][1][name])]
    code, _, err = command_line("train", task, folder, "--to", tmp_path / "run", *flags)
    assert code == 0 and "more recordings" in err and (tmp_path / "run" / "config.json").is_file()


@pytest.mark.parametrize("task", TASKS)
def test_one_sample_is_too_short_and_a_clipped_sound_is_read(task, tmp_path, command_line):
    sounding.save(tmp_path / "short.wav", np.ones(1) / 2)
    sounding.save(tmp_path / "loud.wav", np.sign(sounding.tone("up", 0.5)), 8000)
    code, out, err = command_line("predict", RUNS / task, tmp_path / "short.wav", tmp_path / "loud.wav")
    assert code == 1 and err.count("\n") == 1 and "short.wav has " in err and out


@pytest.mark.parametrize("task", TASKS)
def test_a_name_that_is_not_in_utf_8_is_read_and_shown(task, tmp_path, command_line):
    sounding.save(tmp_path / "a.wav", sounding.tone("up", 0.5), 8000)
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.wav")
    try:
        os.rename(tmp_path / "a.wav", name)
    except OSError:
        pytest.skip("names of files are UTF-8 here")
    assert command_line("predict", RUNS / task, name)[0] == 0
    Path(name).write_bytes(b"RIFF")
    code, out, err = command_line("predict", RUNS / task, name)
    assert (code, out, err.count("\n")) == (1, "", 1) and ".wav is a RIFF file without sound" in err


def test_a_label_that_is_not_in_utf_8_is_refused_before_training(tmp_path, command_line):
    for label in (b"up", b"d\xf6wn"):
        folder = Path(os.fsdecode(os.fsencode(tmp_path / "sounds") + b"/" + label))
        try:
            for number in range(12):
                sounding.save(folder / f"{number}.wav", sounding.tone("up", 0.3, number))
        except OSError:
            pytest.skip("names of files are UTF-8 here")
    for words in (("check",), ("train", "--to", tmp_path / "run")):
        code, out, err = command_line(words[0], "sound_classifier", tmp_path / "sounds", *words[1:])
        assert code == 1 and (out + err).count("\n") == 1 and "is no text: it is not in UTF-8" in out + err
    assert [path.name for path in tmp_path.iterdir()] == ["sounds"]


def test_a_file_that_must_not_be_read_is_told(tmp_path, command_line):
    path = sounding.save(tmp_path / "a.wav", sounding.tone("up"))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    for task in TASKS:
        code, out, err = command_line("predict", RUNS / task, path)
        assert (code, out) == (1, "") and err.endswith("a.wav cannot be read (Permission denied).\n")


def test_a_broken_background_recording_leaves_the_others(tmp_path, capsys):
    among_good(tmp_path / "sounds")
    noise = np.random.default_rng(0).normal(0, 0.1, 8 * sounding.RATE)
    sounding.save(tmp_path / "sounds" / "background" / "street.wav", noise)
    (tmp_path / "sounds" / "background" / "a.wav").write_bytes(b"RIFF")
    task = rnnkit.SoundClassifier(**sounding.OPTIONS)
    parts = task.preprocessing.learn(task.read(tmp_path / "sounds"))
    assert parts.report["labels"]["background"] == 8 and "background/a.wav is a RIFF file" in capsys.readouterr().err


def test_ready_made_frames_are_as_wide_as_the_first_that_can_be_read(tmp_path):
    rows = [(tmp_path / f"{number}.npy", "one two") for number in range(24)]
    for number, (path, _) in enumerate(rows):
        np.save(path, np.random.default_rng(number).normal(size=(60, 13)).astype("float32"))
    rows[0][0].write_bytes(b"\x93NUMPY")
    task = rnnkit.SpeechRecognizer(**TASKS["speech_recognizer"][1])
    parts = task.preprocessing.learn(open_speech(rows))
    assert parts.report["left_out"] == 1 and task.preprocessing.hearing.front.static == 13
    with pytest.raises(RnnkitError, match="cannot be read as .npy"):
        task.preprocessing.learn(open_speech(rows[:1] * 3))
