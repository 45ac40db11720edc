"""`rnnkit predict --ray` without a cluster: what is refused, and that workers make the rows of one machine."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli.test_tables import Classifier

from rnnkit import tasks
from rnnkit.cli import answer_parts, answering, ray_answers, ray_workers, table_job
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.on_ray import said_by

_ROWS = ["007,g,1e5", '1,"a ""g""\r\nnext",', "2,sehr schön 映画,NA", "3, g ,true", "4,gg,x"] * 4


@pytest.fixture
def predict(monkeypatch, command_line, tmp_path):
    """Runs `rnnkit predict RUN ...` in a new folder, with a made-up model and without Ray."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setattr(answering, "_run", Path)
    for module in (answering, ray_workers):
        monkeypatch.setattr(module, "kind_in", lambda folder, tflite: tasks.get(Classifier.key))
        monkeypatch.setattr(module, "loaded", lambda folder, tflite: Classifier())
    monkeypatch.setattr(answering, "files_of", lambda folder, tflite: [])
    Path("in.csv").write_text("id,text,answer\n" + "\n".join(_ROWS) + "\n", encoding="utf-8")
    return lambda *words: command_line("predict", "run", *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("in.csv", "--to", "out", "--workers", "2"), "--workers is of --ray; give --ray too"),
        (("in.csv", "--ray", "local"), "--ray writes a folder of files: give its name with --to"),
        (("in.csv", "--ray", "local", "--to", "-"), "--ray writes a folder of files: give its name with --to"),
        (("in.csv", "--ray", "local", "--to", "out.csv"), "Give the name of a folder, such as 'out'."),
        (("in.csv", "--ray", "local", "--to", "out", "--resume"), "leave it out with --ray"),
        (("in.csv", "--ray", "local", "--to", "."), "is the folder that is read"),
        (("sub/in.csv", "--ray", "local", "--to", "."), "'.' is no name for a new folder. Give another folder"),
        (("in.csv", "--ray", "local", "--to", ".."), "'..' is no name for a new folder. Give another folder"),
        (("in.csv", "--ray", "local", "--to", "other"), "other holds other things than answers; nothing was written"),
        (("-", "--ray", "local", "--to", "out"), "--ray answers one table"),
        (("a text", "b", "--ray", "local", "--to", "out"), "--ray answers one table"),
        (("no.csv", "--ray", "local", "--to", "out"), "There is no file no.csv."),
        (("no*.csv", "--ray", "local", "--to", "out"), "No file fits 'no*.csv'"),
        (("mixed/*", "--ray", "local", "--to", "out"), "names files of several kinds, .csv and .jsonl"),
        (("other", "--ray", "local", "--to", "out"), "other is no folder of tables alone"),
        (("in.csv", "--ray", "local", "--to", "out"), "--ray needs the package ray, which is not installed."),
    ],
)
def test_what_cannot_be_answered_on_ray_is_refused_in_a_line(words, said, predict):
    for name in ("mixed/a.csv", "mixed/b.jsonl", "other/notes.md"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text('{"text": "g"}\n')
    Path("sub").mkdir()
    Path("sub/in.csv").write_text("text\ng\n")
    before = sorted(Path().rglob("*"))
    code, out, err = predict(*words)
    assert (code, out) == (1, "") and said in err.splitlines()[-1], err
    assert sorted(Path().rglob("*")) == before


def on_workers(monkeypatch, folder, *paths, most=6, **wanted):
    """What the driver and the workers do, one after the other in this process; the folder's parts."""
    pyarrow = pytest.importorskip("pyarrow")
    monkeypatch.setattr(table_job, "AT_ONCE", 3)
    monkeypatch.setattr(ray_workers, "AT_ONCE", 3)
    monkeypatch.setattr(ray_workers, "_BATCHES", 2)
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(get=lambda given: given))
    paths = [Path(path).absolute() for path in paths]
    asked = ray_workers.Asked(Path("run"), False, table_job.Wanted(**wanted), answer_parts.part_suffix(paths[0]))
    tables = [ray_workers.survey(asked, str(path)) for path in paths]
    assert not any(table.error for table in tables), tables
    example = ray_workers.example(asked, tables[0]).example
    tables = [replace(table, example=example) for table in tables]
    desk = SimpleNamespace(started=SimpleNamespace(remote=lambda: (tables, False)))
    answerer = ray_workers.Answerer(asked, desk)
    given = pyarrow.table({"number": list(range(len(paths))), "path": list(map(str, paths))})
    answered = (
        ray_workers.pickle.loads(packet)
        for rows in ray_workers.packets(given, asked)
        for packet in answerer(rows)["packet"].to_pylist()
    )
    monkeypatch.setattr(answer_parts.AnswerParts.__init__, "__defaults__", (most,))
    folder.mkdir()
    parts, counts = ray_answers._written(answered, asked, tables, folder)
    parts.record(**counts)
    return [folder / name for name in parts.parts], counts


