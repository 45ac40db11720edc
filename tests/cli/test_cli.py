"""The command line as people use it, and as they misuse it."""

import json
import os
import subprocess
import sys

import pytest
from tasks.tiny import OPTIONS, copied, rows, trained, write_csv

COMMANDS = ("cells", "tasks", "finetune", "evaluate", "predict", "export", "check", "train")
QUICK = [part for name in ("units", "embedding_size", "max_length", "batch_size") for part in
         (f"--{name.replace('_', '-')}", str(OPTIONS[name]))] + ["--epochs", "1"]  # fmt: skip


@pytest.fixture
def rnnkit(monkeypatch, command_line, tmp_path):
    """Runs the command line in this process: rnnkit("predict", run, "text") gives code, stdout and stderr."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return command_line


def one_line(answer, code=1):
    """The message of a command that failed as it should."""
    given, out, err = answer
    assert given == code and out == "" and err.startswith("error: ") and err.count("\n") == 1, (given, out, err)
    return err


def fresh(*words, **arguments):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "80"}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    command = [sys.executable, "-m", "rnnkit.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, env=environment, **arguments)


# ---------------------------------------------------------------------- help and lists


def test_the_package_runs_as_a_module():
    for name in ("rnnkit", "rnnkit.cli"):
        done = subprocess.run([sys.executable, "-m", name, "--help"], capture_output=True)  # imports no TensorFlow
        assert done.returncode == 0 and b"finetune" in done.stdout, done.stderr


def test_help_imports_neither_tasks_nor_numpy():
    code = (
        "import sys; sys.argv = ['rnnkit', '--help']\nfrom rnnkit import cli\n"
        "try: cli.main()\nexcept SystemExit as end: assert not end.code\n"
        "heavy = {'numpy', 'pandas', 'keras', 'tensorflow', 'rnnkit.tasks.text_classifier.task'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(f"│ {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("flag", ["--help", "--help-all"])
@pytest.mark.parametrize(
    "words", [[], *([name] for name in COMMANDS), ["train", "text_classifier"], ["check", "text_classifier"]]
)
def test_help_screens_fit_80_columns(words, flag, rnnkit, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    code, out, err = rnnkit(*words, flag)
    if flag == "--help-all" and code == 2:
        assert "No such option: --help-all" in err and "--help-all" not in rnnkit(*words, "--help")[1]
        return
    assert code == 0 and err == "" and "Usage:" in out
    assert max(map(len, out.splitlines())) <= 80
    if (words[:1] in (["finetune"], ["evaluate"], ["export"]) and flag == "--help-all") or "text_classifier" in words:
        assert "--text " in out and "--label " in out
    if words == ["train", "text_classifier"] and flag == "--help-all":
        assert "--recurrent-dropout " in out and "--class-weights" in out


def test_lists(rnnkit):
    code, out, _ = rnnkit("cells")
    assert code == 0 and "mgu " in out and "next: rnnkit train" in out
    code, out, _ = rnnkit("tasks")
    assert code == 0 and "text_classifier" in out and "--text --label" in out
    assert rnnkit("--version")[1].startswith("rnnkit 0.")


@pytest.mark.parametrize(
    "words, code, message",
    [
        (("finetun",), 2, "Did you mean 'finetune'?"),
        (("train", "text_clasifier", "x.csv"), 1, "Did you mean 'text_classifier'? (rnnkit tasks)"),
        (("check", "nothing", "x.csv"), 1, "Unknown task 'nothing'."),
        (("train", "text_classifier", "x.csv", "--unts", "3"), 2, "--units"),
        (("train", "text_classifier", "x.csv", "--units", "many"), 2, "--units"),
        (("train", "text_classifier"), 2, "Missing argument 'file'. (rnnkit train text_classifier --help)"),
        (("predict",), 2, "Missing argument 'RUN'. (rnnkit predict --help)"),
        (("example", "text_classifier"), 2, "Missing option '--to'. (rnnkit example --help)"),
        (("predict", "no_such_run", "text"), 1, "There is no Run no_such_run."),
        (("predict", "a review where a Run should be " * 20), 1, "is no name of a folder"),
        (("evaluate", "no_such_run"), 1, "There is no Run"),
        (("export", "no_such_run"), 1, "There is no Run"),
        (("finetune", "no_such_run", "x.csv"), 1, "There is no Run"),
    ],
)  # fmt: skip
def test_slips_get_one_line(words, code, message, rnnkit, tmp_path):
    assert message in one_line(rnnkit(*words), code)
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


def test_without_a_command_the_help_is_shown(rnnkit):
    code, out, err = rnnkit()
    assert code == 2 and "Usage:" in out + err


# ---------------------------------------------------------------------- bad data

GOOD = rows(30)
BAD_FILES = {
    "missing": (None, "There is no file"),
    "empty": (b"", "is empty"),
    "header only": (b"text,label\n", "has no rows"),
    "missing column": (b"txet,label\n" + b"a,b\n" * 9, "has no column 'text'. It has: txet, label. Use --text txet."),
    "a label seen once": (b"text,label\na b,x\nc d,x\ne f,x\ng h,y\n", "only one usable row has the label 'y'"),
    "all one label": (b"text,label\na b,x\nc d,x\ne f,x\n", "usable rows have the label 'x'"),
    "blank and NaN texts": (b"text,label\n,x\nnan,y\nNaN,x\n  ,y\n", "none of its 4 rows has both"),
    "duplicate rows": (b"text,label\n" + b"same text,x\n" * 9, "usable rows have the label 'x'"),
    "broken UTF-8": ("text,label\ngut,ü\n".encode() * 9 + b"bad \xc3\x28,x\n\xff\xfd,y\n", "line 19 has the byte 0xc3"),
    "a zip file": (b"PK\x03\x04 rest", "Excel or zip"),
    "different labels": (b"text,label\n" + b"".join(b"t%d,l%d\n" % (i, i) for i in range(30)), "different labels"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["check", "train", "finetune", "evaluate"])
@pytest.mark.parametrize("kind", BAD_FILES)
def test_bad_files_get_one_line_and_nothing_is_written(kind, command, rnnkit, tmp_path):
    content, message = BAD_FILES[kind]
    file = tmp_path / "reviews.csv"
    if content is not None:
        file.write_bytes(content)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    if command in ("check", "train"):
        words = [command, "text_classifier", file]
    else:
        words = [command, trained().folder, file]
    if command in ("train", "finetune"):
        words += ["--to", tmp_path / "deep" / "run"]
    answer = rnnkit(*words)
    if kind == "missing column" and command in ("finetune", "evaluate"):  # the Run remembers its columns
        message = message.replace("'text'. It", "'text', which was the text when the Run was trained. It")
    scoring = command == "evaluate" and kind in (
        "a label seen once",
        "all one label",
        "duplicate rows",
        "different labels",
    )
    if command == "check" and answer[2] == "":
        assert answer[0] == 1 and message in answer[1] and answer[1].startswith("fail")
    elif scoring:
        assert "which this model does not know" in one_line(answer)
    else:
        assert message in one_line(answer)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "content",
    [
        "\ufefftext,label\n".encode() + b"a good film,1\na bad film,0\ngood words,1\nbad words,0\n",
        b"text;label\n" + b'"quoted; and\na newline";1.0\nplain;0\nother;0\n"x ""y""";1\n',
        b"text\tlabel\n" + b"a good film\tTrue\na bad film\tFALSE\nsome film\ttrue\nno film\tFalse\n",
        "text,label\ncafé au lait,très bon\nthé,très bon\nçà,pas bon 😐\nlà,pas bon 😐\n".encode(),
        "text,label\ncafé au lait,très bon\nthé noir,très bon\nplain words here,bad\nno more words,bad\n".encode(
            "cp1252"
        ),
    ],
    ids=["byte order mark", "semicolons, quoted newline", "tabs, truth values", "emoji labels", "cp1252"],
)
def test_odd_but_good_files_pass_the_check(content, rnnkit, tmp_path):
    (tmp_path / "my reviews.csv").write_bytes(content)
    code, out, err = rnnkit("check", "text_classifier", tmp_path / "my reviews.csv", "--text", "text")
    assert code == 0 and err == "" and "fail" not in out
    assert (
        f"next: rnnkit train text_classifier '{tmp_path}/my reviews.csv' --text text --to 'saved_models/my reviews'"
        in out
    )


