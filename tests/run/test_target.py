"""What is not rnnkit's is left as it is by every command that writes, and links are never written through."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tasks.tiny import OPTIONS, copied, rows, trained, write_csv

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.files.locks import lock_file
from rnnkit.run import target as targets

#: Temporary names of earlier versions, and such as one may think of: beside a Run and in it.
BESIDE = ("run.old", "run.writing", "run.tmp", ".run.lock", "run.partial.old", "run.partial.writing")
INSIDE = (
    "lite.old", "lite.writing", "saved_model.old", "saved_model.writing", "writing.model.keras", "model.keras.writing",
    "model.keras.h5", "model.keras.h5.small", "model.keras.small", "metrics.json.writing", "checkpoint.npz.writing",
    "config.json.writing", "plots.old", "notes.txt",
)  # fmt: skip
SMALL = {**OPTIONS, "epochs": 1}


def classifier():
    return rnnkit.TextClassifier(**SMALL, cell="gru")


def finetuned(to):
    return rnnkit.load(trained().folder).finetune(rows(60, seed=4), to=to, epochs=1, overwrite=True)


#: Each writes a Run, or into one.
COMMANDS = {
    "train": lambda to: classifier().fit(rows(60), to=to, overwrite=True),
    "resume": lambda to: classifier().fit(rows(60), to=to, resume=True, overwrite=True),
    "finetune": finetuned,
    "save": lambda to: rnnkit.load(trained().folder).save(to, overwrite=True),
    "save half": lambda to: rnnkit.load(trained().folder).save(to, half=True, overwrite=True),
    "keras": lambda to: trained().export(to, format="keras", overwrite=True),
    "saved_model": lambda to: trained().export(to, format="saved_model", overwrite=True),
    "tflite": lambda to: trained().export(to, overwrite=True),
}
TRAINS = ("train", "resume", "finetune")
SLOW = {name: pytest.param(name, marks=pytest.mark.slow) for name in ("resume", "finetune", "saved_model", "tflite")}
EACH = [SLOW.get(name, name) for name in COMMANDS]


def plant(folder, names, precious):
    """Gives each name to a file, a folder with a file, or a link to precious things, in turn."""
    for number, name in enumerate(names):
        path = folder / name
        if number % 4 == 0:
            path.mkdir()
            (path / "mine").write_text(name)
        elif number % 4 == 1:
            path.write_text(name)
        else:
            path.symlink_to(precious / ("file" if number % 4 == 2 else "folder"))


def state(folder, names=None):
    """All that is below a folder, or below some names in it: where links lead, what files say."""
    chosen = [folder] if names is None else [folder / name for name in names]
    paths = [path for one in chosen for path in (one, *(() if one.is_symlink() else sorted(one.rglob("*"))))]
    return {
        str(path): os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else path.is_dir()
        for path in paths
    }


@pytest.fixture
def precious(tmp_path):
    (tmp_path / "precious" / "folder").mkdir(parents=True)
    for name in ("file", "folder/file", "folder/gradient_flow.png", "folder/model.tflite"):
        (tmp_path / "precious" / name).write_text("precious")
    return tmp_path / "precious"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.mark.parametrize("command", EACH)
def test_whatever_is_beside_a_run_or_in_it_survives(command, home, precious):
    run = copied(home / "run")
    plant(home, BESIDE, precious)
    plant(run, INSIDE, precious)
    before = state(home, BESIDE), state(run, INSIDE), state(precious)
    if command == "resume":
        (run / "metrics.json").unlink()  # else it is trained already
        shutil.copy(trained().folder / "metrics.json", run / "metrics.json.kept")
    COMMANDS[command](run)
    assert (state(home, BESIDE), state(run, INSIDE), state(precious)) == before
    assert sorted(path.name for path in home.iterdir()) == sorted(["run", *BESIDE])


@pytest.mark.parametrize("kind", ["empty", "folder", "file", "link", "settings", "linked parts", "more"])
def test_a_training_refuses_a_partial_folder_that_is_not_its_own(kind, home, precious):
    partial, whole = home / "run.partial", '{"options": {}, "data": "", "start": null}'
    if kind == "file":
        partial.write_text("mine")
    elif kind == "link":
        partial.symlink_to(precious / "folder")
    else:
        partial.mkdir()
        if kind != "empty":
            (partial / "settings.json").write_text("{}" if kind == "settings" else whole)
        if kind in ("folder", "more"):
            (partial / "thesis.txt").write_text("mine")
        if kind == "linked parts":
            (partial / "plots").mkdir()
            (partial / "plots" / "more").symlink_to(precious / "folder")
    before = state(home), state(precious)
    for resume in (False, True):
        with pytest.raises(RnnkitError, match="run.partial is no training that broke off .*Move it away"):
            classifier().fit("nowhere.csv", to=home / "run", resume=resume)
    rnnkit.load(trained().folder).save(home / "run")  # which does not need it
    shutil.rmtree(home / "run")
    assert (state(home), state(precious)) == before


@pytest.mark.slow
def test_a_training_that_begins_anew_removes_what_an_earlier_version_left(home):
    partial = home / "run.partial"
    (partial / "plots").mkdir(parents=True)
    for name in ("checkpoint.npz", "checkpoint.npz.writing", "plots/a.png", "history.csv", "config.json"):
        (partial / name).write_text("of an earlier version")
    (partial / "settings.json").write_text('{"options": {}, "data": "", "start": null}')
    classifier().fit(rows(60), to=home / "run")
    assert [path.name for path in home.iterdir()] == ["run"] and rnnkit.load(home / "run")


def test_of_a_given_up_training_what_is_its_own_goes_and_no_more(home):
    partial = home / "run.partial"
    partial.mkdir()
    for name in ("settings.json", "mine.txt"):
        (partial / name).write_text("x")
    targets.give_up(partial)
    assert [path.name for path in partial.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("fails", ["rnnkit.files.writing.os.fsync", "rnnkit.run.target.replace_folder"])
def test_a_save_that_fails_leaves_nothing(fails, home, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(RnnkitError, match="No space left on device"):
        patched.setattr(fails, full)
        rnnkit.load(trained().folder).save(home / "new" / "run")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", ["plots", "lite", "saved_model"])
def test_a_save_copies_nothing_from_behind_a_link(name, home, precious, capsys):
    run = copied(home / "run")
    shutil.rmtree(run / name, ignore_errors=True)
    (run / name).symlink_to(precious)
    rnnkit.load(run).save(home / "new")
    assert not os.path.lexists(home / "new" / name) and f"{run / name} is a link" in capsys.readouterr().err


def test_a_save_copies_pictures_and_no_links_or_pipes_among_them(home, precious, capsys):
    run = copied(home / "run")
    (run / "plots" / "more").mkdir()
    (run / "plots" / "more" / "mine.png").write_text("mine")
    (run / "plots" / "more" / "secrets").symlink_to(precious)
    os.mkfifo(run / "plots" / "pipe")
    rnnkit.load(run).save(home / "new")
    assert (home / "new" / "plots" / "more" / "mine.png").read_text() == "mine"
    assert "secrets is a link or the like, and was not copied" in capsys.readouterr().err
    plots = home / "new" / "plots"
    assert not os.path.lexists(plots / "more" / "secrets") and not os.path.lexists(plots / "pipe")


def test_diagnose_does_not_draw_through_a_link(home, precious, command_line):
    run, before = copied(home / "run"), state(precious)
    shutil.rmtree(run / "plots")
    (run / "plots").symlink_to(precious / "folder")
    code, out, err = command_line("diagnose", run)
    assert code == 1 and "plots is a link, and nothing is written through it" in err and not out
    (run / "plots").unlink()
    (run / "plots").mkdir()
    (run / "plots" / "gradient_flow.png").symlink_to(precious / "file")
    assert command_line("diagnose", run)[0] == 0
    assert not (run / "plots" / "gradient_flow.png").is_symlink() and state(precious) == before


@pytest.mark.parametrize("format, name", [("tflite", "lite"), ("saved_model", "saved_model")])
def test_an_export_refuses_what_is_no_export(format, name, home, precious):
    place, before = home / "there" / name, state(precious)
    place.parent.mkdir()
    for make in (lambda: place.symlink_to(precious / "folder"), lambda: place.write_text("mine"), place.mkdir):
        make()
        if place.is_dir() and not place.is_symlink():
            (place / "mine").write_text("mine")
        kept = state(home)
        with pytest.raises(RnnkitError, match=f"{name} (is a link|exists and is not an export of rnnkit)"):
            trained().export(home / "there", format=format)
        assert state(home) == kept and state(precious) == before
        place.unlink() if place.is_symlink() or place.is_file() else shutil.rmtree(place)


def test_an_export_replaces_a_keras_file_of_ours_alone(home):
    import keras

    (home / "model.keras").write_text("mine")
    with pytest.raises(RnnkitError, match="model.keras exists and is not an export of rnnkit"):
        trained().export(home, format="keras")
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(home / "model.keras")
    with pytest.raises(RnnkitError, match="model.keras exists and is not an export of rnnkit"):
        trained().export(home, format="keras")
    (home / "model.keras").unlink()
    for make in (os.mkfifo, os.mkdir):
        make(home / "model.keras")
        with pytest.raises(RnnkitError, match="model.keras exists and is not an export of rnnkit"):
            trained().export(home, format="keras")
        (home / "model.keras").rmdir() if make is os.mkdir else (home / "model.keras").unlink()
    trained().export(home, format="keras")
    before = state(home)
    with pytest.raises(RnnkitError, match="model.keras exists already; nothing was written.* overwrite=True"):
        trained().export(home, format="keras")
    run = copied(home / "another")
    with pytest.raises(RnnkitError, match="another is a finished Run .*, not the one exported"):
        trained().export(run, format="keras")
    assert {**state(home), **before} == state(home)
    trained().export(home, format="keras", overwrite=True)
    rnnkit.load(run).export(run, format="keras")


def test_a_folder_with_another_programs_config_is_no_run(home):
    (home / "run").mkdir()
    for name in ("config.json", "thesis.txt"):
        (home / "run" / name).write_text('{"model_type": "bert"}')
    before = state(home)
    for command in ("train", "save"):
        with pytest.raises(RnnkitError, match="run exists and is no Run; nothing was written"):
            COMMANDS[command](home / "run")
    assert state(home) == before


@pytest.mark.parametrize("command", [pytest.param("train", marks=pytest.mark.slow), "save", "keras"])
def test_a_link_to_a_run_means_the_run(command, home):
    run, link = copied(home / "disk" / "run"), home / "link"
    link.symlink_to(run)
    COMMANDS[command](link)
    assert link.is_symlink() and sorted(path.name for path in home.iterdir()) == ["disk", "link"]
    assert [path.name for path in run.parent.iterdir()] == ["run"] and rnnkit.load(link)


@pytest.mark.parametrize("name", ["dangling", "loop", "full", "x" * 250, "file/below/run"])
def test_targets_are_looked_at_before_any_work(name, home):
    (home / "dangling").symlink_to(home / "nowhere")
    (home / "loop").symlink_to(home / "loop")
    (home / "thesis").mkdir()
    (home / "thesis" / "mine").write_text("mine")
    (home / "full").symlink_to(home / "thesis")
    (home / "file").touch()
    before = state(home)
    for work in (
        lambda: classifier().fit("nowhere.csv", to=home / name),
        lambda: rnnkit.load(trained().folder).finetune("nowhere.csv", to=home / name),
        *(() if name == "full" or len(name) == 250 else (lambda: trained().export(home / name, format="keras"),)),
    ):
        with pytest.raises(RnnkitError, match="with --to") as caught:
            work()
        assert "nowhere.csv" not in str(caught.value)
    assert state(home) == before


HOLDS = """
import sys
from pathlib import Path
from rnnkit.files.locks import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_no_command_writes_what_another_process_is_writing(home, command_line):
    run, file = copied(home / "run"), write_csv(home / "a.csv", rows(60))
    command = [sys.executable, "-c", HOLDS, str(run)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    before = state(run)
    said = f"{run} is being written by process {holder.pid} "
    for name, work in COMMANDS.items():
        with pytest.raises(RnnkitError) as caught:
            work(run)
        assert said in str(caught.value), name
    for words in (
        ("train", "text_classifier", file, "--to", run, "--overwrite"),
        ("train", "text_classifier", file, "--to", run, "--resume"),
        ("finetune", trained().folder, file, "--to", run, "--overwrite"),
        ("pretrain", file, "--to", run, "--overwrite"),
        ("export", run),
        ("export", trained().folder, "--to", run, "--format", "keras", "--overwrite"),
        ("diagnose", run),
    ):
        code, out, err = command_line(*words)
        assert code == 1 and said in err and not out, words
    assert state(run) == before
    holder.communicate("\n")
    assert not lock_file(run).exists()


def trains(file, to, *flags):
    command = [sys.executable, "-m", "rnnkit", "train", "text_classifier", str(file), "--to", str(to), *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=to.parent)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 2, 4])
