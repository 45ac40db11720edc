"""`rnnkit predict` on files: rows as they came with their answers, what breaks off and goes on, what is refused."""

import csv
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnkit import tasks
from rnnkit.cli import answering, opened_table, table_job
from rnnkit.data.remembered import Remembered
from rnnkit.data.whole_rows import open_rows
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.entities import prediction_of, tokens_of
from rnnkit.lite.answers.labels import Prediction
from rnnkit.lite.answers.translations import Translation


class Classifier:
    """Says "good" as surely as a text has letters g; notes what it was asked."""

    key = "text_classifier"
    bundle = SimpleNamespace(task=key)
    asked: list[str] = []
    breaks_at = ""

    def predict(self, texts):
        if self.breaks_at and self.breaks_at in texts:
            raise KeyboardInterrupt
        self.asked.extend(texts)
        return [self.answer(text) for text in texts]

    def answer(self, text):
        sure = min(0.5 + text.count("g") / 8, 1.0)
        return Prediction("good", sure, {"bad": 1 - sure, "good": sure})


class Forgetful(Classifier):
    def predict(self, texts):
        return [self.answer(text) for text in texts]


class Tagger(Classifier):
    key = "token_tagger"

    def answer(self, text):
        tokens = tokens_of(text)
        return prediction_of(text, tokens, ["B-LOC" if token[0].isupper() else "O" for token, _, _ in tokens])


class Translator(Classifier):
    key = "translator"

    def answer(self, text):
        return Translation(text.replace("snow", "Schnee → ❄"), -0.25)