def test_a_wrong_column_flag_names_the_near_one(rnnkit, tmp_path):
    file = write_csv(tmp_path / "a.csv", GOOD, "review,stars")
    assert "Use --text review." in one_line(rnnkit("check", "text_classifier", file, "--text", "reveiw"))
    assert "Unknown encoding 'utf9'" in one_line(rnnkit("check", "text_classifier", file, "--encoding", "utf9"))


# ---------------------------------------------------------------------- the three journeys


def test_train_finetune_evaluate_export_predict(rnnkit, tmp_path):
    file, run = write_csv(tmp_path / "a.csv", rows(60), "review,stars"), tmp_path / "runs" / "mine"
    code, out, err = rnnkit("train", "text_classifier", file, "--cell", "mgu", *QUICK, "--to", run)
    assert code == 0 and "\naccuracy " in out and f"next: rnnkit export {run}" in out and "epoch 1/1" in err
    assert f'next: rnnkit predict {run} "..."\n' in out and f"pictures in {run}/plots: confusion.png, " in out
    assert json.loads((run / "config.json").read_text())["options"]["cell"] == "mgu"

    code, out, _ = rnnkit(
        "finetune", run, file, "--to", tmp_path / "runs" / "tuned", "--epochs", "1", "--label", "stars"
    )
    assert code == 0 and (tmp_path / "runs" / "tuned" / "model.keras").is_file()

    code, out, _ = rnnkit("evaluate", run, file, "--json")
    further = {"expected_calibration_error", "precision_at_coverage", "confidence_intervals"}
    assert code == 0 and {"accuracy", "macro_f1", "rows", "confusion"} | further == set(json.loads(out))
    assert sorted(path.name for path in run.parent.iterdir()) == ["mine", "tuned"]

    code, out, err = rnnkit("export", run, "--data", file, "--quantize", "float16", "--strategy", "unroll")
    assert (
        code == 0
        and "60 of 60 texts (100.0%)" in out
        and "training rows may be" in out
        and f"next: rnnkit predict {run} --tflite" in out
    )
    bundle = json.loads((run / "lite" / "bundle.json").read_text(encoding="utf-8"))
    assert bundle["agreement"]["source"] == "given" and bundle["quantize"] == "float16"

    figures = [json.loads(rnnkit("evaluate", run, file, "--json", *more)[1]) for more in ([], ["--tflite"])]
    assert figures[0]["accuracy"] == pytest.approx(figures[1]["accuracy"], abs=0.05)

    code, out, err = rnnkit("predict", run, "--tflite", "--json", "a good film", "")
    assert code == 0 and [json.loads(line)["input"] for line in out.splitlines()] == ["a good film", ""]

    assert "Did you mean 'mine'?" in one_line(rnnkit("predict", run.parent / "mien", "text"))


