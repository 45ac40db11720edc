"""What programs print where they cannot print all: other encodings, readers that leave, full disks, closed streams."""

import dataclasses
import io
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tasks.tiny import OPTIONS, copied, rows, write_csv

from rnnkit import ending, streams, tasks
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import check_writable
from rnnkit.lite.writing import SamplingOptions
from rnnkit.tasks.base.options import value_type

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "saved_models"
LITE = [sys.executable, "-m", "rnnkit.lite", SHIPPED / "imdb_sentiment" / "lite"]
CLI = [sys.executable, "-m", "rnnkit"]
#: Programs of a line: they import no more than the standard library, and so are quick.
BEGIN = "import os, sys; from rnnkit.ending import ended; from rnnkit.streams import input_lines\n"
PRINTS = [sys.executable, "-c", BEGIN + "sys.exit(ended(lambda: print('some text')))"]
READS = [sys.executable, "-c", BEGIN + "sys.exit(ended(lambda: print(ascii(list(input_lines())))))"]
FAILS = [sys.executable, "-c", BEGIN + "sys.exit(ended(lambda: 1 + ''))"]
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
    "C": C_LOCALE,
}
UNSET = ("TF_CPP_MIN_LOG_LEVEL", "LC_ALL", "LANG", "PYTHONUNBUFFERED")
needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
NO_SPACE = "Standard output cannot be written (No space left on device).\n"


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]), "COLUMNS": "80"} | more


def run(command, redirected="", stdin=b"", **more):
    """The exit code, and the bytes of standard output and error, of a command whose streams a shell has redirected."""
    words = ["sh", "-c", f'exec "$@" {redirected}', "sh", *(os.fsencode(str(word)) for word in command)]
    done = subprocess.run(words, input=stdin, capture_output=True, env=environment(**more), cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


def first_line(command, **more):
    """As `COMMAND | head -1`: the line, the exit code, and what was said on standard error."""
    with subprocess.Popen(list(map(str, command)), stdout=-1, stderr=-1, env=environment(**more), cwd=ROOT) as process:
        line = process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    return line, process.returncode, said


# ---------------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    "encoding, printed",
    [
        ("ascii", rb"caf? x . - 'q' |+-- ### ?? \xff"),
        ("C", rb"caf? x . - 'q' |+-- ### ?? \xff"),
        ("latin-1", b"caf\xe9 \xd7 . - 'q' |+-- ### ?? \\xff"),
        ("cp1252", b"caf\xe9 \xd7 \x85 \x96 \x91q\x92 |+-- ### ?? \\xff"),
        ("utf-8", "café × … – ‘q’ │╭─━ ▇▇▇ 日本 \\xff".encode()),
    ],
)
def test_signs_that_cannot_be_written_become_the_nearest(encoding, printed):
    text = ascii("café × … – ‘q’ │╭─━ ▇▇▇ 日本 \udcff")
    said = f"sys.exit(ended(lambda: (print({text}), print({text}, file=sys.stderr))[0]))"
    assert run([sys.executable, "-c", BEGIN + said], **ENCODINGS[encoding]) == (0, printed + b"\n", printed + b"\n")


@pytest.mark.parametrize(
    "encoding", ["ascii", *(pytest.param(name, marks=pytest.mark.slow) for name in ("cp1252", "C"))]
)
def test_the_light_program_prints_what_it_can(encoding):
    code, out, err = run([*LITE, "ein Café – 日本"], **ENCODINGS[encoding])
    text = "ein Café – 日本".encode(ENCODINGS[encoding].get("PYTHONIOENCODING", "ascii"), "replace")
    assert (code, err) == (0, b"") and out.rstrip().split(b"\t")[2] == text.replace(b" ? ", b" - ")
    assert float(out.split(b"\t")[1]) == pytest.approx(float(run([*LITE, "ein Café – 日本"])[1].split(b"\t")[1]))


@pytest.mark.parametrize("encoding", ["C", *(pytest.param(name, marks=pytest.mark.slow) for name in ENCODINGS)])
def test_screens_of_the_command_line_are_whole_in_every_encoding(encoding, tmp_path):
    code, out, err = run([*CLI, "--help"], **ENCODINGS[encoding])
    assert (code, err) == (0, b"") and b"Usage:" in out and b"finetune" in out and b"?" not in out
    file = tmp_path / "Café 日本.csv"
    file.write_text("text,label\n" + "gut,ü\nschlecht,é\n" * 9, encoding="utf-8")
    code, out, err = run([*CLI, "check", "text_classifier", file], **ENCODINGS[encoding])
    assert (code, err) == (1, b"") and out.startswith(b"fail  Caf"), (out, err)
    code, out, err = run([*CLI, "check", "text_classifier", tmp_path / "Cafés.csv"], **ENCODINGS[encoding])
    assert (code, out) == (1, b"") and err.startswith(b"error: There is no file ") and err.count(b"\n") == 1


