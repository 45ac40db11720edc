"""Each form in which sequences come gives the same sequences; numbers and labels are those of the files."""

import json

import numpy as np
import pytest

from rnnkit.data.remembered import Remembered
from rnnkit.errors import RnnkitError
from rnnkit.tasks.sequence_classifier.source import open_inputs, open_sequences

LONG = (
    "id,t,ax,ay,gesture,subject\na,0,1,2,wave,p1\na,1,3,,wave,p1\nb,0,5,6,rest,p2\nb,1,7,8,rest,p2\nb,2,9,1e1,rest,p2\n"
)
NAN = float("nan")
A, B = [[1, 2], [3, NAN]], [[5, 6], [7, 8], [9, 10]]


@pytest.fixture
def told():
    return []


@pytest.fixture
def read(tmp_path, told):
    """Opens a file of this content."""

    def opened(content, name="data.csv", **how):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_sequences(path, tell=told.append, **how)

    return opened


def check(found, values=(A, B), labels=("wave", "rest"), channels=("ax", "ay")):
    assert found.channels == channels and found.labels == list(labels)
    for ours, theirs in zip(found.values, values, strict=True):
        assert ours.dtype == np.float32 and np.array_equal(ours, np.array(theirs, np.float32), equal_nan=True)


def test_a_row_a_step(read, told):
    found = read(LONG)
    check(found)
    assert (found.ids, found.groups) == (["a", "b"], ["p1", "p2"])
    assert [each.tolist() for each in found.elapsed] == [[0, 1], [0, 1, 1]]
    assert found.reading["columns"] == {
        "sequence": "id", "time": "t", "label": "gesture", "group": "subject", "channels": "ax,ay",
    }  # fmt: skip
    assert len(told) == 1 and told[0].startswith("data.csv: 'subject' is read as the group, whose sequences stay")


def test_named_columns_and_others_left_aside(read):
    found = read(
        "n,x,y,kind,note\n1,1,9,u,hello\n1,2,9,u,\n2,3,9,v,\n",
        columns={"sequence": "n", "channels": "x", "label": "kind"},
    )
    check(found, ([[1], [2]], [[3]]), ("u", "v"), ("x",))


def test_rows_are_sorted_by_a_named_time_alone(read):
    lines = LONG.splitlines()
    mixed = "\n".join([lines[0], lines[4], lines[2], lines[5], lines[1], lines[3]])
    with pytest.raises(RnnkitError, match=r"data.csv line \d: 't' looks like the time, and the rows of the sequence"):
        read(mixed)
    check(read(mixed, columns={"time": "t"}), (B, A), ("rest", "wave"))


def test_irregular_times_and_dates(read):
    found = read("id,time,x,label\n1,0,1,a\n1,1,2,a\n1,5,3,a\n2,10,4,b\n2,11,5,b\n")
    assert [each.tolist() for each in found.elapsed] == [[0, 1, 4], [0, 1]]
    dates = "\n".join(f"1,2024-01-01T00:00:{second},1,a" for second in ("00", "01.5", "01.75"))
    [elapsed] = read(f"id,time,x,label\n{dates}\n").elapsed
    assert elapsed.tolist() == [0, 1.5, 0.25]


def test_labels_for_every_step(read):
    text = "id,x,label\n1,1,a\n1,2,b\n1,3,\n2,4,a\n"
    with pytest.raises(RnnkitError, match="line 3: the label within the sequence '1' changes from 'a' to 'b'.*--per-"):
        read(text)
    assert read(text, per_step=True).labels == [("a", "b", None), ("a",)]


def test_a_row_a_sequence(read, told):
    found = read("label,ax_0,ay_0,ax_1,ay_1,ax_2,ay_2,ax_3,ay_3\nwave,1,2,3,,,,,\nrest,5,6,7,8,9,10,,\n")
    check(found)
    assert "read as a row a sequence, 2 channels of 4 steps. Where a row is one step, a column" in told[0]
    found = read("id,kind,0,1,2,3\nu,a,1,2,3,4\nv,b,5,6,7,8\n", columns={"label": "kind"})
    check(found, ([[1], [2], [3], [4]], [[5], [6], [7], [8]]), ("a", "b"), ("value",))
    assert found.ids == ["u", "v"]


