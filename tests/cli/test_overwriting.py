"""Nothing is lost: a finished Run or an existing file is replaced after a yes or with --overwrite alone."""

import inspect
import io
import runpy
import sys
from pathlib import Path

import pytest
from run_folders import content, write_run
from tasks.tiny import OPTIONS, rows, trained, write_csv

import rnnkit
from rnnkit.cli import overwriting
from rnnkit.errors import RnnkitError
from rnnkit.run.finished import finished_run

PIPELINES = sorted((Path(__file__).parents[2] / "pipelines").glob("*.py"))
MINE = "mine is a finished Run (text_classifier, trained 2026-11-20, accuracy 0.8700)"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_run(tmp_path / "mine")


@pytest.fixture
def without_keras(monkeypatch):
    """Loading Keras, before which nothing is read or trained, fails the test."""
    from rnnkit.tasks.base import task  # which keeps the function

    for place in ("rnnkit.quiet", task.__name__):
        monkeypatch.setattr(f"{place}.load_keras", lambda: pytest.fail("Keras was loaded"))


#: Every command that writes a Run, or into one.
WRITES_A_RUN = {
    "train": ("train", "text_classifier", "nowhere.csv", "--to", "mine"),
    "train a task of trees": ("train", "tree_classifier", "nowhere.txt", "--to", "mine"),
    "finetune": ("finetune", "imdb_sentiment", "nowhere.csv", "--to", "mine"),
    "pretrain": ("pretrain", "nowhere.txt", "--to", "mine"),
    "export": ("export", "imdb_sentiment", "--to", "mine"),
    "export keras": ("export", "imdb_sentiment", "--to", "mine", "--format", "keras"),
    "resume without figures": ("train", "text_classifier", "nowhere.csv", "--to", "mine", "--resume"),
}


@pytest.mark.parametrize("name", WRITES_A_RUN)
def test_a_finished_run_is_refused_before_anything_is_read(name, mine, without_keras, command_line):
    if name == "resume without figures":
        (mine / "metrics.json").unlink()
    before = content(mine)
    code, out, err = command_line(*WRITES_A_RUN[name])
    said = "mine is a finished Run (text_classifier" if name == "resume without figures" else MINE
    assert code == 1 and not out and err.count("\n") == 1 and said in err
    assert "nothing was written" in err and "--to" in err and "--overwrite" in err
    assert content(mine) == before


@pytest.mark.parametrize("words", [words for words in WRITES_A_RUN.values() if "export" not in words][:4])
def test_with_overwrite_the_command_goes_on_to_its_data(words, mine, command_line):
    before = content(mine)
    code, _, err = command_line(*words, "--overwrite")
    assert code == 1 and "There is no file nowhere" in err
    assert content(mine) == before  # the earlier Run stays until the new one is whole


@pytest.mark.parametrize("path", PIPELINES, ids=[path.stem for path in PIPELINES])
def test_pipelines_look_first(path, mine, without_keras):
    main = runpy.run_path(str(path))["main"]
    with pytest.raises(RnnkitError, match="mine is a finished Run"):
        usual = {name: parameter.default for name, parameter in inspect.signature(main).parameters.items()}
        main(**{**usual, "to": mine})


FILES = {
    "generate": ("generate", "char_text", "--to", "there.txt"),
    "play": ("play", "nowhere.abc", "--to", "there.wav"),
    "play by default": ("play", "there.abc"),
    "engrave": ("engrave", "nowhere.abc", "--to", "there.svg"),
    "predict --html": ("predict", "conll_ner", "Rome", "--html", "there.html"),
    "predict --plot": ("predict", "imdb_sentiment", "good", "--plot", "there.png"),
    "diagnose": ("diagnose", "imdb_sentiment", "--to", "."),
    "compare": ("runs", "compare", "imdb_sentiment", "mine", "--plot", "there.png"),
}


@pytest.mark.parametrize("name", FILES)
def test_an_existing_file_is_refused_before_any_work(name, mine, without_keras, command_line):
    for file in ("there.txt", "there.wav", "there.svg", "there.html", "there.png", "gradient_flow.png"):
        (mine.parent / file).write_text("precious")
    code, out, err = command_line(*FILES[name])
    assert code == 1 and not out and err.count("\n") == 1 and "exists already; nothing was written" in err
    assert "--overwrite" in err and ("--plot" in err) == ("--plot" in FILES[name])
    assert {path.read_text() for path in mine.parent.iterdir() if path.is_file()} == {"precious"}