@pytest.fixture
def predict(monkeypatch, command_line, tmp_path):
    """Runs `rnnkit predict RUN ...` in a new folder: predict("in.csv", "--to", "out.csv") gives code, out, err."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(answering, "_run", Path)
    monkeypatch.setattr(answering, "bundle_of", Path)
    Path("run.bin").write_bytes(b"weights")

    def run(*words, task=Classifier, stdin=None):
        task.asked = Classifier.asked = []
        monkeypatch.setattr(answering, "kind_in", lambda folder, tflite: tasks.get(task.key))
        monkeypatch.setattr(answering, "files_of", lambda folder, tflite: [Path("run.bin")])
        monkeypatch.setattr(answering, "loaded", lambda folder, tflite: task())
        if stdin is not None:
            monkeypatch.setattr("rnnkit.cli.opened_table.input_lines", lambda: iter(stdin))
        return command_line("predict", "run", *words)

    return run


def rows_of(path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(result, *parts) -> None:
    code, out, err = result
    line = err.splitlines()[-1]
    assert code == 1 and line.startswith("error: ") and not out, result
    for part in parts:
        assert part in line, line
    assert not [path.name for path in Path().iterdir() if path.name.startswith("out")]


def test_rows_come_back_as_they_came_with_their_answers(predict) -> None:
    Path("in.csv").write_bytes('\ufeffid;Review;x\r\n01;"gg; ""g""\nnext";=1+1\r\n2;1.50;NA\r\n'.encode())
    assert predict("in.csv", "--to", "out.csv")[0] == 0
    assert Path("out.csv").read_bytes().decode() == (
        '\ufeffid;Review;x;answer;probability\r\n01;"gg; ""g""\nnext";=1+1;good;0.875\r\n2;1.50;NA;good;0.5\r\n'
    )
    assert predict("in.csv", "--to", "out2.csv", "--all")[0] == 0
    assert Path("out2.csv").read_text("utf-8-sig").splitlines()[2].endswith("good;0.875;0.125;0.875")


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8"])
def test_a_tables_encoding_is_kept_and_given_names_are_found(predict, encoding) -> None:
    Path("in.tsv").write_text("num\tcafé\n1\tvoilà g\n", encoding)
    assert predict("in.tsv", "--to", "out.tsv", "--text", "café")[0] == 0
    assert Path("out.tsv").read_text(encoding) == "num\tcafé\tanswer\tprobability\n1\tvoilà g\tgood\t0.625\n"


def test_objects_of_jsonl_stay_letter_by_letter(predict) -> None:
    line = '{"text":"g\\u00e9", "n": 1.10, "big": 123456789012345678901, "list": [1, {"a": 0.50}]'
    Path("in.jsonl").write_text(line + '}\n\n{"text": "x", "answer": null}\n')
    code, _, err = predict("in.jsonl", "--to", "out.jsonl")
    assert code == 0 and 'has a column "answer"; the new one is "answer_2"' in err
    first, second = Path("out.jsonl").read_text("utf-8").splitlines()
    assert first == line + ', "answer_2": "good", "probability": 0.625}'
    assert json.loads(second) == {"text": "x", "answer": None, "answer_2": "good", "probability": 0.5}
    assert predict("in.jsonl", "--to", "out.csv")[0] == 0
    assert list(rows_of("out.csv")[0].values()) == [
        "gé", "1.10", "123456789012345678901", '[1, {"a": 0.5}]', "", "good", "0.625"
    ]  # fmt: skip
    assert list(rows_of("out.csv")[0])[4:] == ["answer", "answer_2", "probability"]


def test_standard_input_and_output_are_json_lines(predict) -> None:
    code, out, _ = predict("-", stdin=['{"text": "g", "id": 7}', "", '{"id": 8, "text": "日本"}'])
    assert code == 0 and out.splitlines() == [
        '{"text": "g", "id": 7, "answer": "good", "probability": 0.625}',
        '{"id": 8, "text": "日本", "answer": "good", "probability": 0.5}',
    ]
    refused(predict("-", stdin=['{"text": "g"}', "plain"]), "Standard input line 2 is not JSON")
    refused(predict("-", "--to", "out.csv", stdin=['{"text": "g"}']), ".jsonl")
    Path("in.csv").write_text("text\ng\n")
    for words in (("--to", "-"), ("--json",)):
        assert predict("in.csv", *words)[1] == '{"text": "g", "answer": "good", "probability": 0.625}\n'
    assert predict("in.csv")[1] == "good   62.5%  g\n"


def test_below_the_threshold_an_answer_is_unknown(predict) -> None:
    Path("in.csv").write_text("text\ngg\nx\n")
    assert predict("in.csv", "--to", "out.csv", "--threshold", "0.75")[0] == 0
    assert Path("out.csv").read_text() == "text,answer,probability\ngg,good,0.75\nx,unknown,0.5\n"
    Path("out.csv").unlink()
    assert predict("gg", "x", "--threshold", "0.751", "--unknown", "ask")[1] == "ask   75.0%  gg\nask   50.0%  x\n"
    assert json.loads(predict("x", "--json", "--threshold", "0.6")[1])["label"] == "unknown"
    refused(predict("x", "--unknown", "ask"), "--threshold")
    refused(predict("x", "--threshold", "1.5"), "0 to 1")
    refused(predict("x", "--threshold", "0.5", task=Tagger), "--threshold is not for token_tagger")
    refused(predict("in.csv", "--all", "--to", "out.csv", task=Tagger), "--all is not for token_tagger")


def test_entities_and_translations_have_columns_of_their_own(predict) -> None:
    Path("in.csv").write_text("text\nin Bonn\n")
    assert predict("in.csv", "--to", "out.csv", task=Tagger)[0] == 0
    [row] = rows_of("out.csv")
    assert json.loads(row.pop("entities")) == [{"text": "Bonn", "type": "LOC", "start": 3, "end": 7}]
    assert row == {"text": "in Bonn", "tokens": "in Bonn", "tags": "O B-LOC"}
    Path("in.csv").write_text("source\ncafé snow\n", "cp1252")
    code, _, err = predict("in.csv", "--to", "late.csv", task=Translator)
    assert code == 1 and "line 2" in err and "'→' is not in cp1252" in err and not Path("late.csv").exists()
    assert predict("in.csv", "--to", "late.jsonl", task=Translator)[0] == 0
    assert json.loads(Path("late.jsonl").read_text("utf-8"))["translation"] == "café Schnee → ❄"


def test_what_broke_off_goes_on(predict, monkeypatch) -> None:
    monkeypatch.setattr(table_job, "AT_ONCE", 3)
    rows = [f"text {n}" for n in range(10)]
    Path("in.csv").write_text("\ufeff" + "\n".join(["text", *rows]) + "\n", "utf-8")
    monkeypatch.setattr(Classifier, "breaks_at", "text 7")
    code, _, err = predict("in.csv", "--to", "out.csv")
    assert code == 130 and "--resume" in err and not Path("out.csv").exists()
    monkeypatch.setattr(Classifier, "breaks_at", "")
    with Path("out.csv.partial").open("ab") as file:
        file.write(b'"half a ro')  # as when it is killed while it writes
    refusal = predict("in.csv", "--to", "out.csv", "--resume", "--threshold", "0.5")
    assert refusal[0] == 1 and "out.csv.partial was begun with another set of options" in refusal[2]
    Path("run.bin").write_bytes(b"other weights")
    assert "another Run" in predict("in.csv", "--to", "out.csv", "--resume")[2]
    Path("run.bin").write_bytes(b"weights")
    whole = Path("in.csv").read_bytes()
    Path("in.csv").write_bytes(whole + b"one more\n")
    assert "another input" in predict("in.csv", "--to", "out.csv", "--resume")[2]
    Path("in.csv").write_bytes(whole)
    assert predict("in.csv", "--to", "out.csv", "--resume")[:2] == (0, "written out.csv: 10 rows\n")
    assert Classifier.asked[-4:] == rows[6:] and "text 5" not in Classifier.asked
    assert predict("in.csv", "--to", "whole.csv")[0] == 0
    assert Path("out.csv").read_bytes() == Path("whole.csv").read_bytes()
    assert sorted(path.name for path in Path().iterdir()) == ["in.csv", "out.csv", "run.bin", "whole.csv"]


def test_what_goes_on_is_counted_whole(predict, monkeypatch) -> None:
    monkeypatch.setattr(table_job, "AT_ONCE", 2)
    monkeypatch.setattr(
        table_job.Job, "faults", lambda job, given: {n: "broken" for n, g in enumerate(given) if g == "f"}
    )
    Path("in.csv").write_text("text,b\nf,1\n,2\ng,3\nstop,4\n,5\nx,6\n")
    monkeypatch.setattr(Classifier, "breaks_at", "stop")
    assert predict("in.csv", "--to", "out.csv", "--allow-empty")[0] == 130
    monkeypatch.setattr(Classifier, "breaks_at", "")
    code, out, err = predict("in.csv", "--to", "out.csv", "--allow-empty", "--resume")
    assert (code, out) == (1, "written out.csv: 6 rows\n")
    assert "2 rows without text" in err and "1 row that cannot be answered" in err and "going on after 2 rows" in err


@pytest.mark.parametrize("to", ["out.csv", "out.tsv", "out.jsonl"])
@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.txt"])
def test_a_finished_file_is_said_to_be_complete(predict, name, to) -> None:
    Path("in.csv").write_text('text;b\n"g; ""1""\n2";\n;NA\nx;=1\n')
    Path("in.jsonl").write_text(
        '{"text": "g", "n": 1.50, "l": [1, {"a": 0.5}]}\n{"text": ""}\n{"text": "x", "z": null}\n'
    )
    Path("in.txt").write_text("one, two\n\nthree\n")
    assert predict(name, "--to", to, "--allow-empty")[0] == 0
    before, count = Path(to).read_bytes(), 3
    code, out, _ = predict(name, "--to", to, "--allow-empty", "--resume")
    assert (
        code == 0
        and out == f"{to} is complete: it has the {count} rows of {name} with answers. To answer anew: --overwrite\n"
    )
    assert Path(to).read_bytes() == before and len(Classifier.asked) <= 1
    for other in (
        before[: before.index(b"x")],
        before + before.splitlines()[-1] + b"\n",
        before.replace(b"x", b"y"),
        before.replace(b"probability", b"mine"),
        b"mine",
    ):
        Path(to).write_bytes(other)
        code, out, err = predict(name, "--to", to, "--allow-empty", "--resume")
        assert code == 1 and not out and f"does not hold the rows of {name} with such answers" in err
        assert Path(to).read_bytes() == other
    assert (
        predict(name, "--to", to, "--allow-empty", "--resume", "--overwrite")[0] == 0
        and Path(to).read_bytes() == before
    )


def test_blank_fields_before_the_header_are_passed_over_as_in_training(predict) -> None:
    from rnnkit.data.tables import Table

    Path("in.csv").write_text(";;\n\n;;\nid;text;label\n1;g;a\n")
    assert list(Table("in.csv")) == [("g", "a")]
    assert predict("in.csv", "--to", "out.csv")[0] == 0
    assert Path("out.csv").read_text() == "id;text;label;answer;probability\n1;g;a;good;0.625\n"


def test_a_first_row_is_not_taken_for_a_header_in_silence(predict) -> None:
    Path("in.csv").write_text("A warm film.\nDull.\n")
    refused(predict("in.csv", "--to", "out.csv"), "in.csv has one column", "'A warm film.'", "says text before it")
    assert predict("in.csv", "--text", "A warm film.")[1] == "good   50.0%  Dull.\n"
    Path("in.csv").write_text("Gut\nDull.\n")
    code, out, err = predict("in.csv")
    assert (
        code == 0 and out == "good   50.0%  Dull.\n" and "'Gut': it is read as the column's name. If it is a row" in err
    )
    Path("in.csv").write_text("Tweet\nDull.\n")
    assert "answering in.csv" in predict("in.csv")[2]


def test_a_delimiter_is_taken_as_given_and_one_that_splits_nothing_is_refused(predict) -> None:
    Path("in.csv").write_text("id^text\n1^g, and; so\n")
    assert predict("in.csv", "--to", "out.csv", "--delimiter", "^")[0] == 0
    assert Path("out.csv").read_text() == "id^text^answer^probability\n1^g, and; so^good^0.625\n"
    Path("out.csv").unlink()
    Path("in.csv").write_text("id;text\n1;g\n")
    refused(
        predict("in.csv", "--to", "out.csv", "--delimiter", "|"), "is not split by the delimiter '|'", "--delimiter ';'"
    )
    assert predict("in.csv", "--delimiter", "semicolon")[1] == "good   62.5%  g\n"
    refused(predict("in.csv", "--delimiter", "ab"), "--delimiter is 'ab'; expected one character")
    Path("in.jsonl").write_text('{"text": "g"}\n')
    refused(predict("in.jsonl", "--delimiter", ";"), "in.jsonl is no CSV or TSV file, and has no delimiter")
    refused(predict("g", "--delimiter", ";"), "--delimiter is for a file of rows")


def test_nothing_of_anybody_is_replaced(predict) -> None:
    Path("in.csv").write_text("text\ng\n")
    Path("there.csv").write_text("mine")
    code, _, err = predict("in.csv", "--to", "there.csv")
    assert (
        code == 1 and "there.csv exists already; nothing was written" in err and Path("there.csv").read_text() == "mine"
    )
    assert predict("in.csv", "--to", "there.csv", "--overwrite")[0] == 0
    assert Path("there.csv").read_text() == "text,answer,probability\ng,good,0.625\n"
    assert "is the file that is read" in predict("in.csv", "--to", "in.csv", "--overwrite")[2]
    Path("new.csv.partial").write_text("mine")
    code, _, err = predict("in.csv", "--to", "new.csv")
    assert code == 1 and "new.csv.partial is in the way" in err and Path("new.csv.partial").read_text() == "mine"


def test_names_of_files_are_not_classified_unasked(predict) -> None:
    Path("reviews.csv").write_text("text\ng\n")
    Path("lines.txt").write_text("g\nx\n")
    Path("notes.md").write_text("g")
    code, out, err = predict("lines.txt")
    assert (code, out) == (0, "good   62.5%  g\ngood   50.0%  x\n") and "lines.txt, a text a line" in err
    refused(predict("notes.md"), "notes.md is a file of a kind that is not read", "--as-text")
    refused(predict("review.csv"), "There is no file review.csv. Did you mean 'reviews.csv'?", "--as-text")
    Path("folder.csv").mkdir()
    refused(predict("folder.csv"), "folder.csv is a folder")
    Path("my pics").mkdir()
    refused(predict("my pics"), "my pics is a folder; give one of its files", "--as-text")
    refused(predict("reviews.csv", "x"), "Give one file at a time")
    refused(predict("reviews.csv", "--explain"), "--explain")
    refused(predict("g", "--to", "out.csv"), "--to is for a file of rows")
    assert predict("reviews.csv", "notes.md", "--as-text")[1].startswith("good   50.0%  reviews.csv\n")
    assert predict("I like reviews.csv")[0] == 0


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"a,b\n1,2\n", ["2 columns and none named text: a, b", "--text COLUMN"]),
        (b"text,b\nx,1\ny,2,3\n", ["line 3 has 3 fields, and the header 2"]),
        (b"text,b\nx,1\n \0,2\n", ["line 3 has nothing to answer", '"text"', "--allow-empty"]),
        (b"text\n", ["no rows to answer"]),
        (b"", ["is empty"]),
        (b'text\n"x\n', ["quote that is never closed"]),
        (b"text\n" + b"\xff\x81\n" * 9, ["is not UTF-8: line 2"]),
        (b"text,text\n1,2\n", ["2 columns named 'text'"]),
    ],
)
def test_tables_that_make_no_sense_are_refused_before_the_network_is_loaded(predict, monkeypatch, content, parts):
    Path("in.csv").write_bytes(content)
    result = predict("in.csv", "--to", "out.csv")
    refused(result, *parts)
    assert not Classifier.asked


def test_rows_without_a_text_may_stay_without_an_answer(predict) -> None:
    Path("in.csv").write_bytes(b"text,b\ng\0g,1\n,\nx\n")
    code, _, err = predict("in.csv", "--to", "out.csv", "--allow-empty")
    assert code == 0 and "1 row without text, and so without an answer" in err
    assert Path("out.csv").read_bytes() == b"text,b,answer,probability\ng\0g,1,good,0.75\n,,,\nx,,good,0.5\n"
    assert Classifier.asked[-2:] == ["g g", "x"]


def test_parquet_keeps_its_types(predict, monkeypatch) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"text": ["g", "x"], "n": arrow.array([1, None], "int32")}), "in.parquet")
    assert predict("in.parquet", "--to", "out.parquet")[0] == 0
    table = parquet.read_table("out.parquet")
    assert table.to_pydict() == {
        "text": ["g", "x"],
        "n": [1, None],
        "answer": ["good"] * 2,
        "probability": [0.625, 0.5],
    }
    assert str(table.schema.field("n").type) == "int32"
    assert predict("in.parquet", "--to", "out.csv")[0] == 0
    assert Path("out.csv").read_text() == "text,n,answer,probability\ng,1,good,0.625\nx,,good,0.5\n"
    Path("bad.parquet").write_bytes(b"PAR1 no")
    assert "cannot be read as Parquet" in predict("bad.parquet")[2]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "take pyarrow" in predict("in.parquet")[2]


def test_values_of_jsonl_keep_their_types_in_parquet(predict) -> None:
    pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [
        {"text": "g", "n": 1, "x": 1, "l": [1, 2], "o": {"a": 1.5, "b": ["q"]}, "mixed": 1.10, "big": 2**70, "e": {}},
        {"text": "x", "n": -7, "x": 0.5, "l": [], "o": {"a": 2, "b": []}, "mixed": "1.10", "ok": True, "none": None},
        {"text": "y", "n": None, "x": None, "l": None, "o": None, "mixed": [1, "a"], "wide": 2**60 + 1},
        {"text": "z", "wide": 0.5},
    ]
    Path("in.jsonl").write_text("\n".join(map(json.dumps, rows)).replace('"mixed": 1.1,', '"mixed": 1.10,'))
    assert predict("in.jsonl", "--to", "out.parquet")[0] == 0
    table = parquet.read_table("out.parquet")
    kinds = {field.name: str(field.type) for field in table.schema}
    assert {name: kinds[name] for name in ("n", "x", "l", "ok")} == {
        "n": "int64", "x": "double", "l": "list<element: int64>", "ok": "bool"
    }  # fmt: skip
    assert kinds["o"] == "struct<a: double, b: list<element: string>>"
    assert {kinds[name] for name in ("text", "mixed", "big", "e", "none", "wide")} == {"string"}
    back = table.to_pydict()
    assert back["o"] == [{"a": 1.5, "b": ["q"]}, {"a": 2.0, "b": []}, None, None]
    assert back["n"] == [1, -7, None, None] and back["x"] == [1.0, 0.5, None, None] and back["l"][:2] == [[1, 2], []]
    assert back["mixed"] == ["1.10", "1.10", '[1, "a"]', None] and back["wide"][2:] == [str(2**60 + 1), "0.5"]
    assert back["big"][0] == str(2**70) and back["e"][0] == "{}" and back["answer"] == ["good"] * 4


def test_nanoseconds_and_the_notes_of_a_parquet_file_are_kept(predict) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    given = arrow.table(
        {"text": ["g", "x"], "at": arrow.array([1, None], arrow.time64("ns")), "o": [{"a": [1]}, None]},
        metadata={"mine": "kept"},
    )
    parquet.write_table(given, "in.parquet")
    assert predict("in.parquet", "--to", "out.parquet")[0] == 0
    table = parquet.read_table("out.parquet")
    assert table.schema.metadata == {b"mine": b"kept"}
    assert table.select(given.column_names).equals(parquet.read_table("in.parquet"))


@pytest.mark.slow
def test_many_rows_take_no_more_memory_than_a_few(predict, monkeypatch) -> None:
    import tracemalloc

    monkeypatch.setattr(table_job, "AT_ONCE", 1)
    peaks = []
    predict("g")  # imports
    for count in (10, 60):
        Path("in.csv").write_text("text\n" + f"{'some words of a text ' * 10_000}\n" * count)
        tracemalloc.start()
        try:
            assert predict("in.csv", "--to", f"out{count}.csv", task=Forgetful)[0] == 0
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5, peaks


def test_the_shipped_bundle_answers_a_table(command_line, tmp_path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("id,review\n1,A warm and funny film.\n2,Dull and badly acted.\n")
    assert command_line("predict", "imdb_sentiment", file, "--to", tmp_path / "out.csv", "--tflite")[0] == 0
    rows = rows_of(tmp_path / "out.csv")
    assert [(row["id"], row["answer"]) for row in rows] == [("1", "positive"), ("2", "negative")]


def test_input_columns_are_told_by_name() -> None:
    from rnnkit.data.whole_rows import input_column

    assert input_column(["a", "Tweet"], "text") == "Tweet"
    assert input_column(["a", "b"], "text", "B") == "b"
    with pytest.raises(RnnkitError, match="none named text: a, b"):
        input_column(["a", "b"], "text")
    with pytest.raises(RnnkitError, match="no column 'c'"):
        input_column(["a", "b"], "text", "c")


def test_the_column_and_the_encoding_of_the_training_data_are_read_where_none_is_named(tmp_path):
    from rnnkit.cli import tables

    path, to = tmp_path / "opinions.csv", tmp_path / "out.csv"
    path.write_bytes("id,Opinión,text\n1,gut für mich,no\n".encode("cp1252"))
    reading = {"columns": {"text": "opinión", "label": "stars"}, "encoding": "cp1252"}
    seen = []

    class Answers:
        def predict(self, texts, **how):
            seen.extend(texts)
            return [Prediction("good", 0.9, {"good": 0.9, "bad": 0.1}) for _ in texts]

    wanted = table_job.Wanted(to=to, reading=reading)
    assert tables.answer_table(str(path), tasks.get("text_classifier"), wanted, [], Answers)
    assert set(seen) == {"gut für mich"} and to.read_bytes().decode("cp1252").startswith("id,Opinión,text,answer")
    to.unlink()
    wanted = table_job.Wanted(to=to, reading=reading, column={"text": "text"})
    assert tables.answer_table(str(path), tasks.get("text_classifier"), wanted, [], Answers) and seen[-1] == "no"


def test_a_column_within_an_object_is_answered_by_its_path(predict) -> None:
    line = json.dumps({"id": 1, "translation": {"en": "good", "de": "gut"}})
    Path("in.jsonl").write_text(line + "\n")
    refused(predict("in.jsonl", task=Translator), "none named source: id, translation.en, translation.de")
    for how, column in (("translation.en", "translation.en"), ("de", "translation.de")):
        code, _, err = predict("in.jsonl", "--to", "out.jsonl", "--source", how, "--overwrite", task=Translator)
        assert code == 0 and f'its column "{column}"' in err
    assert Path("out.jsonl").read_text().startswith(line[:-1] + ', "translation_2": "')
    reading = {"columns": {"source": "translation.en", "target": "translation.de"}}
    source = open_rows(Path("in.jsonl"))
    assert opened_table.column_to_answer(source, "source", Remembered({}, reading)) == ("translation.en", "")


def test_what_json_and_csv_cannot_hold_is_said_or_null():
    from rnnkit.data.row_writers import DelimitedWriter, JsonWriter
    from rnnkit.data.whole_rows import JsonStream

    class Source:
        name, header = "t.parquet", ["text", "x"]

    row = SimpleNamespace(values=["good", float("nan")], line="", place="row 1")
    [line] = JsonWriter(Source()).lines([(row, {"answer": "yes"})])
    assert json.loads(line) == {"text": "good", "x": None, "answer": "yes"} and "NaN" not in line
    stream = JsonStream(['{"text": "good", "l": [1%s]}' % ("0" * 5000)])
    [long] = list(stream)
    with pytest.raises(RnnkitError, match="has a list or an object that .csv cannot hold"):
        DelimitedWriter(stream, ["answer"], Path("a.csv")).rows([(long, {"answer": "yes"})])