def test_a_table_without_a_header(read, told):
    found = read("1\t0.5\t-0.25\t1e-1\t7\n2\t1\t2\t3\t4\n1\t2\t3\t4\t5\n2\t3\t4\t5\t6\n", "ucr.tsv")
    assert found.labels == ["1", "2", "1", "2"] and found.values[0][:, 0].tolist() == [0.5, -0.25, np.float32(0.1), 7]
    assert told[0].endswith("so it has no header; column 1 is the label: --label sets it.")
    with pytest.raises(RnnkitError, match="it cannot be told which column is the label. Say it by number: --label 1"):
        read("0.1,0.2,0.3,0.4,0.5\n0.2,0.4,0.6,0.8,0.9\n")
    named = read("0.1,0.2,0.3,0.4,walk\n0.2,0.4,0.6,0.8,run\n", columns={"label": "5"})
    assert named.labels == ["walk", "run"] and named.values[1].shape == (4, 1)


def test_decimal_commas_of_a_whole_column(read):
    found = read("id;x;y;label\n1;0,5;1;a\n1;;2;a\n2;1,25;3;b\n")
    check(found, ([[0.5, 1], [NAN, 2]], [[1.25, 3]]), ("a", "b"), ("x", "y"))
    timed = "id;t;x;label\n1;{};0,5;a\n1;1,5;0,5;a\n"
    assert read(timed.format("0,25")).elapsed[0].tolist() == [0, 1.25]
    for first, said in (
        ("0.25", "line 3: the time 't' is '1,5'; expected a finite number, as in"),
        ("x", "line 2: .* or a number"),
    ):
        with pytest.raises(RnnkitError, match=said):
            read(timed.format(first))
    with pytest.raises(RnnkitError, match="'1,500', whose comma may stand before decimals or between thousands"):
        read("id;t;x;label\n1;1,500;1;a\n1;2,500;1;a\n")


def test_json_lines_of_rows_and_of_whole_sequences(read):
    steps = [{"id": 1, "x": 1.5, "label": "a"}, {"id": 1, "x": None, "label": "a"}, {"id": 2, "x": 3, "label": "b"}]
    found = read("\n".join(map(json.dumps, steps)), "a.jsonl")
    check(found, ([[1.5], [NAN]], [[3]]), ("a", "b"), ("x",))
    rows = [{"values": [[1, 2], [3, None]], "kind": "wave"}, {"values": B, "kind": "rest"}]
    found = read("\n".join(map(json.dumps, rows)), "b.jsonl", columns={"label": "kind"})
    check(found, channels=("values_1", "values_2"))


def test_frames_of_numbers_and_of_arrays(told):
    import pandas as pd

    frame = pd.DataFrame({"id": [1, 1, 2], "ax": [1.0, None, 3.0], "on": [True, False, True], "label": ["a", "a", "b"]})
    check(open_sequences(frame), ([[1, 1], [NAN, 0]], [[3, 1]]), ("a", "b"), ("ax", "on"))
    arrays = pd.DataFrame({"x": [np.array([1, 2]), np.array([3])], "y": [[4, 5], [6]], "label": ["a", "b"]})
    check(open_sequences(arrays), ([[1, 4], [2, 5]], [[3, 6]]), ("a", "b"), ("x", "y"))
    when = pd.DataFrame({"id": 1, "time": pd.to_datetime([0, 10, 11], unit="s"), "x": [1, 2, 3], "label": "a"})
    assert open_sequences(when).elapsed[0].tolist() == [0, 10, 1]
    since = when.assign(time=when.time - when.time[0])
    for indexed in (
        since,
        when.set_index("time"),
        when.set_index("time").rename_axis(None),
        when.set_index(["id", "time"]),
    ):
        found = open_sequences(indexed)
        assert found.elapsed[0].tolist() == [0, 10, 1] and found.channels == ("x",)
    nullable = when.assign(x=pd.array([1, None, 3], dtype="Int64"))
    assert np.isnan(open_sequences(nullable).values[0][1, 0])


def test_arrays_and_lists():
    check(open_sequences([(A, "wave"), (np.array(B), "rest")]), channels=("channel_1", "channel_2"))
    array = np.array([[*A, [NAN, NAN]], B])
    check(open_sequences((array, ["wave", "rest"])), channels=("channel_1", "channel_2"))
    assert open_sequences([(A, "a", "p1"), (B, "b", "p2")]).groups == ["p1", "p2"]
    assert open_sequences([([1, 2], ["a", None])], per_step=True).labels == [("a", None)]