def test_parts_one_after_another_are_the_file_of_one_machine(predict, monkeypatch, tmp_path):
    assert predict("in.csv", "--to", "one.csv")[0] == 0
    parts, counts = on_workers(monkeypatch, tmp_path / "out", "in.csv")
    assert [path.name for path in parts] == [f"part-00000{number}.csv" for number in (1, 2, 3, 4)]
    head, *rest = Path("one.csv").read_bytes().split(b"\n", 1)
    bodies = []
    for path in parts:
        first, body = path.read_bytes().split(b"\n", 1)
        assert first == head
        bodies.append(body)
    assert b"".join(bodies) == rest[0] and counts == {"blank": 0, "unread": 0, "faulty": 0}
    assert answer_parts.is_answers(tmp_path / "out")
    (tmp_path / "out" / "mine.txt").write_text("")
    with pytest.raises(RnnkitError, match="holds other things than answers"):
        answer_parts.refuse_occupied(tmp_path / "out", True)


def test_parts_of_jsonl_and_parquet_are_those_of_one_machine(predict, monkeypatch, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    lines = [{"text": "g" * (number % 3), "n": 5.0, "id": "007", "deep": {"a": [1.50]}} for number in range(10)]
    Path("in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert predict("in.jsonl", "--to", "one.jsonl", "--allow-empty")[0] == 0
    parts, counts = on_workers(monkeypatch, tmp_path / "json", "in.jsonl", allow_empty=True)
    assert b"".join(path.read_bytes() for path in parts) == Path("one.jsonl").read_bytes() and len(parts) == 2
    assert counts["blank"] == 4
    table = pyarrow.table({"id": ["007", "1e5", None] * 4, "text": ["g", "a", "gg"] * 4, "n": [1, None, 3] * 4})
    parquet.write_table(table.replace_schema_metadata({"kept": "yes"}), "in.parquet")
    monkeypatch.setitem(sys.modules, "ray", None)
    assert predict("in.parquet", "--to", "one.parquet")[0] == 0
    parts, _ = on_workers(monkeypatch, tmp_path / "arrow", "in.parquet")
    made = pyarrow.concat_tables([parquet.read_table(path) for path in parts])
    assert made.equals(parquet.read_table("one.parquet"), check_metadata=True) and len(parts) == 2


def test_what_a_worker_said_is_one_line_and_no_traceback():
    class FromRay(RnnkitError):  # as Ray makes of an error of ours: of both kinds, its text a traceback
        def __init__(self, cause):
            super().__init__("Traceback (most recent call last): ...")
            self.cause = cause

    ours = RnnkitError("The Run is broken.")
    ours.__cause__ = KeyError("weights")
    outer = RuntimeError("ray")
    outer.__cause__ = FromRay(ours)
    for error in (ours, FromRay(ours), outer):
        assert str(said_by(error, "The answers failed")) == "The Run is broken."
    assert str(said_by(RuntimeError("a\nlost"), "The answers failed")) == "The answers failed: lost"


def test_what_a_part_cannot_hold_is_said_with_a_mend_that_helps():
    advice = answer_parts.content_of(".csv", SimpleNamespace(header=["text"], name="in.csv", path=None), {}).advice
    assert advice.startswith("Leave --ray out")


def test_a_table_that_changes_while_it_is_answered_is_not_written_half(predict, monkeypatch, tmp_path):
    real = ray_workers.survey

    def survey(asked, path):
        return replace(real(asked, path), rows=99)

    monkeypatch.setattr(ray_workers, "survey", survey)
    with pytest.raises(RnnkitError, match=r"in.csv changed while it was answered; nothing was written"):
        on_workers(monkeypatch, tmp_path / "out", "in.csv")


def test_a_search_on_ray_without_it_is_refused_before_anything_is_written(monkeypatch, command_line, tmp_path):
    pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ray", None)
    Path("in.csv").write_text("text,label\n" + "good,a\nbad,b\n" * 20)
    code, out, err = command_line("tune", "text_classifier", "in.csv", "--to", "x", "--workers", "2")
    assert code == 1 and "--workers is of --ray" in err
    code, out, err = command_line("tune", "text_classifier", "in.csv", "--to", "x", "--ray", "local")
    assert code == 1 and "--ray needs the package ray, which is not installed." in err, err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
