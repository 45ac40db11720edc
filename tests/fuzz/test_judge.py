"""The judge who watches the readers sees each thing that a reader must not do."""

import os
import shutil
import subprocess
import sys
import threading
import time
import warnings

import pytest
from fuzz.case import Case
from fuzz.edits import bomb, edited
from fuzz.faults import Fault
from fuzz.json_edits import VALUES, json_edited, json_lines_edited
from fuzz.judge import Judge
from fuzz.made import ODD, Made
from fuzz.rounds import Count, examples
from hypothesis import strategies as st

from rnnkit.errors import RnnkitError


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    with Judge(tmp_path_factory.mktemp("judge"), seconds=1, most=2**27).sitting() as sitting:
        yield sitting


def kind_of(judge, read, sound=lambda answer: True, **how):
    """What the judge finds wrong, in a word; None for nothing."""
    try:
        judge.judge(Made({"a.txt": b"abc"}), read, sound, **how)
    except Fault as fault:
        return fault.kind
    return None


def refuse(line):
    class Loud(RnnkitError):
        def __init__(self):
            ValueError.__init__(self, line)  # as it would be without the cleaning

    def read(folder):
        raise Loud

    return read


def test_an_answer_and_a_refusal_in_one_line_are_fine(judge):
    verdict = judge.judge(
        Made({"a.txt": b"abc"}), lambda folder: (folder / "a.txt").read_bytes(), lambda answer: answer == b"abc"
    )
    assert verdict.said == "" and verdict.seconds < 1 and verdict.memory < 2**27
    assert judge.judge(Made({}), refuse("a.txt holds nothing."), bool).said == "a.txt holds nothing."


@pytest.mark.parametrize("line", ["two\nlines", "", " ", "x" * 1001, "\x1b[2J", "\ud800", "a\u2028b", "\u202e"])
def test_a_refusal_that_is_not_one_plain_line_is_a_fault(judge, line):
    assert kind_of(judge, refuse(line)) == "line"


def test_other_errors_warnings_and_answers_that_cannot_be_are_faults(judge):
    assert kind_of(judge, lambda folder: {}["a"]) == "traceback"
    assert kind_of(judge, lambda folder: sys.exit(0)) == "traceback"
    assert kind_of(judge, lambda folder: warnings.warn("careful", stacklevel=1)) == "warning"
    assert kind_of(judge, lambda folder: None, lambda answer: answer is not None) == "answer"


def test_what_takes_too_long_is_stopped(tmp_path):
    def stubborn(folder):
        while True:
            try:
                time.sleep(9)
            except Exception:  # as a reader that turns every error into a line
                pass

    def deaf(folder):
        try:
            time.sleep(9)
        except BaseException:
            time.sleep(9)

    for read in (
        stubborn,
        deaf,
        lambda folder: os.mkfifo(folder / "pipe") or open(folder / "pipe", "rb"),
    ):
        began = time.monotonic()
        with Judge(tmp_path / str(began), seconds=0.3).sitting() as sitting:
            assert kind_of(sitting, read, writes=True) == "seconds"
        assert time.monotonic() - began < 4


def test_what_takes_too_much_memory_is_stopped(judge):
    def grow(folder):
        held = []
        while True:
            held.append(bytearray(b"x" * 2**22))
            time.sleep(0.001)

    assert kind_of(judge, grow) == "memory"
    assert kind_of(judge, lambda folder: len(b"x" * 2**28)) == "memory"  # at once, and given back
    assert kind_of(judge, lambda folder: len(b"x" * 2**24)) is None


@pytest.mark.parametrize(
    "read",
    [
        lambda home: (home / "new.txt").write_text("a"),
        lambda home: ((home / "new.txt").write_text("a"), (home / "new.txt").unlink()),  # gone again
        lambda home: (home / "decoy" / "secret.txt").unlink(),
        lambda home: os.rename(home / "case" / "a.txt", home / "new.txt"),
        lambda home: os.mkdir(home / "case.old"),
        lambda home: os.symlink("a", home / "link"),
        lambda home: os.close(os.open(home / "decoy" / "case.partial", os.O_WRONLY)),
    ],
)
def test_whatever_is_written_outside_is_seen(tmp_path, read):
    with Judge(tmp_path / "home", seconds=1).sitting() as sitting:
        assert kind_of(sitting, lambda folder: read(folder.parent), writes=True) == "files"


def test_what_is_written_in_its_own_folder_is_its_own_affair(judge):
    def read(folder):
        (folder / "new" / "deep").mkdir(parents=True)
        (folder / "new" / "link").symlink_to("elsewhere")
        os.rename(folder / "a.txt", folder / "new" / "deep" / "b.txt")
        shutil.rmtree(folder / "new")  # names files by the open folder they are in

    assert kind_of(judge, read, writes=True) is None