def test_ts_files_and_their_pair(read, tmp_path):
    head = "#made\n@problemName x\n@timeStamps false\n@classLabel true 1 2\n@data\n"
    check(read(f"{head}1,3,5:2,?,6:1\n5,7:6,8:2\n", "X_TRAIN.ts"), ([[1, 2], [3, NAN], [5, 6]], [[5, 6], [7, 8]]),
          ("1", "2"), ("channel_1", "channel_2"))  # fmt: skip
    read(f"{head}1,2:3,4:2\n", "X_TEST.ts")
    found = open_sequences(tmp_path)
    assert len(found) == 2 and found.test.labels == ["2"] and found.scored is found.test


def test_npz_files(tmp_path):
    file = tmp_path / "a.npz"
    np.savez(file, X=np.array([[*A, [NAN, NAN]], B]), y=["wave", "rest"], channels=["ax", "ay"], groups=[1, 2])
    check(found := open_sequences(file))
    assert found.groups == ["1", "2"]
    np.savez(file, values=np.array([*A, *B]), lengths=[2, 3], y=np.array([7, 8]))
    check(open_sequences(file), labels=("7", "8"), channels=("channel_1", "channel_2"))
    np.savez(file, X_train=np.zeros((3, 4, 1)), y_train=[0, 1, 0], X_test=np.ones((2, 5, 1)), y_test=[0, 1])
    assert len(open_sequences(file)) == 3 and len(open_sequences(file).test) == 2
    np.savez(file, values=np.array([*A, *B]), lengths=[2, 3], y=list("ababa"))
    assert open_sequences(file, per_step=True).labels == [("a", "b"), ("a", "b", "a")]


def test_folders(tmp_path):
    one = {"a.csv": "ax,ay\n1,2\n3,\n", "b.csv": "ay,ax\n6,5\n8,7\n10,9\n"}
    for part in ("train", "test"):
        for (name, text), label in zip(one.items(), ("wave", "rest"), strict=True):
            (tmp_path / "by_label" / part / label).mkdir(parents=True)
            (tmp_path / "by_label" / part / label / name).write_text(text)
    found = open_sequences(tmp_path / "by_label")
    swapped = [np.array(each)[:, ::-1] for each in (B, A)]
    check(found, swapped, ("rest", "wave"), ("ay", "ax"))
    assert found.ids == ["rest/b.csv", "wave/a.csv"] and len(found.test) == 2
    listed = tmp_path / "listed"
    listed.mkdir()
    for name, text in one.items():
        (listed / name).write_text(text)
    (listed / "labels.csv").write_text("file,label,person\na.csv,wave,p\nb,rest,q\n")
    check(found := open_sequences(listed))
    assert found.groups == ["p", "q"] and found.ids == ["a.csv", "b.csv"]