def test_of_two_trainings_into_one_folder_one_trains(seconds, home):
    file = write_csv(home / "a.csv", rows(400))
    first = trains(file, home / "run", "--epochs", "60", "--units", "5")
    time.sleep(seconds)
    second = trains(file, home / "run", "--epochs", "60", "--units", "5")
    said = {process.communicate(timeout=400)[1]: process.returncode for process in (first, second)}
    assert sorted(said.values()) == [0, 1], said
    refused = next(text for text, code in said.items() if code == 1)
    assert "is being written by process" in refused and refused.count("\n") == 1
    assert rnnkit.load(home / "run").predict("a good film").label in ("neg", "pos")
    assert sorted(path.name for path in home.iterdir()) == ["a.csv", "run"]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_training_goes_on_at_once_in_another_process(home):
    file = write_csv(home / "a.csv", rows(400))
    first = trains(file, home / "run", "--epochs", "200", "--units", "5", "--patience", "200")
    checkpoint = Path(f"{home / 'run'}.partial", "checkpoint.npz")
    while not checkpoint.exists():
        assert first.poll() is None, first.communicate()
        time.sleep(0.1)
    first.kill()
    first.communicate()
    assert lock_file(home / "run").exists()
    second = trains(file, home / "run", "--epochs", "200", "--units", "5", "--patience", "200", "--resume")
    said = second.communicate(timeout=400)[1]
    assert second.returncode == 0 and "resuming after epoch" in said
    assert sorted(path.name for path in home.iterdir()) == ["a.csv", "run"]
