"""`rnnkit runs` lists, shows, compares, renames and deletes Runs, and loads none."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from run_folders import content, write_run

HOSTILE = "a\x1b[2J\nerror: x"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "saved_models"


def one_line(result):
    code, out, err = result
    assert code == 1 and not out and err.startswith("error: ") and err.count("\n") == 1, result
    return err


def test_runs_are_listed_with_what_sums_them_up(home, command_line):
    write_run(home / "mine")
    write_run(home / "tagger", "token_tagger", test={"f1": 0.5}, options={"cell": "lstm"})
    (home / "third.partial").mkdir()
    code, out, _ = command_line("runs")
    assert code == 0 and max(map(len, out.splitlines())) <= 80
    lines = [line.split() for line in out.splitlines()]
    assert ["mine", "text_classifier", "gru", "accuracy", "0.8700", "2026-11-20", "2.4", "kB"] in lines
    assert ["tagger", "token_tagger", "lstm", "F1", "0.5000", "2026-11-20", "2.4", "kB"] in lines
    ours, shipped = out.split("shipped with rnnkit")
    assert "imdb_sentiment" in shipped and "imdb_sentiment" not in ours and "mine" in ours
    assert "third.partial: interrupted" in out
    assert command_line("runs", "list")[1] == out


def test_a_folder_of_runs_is_listed_alone(home, command_line):
    write_run(home / "mine")
    code, out, _ = command_line("runs", "list", home)
    assert code == 0 and "mine" in out and "imdb_sentiment" not in out and out.endswith("saved_models/mine\n")
    assert "There is no folder none" in one_line(command_line("runs", "list", "none"))
    assert "rnnkit runs show" in one_line(command_line("runs", "list", home / "mine"))
    (home.parent / "empty").mkdir()
    assert command_line("runs", "list", "empty")[1] == "empty holds no Runs.\n"


def test_long_names_fit_80_columns(home, command_line):
    write_run(home / ("long_name_" * 6), "image_captioner", options={"cell": "layer_norm_lstm"})
    write_run(home / ("x" * 70))
    out = command_line("runs")[1]
    assert max(map(len, out.splitlines()[:-1])) <= 80  # all but the command that comes next, which is not wrapped


def test_a_broken_run_hides_no_other(home, command_line):
    write_run(home / "good")
    (write_run(home / "bad") / "metrics.json").write_text("{")
    code, out, _ = command_line("runs")
    assert code == 0 and "bad   broken" in out and "good  text_classifier" in out
    assert "no strict JSON" in one_line(command_line("runs", "show", "bad"))


def test_a_run_is_shown(home, command_line):
    reading = {"columns": {"text": "my opinion", "label": "stars"}, "delimiter": ";", "encoding": "cp1252"}
    write_run(home / "mine", reading=reading)
    code, out, _ = command_line("runs", "show", "mine")
    assert code == 0 and max(map(len, out.splitlines())) <= 80
    for line in (
        "saved_models/mine", "task        text_classifier", "trained     2026-11-20",
        "epochs      3, of which 2 is kept",
        "time        1.5 minutes", "parameters  1,234", "units  7", "data       mine.csv",
        "parts      train 800, validation 100, test 100", "columns    --text 'my opinion' --label stars",
        "delimiter  ';'", "encoding   cp1252", "accuracy  0.8700", "texts     100", "plots/        2.0 kB in 1 file",
        'next: rnnkit predict mine "..."', "next: rnnkit export mine",
    ):  # fmt: skip
        assert line in out.splitlines(), line
    assert "cell" not in out.split("\n\n")[2]  # it is said above the options


def test_options_that_are_the_defaults_are_left_out(home, command_line):
    from rnnkit import TextClassifier

    write_run(home / "mine", options={**TextClassifier().options.to_dict(), "dropout": 0.25})
    options = command_line("runs", "show", "mine")[1].split("\n\n")[2]
    assert options == "dropout  0.25"


def test_runs_are_compared(home, command_line):
    write_run(home / "a", options={"cell": "gru", "units": 7, "layers": 1})
    write_run(home / "b", options={"cell": "lstm", "units": 7}, test={"accuracy": 0.9, "macro_f1": 0.25})
    code, out, _ = command_line("runs", "compare", "a", "b", "--plot", "curves.png")
    assert code == 0 and max(map(len, out.splitlines())) <= 80
    lines = [line.split() for line in out.splitlines()]
    assert ["accuracy", "0.8700", "0.9000"] in lines and ["macro", "F1", "-", "0.2500"] in lines
    assert lines[lines.index(["setting", "a", "b"]) + 1 :] == [["cell", "gru", "lstm"], ["drawn", "curves.png"]]
    assert (home.parent / "curves.png").read_bytes()[1:4] == b"PNG"
    assert "different data" not in out
    assert "takes two or more Runs" in one_line(command_line("runs", "compare", "a"))


def test_what_does_not_compare_is_said(home, command_line):
    write_run(home / "a")
    write_run(home / "b", data={"name": "other.csv", "sha256": "1"})
    write_run(home / "c", "token_tagger")
    assert "different data" in command_line("runs", "compare", "a", "b")[1]
    assert "different tasks" in command_line("runs", "compare", "a", "c")[1]
    assert "The Runs have the same settings." in command_line("runs", "compare", "a", "a")[1]


def test_runs_of_one_name_are_told_apart(home, command_line):
    write_run(home / "x" / "mine")
    write_run(home / "y" / "mine")
    out = command_line("runs", "compare", home / "x" / "mine", home / "y" / "mine", "--plot", "c.png")[1]
    assert "x/mine" in out.replace("\n", "") and "drawn c.png" in out


def test_a_run_is_renamed(home, command_line):
    write_run(home / "mine")
    code, out, _ = command_line("runs", "rename", "mine", "better")
    assert code == 0 and "renamed saved_models/mine to saved_models/better" in out
    assert [path.name for path in home.iterdir()] == ["better"]
    assert "came with rnnkit" in one_line(command_line("runs", "rename", "imdb_sentiment", "mine"))


def test_a_run_is_deleted_with_yes_alone_where_nobody_can_be_asked(home, command_line):
    run = write_run(home / "mine")
    assert "add --yes" in one_line(command_line("runs", "delete", "mine")) and run.is_dir()
    code, out, _ = command_line("runs", "delete", "mine", "--yes")
    assert code == 0 and "deleted saved_models/mine (text_classifier" in out and not run.exists()
    assert "came with rnnkit" in one_line(command_line("runs", "delete", "imdb_sentiment", "--yes"))
    assert "There is no Run mine" in one_line(command_line("runs", "delete", "mine", "--yes"))
    (home / "notes").mkdir(parents=True)
    (home / "notes" / "thesis.txt").write_text("precious")
    assert "is no Run" in one_line(command_line("runs", "delete", home / "notes", "--yes"))
    assert (home / "notes" / "thesis.txt").exists()


@pytest.mark.parametrize("answer, stays", [("n\n", True), ("\n", True), ("y\n", False)])
def test_a_terminal_is_asked_before_a_run_is_deleted(answer, stays, home, monkeypatch):
    from rnnkit.cli import overwriting, runs
    from rnnkit.errors import RnnkitError

    run = write_run(home / "mine")
    monkeypatch.setattr(overwriting, "_is_terminal", lambda stream: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    try:
        runs.delete("mine", yes=False)
    except RnnkitError as error:
        assert str(error) == "Nothing was deleted." and stays
    assert run.exists() is stays


def test_a_strangers_run_steers_no_terminal(home, command_line):
    run = write_run(
        home / HOSTILE, HOSTILE, options={"cell": HOSTILE, HOSTILE: HOSTILE}, test={HOSTILE: 0.5, "b": 1e300},
        data={"name": HOSTILE}, reading={"columns": {HOSTILE: HOSTILE}, "encoding": HOSTILE, "delimiter": "\x1b"},
    )  # fmt: skip
    before = content(run)
    for words in (("list", home), ("show", run), ("compare", run, run, "--plot", "c.png"), ("delete", run)):
        _, out, err = command_line("runs", *words)
        assert "\x1b" not in out + err
        assert not any(line.startswith("error: x") for line in (out + err).splitlines()), words
    assert content(run) == before


def test_runs_load_neither_tensorflow_nor_keras(home):
    write_run(home / "mine")
    script = (
        "import sys\nfrom rnnkit.cli.program import app, run\nimport rnnkit.cli\n"
        "for words in (['runs'], ['runs', 'show', 'mine'], ['runs', 'compare', 'mine', 'imdb_sentiment']):\n"
        "    app(words, standalone_mode=False)\n"
        "print(sorted({'tensorflow', 'keras', 'pandas', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=home.parent, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.endswith("\n[]\n"), done


def test_the_time_of_a_shipped_run_is_that_of_the_readme(command_line):
    said = (Path(__file__).parents[2] / "README.md").read_text().split("trained in ")[1].split(" on two cores")[0]
    assert f"time        {said}" in command_line("runs", "show", "imdb_sentiment")[1]
    assert f"minutes         {said.split()[0]} " in command_line("runs", "compare", "imdb_sentiment", "char_text")[1]