def test_json_escapes_what_cannot_be_written(monkeypatch):
    from rnnkit.cli.answers import print_object

    for encoding, line in (("ascii", b'{"input": "caf\\u00e9"}'), ("utf-8", '{"input": "café"}'.encode())):
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
        print_object({"input": "café"})
        sys.stdout.flush()
        assert sys.stdout.buffer.getvalue() == line + b"\n"
        print_object({"input": "\ud800"})


@pytest.mark.parametrize("more", [{}, C_LOCALE, {"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "1", "LC_ALL": "C"}])
def test_standard_input_is_text_or_refused(more):
    assert run(READS, stdin="café\n日本\r\n\nno end".encode(), **more)[:2] == (
        0, ascii(["café", "日本", "", "no end"]).encode() + b"\n",
    )  # fmt: skip
    code, out, err = run(READS, stdin=b"good\ncaf\xe9\n", **more)
    assert (code, out) == (1, b"") and err.count(b"\n") == 1 and b"has the byte 0xe9" in err and b"send UTF-8" in err


def test_a_line_of_standard_input_without_an_end_is_refused(monkeypatch):
    monkeypatch.setattr(streams, "LONGEST_LINE", 10)
    monkeypatch.setattr(sys, "stdin", io.StringIO("x" * 10 + "\n" + "x" * 11))
    lines = streams.input_lines()
    assert next(lines) == "x" * 10
    with pytest.raises(RnnkitError, match="has more than 10 signs"):
        next(lines)


def test_lines_of_standard_input_are_answered_in_parts(command_line, monkeypatch):
    words, given = ("predict", SHIPPED / "imdb_sentiment", "--tflite", "--json"), b"a good film\nawful\n\na film\nbad"
    whole = command_line(*words, stdin=given)
    monkeypatch.setattr("rnnkit.cli.answering._AT_ONCE", 2)
    parts = command_line(*words, stdin=given)
    assert whole == parts and whole[0] == 0
    assert [json.loads(line)["input"] for line in parts[1].splitlines()] == [
        "a good film",
        "awful",
        "",
        "a film",
        "bad",
    ]


# ---------------------------------------------------------------------- streams that are closed or full


@pytest.mark.parametrize(
    "redirected, code",
    [
        ("<&-", 0),
        (">&-", 0),
        ("2>&-", 0),
        (">&- 2>&-", 0),
        ("<&- >&- 2>&-", 0),
        pytest.param("2>/dev/full", 0, marks=needs_full),
        pytest.param(">/dev/full 2>&-", 1, marks=needs_full),
        pytest.param(">/dev/full 2>/dev/full", 1, marks=needs_full),
        (">/dev/null <&-", 0),
    ],
)
def test_closed_and_full_streams_end_no_program_with_a_traceback(redirected, code):
    out = b"" if ">&-" in redirected.replace("2>&-", "") or ">/" in redirected.replace("2>/", "") else b"some text\n"
    assert run(PRINTS, redirected) == (code, out, b"")
    assert run(FAILS, redirected)[0] == 1 if "2>" in redirected else True


@needs_full
@pytest.mark.parametrize("command", [PRINTS, [*LITE, "a"], [*LITE[:3], "--help"], [*CLI, "tasks"], [*CLI, "--help"],
                                     [*CLI, "--version"]], ids=str)  # fmt: skip
def test_a_full_standard_output_is_one_line(command):
    code, out, err = run(command, ">/dev/full")
    assert (code, out) == (1, b"") and err.decode().removeprefix("error: ") == NO_SPACE


@needs_full
def test_the_line_of_an_error_comes_before_that_of_a_full_output():
    program = "def work():\n  print('x')\n  raise RnnkitError('the mistake')\nsys.exit(ended(work))"
    code, _, err = run(
        [sys.executable, "-c", BEGIN + "from rnnkit.errors import RnnkitError\n" + program], ">/dev/full"
    )
    assert code == 1 and err.decode() == "the mistake\n" + NO_SPACE


def test_what_was_printed_to_a_closed_stream_gets_into_no_file(tmp_path):
    program = (
        "def work():\n  file = open('kept', 'w')\n  print('lost')\n  os.write(1, b'lost')\n  os.write(2, b'lost')\n"
        "  file.write('own')\n  file.close()\n  assert sys.stdin.read() == ''\n"
        "os.chdir(sys.argv[1])\nsys.exit(ended(work))"
    )
    assert run([sys.executable, "-c", BEGIN + program, tmp_path], "<&- >&- 2>&-")[0] == 0
    assert (tmp_path / "kept").read_text() == "own"


def test_a_reader_that_leaves_ends_the_program_quietly():
    endless = "def work():\n  while True: print('line')\nsys.exit(ended(work))"
    assert first_line([sys.executable, "-c", BEGIN + endless]) == (b"line\n", 141, b"")
    unread = "def work():\n  sys.stdin.read()\n  print('line')\nsys.exit(ended(work))"  # fails as it ends, not before
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + unread], stdin=-1, stdout=-1, stderr=-1, env=environment()
    ) as process:
        process.stdout.close()
        process.stdin.close()
        assert (process.stderr.read(), process.wait()) == (b"", 141)


def test_the_light_program_ends_with_its_reader():
    line, code, said = first_line([*LITE, *["a good film"] * 3000])
    assert line.endswith(b"\ta good film\n") and (code, said) == (141, b"")


def test_standard_input_that_cannot_be_read_is_one_line():
    code, out, err = run(READS, "</dev/null 0>/dev/null")
    assert (code, out) == (1, b"") and err == b"Standard input cannot be read (Bad file descriptor).\n"


# ---------------------------------------------------------------------- arguments that are no text


def test_bytes_that_are_no_text_in_arguments(tmp_path):
    named = os.fsencode(tmp_path) + b"/caf\xe9"
    shutil.copytree(os.fsencode(LITE[3]), named)
    file = named + b".csv"
    Path(os.fsdecode(file)).write_text("text,label\ngood,a\nbad,b\n" * 4)
    for more in ({}, C_LOCALE):
        code, out, err = run([*LITE[:3], os.fsdecode(named), "caf\udce9"], **more)  # the folder is there
        assert (code, err) == (0, b"") and out.rstrip().split(b"\t")[2] in ("caf\ufffd".encode(), b"caf?")
        code, out, err = run([*LITE[:3], os.fsdecode(named) + "s"], **more)
        assert (code, out) == (1, b"") and b"/caf\\xe9s is no exported bundle" in err and err.count(b"\n") == 1
    code, out, err = run([*CLI, "check", "text_classifier", os.fsdecode(file)])
    assert err == b"" and out.startswith(b"fail  caf\\xe9.csv: ") and b"Columns: text = 'text'" in out
    code, out, err = run([*CLI, "predict", "caf\udce9", "text"])
    assert (code, out) == (1, b"") and b"There is no Run caf\\xe9." in err


def test_arguments_are_utf_8_in_the_c_locale():
    with_accents = run([*LITE, "un film très émouvant"], **C_LOCALE)[1].split(b"\t")
    assert with_accents[:2] == run([*LITE, "un film très émouvant"])[1].split(b"\t")[:2]
    assert streams.argument_text("plain é") == "plain é" and streams.argument_text("\ud800") == "\ufffd"


ODD = [
    "",
    ".",
    "/",
    "-",
    "/dev/null",
    "x" * 5000,
    "9" * 5000,
    "日本" * 3000,
    "a\0b",
    "\udcff",
    "a\nb",
    "\x1b[2J",
    "nan",
]


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_odd_arguments_are_one_line(odd, command_line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tune = tmp_path / "a.abc"
    tune.write_text("X:1\nM:4/4\nK:G\nGABc dedB|\n")
    table = write_csv(tmp_path / "a.csv", rows(30))
    commands = [["check", key] for key in ("text_classifier", "token_tagger", "translator", "tree_classifier",
                                           "sequence_classifier", "forecaster",
                                           "image_captioner", "language_model")]  # fmt: skip
    commands += [["check"], ["train"], ["play"], ["engrave"], ["play", tune, "--tune"], ["play", tune, "--to"],
                 ["check", "text_classifier", table, "--encoding"], ["check", "text_classifier", table, "--text"],
                 ["predict"], ["evaluate"], ["pretrain", table, "--for"]]  # fmt: skip
    for words in commands:
        code, out, err = command_line(*words, odd)
        assert code in (1, 2) and out == "" and err.count("\n") == 1 and len(err) < 1100, (words, code, out, err)
        assert "\x1b" not in err
    assert {path.name for path in tmp_path.iterdir()} == {"a.abc", "a.csv"}


def test_what_is_written_takes_no_place_of_a_device(command_line, tmp_path):
    pipe, tune = tmp_path / "pipe.wav", tmp_path / "a.abc"
    os.mkfifo(pipe)
    tune.write_text("X:1\nM:4/4\nK:G\nGABc dedB|\n")
    code, out, err = command_line("play", tune, "--to", pipe)
    assert code == 1 and out == "" and "is no regular file. Give --to another file." in err and pipe.is_fifo()
    for device in ("/dev/null", "/dev/stdout", "/proc/self/fd/1"):
        with pytest.raises(RnnkitError, match="is no regular file"):
            check_writable(Path(device), "Give another.")
    check_writable(tune, "Give another.")
    check_writable(tmp_path / "new.html", "Give another.")


@pytest.mark.parametrize("key", tasks.names())
def test_options_that_are_numbers_are_finite(key):
    task = tasks.get(key)
    for kind in filter(None, (task.options_class, task.predict_options, SamplingOptions)):
        for spec in dataclasses.fields(kind):
            if value_type(spec) is not float:
                continue
            for value in (math.nan, math.inf, -math.inf):
                with pytest.raises(RnnkitError, match=rf"^{spec.name} is -?(nan|inf); expected a finite number, for"):
                    kind.from_dict({spec.name: value})


def test_texts_steer_no_terminal(command_line, capsys):
    from rnnkit.cli.screen import complain, named_lines, next_step, say, table

    for show in (say, complain, next_step, lambda text: named_lines([(text, text)]), lambda text: table([[text]])):
        show("red \x1b[31m\x9b31m bell \a")
    said = capsys.readouterr()
    assert not {"\x1b", "\x9b", "\a"} & set(said.out + said.err) and "red" in said.out and "red" in said.err
    code, out, _ = command_line("predict", SHIPPED / "imdb_sentiment", "--tflite", "\x1b]0;title\a film")
    assert code == 0 and "\x1b" not in out and "\a" not in out and "title" in out


# ---------------------------------------------------------------------- errors that nobody thought of


def test_an_error_that_nobody_thought_of_is_one_line(unknown_errors):
    code, out, err = run(FAILS)
    assert (code, out) == (1, b"") and err.count(b"\n") == 1
    assert err.decode().startswith(f"{ending.UNKNOWN} TypeError: unsupported operand") and b"RNNKIT_DEBUG=1" in err
    code, out, err = run(FAILS, RNNKIT_DEBUG="1")
    assert code == 1 and err.startswith(b"Traceback ") and ending.UNKNOWN.encode() in err
    assert run(FAILS, RNNKIT_DEBUG="0")[2].count(b"\n") == 1


def test_programs_of_the_command_line_end_so_too(unknown_errors, capsys, monkeypatch):
    from rnnkit.cli.program import run as run_program

    for error, said in (
        (KeyError("key\nline"), f"error: {ending.UNKNOWN} KeyError: "),
        (EOFError("cut"), f"error: {ending.UNKNOWN} EOFError: cut."),
        (RecursionError(), "error: What was given is nested too deeply"),
        (MemoryError(), "error: Out of memory."),
        (OSError(5, "Input/output error"), f"error: {ending.UNKNOWN} OSError: "),
    ):

        def command():
            raise error  # noqa: B023

        import typer

        script = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        script.command()(command)
        monkeypatch.setattr(sys, "argv", ["script"])
        with pytest.raises(SystemExit) as ended:
            run_program(script)
        err = capsys.readouterr().err.lstrip("\n")  # typer ends a line before it raises an EOFError on
        assert ended.value.code == 1 and err.startswith(said) and err.count("\n") == 1


def test_the_tests_fail_where_one_turns_up(command_line, monkeypatch):
    with pytest.raises(pytest.fail.Exception, match="TypeError"):
        run(FAILS)
    monkeypatch.setattr("rnnkit.tasks.names", lambda: 1 + "")
    with pytest.raises(pytest.fail.Exception, match="TypeError"):
        command_line("tasks")


@pytest.mark.slow
def test_the_contract_of_cells_says_mistakes_in_a_line(tmp_path):
    (tmp_path / "bad.py").write_text("1 + ''")
    for words in (["[/red]"], [":Cell"], ["gru", "--reference", tmp_path / "x.py"],
                  ["gru", "--reference", tmp_path / "bad.py"]):  # fmt: skip
        code, out, err = run([sys.executable, "-m", "rnnkit.testing", *words])
        assert code in (1, 2) and out == b"" and err.startswith(b"error: ") and err.count(b"\n") == 1, (out, err)


# ---------------------------------------------------------------------- commands that load Keras


QUICK = [part for name, value in OPTIONS.items() if name != "epochs" for part in
         (f"--{name.replace('_', '-')}", str(value))] + ["--epochs", "1"]  # fmt: skip
SCREENS = {
    "cells": ["cells"],
    "evaluate": ["evaluate", SHIPPED / "conll_ner"],
    "predict": ["predict", SHIPPED / "conll_ner", "Angela Merkel besuchte Köln – 日本."],
    "predict of lines": ["predict", SHIPPED / "imdb_sentiment", *["a café"] * 9],
    "explain": ["predict", SHIPPED / "imdb_sentiment", "--explain", "a café – 日本"],
    "generate": ["generate", SHIPPED / "char_music", "--length", "60", "--seed", "1"],
    "generate more": ["generate", SHIPPED / "char_text", "ROMEO:", "--length", "20", "--samples", "2"],
    "translate": ["predict", SHIPPED / "translation_en_de", "--tflite", "A man – 日本 – is sleeping."],
    "diagnose": ["diagnose", SHIPPED / "imdb_sentiment", "--rows", "2", "--to", "{tmp}", "--overwrite"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCREENS)
def test_every_screen(name, tmp_path):
    command = [*CLI, *(str(word).format(tmp=tmp_path) for word in SCREENS[name])]
    code, out, err = run(command, **ENCODINGS["ascii"])
    assert (code, err) == (0, b"") and out and out.isascii()
    assert run(command, ">&- 2>&-")[0] == 0
    if os.path.exists("/dev/full"):
        code, _, err = run(command, ">/dev/full")
        assert code == 1 and err.decode() == "error: " + NO_SPACE
    with subprocess.Popen([*map(str, command)], stdout=-1, stderr=-1, env=environment(), cwd=ROOT) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 141)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "C"])