def test_predict_reads_lines(rnnkit):
    code, out, err = rnnkit("predict", trained().folder, "--json", stdin="a good film\n\nawful 🙂 [red]\n".encode())
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and err == "" and [answer["input"] for answer in answers] == ["a good film", "", "awful 🙂 [red]"]
    assert answers[0]["probabilities"] == trained().predict("a good film").probabilities
    code, out, _ = rnnkit("predict", trained().folder, "text with [/markup] :smile:", "x" * 999)
    assert "text with [/markup] :smile:" in out and out.splitlines()[1].endswith("…")


def test_what_predict_refuses(rnnkit):
    run = trained().folder
    assert "nothing to predict" in one_line(rnnkit("predict", run, stdin=b""))
    assert "send UTF-8" in one_line(rnnkit("predict", run, stdin=b"caf\xe9\n"))
    assert "there is no such folder" in one_line(rnnkit("predict", run, "text", "--tflite"))
    assert "leave --tflite and --json out" in one_line(rnnkit("predict", run, "text", "--explain", "--json"))
    assert rnnkit("predict", run, "lone \udce9 surrogate", "--json")[0] == 0


def test_predict_explains(rnnkit):
    code, out, _ = rnnkit("predict", trained().folder, "a good film", "", "--explain")
    assert code == 0 and "good" in out and "%" in out


def test_evaluate_shows_the_recorded_figures(rnnkit, tmp_path):
    run = copied(tmp_path / "run")
    code, out, err = rnnkit("evaluate", run)
    assert code == 0 and err == "" and "accuracy" in out and "confusion: a row for each true label" in out
    assert "[" not in out and json.loads(rnnkit("evaluate", run, "--json")[1]) == trained().results["test"]
    assert "no test_tflite figures" in one_line(rnnkit("evaluate", run, "--tflite"))
    (run / "metrics.json").write_text("[]")
    assert "no test figures" in one_line(rnnkit("evaluate", run))