def test_a_reader_that_changes_what_it_reads_or_leaves_something_is_seen(judge):
    assert kind_of(judge, lambda folder: (folder / "b.txt").touch()) == "files"
    assert kind_of(judge, lambda folder: (folder / "b.txt").touch(), writes=True) is None
    assert kind_of(judge, lambda folder: (judge.scratch / "left").mkdir()) == "files"
    held = []
    assert kind_of(judge, lambda folder: held.append(open(folder / "a.txt"))) == "files"
    held.pop().close()


def test_a_strangers_folder_may_not_lead_outside(judge):
    def read(folder):
        return (folder / "a.txt").read_bytes()

    linked = Made({"a.txt": "secret"})
    assert judge.judge(linked, read, bool).said == ""
    with pytest.raises(Fault, match="reads outside"):
        judge.judge(linked, read, bool, stranger=True)


@pytest.mark.slow
def test_processes_and_threads_that_are_started_are_seen(judge):
    assert kind_of(judge, lambda folder: subprocess.run(["true"], check=True)) == "process"
    assert kind_of(judge, lambda folder: subprocess.run(["true"], check=True), runs=True) is None
    left = []
    assert kind_of(judge, lambda folder: left.append(subprocess.Popen(["sleep", "9"])), runs=True) == "process"
    left[0].kill(), left[0].wait()
    end = threading.Event()
    assert kind_of(judge, lambda folder: threading.Thread(target=end.wait).start()) == "process"
    end.set()


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_is_laid_out_and_taken_away(judge, kind):
    seen = judge.judge(
        Made({"a.txt": kind}), lambda folder: os.listdir(folder), lambda names: names == ["a.txt"] or kind == "missing"
    )
    assert seen.said == "" and not judge.case.exists()


@pytest.mark.slow
def test_a_fault_is_found_with_a_small_input_and_the_rest_goes_on(judge):
    def read(folder, made):
        content = (folder / "a.txt").read_bytes()
        if b"7" in content:
            raise KeyError("seven")
        if b"8" in content:
            raise RnnkitError("An 8 is refused.")
        return content

    digits = st.binary(max_size=60).map(lambda content: Made({"a.txt": content.hex().encode()}))
    count = Count()
    found = examples(Case("digits", digits, read, lambda answer: isinstance(answer, bytes)), judge, 60, 1, count)
    assert [fault.kind for fault in found] == ["traceback"] and len(found[0].made) < 60
    assert count.faults > 0 and count.answers > 0 and count.refusals > 0
    assert count.examples == count.faults + count.answers + count.refusals


def test_edits_are_what_they_say():
    table = b"a,b\n1,2\n3,4\n"
    for edit, made in [
        (("insert", 10**6, b"!"), b"a,b\n1,2\n3,4\n!"), (("cell", 400_000, b""), b"a,b\n,2\n3,4\n"),
        (("flip", 0, 5), b"A,b\n1,2\n3,4\n"), (("byte", 0, 0), b"\0,b\n1,2\n3,4\n"), (("delete", 0, 7), b"\n3,4\n"),
        (("repeat", 0, 1, 3), b"aaa,b\n1,2\n3,4\n"), (("cut", 500_000), b"a,b\n1,"), (("line out", 0), b"1,2\n3,4\n"),
        (("line again", 0, 2), b"a,b\na,b\na,b\n1,2\n3,4\n"), (("ends", b"\r"), b"a,b\r1,2\r3,4\r"),
        (("upper",), b"A,B\n1,2\n3,4\n"),
        (("delimiter", b"|"), b"a|b\n1|2\n3|4\n"), (("encoding", "utf-16-le"), "a,b\n1,2\n3,4\n".encode("utf-16-le")),
        (("nested", 0, b"[", 3), b"[[[" + table), (("other", 0, 0), b"xy"), (("line", 0, b"x"), b"x\n1,2\n3,4\n"),
    ]:  # fmt: skip
        assert edited(table, [edit], [b"xy"]) == made
    assert len(bomb(b"a", 2**26)) < 2**18


def test_json_edits_are_what_they_say():
    sound = b'{"a": [1, 2], "b": "x"}'
    for edit, made in [
        (("value", 0, "NaN"), b'{"a": NaN, "b": "x"}'), (("gone", 999_999), b'{"a": [1], "b": "x"}'),
        (("twice", 0, "[["), b'{"a": [1, 2], "b": "x", "a": [[}'),
        (("new", 0, "c", "9"), b'{"a": [1, 2], "b": "x", "c": 9}'),
        (("swapped", 0, 250_000), b'{"a": "x", "b": "x"}'),
        (("number", 250_000, 2**64), b'{"a": [1, 2], "b": 18446744073709551616}'),
    ]:  # fmt: skip
        assert json_edited(sound, [edit]) == made
    for value in VALUES:
        assert value.encode() in json_edited(sound, [("value", 0, value)])
    assert json_lines_edited(b'{"a": 1}\n{"a": 2}\n', 999_999, [("value", 0, "[")]) == b'{"a": 1}\n{"a": [}\n'