def test_a_file_is_replaced_with_overwrite(mine, command_line):
    (mine.parent / "there.png").write_text("old")
    code, out, _ = command_line("runs", "compare", "mine", "mine", "--plot", "there.png", "--overwrite")
    assert code == 0 and "drawn there.png" in out and (mine.parent / "there.png").read_bytes()[1:4] == b"PNG"


def test_an_export_elsewhere_is_refused_and_the_own_one_is_not(mine, tmp_path):
    (tmp_path / "app" / "lite").mkdir(parents=True)
    with pytest.raises(RnnkitError, match="app/lite exists already"):
        overwriting.may_replace_export(mine, tmp_path / "app", "lite", overwrite=False, chosen=True)
    (mine / "lite").mkdir()
    overwriting.may_replace_export(mine, mine, "lite", overwrite=False, chosen=True)
    overwriting.may_replace_export(mine, tmp_path / "app", "lite", overwrite=True, chosen=True)
    overwriting.may_replace_export(mine, tmp_path / "app", "lite", overwrite=False, chosen=False)
    with pytest.raises(RnnkitError, match="mine is a finished Run .*not the one exported"):
        overwriting.may_replace_export(tmp_path / "app", mine, "lite", overwrite=False, chosen=False)


@pytest.mark.parametrize(
    "answer, replaces", [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_a_terminal_is_asked_and_no_is_the_default(answer, replaces, mine, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    if replaces:
        assert overwriting.may_replace_run(Path("mine"), False) is True
    else:
        with pytest.raises(RnnkitError, match="nothing was written"):
            overwriting.may_replace_run(Path("mine"), False)
    assert shown.getvalue().replace("\n", " ") == f"{MINE}. Replace it? [y/N] "
    assert max(map(len, shown.getvalue().splitlines())) <= 80


@pytest.mark.parametrize("stream", ["stdin", "stderr"])
def test_nobody_is_asked_where_one_stream_is_no_terminal(stream, mine, monkeypatch):
    for name in ("stdin", "stderr"):
        monkeypatch.setattr(sys, name, io.StringIO("y\n") if name == stream else Terminal("y\n"))
    with pytest.raises(RnnkitError, match="--overwrite"):
        overwriting.may_replace_run(Path("mine"), False)


def test_a_free_name_needs_no_leave(tmp_path):
    assert overwriting.may_replace_run(tmp_path / "new", False) is False
    (tmp_path / "new.partial").mkdir()
    assert finished_run(tmp_path / "new") == "" == finished_run(tmp_path)
    overwriting.may_replace_file(tmp_path / "new.txt", False)


def test_a_training_that_began_to_replace_a_run_goes_on(mine):
    assert MINE in finished_run(Path("mine"))
    assert finished_run(Path("mine"), resume=True) == ""  # it says itself that the Run is finished
    (mine / "metrics.json").unlink()
    assert "mine is a finished Run" in finished_run(Path("mine"), resume=True)
    (mine.parent / "mine.partial").mkdir()
    (mine.parent / "mine.partial" / "settings.json").write_text("{}")
    assert finished_run(Path("mine"), resume=True) == ""


def test_fit_refuses_a_finished_run(mine, without_keras):
    with pytest.raises(RnnkitError, match="mine is a finished Run .*overwrite=True"):
        rnnkit.TextClassifier().fit("nowhere.csv", to=mine)


@pytest.mark.slow
def test_fit_replaces_a_run_with_overwrite_alone_and_keeps_it_until_then(tmp_path):
    mine = write_run(tmp_path / "mine")
    (mine / "notes.txt").write_text("my own")
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1})

    class Looks(task_callback()):
        def on_epoch_end(self, epoch, logs=None):
            assert "0.87" in (mine / "metrics.json").read_text()

    task.fit(rows(60), to=mine, overwrite=True, callbacks=(Looks(),))
    assert rnnkit.load(mine).results["epochs"] == 1 and (mine / "notes.txt").read_text() == "my own"
    task.save(mine)  # its own
    with pytest.raises(RnnkitError, match="is a finished Run"):
        trained().save(mine)


def task_callback():
    import keras

    return keras.callbacks.Callback


@pytest.mark.slow
def test_resume_of_a_finished_run_trains_nothing(tmp_path, command_line):
    file = write_csv(tmp_path / "a.csv", rows(60))
    words = ("train", "text_classifier", file, "--to", tmp_path / "run", "--epochs", 1, "--units", 5, "--max-length", 9)
    assert command_line(*words)[0] == 0
    assert "is a finished Run" in command_line(*words)[2]
    assert "already trained" in command_line(*words, "--resume")[2]