def test_what_of_a_folder_is_not_read_is_said(tmp_path, told):
    for name, text in {"wave/a.csv": "t,x,more\n0,1,5\n", "rest/b.csv": "t,x\n0,1\n2,3\n", "rest/note.txt": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = open_sequences(tmp_path, tell=told.append)
    assert found.channels == ("x",) and "1 left out, no tables: rest/note.txt" in told[0]
    assert "columns that b.csv lacks are left out, in 1 file, such as more in wave/a.csv." in told[1]
    (tmp_path / "rest" / "b.csv").write_text("x\n1\n")
    with pytest.raises(RnnkitError, match="rest/b.csv has no time, and other files have"):
        open_sequences(tmp_path, tell=told.append)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("x\n1\n")
    (tmp_path / "labels.csv").write_text("file,label\na.csv,wave\n")
    told.clear()
    assert len(open_sequences(tmp_path, tell=told.append)) == 1 and "1 left out, not in labels.csv: b.csv" in told[0]


def test_files_to_answer_need_no_labels(tmp_path):
    file = tmp_path / "live.csv"
    file.write_text("note,ay,ax\nx,2,1\ny,4,3\n")
    found = open_inputs(file, ("ax", "ay"))
    assert found.values[0].tolist() == [[1, 2], [3, 4]] and found.ids == ["live.csv"] and found.labels == [None]
    file.write_text("id,ay,ax\nu,2,1\nv,4,3\n")
    assert open_inputs(file, ("ax", "ay")).ids == ["u", "v"]
    file.write_text("id,label,ay,ax\nu,p,2,1\nu,q,4,3\n")
    assert open_inputs(file, ("ax", "ay")).labels == [None]
    file.write_text("0.5,1.5\n0.25,2\n")
    assert open_inputs(file, ("ax", "ay")).values[0].tolist() == [[0.5, 1.5], [0.25, 2]]
    with pytest.raises(RnnkitError, match="live.csv has no column 'gyro'. It has: ax, ay; the network reads gyro, ax"):
        file.write_text("ax,ay\n1,2\n")
        open_inputs(file, ("gyro", "ax"))


@pytest.mark.parametrize(
    ("one", "two", "seconds"),
    [
        ("31.01.2024", "01.02.2024", 86_400), ("31/01/2024", "1/2/2024", 86_400), ("01/31/2024", "02/01/2024", 86_400),
        ("31.01.2024 12:00", "31.01.2024 12:00:00.5", 0.5), ("2024/1/31 9:05", "2024/1/31 9:06", 60),
        ("20240131", "20240201", 86_400), ("20240131235959", "20240201000001", 2), ("2024-01", "2024-02", 31 * 86_400),
        ("20240131", "20240232", 101), ("20240131000000", "20240131000099", 99), ("0,5", "0,75", 0.25),
    ],
)  # fmt: skip
def test_forms_of_times(read, one, two, seconds):
    found = read(f"id;t;x;label\n1;{one};1;a\n1;{two};2;a\n")
    assert found.elapsed[0].tolist() == [0, seconds]


def test_dates_that_may_be_others_are_refused(read):
    for one, two, said in (
        ("01/02/2024", "02/02/2024", "line 2: in the time 't', '01/02/2024', the day cannot be told from the month"),
        ("31.01.2024", "32.01.2024", r"line 3: the time 't' is '32\.01\.2024'; expected a date such as"),
        ("31.01.2024", "31.01.2024", r"line 3: the sequence '1' has the time 31\.01\.2024 in line 2 already"),
        ("20240131", "2024-02-01", "line 3: the time 't' is '2024-02-01'; expected a finite number, as in the rows"),
    ):
        with pytest.raises(RnnkitError, match=said):
            read(f"id,t,x,label\n1,{one},1,a\n1,{two},2,a\n")


def test_sequences_that_are_numbered_anew_for_each_group(read):
    with pytest.raises(
        RnnkitError, match="'subject' within the sequence '1' .* both name them: --sequence subject,trial[.]"
    ):
        read("trial,t,x,label,subject\n1,0,1,a,p\n1,0,2,a,q\n")


def test_several_columns_name_a_sequence(read, tmp_path):
    text = "trial,t,x,label,subject\n1,0,1,a,p\n1,0,2,b,q\n1,1,3,a,p\n2,0,4,a,p\n"
    found = read(text, columns={"sequence": "Subject,trial", "time": "t"})
    assert found.ids == ["p / 1", "q / 1", "p / 2"] and found.channels == ("x",) and found.groups == ["p", "q", "p"]
    assert found.values[0].tolist() == [[1], [3]] and found.reading["columns"]["sequence"] == "subject,trial"
    given = Remembered({}, found.reading)
    again = open_inputs(tmp_path / "data.csv", ("x",), Remembered({"time": "t"}, found.reading))
    assert again.ids == found.ids and given.remembered["sequence"] == "subject,trial"
    (tmp_path / "one.csv").write_text("t,x\n0,1\n1,3\n")
    assert open_inputs(tmp_path / "one.csv", ("x",), given).ids == ["one.csv"]
    with pytest.raises(
        RnnkitError, match="no column 'tril'. Did you mean 'trial'.*--sequence names one column, or sev"
    ):
        read(text, columns={"sequence": "subject,tril"})
    with pytest.raises(RnnkitError, match="line 3: the sequence 'subject,trial' is blank"):
        read("trial,t,x,label,subject\n1,0,1,a,p\n,0,2,b,q\n", columns={"sequence": "subject,trial"})