def test_training_on_a_terminal_that_knows_ascii_alone(encoding, tmp_path):
    file = write_csv(tmp_path / "Café.csv", rows(60), "text,étiquette")
    words = ["train", "text_classifier", file, "--label", "étiquette", *QUICK, "--to", tmp_path / "Ünter"]
    code, out, err = run([*CLI, *words], **ENCODINGS[encoding], TTY_COMPATIBLE="1", TERM="xterm")
    assert code == 0, err
    assert out.isascii() and err.isascii() and b"epoch 1/1" in err and b"---" in err and b"accuracy" in out
    assert (tmp_path / "Ünter" / "model.keras").is_file()


@pytest.mark.slow
def test_a_training_outlives_its_screen_and_odd_names(tmp_path):
    file = tmp_path / "caf\udce9.csv"
    write_csv(file, rows(60))
    to = tmp_path / "run\udce9"
    code, out, err = run([*CLI, "train", "text_classifier", file, *QUICK, "--to", to], "2>/dev/null")
    assert code == 0 and b"run\\xe9" in out, out
    json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    for words in (["evaluate", to], ["predict", to, "a film"], ["diagnose", to, "--rows", "2"], ["export", to],
                  ["predict", to, "--tflite", "a film"], ["export", to, "--format", "keras"]):  # fmt: skip
        code, out, err = run([*CLI, *words])
        assert code == 0 and err == b"", (words, err)
    code, out, err = run([*CLI, "export", to, "--format", "saved_model"])
    assert code in (0, 1) and err.count(b"\n") == code
    assert run([*CLI, "finetune", to, file, "--epochs", "1", "--to", tmp_path / "on"], "2>&-")[0] == 0


