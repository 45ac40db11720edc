"""Many files of one table are one table."""

import gzip
import json

import pandas as pd
import pytest
from tasks import tiny

import rnnkit
from rnnkit.data.shards import Shards, shard_files
from rnnkit.data.tables import Table, open_table
from rnnkit.errors import RnnkitError

ROWS = [(f'text {number}, "quoted"', f"label {number % 3}") for number in range(30)]


def written(folder, *packers):
    """A file for each packer, each with its share of the rows."""
    folder.mkdir()
    for place, packer in enumerate(packers):
        packer(folder, f"part-{place:03d}", pd.DataFrame(ROWS[place :: len(packers)], columns=["text", "label"]))
    return [row for place in range(len(packers)) for row in ROWS[place :: len(packers)]]


def csv(folder, name, frame):
    frame.to_csv(folder / f"{name}.csv", index=False)


def csv_gz(folder, name, frame):
    (folder / f"{name}.csv.gz").write_bytes(gzip.compress(frame.to_csv(index=False).encode()))


def csv_zst(folder, name, frame):
    zstandard = pytest.importorskip("zstandard")
    (folder / f"{name}.csv.zst").write_bytes(zstandard.compress(frame.to_csv(index=False).encode()))


def jsonl(folder, name, frame):
    lines = "".join(json.dumps(dict(zip(frame, row, strict=True))) + "\n" for row in frame.itertuples(index=False))
    (folder / f"{name}.jsonl").write_text(lines)


def parquet(folder, name, frame):
    frame[["label", "text"]].to_parquet(folder / f"{name}.parquet", index=False)


@pytest.mark.parametrize("packers", [(csv, csv, csv), (csv_gz, csv_zst), (jsonl, csv), (parquet, parquet)])
def test_a_pattern_and_a_folder_give_the_rows_of_all_files(packers, tmp_path):
    expected = written(tmp_path / "rows", *packers)
    (tmp_path / "rows" / "_SUCCESS").write_text("")
    (tmp_path / "rows" / ".part-000.crc").write_text("")
    for named in (tmp_path / "rows", tmp_path / "rows" / "part-*", tmp_path / "*" / "part-0*"):
        found = open_table(str(named))
        assert isinstance(found, Shards) and list(found) == expected and list(found) == expected
        assert len(found.files) == len(packers) and found.name.endswith(f"({len(packers)} files)")


def test_one_file_is_no_shards(tmp_path):
    written(tmp_path / "rows", csv)
    odd = tmp_path / "rows" / "a[1].csv"
    (tmp_path / "rows" / "part-000.csv").rename(odd)
    assert isinstance(open_table(odd), Table) and shard_files(odd) == []
    assert isinstance(open_table(tmp_path / "rows"), Shards)  # a folder with one


def test_what_was_passed_over_is_added_up(tmp_path):
    written(tmp_path / "rows", csv, csv)
    for place in range(2):
        with (tmp_path / "rows" / f"part-00{place}.csv").open("a") as file:
            file.write("too,many,fields\n" * (place + 1) + '"two\nlines",x\n' * place)
    found = open_table(tmp_path / "rows")
    assert len(list(found)) == 31
    assert (found.oddities.long_rows, found.oddities.most_lines) == (3, 2)


def test_files_that_do_not_fit_are_named(tmp_path):
    written(tmp_path / "rows", csv, csv)
    (tmp_path / "rows" / "part-001.csv").write_text("other,columns\n1,2\n3,4\n")
    with pytest.raises(RnnkitError, match=r"part-001.csv"):
        open_table(tmp_path / "rows" / "*.csv")
    with pytest.raises(RnnkitError, match=r"No file fits '.*none-\*.csv'; expected a pattern such as"):
        open_table(tmp_path / "none-*.csv")


def test_a_damaged_zstandard_file_and_one_that_is_too_large_are_a_line(tmp_path, monkeypatch):
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.compress(b"text,label\n" + b"a film,good\n" * 1000)
    (tmp_path / "cut.csv.zst").write_bytes(packed[:10] + b"\xff" * 40)
    with pytest.raises(RnnkitError, match=r"cut.csv.zst is a damaged Zstandard file \(.*\); pack it again"):
        list(Table(tmp_path / "cut.csv.zst"))
    (tmp_path / "bomb.csv.zst").write_bytes(packed)
    monkeypatch.setenv("RNNKIT_MAX_SIZE", "5000")
    with pytest.raises(RnnkitError, match=r"bomb.csv.zst is .* and unpacks to more than 5.0 kB|unpacks to more than"):
        list(Table(tmp_path / "bomb.csv.zst"))


