"""Broken sources of sequences: each is refused in one line that says where and what."""

import io
import zipfile

import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.source import open_sequences

HEAD = "id,t,x,label\n"
TS = "@problemName p\n@classLabel true a b\n@data\n"
BIG = "9" * 400


def rows(*lines):
    return HEAD + "".join(f"{line}\n" for line in lines)


def wide(*lines):
    return "label,x_0,x_1,x_2,x_3\n" + "".join(f"{line}\n" for line in lines)


#: Content of a file, its name, and what the refusal says.
FILES = {
    "text in a channel": (rows("1,0,1,a", "1,1,high,a"), "a.csv", r"a.csv line 3: 'x' holds 'high', no number\."),
    "the text's columns": ("id,x,note,label\n1,1,hi,a\n", "a.csv", "Columns of numbers: --channels x$"),
    "infinite": (rows("1,0,inf,a"), "a.csv", "line 2: 'x' holds 'inf', infinite"),
    "minus infinity": (rows("1,0,-Infinity,a"), "a.csv", "holds '-Infinity', infinite"),
    "beyond float32": (rows("1,0,1e39,a"), "a.csv", "holds '1e39', too large"),
    "beyond float64": (rows("1,0,1e999,a"), "a.csv", "holds '1e999', too large"),
    "many digits": (rows(f"1,0,{BIG},a"), "a.csv", "too large"),
    "an id as a channel": (rows("1,0,16777217,a"), "a.csv", "a whole number that float32 would change"),
    "milliseconds as a channel": ("id,stamp,x,label\n1,1700000000123,1,a\n", "a.csv", "name it with --time"),
    "underscores": (rows("1,0,1_000,a"), "a.csv", "holds '1_000', no number"),
    "other digits": (rows("1,0,١٢,a"), "a.csv", "no number"),
    "hexadecimal": (rows("1,0,0x10,a"), "a.csv", "holds '0x10', no number"),
    "a percentage": (rows("1,0,5%,a"), "a.csv", "holds '5%', no number"),
    "a unit": (rows("1,0,5 mV,a"), "a.csv", "holds '5 mV', no number"),
    "true": (rows("1,0,True,a"), "a.csv", "holds 'True', no number"),
    "comma after points": ("id;t;x;label\n1;0;0.5;a\n1;1;0,5;a\n", "a.csv", "'0,5', no number, since others .* point"),
    "points and commas": ("id;x;label\n1;1.234,5;a\n", "a.csv", "holds '1.234,5', no number"),
    "thousands or decimals": ("id;x;label\n1;1,234;a\n1;2,345;a\n", "a.csv", "may stand before decimals or between"),
    "a formula": (rows("1,0,=A1+1,a"), "a.csv", "holds '=A1[+]1', no number"),
    "a date as a value": (rows("1,0,2024-01-01,a"), "a.csv", "no number"),
    "no sequence column": ("t,x,label\n0,1,a\n", "a.csv", "no column that tells sequences apart.*--sequence COLUMN"),
    "no label": ("id,t,x\n1,0,1\n", "a.csv", "no column of labels, such as one named label; .*--label COLUMN"),
    "no channels": ("id,t,label\n1,0,a\n", "a.csv", "no column of numbers beside id, t, label"),
    "a header alone": (HEAD, "a.csv", "a header and no row under it"),
    "a blank file": ("\n\n\n", "a.csv", "blank"),
    "an empty file": ("", "a.csv", "is empty"),
    "a blank sequence": (rows("1,0,1,a", ",1,2,a"), "a.csv", "line 3: the sequence 'id' is blank"),
    "a blank time": (rows("1,0,1,a", "1,,2,a"), "a.csv", "line 3: the time 't' is ''; expected a finite number"),
    "an infinite time": (rows("1,inf,1,a"), "a.csv", "the time 't' is 'inf'"),
    "text as time": (rows("1,0,1,a", "1,noon,2,a"), "a.csv", "line 3: the time 't' is 'noon'"),
    "dates and numbers": (rows("1,2024-01-01,1,a", "1,7,2,a"), "a.csv", "line 3: .* expected a date such as"),
    "no such date": (rows("1,2024-02-30,1,a"), "a.csv", "the time 't' is '2024-02-30'"),
    "a time zone at some": (
        rows("1,2024-01-01T00:00Z,1,a", "1,2024-01-01T00:01,2,a"), "a.csv", "line 3: .* has no time zone",
    ),
    "a time zone at others": (
        rows("1,2024-01-01T00:00,1,a", "1,2024-01-01T00:01Z,2,a"), "a.csv", "has a time zone",
    ),
    "a day or a month": (rows("1,01/02/2024,1,a"), "a.csv", "line 2: .* the day cannot be told from the month"),
    "an hour alone": (rows("1,12:30:01,1,a"), "a.csv", "'12:30:01'; expected a date such as 2024-01-31 12:00:00, or a"),
    "a sequence of nothing": (rows("1,0,,a", "2,0,1,b"), "a.csv", "line 2: the sequence '1' has no value at all"),
    "a group that is blank": ("id,x,label,person\n1,1,a,p\n2,2,b,\n", "a.csv", "the sequence '2' has no group"),
    "a time twice": (rows("1,0,1,a", "1,0,2,a"), "a.csv", "line 3: the sequence '1' has the time 0 in line 2 already"),
    "a time that falls": (rows("1,1,1,a", "1,0,2,a"), "a.csv", "'t' looks like the time, and the rows .*--time t"),
    "rows apart": ("id,x,label\n1,1,a\n2,1,b\n1,2,a\n", "a.csv", "line 4: the sequence '1' goes on after rows"),
    "a label that changes": (rows("1,0,1,a", "1,1,2,b"), "a.csv", "changes from 'a' to 'b'.*--per-step"),
    "a label that ends": (rows("1,0,1,a", "1,1,2,"), "a.csv", "changes from 'a' to none"),
    "a group that changes": (
        "id,x,label,person\n1,1,a,p\n1,2,a,q\n", "a.csv", "line 3: 'person' within .* changes from 'p' to 'q'",
    ),
    "too many fields": (rows("1,0,1,a", "1,1,2,a,9"), "a.csv", "line 3 has 5 fields, and the header 4"),
    "a column twice": ("id,x,x,label\n1,1,2,a\n", "a.csv", "2 columns named 'x'; rename all but one"),
    "an open quote": (rows('1,0,"1,a'), "a.csv", "quote that is never closed"),
    "a broken byte": (b"id,x,label\n1,1,a\xff\xfe\x81\n" * 3, "a.csv", "line 2 has the byte"),
    "a picture": (bytes(range(256)) * 9, "a.csv", "a.csv"),
    "a spreadsheet": (b"PK\x03\x04" + b"0" * 99, "a.csv", "an Excel or zip file"),
    "an Excel name": ("x", "a.xlsx", "a kind that is not read"),
    "another name": ("x", "a.dat", r"a.dat is of a kind that is not read: .csv.*\.ts, \.npz, or a folder"),
    "no name": ("x", "data", "of a kind that is not read"),
    "no Parquet": (b"nothing", "a.parquet", "cannot be read as Parquet"),
    "no gzip": (b"\x1f\x8bnothing", "a.csv.gz", "gz"),
    "no JSON": ("{x\n", "a.jsonl", "line 1"),
    "a JSON list of numbers": ("[1, 2]", "a.json", "a.json"),
    "a new key": ('{"id": 1, "x": 1, "label": "a"}\n' * 4000 + '{"id": 1, "z": 1}\n', "a.jsonl", "the key 'z', which"),
    "an object in JSON": ('{"id": 1, "x": {"a": 1}, "label": "a"}\n', "a.jsonl", "'x' holds .* no single number"),
    "text in JSON": ('{"id": 1, "x": "low", "label": "a"}\n', "a.jsonl", "line 1: 'x' holds 'low', no number"),
    "NaN in JSON": ('{"id": 1, "x": Infinity, "label": "a"}\n', "a.jsonl", "line 1"),
    "lists of text": ('{"v": [1, "b"], "label": "a"}\n', "a.jsonl", "'v' holds 'b', no number"),
    "ragged lists": ('{"v": [[1, 2], [3]], "label": "a"}\n', "a.jsonl", "expected numbers"),
    "lists and numbers": (
        '{"v": [1, 2], "label": "a"}\n{"v": 3, "label": "b"}\n', "a.jsonl", "line 2: 'v' is '3'; expected a list",
    ),
    "lists of two widths": (
        '{"v": [[1, 2]], "label": "a"}\n{"v": [[3]], "label": "b"}\n', "a.jsonl", "line 2 has 1 channels, .* it 2",
    ),
    "lists of two lengths": ('{"v": [1, 2], "w": [1], "label": "a"}\n', "a.jsonl", "a channel each, all as long"),
    "an empty list": ('{"v": [], "label": "a"}\n', "a.jsonl", "expected numbers"),
    "a list of nothing": ('{"v": [null, null], "label": "a"}\n', "a.jsonl", "no value at all"),
    "a wide row of nothing": (wide("a,1,2,3,4", "b,,,,"), "a.csv", "line 3 has no value at all"),
    "text in a wide row": (wide("a,1,2,x,4"), "a.csv", "line 2: 'x_2' holds 'x', no number"),
    "wide without a label": ("x_0,x_1,x_2,x_3\n1,2,3,4\n", "a.csv", "no column of labels"),
    "steps left out": ("label,x_0,x_1,x_2,x_4\na,1,2,3,4\n", "a.csv", "no column that tells sequences apart"),
    "channels of two lengths": ("label,x_0,x_1,x_2,x_3,y_0\na,1,2,3,4,5\n", "a.csv", "no column that tells sequences"),
    "another column beside steps": (
        "label,age,x_0,x_1,x_2,x_3\na,7,1,2,3,4\n", "a.csv", "leave out age: --channels x_0,x_1,...$",
    ),
    "a number left out": ("label,0,1,2,4,5\na,1,2,3,4,5\n", "a.csv", "It has: label, 0, 1, 2, 4, 5. Name it"),
    "no header, no label": ("0.1,0.2,0.3\n0.5,0.6,0.7\n", "a.csv", "cannot be told which column is the label"),
    "no header, two texts": ("a,0.1,0.2,0.3,u\nb,0.5,0.6,0.7,v\n", "a.csv", "cannot be told which column is the label"),
    "no header, a long row": ("1,0.1,0.2\n1,0.5,0.6,0.7\n", "a.csv", "line 2 has 4 fields, and the first line 3"),
    "ts without data": ("@problemName p\n", "a.ts", "no line @data"),
    "ts of nothing": (TS, "a.ts", "no line below @data"),
    "ts that is a table": ("id,x\n1,2\n", "a.ts", "line 1 is 'id,x'; expected header lines"),
    "ts with times": ("@timeStamps true\n@data\n(0,1):a\n", "a.ts", "@timeStamps true, which is not read"),
    "ts with targets": ("@targetLabel true\n@data\n1:2\n", "a.ts", "its targets are numbers"),
    "ts without labels": ("@classLabel false\n@data\n1,2\n", "a.ts", "expected a file with labels"),
    "ts of another label": (f"{TS}1,2:c\n", "a.ts", "line 4 has the label 'c'; the header names a, b"),
    "ts of text": (f"{TS}1,x:a\n", "a.ts", "line 4: channel 1 holds 'x', no number"),
    "ts of infinity": (f"{TS}1,2:3,inf:a\n", "a.ts", "channel 2 holds 'inf', infinite"),
    "ts of two lengths": (f"{TS}1,2:3:a\n", "a.ts", "its channels have 1 to 2 steps"),
    "ts of two widths": (f"{TS}1,2:a\n1,2:3,4:b\n", "a.ts", "sequences have 1 to 2 channels"),
    "ts of other dimensions": (f"@dimensions 3\n{TS}1,2:3,4:a\n", "a.ts", "header says 3 channels"),
    "ts of several in one": (f"@univariate true\n{TS}1,2:3,4:a\n", "a.ts", "header says 1 channels"),
    "ts with pairs": (f"{TS}(0,1),(1,2):a\n", "a.ts", "channel 1 has times"),
    "ts of missing values": (f"{TS}?,?:a\n", "a.ts", "no value at all"),
    "ts with a label alone": (f"{TS}a\n", "a.ts", "line 4 is 'a'; expected channels and a label"),
    "ts of bytes": (bytes(range(256)), "a.ts", "a.ts"),
    "an npz that is text": ("text", "a.npz", "cannot be read as .npz"),
    "an empty npz": (b"", "a.npz", "cannot be read as .npz"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_refused_in_a_line(name, tmp_path):
    content, file, said = FILES[name]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(tmp_path / file, said)


def refused(source, said, **how):
    with pytest.raises(RnnkitError, match=said) as caught:
        open_sequences(source, tell=lambda line: None, **how)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 500


ARCHIVES = {
    "objects": ({"X": np.array([[1], [1, 2]], dtype=object), "y": [0, 1]}, "Python objects, which are never loaded"),
    "no labels": ({"X": np.zeros((2, 3, 1))}, "has no labels; expected X"),
    "other names": ({"a": np.zeros(3)}, "has a; expected X"),
    "a test part alone": ({"X_test": np.zeros((2, 3, 1)), "y_test": [0, 1]}, "expected X"),
    "one dimension": ({"X": np.zeros(3), "y": [0, 1, 0]}, r"is \[3\]; expected \[sequences, time, channels\]"),
    "other counts": ({"X": np.zeros((2, 3, 1)), "y": [0]}, "2 sequences and 1 labels"),
    "texts": ({"X": np.full((2, 3, 1), "a"), "y": [0, 1]}, "expected numbers"),
    "lengths that do not add up": ({"values": np.zeros((5, 1)), "lengths": [2, 2], "y": [0, 1]}, "adds up to 4"),
    "a length of nought": ({"values": np.zeros((2, 1)), "lengths": [2, 0], "y": [0, 1]}, "positive whole lengths"),
    "infinite": ({"X": np.full((2, 3, 1), np.inf), "y": [0, 1]}, "infinite or too large"),
    "names of others": (
        {"X": np.zeros((2, 3, 2)), "y": [0, 1], "channels": ["a"]},
        "1 names; expected 2 different texts",
    ),
    "a name twice": (
        {"X": np.zeros((2, 3, 2)), "y": [0, 1], "channels": ["a", "a"]},
        "1 names; expected 2 different texts",
    ),
    "names that are numbers": ({"X": np.zeros((2, 3, 2)), "y": [0, 1], "channels": [1, 2]}, "int64 .* expected 2 diff"),
    "one label": ({"X": np.zeros((2, 3, 1)), "y": 1}, r"labels are \[\]; expected one for each sequence"),
    "one-hot labels": ({"X": np.zeros((2, 3, 1)), "y": np.eye(2)}, r"labels are \[2, 2\]; .* y.argmax\(axis=1\)"),
    "complex numbers": ({"X": np.zeros((2, 3, 1), complex), "y": [0, 1]}, "complex128 .* expected numbers"),
    "pictures": (
        {"X": np.zeros((2, 3, 4, 4)), "y": [0, 1]},
        r"is \[2, 3, 4, 4\]; expected \[sequences, time, channels",
    ),
    "lengths that are no whole numbers": (
        {"values": np.zeros((4, 1)), "lengths": [2.0, 2.0], "y": [0, 1]},
        "whole lengths",
    ),
    "a test of other channels": (
        {"X_train": np.zeros((2, 3, 2)), "y_train": [0, 1], "X_test": np.zeros((2, 3, 1)), "y_test": [0, 1]},
        "the training part has the channels channel_1, channel_2, the test part channel_1; expected the same",
    ),
    "two kinds of parts": (
        {"X": np.zeros((2, 3, 1)), "y": [0, 1], "X_test": np.zeros((2, 3, 1)), "y_test": [0, 1]},
        "has X, y, X_test, y_test;",
    ),
    "an empty array": ({"X": np.zeros((0, 3, 2)), "y": []}, "is empty"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_broken_archive_is_refused_in_a_line(name, tmp_path):
    arrays, said = ARCHIVES[name]
    np.savez(tmp_path / "a.npz", **arrays)
    refused(tmp_path / "a.npz", said)


def test_an_archive_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", b"\0" * 2**20)
    content = bytearray(packed.getvalue())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (2**31).to_bytes(4, "little")  # the size that the directory claims
    (tmp_path / "a.npz").write_bytes(content)
    refused(tmp_path / "a.npz", "has 2.0 GiB unpacked; expected at most 1.0 GiB")


def test_a_broken_folder_is_refused_in_a_line(tmp_path):
    refused(tmp_path, "holds nothing; expected tables and one labels.csv")
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    refused(tmp_path, "holds a.csv; expected tables and one labels.csv")
    for text, said in {
        "name,kind\na.csv,u\n": "labels.csv has the columns name, kind; expected file and label",
        "file,label\n": "labels.csv has a header and no row under it",
        "file,label\nb.csv,u\n": "labels.csv line 2 names the file 'b.csv', which is not in",
        "file,label\n../a.csv,u\n": "names the file '../a.csv', which is not in",
        "file,label\na.csv,u\na,v\n": "labels.csv line 3 names the file 'a' again",
    }.items():
        (tmp_path / "labels.csv").write_text(text)
        refused(tmp_path, said)
    (tmp_path / "b.csv").write_text("x,z\n1,2\n")
    (tmp_path / "labels.csv").write_text("file,label\na.csv,u\nb.csv,v\n")
    refused(tmp_path, "b.csv has no column 'y'. It has: x, z; the files before have x, y")
    (tmp_path / "b.csv").write_text("x,y\n1,high\n")
    refused(tmp_path, "b.csv line 2: 'y' holds 'high', no number")


FOLDERS = {
    "an empty file": ({"u/a.csv": "", "v/a.csv": "x\n1\n"}, "^u/a.csv is empty"),
    "a file of a header": ({"u/a.csv": "x\n1\n", "v/a.csv": "x\n"}, "^v/a.csv has a header and no row under it"),
    "times of some": ({"u/a.csv": "t,x\n0,1\n", "v/a.csv": "x\n1\n"}, "v/a.csv has no time, and other files have"),
    "a training part alone": ({"train/u/a.csv": "x\n1\n"}, "folders train and test of these"),
    "three parts": ({f"{part}/u/a.csv": "x\n1\n" for part in ("train", "test", "dev")}, "train and test of these"),
    "two tables of labels": (
        {"labels.csv": "file,label\na,u\n", "labels.tsv": "file\tlabel\na\tu\n", "a.csv": "x\n1\n"}, "one labels.csv",
    ),
    "other files": ({"u/a.npy": "x", "v/b.npy": "y"}, "holds u, v; expected tables"),
    "two pairs": ({f"{name}_{part}.ts": f"{TS}1:a\n" for name in "pq" for part in ("TRAIN", "TEST")}, "in _TEST.ts"),
    "a pair of other channels": ({"p_TRAIN.ts": f"{TS}1:a\n", "p_TEST.ts": f"{TS}1:2:a\n"}, "p_TEST.ts others"),
    "no group for some": (
        {"labels.csv": "file,label,person\na,u,p\nb,v,\n", "a.csv": "x\n1\n", "b.csv": "x\n2\n"}, "has no group",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDERS)
def test_another_broken_folder_is_refused_in_a_line(name, tmp_path):
    files, said = FOLDERS[name]
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    refused(tmp_path, said)


def test_what_of_the_files_of_a_folder_is_not_read_is_said(tmp_path):
    for label, text in {"u": "x,label\n1,p\n", "v": "x,label\n2,q\n"}.items():
        (tmp_path / label).mkdir()
        (tmp_path / label / "a.csv").write_text(text)
    told = []
    assert open_sequences(tmp_path, tell=told.append).labels == ["u", "v"]
    assert told == [f"{tmp_path.name}: label of its files not read: a file is one sequence, with one label."]
    for label in "uv":
        (tmp_path / label / "a.csv").write_text("1,2\n3,4\n")
    open_sequences(tmp_path, tell=told.append)
    assert "the first line of u/a.csv, 1, 2, is read as the names of channels." in told[1]


FRAMES = {
    "a column twice": ([[1, 2, 3, "a"]], ["id", "x", "x", "label"], "2 columns named 'x'; rename all but one"),
    "no column": ([], [], "has no column of numbers. Add the channels"),
    "no row": ([], ["id", "x", "label"], "a header and no row under it"),
    "infinite": ([[1, float("inf"), "a"]], ["id", "x", "label"], "data frame row 1: 'x' holds 'inf', infinite"),
    "complex": ([[1, 2j, "a"]], ["id", "x", "label"], "'x' holds '2j', no number"),
    "objects": ([[1, {1, 2}, "a"]], ["id", "x", "label"], "'x' holds '{1, 2}', no"),
    "no label at some": ([[1, 2, "a"], [1, 3, None]], ["id", "x", "label"], "changes from 'a' to none"),
    "no time at some": ([[1, "2024-01-01", 2, "a"], [1, None, 2, "a"]], ["id", "t", "x", "label"], "the time 't'"),
    "an id as a channel": ([[1, 16777217, "a"]], ["id", "x", "label"], "a whole number that float32 would change"),
    "arrays of text": ([[np.array(["a", "b"]), "a"]], ["v", "label"], "'v' is <U1 .2.; expected numbers"),
    "arrays of two widths": (
        [[np.zeros((2, 2)), "a"], [np.zeros((2, 3)), "b"]], ["v", "label"], "row 2 has 3 channels, those before it 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_a_broken_frame_is_refused_in_a_line(name):
    import pandas as pd

    cells, header, said = FRAMES[name]
    refused(pd.DataFrame(cells, columns=header), said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((2, 3, 1)), "[(]array, labels[)]"), ((np.zeros((2, 3, 1)), "ab"), "labels are 'ab'"),
        ((np.zeros((2, 3, 1)), 1), "labels are 1; expected one for each"), ([{"v": [1], "label": "a"}], "row 1 is"),
        ([([1], "a", "g"), ([2], "b", None)], "the sequence '2' has no group"),
        (7, "Got data of type int"), (None, "type NoneType"), (b"id,x", "type bytes"), ([], "is empty"),
        ([None] * 3, "row 1 is None; expected"), ([([1.0], "a", "g"), ([1.0], "b")], "some rows have a group"),
        ([("walk", "a")], "expected numbers"), ([([[1, 2]], "a"), ([[1]], "b")], "1 channels, those before it 2"),
        ([([1, 2], ["a", "b"])], "expected one. For a label at every step: --per-step"),
        ((np.zeros((2, 3, 1)), ["a"]), "2 sequences and 1 labels"), ([([float("nan")], "a")], "no value at all"),
        ({"x": 1}, "Got data of type dict"), ([(np.zeros((1, 1)), "a", "b", "c")], "row 1 is"),
    ],
)  # fmt: skip
def test_what_is_no_data_is_refused_in_a_line(given, said):
    refused(given, said)


def test_named_columns_that_are_not_there(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(rows("1,0,1,a"))
    for columns, said in (
        ({"label": "kind"}, "has no column 'kind'"), ({"channels": "x,z"}, "no column 'z'.*--channels names"),
        ({"channels": "x,label", "label": "label"}, "cannot be both --label and one of --channels"),
        ({"colour": "x"}, "Unknown column role 'colour'"), ({"sequence": "t", "time": "t"}, "cannot be both"),
    ):  # fmt: skip
        refused(file, said, columns=columns)
    refused(file.with_name("b.csv"), "There is no file")
    file.write_text(wide("a,1,2,3,4"))
    refused(file, "has a row a sequence, and so one label for each. Leave --per-step out", per_step=True)
    for labels in (["a"], "a"):
        refused([([1, 2], labels)], "for 2 steps; expected a list with one for each step", per_step=True)