@pytest.mark.slow
def test_pipelines_and_the_contract_of_cells_print_what_they_can(tmp_path):
    file = write_csv(tmp_path / "Café.csv", rows(400))
    pipeline = [sys.executable, ROOT / "pipelines" / "imdb_sentiment.py", "--quick", "--data", file]
    code, out, err = run([*pipeline, "--to", tmp_path / "Ü"], **ENCODINGS["ascii"])
    assert code == 0 and out.isascii() and b"saved" in out, err
    code, out, err = run([sys.executable, "-m", "rnnkit.testing", "gru", "--quick"], **ENCODINGS["ascii"])
    assert code == 0 and out.isascii() and out.count(b"+") >= 7, (out, err)


@pytest.mark.slow
def test_a_run_reached_by_a_name_that_is_no_text_is_used(command_line, tmp_path):
    folder = copied(tmp_path / "run\udcff")
    assert command_line("predict", folder, "a good film")[0] == 0
    assert command_line("evaluate", folder)[0] == 0


def test_pictures_take_names_that_are_no_text(tmp_path):
    from rnnkit import plots

    flows = [("layer 1 caf\udce9", np.array([1.0, 0.5, 0.1]))]
    drawn = plots.gradient_flow(flows, tmp_path / "flow\udce9.png", "run\udce9, 3 rows")
    assert drawn.read_bytes().startswith(b"\x89PNG")