def test_a_zstandard_file_that_was_cut_is_not_read_as_fewer_rows(tmp_path):
    zstandard = pytest.importorskip("zstandard")
    content = b"text,label\n" + b"".join(b"film %d,good\n" % number for number in range(60_000))
    packed = zstandard.compress(content[:400_000]) + zstandard.compress(content[400_000:])
    (tmp_path / "whole.csv.zst").write_bytes(packed)
    assert len(list(Table(tmp_path / "whole.csv.zst"))) == 60_000
    for name, size in (("half", len(packed) // 2), ("nearly", len(packed) - 3)):
        (tmp_path / f"{name}.csv.zst").write_bytes(packed[:size])
        with pytest.raises(
            RnnkitError, match=rf"{name}.csv.zst is a damaged Zstandard file \(it ends before it is whole"
        ):
            list(Table(tmp_path / f"{name}.csv.zst"))


def test_copies_beside_tables_are_no_tables(tmp_path):
    written(tmp_path / "rows", csv, csv_gz)
    assert len(shard_files(tmp_path / "rows")) == 2
    (tmp_path / "rows" / "part-000.csv.bak").write_text("text,label\n")
    assert shard_files(tmp_path / "rows") == []  # a folder of another kind
    with pytest.raises(RnnkitError, match="is a folder; expected"):
        open_table(tmp_path / "rows")
    (tmp_path / "rows" / "part-000.csv.bak").rename(tmp_path / "rows" / "PART-9.CSV")
    assert len(shard_files(tmp_path / "rows")) == 3


def test_the_tallest_row_is_that_of_one_file(tmp_path):
    (tmp_path / "rows").mkdir()
    for place, lines in enumerate((5, 3, 4)):
        text = "\n".join(["a"] * lines)
        (tmp_path / "rows" / f"{place}.csv").write_text(f'text,label\n"{text}",x\nb,y\n')
    found = open_table(tmp_path / "rows")
    assert len(list(found)) == 6 and found.oddities.most_lines == 5


def test_many_files_are_read_in_the_encoding_of_the_training_data(tmp_path):
    from rnnkit.data.remembered import remembered_encoding

    reading = {"encoding": "cp1250"}
    for place in range(2):
        (tmp_path / f"{place}.csv").write_bytes("text,label\nčlověk řekl,x\n".encode("cp1250"))
    assert remembered_encoding(str(tmp_path), None, reading) == "cp1250"
    assert remembered_encoding(str(tmp_path / "*.csv"), None, reading) == "cp1250"
    (tmp_path / "1.csv").write_text("text,label\nčlověk řekl,x\n", encoding="utf-8")
    with pytest.raises(RnnkitError, match="some of its files are cp1250, as the training data were, and 1.csv is not"):
        remembered_encoding(str(tmp_path), None, reading)


def test_a_task_learns_from_many_files_what_it_learns_from_one(tmp_path):
    rows = tiny.rows(60)
    frame = pd.DataFrame(rows, columns=["text", "label"])
    frame.to_csv(tmp_path / "whole.csv", index=False)
    (tmp_path / "parts").mkdir()
    for place in range(3):
        frame[20 * place : 20 * place + 20].to_csv(tmp_path / "parts" / f"{place}.csv", index=False)
    one, many = (rnnkit.TextClassifier(**{**tiny.OPTIONS, "epochs": 1}) for _ in range(2))
    one.fit(tmp_path / "whole.csv")
    many.fit(tmp_path / "parts")
    assert one.parts.digest == many.parts.digest
    assert all((a == b).all() for a, b in zip(one.network.get_weights(), many.network.get_weights(), strict=True))
    assert many.results["data"]["name"].endswith("parts (3 files)")


def test_a_pattern_that_finds_files_more_than_once_names_each_once(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("a/1.csv", "a/b/2.csv"):
        (tmp_path / name).write_text("text,label\nx,y\n")
    found = shard_files(tmp_path / "**" / "**" / "*.csv")
    assert found == [tmp_path / "a" / "1.csv", tmp_path / "a" / "b" / "2.csv"]