@pytest.mark.parametrize(
    "flags, message",
    [
        (("--format", "tflit"), "Did you mean 'tflite'?"),
        (("--quantize", "int9"), "Did you mean 'int8'?"),
        (("--strategy", "lop"), "Did you mean 'loop'?"),
        (("--strategy", "loop", "--quantize", "int8"), "int8 cannot be combined with --strategy loop"),
        (("--strategy", "fused"), "plain LSTM only"),
        (("--data", "nowhere.csv"), "There is no file nowhere.csv"),
    ],
)
def test_exports_that_are_refused_leave_nothing(flags, message, rnnkit, tmp_path):
    run = copied(tmp_path / "run")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    assert message in one_line(rnnkit("export", run, *flags, "--to", tmp_path / "new"))
    assert message in one_line(rnnkit("export", run, *flags))
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def test_a_role_of_another_task_is_refused():
    from rnnkit.cli.shared import known_columns
    from rnnkit.errors import RnnkitError

    with pytest.raises(RnnkitError, match="--image is not for text_classifier; its columns are --text --label"):
        known_columns({"image": "x"}, trained())


@pytest.mark.slow
def test_an_export_elsewhere_runs_without_the_run(rnnkit):
    code, out, _ = rnnkit("export", trained().folder, "--to", "some where", "--strategy", "loop")
    assert code == 0 and "next: python -m rnnkit.lite 'some where/lite' \"...\"" in out
    assert "made-up texts" in out and "None" not in out and "MediaPipe's TextClassifier needs --strategy unroll" in out
    code, out, _ = rnnkit("predict", "some where", "--tflite", "a [good] film")
    assert code == 0 and "%  a [good] film" in out
    assert "is no Run" in one_line(rnnkit("predict", "some where", "a good film"))
    code, out, _ = rnnkit("export", trained().folder, "--to", "some where", "--format", "keras")
    assert code == 0 and "some where/model.keras" in out and "next:" not in out


@pytest.mark.slow
def test_a_shipped_run_is_exported_beside_the_user(rnnkit, tmp_path, monkeypatch):
    run = copied(tmp_path / "shipped" / "came_along")
    monkeypatch.setattr("rnnkit.run.folder.SHIPPED", run.parent)
    before = sorted(run.rglob("*"))
    code, out, _ = rnnkit("export", "came_along")
    assert code == 0 and "came_along came with rnnkit, so its export goes to saved_models/came_along" in out
    assert (tmp_path / "here" / "saved_models" / "came_along" / "lite" / "bundle.json").is_file()
    assert sorted(run.rglob("*")) == before and "python -m rnnkit.lite saved_models/came_along/lite" in out


def test_finetune_says_what_cannot_change(rnnkit, tmp_path):
    file = write_csv(tmp_path / "a.csv", GOOD)
    message = one_line(rnnkit("finetune", trained().folder, file, "--units", "8"))
    assert "units is 5 in the trained Run and cannot change" in message
    assert "dropout is 2.0; expected a number" in one_line(rnnkit("finetune", trained().folder, file, "--dropout", "2"))
    shown = rnnkit("finetune", "--help-all")[1]
    assert "--units" not in shown and "--embedding-size" not in shown and "--recurrent-initializer" not in shown
    for flag in ("--word-dropout", "--max-length", "--class-weights", "--weight-drop", "--mirror", "--label-smoothing"):
        assert flag in shown


@pytest.mark.slow
def test_a_training_that_begins_anew_says_so(rnnkit, tmp_path):
    file, left = write_csv(tmp_path / "a.csv", rows(60)), tmp_path / "run.partial"
    left.mkdir()
    (left / "checkpoint.npz").touch()
    (left / "settings.json").write_text('{"options": {}, "data": "of old", "start": null}')
    code, _, err = rnnkit("train", "text_classifier", file, *QUICK, "--to", tmp_path / "run")
    assert code == 0 and err.count(f"{left} holds an interrupted training; without --resume it starts over.\n") == 1


def test_lists_fit_80_columns(rnnkit, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for words in (["cells"], ["tasks"], ["predict", trained().folder, "long " * 40]):
        code, out, _ = rnnkit(*words)
        assert code == 0 and max(map(len, out.splitlines())) <= 80
    assert "%  long long" in out and out.count("\n") == 1


@pytest.mark.slow
def test_a_fresh_process_reads_standard_input_and_stays_quiet():
    done = fresh("predict", trained().folder, "--json", input=b"a good film\n")
    assert done.returncode == 0 and done.stderr == b""
    assert json.loads(done.stdout)["probabilities"] == trained().predict("a good film").probabilities
    done = fresh("train", "text_classifier", "nowhere.csv")
    assert done.returncode == 1 and done.stdout == b"" and done.stderr.count(b"\n") == 1


def test_an_interrupt_says_how_to_go_on(capsys):
    from rnnkit.cli.program import run

    with pytest.raises(SystemExit) as ended:
        run(lambda standalone_mode: 130)  # what typer makes of Ctrl-C
    assert ended.value.code == 130 and "--resume" in capsys.readouterr().err
