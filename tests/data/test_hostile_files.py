"""Data files that a stranger made: pipes, devices, bombs, values of thousands of digits - one line each, at once."""

import gzip
import json
import os
import socket
import time

import pytest

from rnnkit.codec.pictures import open_picture
from rnnkit.data import unpacked
from rnnkit.data.embeddings import read_word_vectors
from rnnkit.data.labels import sort_labels
from rnnkit.data.survey import survey
from rnnkit.data.tables import Rows, Table
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.source import open_captions
from rnnkit.tasks.image_captioner.tables import read_caption_rows
from rnnkit.tasks.language_model.sample import read_text, text_data
from rnnkit.tasks.music_model.source import read_tunes
from rnnkit.tasks.sequence_classifier.source import open_sequences
from rnnkit.tasks.token_tagger.findings import tagged_findings
from rnnkit.tasks.token_tagger.source import open_tagged
from rnnkit.tasks.translator.source import open_parallel
from rnnkit.tasks.tree_classifier.files import read_trees
from rnnkit.tasks.tree_classifier.source import open_treebank

LONG = "9" * 5000
READERS = {
    "rows.csv": Table, "rows.tsv": Table, "rows.jsonl": Table, "rows.csv.gz": Table, "tags.conll": open_tagged,
    "tags.csv": open_tagged, "pairs.tsv": open_parallel, "pairs.en": open_parallel, "tunes.abc": read_tunes,
    "tunes.csv": read_tunes, "trees.txt": read_trees, "bank.txt": open_treebank, "text.txt": read_text,
    "plain.txt": lambda path: text_data(str(path)), "captions.csv": open_captions, "captions.json": open_captions,
    "steps.csv": open_sequences, "steps.ts": open_sequences, "steps.npz": open_sequences,
    "vectors.txt": read_word_vectors, "vectors.txt.gz": read_word_vectors, "picture.png": open_picture,
}  # fmt: skip


def refusal(read, *given) -> str:
    """The line by which a reader refuses, which it must do at once."""
    begun = time.process_time()
    with pytest.raises(RnnkitError) as caught:
        read(*given)
    assert time.process_time() - begun < 10
    said = str(caught.value)
    assert "\n" not in said and len(said) < 1000
    return said


@pytest.mark.parametrize("kind", ["pipe", "link to a pipe", "device", "socket", "folder", "dangling link"])
@pytest.mark.parametrize("name", READERS)
def test_only_regular_files_are_read(tmp_path, monkeypatch, kind, name):
    path = tmp_path / name
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to a pipe":
        os.mkfifo(tmp_path / "pipe")
        path.symlink_to(tmp_path / "pipe")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        monkeypatch.chdir(tmp_path)  # a socket's name is short
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(name)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nothing")
    assert str(path) in refusal(READERS[name], path) or name in refusal(READERS[name], path)


def test_pipes_within_folders_are_passed_over_or_refused(tmp_path):
    for name in (
        "train.txt",
        "dev.txt",
        "a.abc",
        "train.conll",
        "en.train.txt",
        "de.train.txt",
        "captions.csv",
        "x.png",
    ):
        os.mkfifo(tmp_path / name)
    for read in (open_tagged, open_treebank, open_parallel, read_tunes, open_captions):
        refusal(read, tmp_path)
    (tmp_path / "b.abc").write_text("X:1\nK:G\nGAB|\n")
    assert len(read_tunes(tmp_path).tunes) == 1
    said = refusal(open_captions, [("x.png", "a dog")], None, None, tmp_path)
    assert "x.png is no ordinary file" in said


@pytest.mark.parametrize("name", [name for name in READERS if not name.endswith("png") and name != "pairs.en"])
def test_what_unpacks_to_too_much_is_refused_with_both_sizes(tmp_path, monkeypatch, name):
    monkeypatch.delenv(unpacked.VARIABLE, raising=False)
    monkeypatch.setattr(unpacked, "FREE", 1000)
    path = tmp_path / name
    head = b"" if "vectors" in name else b"text,label\n"
    path.write_bytes(gzip.compress(head + b"good 1\n" * 200_000, mtime=0))
    assert "KiB and unpacks to more than" in (said := refusal(READERS[name], path)) and "--max-size" in said
    path.write_bytes(b"good 1\n" * 2000)
    monkeypatch.setenv(unpacked.VARIABLE, "4K")
    assert "has 13.7 KiB; expected at most 4.0 KiB" in refusal(READERS[name], path)


def test_zeros_without_end_behind_what_is_packed_are_refused(tmp_path):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"text,label\ngood,1\n", mtime=0))
    os.truncate(path, 2**36 // 8)  # 8 GiB, of which the disk holds a block
    assert "of zeros follow what is packed" in refusal(lambda: list(Table(path)))


def test_the_bound_is_raised_by_a_flag_and_a_variable(tmp_path, monkeypatch, command_line):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"text,label\n" + b"good,1\n" * 20_000 + b"bad,0\n" * 20_000, mtime=0))
    monkeypatch.setattr(unpacked, "FREE", 1000)
    monkeypatch.setenv(unpacked.VARIABLE, "1G")
    assert len(list(Table(path))) == 40_000
    monkeypatch.setenv(unpacked.VARIABLE, "")  # so that it is put back after the flag has set it
    code, _, said = command_line("check", "text_classifier", path)
    assert code == 1 and "unpacks to more than" in said
    code, _, said = command_line("check", "text_classifier", path, "--max-size", "1 GiB")
    assert "unpacks" not in said and os.environ[unpacked.VARIABLE] == "1 GiB"
    code, _, said = command_line("check", "text_classifier", path, "--max-size", "much")
    assert code == 1 and "expected one such as 20GiB" in said


def test_gzip_in_any_number_of_members_is_unpacked_as_the_standard_library_does(tmp_path):
    whole = os.urandom(200_000) + b"a" * 3_000_000
    forms = [
        gzip.compress(whole), gzip.compress(whole[:7]) + gzip.compress(b"") + gzip.compress(whole[7:], 1),
        gzip.compress(b"") + gzip.compress(whole) + bytes(100_000), gzip.compress(b""),
    ]  # fmt: skip
    path = tmp_path / "x.gz"
    for form in forms:
        path.write_bytes(form)
        with unpacked.open_bytes(path) as file, gzip.open(path) as expected:
            assert file.read() == expected.read()
        with unpacked.open_bytes(path) as file, gzip.open(path) as expected:
            assert file.readlines() == expected.readlines()
    for form in (
        forms[0][:-9],
        forms[0][:-4],
        forms[0] + b"x",
        forms[0][:5000] + b"\0" + forms[0][5001:],
        forms[0][:3],
    ):
        path.write_bytes(form)
        with pytest.raises(RnnkitError, match="is a damaged gzip file"), unpacked.open_bytes(path) as file:
            file.read()


@pytest.mark.parametrize(
    "name", ["rows.csv", "rows.jsonl", "tags.conll", "trees.txt", "tunes.abc", "vectors.txt", "pairs.tsv"]
)
def test_a_line_without_an_end_is_refused(tmp_path, monkeypatch, name):
    for module in ("data.unpacked", "data.textfile", "data.delimited", "tasks.translator.files"):
        monkeypatch.setattr(f"rnnkit.{module}.LONGEST_LINE", 5000)
    path = tmp_path / name
    path.write_text("a 1" * 3000)
    assert "has over 5,000" in refusal(READERS[name], path)
    if name == "rows.csv":
        path.write_text("text,label\n" + '"\n","\n",' * 3000)  # a row of any number of lines
        assert "the row after line 1 has over 5,000 characters" in refusal(lambda path: list(Table(path)), path)


def test_values_of_thousands_of_digits(tmp_path):
    rows = [("good", LONG), ("bad", "1"), ("fine", LONG), ("worse", "1.0"), ("x", f"-{LONG}"), ("y", "-2")]
    assert list(survey(Rows(rows)).labels) == [f"-{LONG}", "-2", "1", LONG]
    assert "cannot be read as text" in refusal(lambda: list(Rows([("good", 10**5000)])))
    assert sort_labels(["10", "-10", "9", "-9", "0", "100", "-100"]) == ["-100", "-10", "-9", "0", "9", "10", "100"]
    assert "a key that is not understood" in refusal(
        read_tunes, _written(tmp_path / "a.abc", f"X:1\nK:{LONG}/8\nGAB|\n")
    )
    for field in "MLQ":
        tunes = read_tunes(_written(tmp_path / "a.abc", f"X:1\nK:G\n{field}:{LONG}/8\nGAB|\n")).tunes
        tunes += read_tunes(_written(tmp_path / "a.abc", f"X:1\n{field}:1/{LONG}\nK:G\nGAB|[{field}:{LONG}]a\n")).tunes
        assert len(tunes) == 2 and all(tune.abc for tune in tunes)
    for entity in (f"[[0, {LONG}, 'X']]", "[[0, 1e999, 'X']]", f'[{{"start": {LONG}, "end": 2, "label": "X"}}]'):
        refusal(open_tagged, _written(tmp_path / "a.jsonl", json.dumps({"text": "Rome", "entities": entity}) + "\n"))
    refusal(open_tagged, [("Rome", [(0, 10**5000, "X")])])
    refusal(open_tagged, _written(tmp_path / "a.conll", "Rome B-X\n"), {"token": LONG})
    for first in ("² ³", f"{LONG} {LONG}", f"2 {LONG}", "2 99999999", f"a {LONG}", "a 1e999"):
        assert "line 1" in refusal(read_word_vectors, _written(tmp_path / "a.vec", first + "\na 1 2\n"))
    header = read_caption_rows(_written(tmp_path / "c.csv", f"image,caption {LONG},caption 2\na.png,x,y\n"))
    assert header.rows[0].captions == ["y"]


def test_nesting_and_keys_in_json(tmp_path):
    deep = '{"text": "a", "label": ' + '{"a":' * 900 + "1" + "}" * 901 + "\n"
    refusal(open_tagged, _written(tmp_path / "a.jsonl", deep.replace("label", "entities")))
    refusal(list, Table(_written(tmp_path / "b.jsonl", deep)))
    twice = '{"text": "a", "label": 1, "text": "b"}\n'
    assert "the key 'text' is there twice" in refusal(Table, _written(tmp_path / "c.jsonl", twice))
    for tokens in ("[" * 900 + "]" * 900, '[["a"]]', "-" * 100_000 + "1", "(" * 1000, "[1, " * 300_000):
        row = json.dumps({"tokens": tokens, "tags": '["O"]'})
        refusal(open_tagged, _written(tmp_path / "d.jsonl", row + "\n"))
    half = _written(tmp_path / "e.jsonl", '{"text": "\\ud800", "label": "\\udfff"}\n')
    assert list(Table(half)) == [("\ufffd", "\ufffd")]


def test_thousands_of_columns_types_and_names(tmp_path):
    header = ",".join(f"column{n}" for n in range(70_000))
    assert "has 70,000 columns" in refusal(Table, _written(tmp_path / "a.csv", header + "\nx\n"))
    assert "It has: column0, column1," in refusal(Table, _written(tmp_path / "b.csv", header[:400_000] + "\nx\n"))
    wide = "text,label," + header[:400_000] + "\n" + "good,1\n" * 200
    assert len(list(Table(_written(tmp_path / "c.csv", wide)))) == 200
    many = open_tagged(_written(tmp_path / "d.conll", "".join(f"w B-T{n}\nx O\n\n" for n in range(1100))))
    found = tagged_findings(many)[0]
    assert found.level == "fail" and "1,100 different types; up to 1,000 are learnt" in found.message


def test_wide_characters_without_a_mark(tmp_path):
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        (tmp_path / "a.csv").write_bytes("text,label\nschön,1\n東京,2\n".encode(encoding))
        assert list(Table(tmp_path / "a.csv")) == [("schön", "1"), ("東京", "2")]
    (tmp_path / "a.csv").write_bytes("text,label\na,1\n".encode("utf-16-le"))
    assert "is not utf-16" in refusal(lambda: Table(tmp_path / "a.csv", encoding="utf-16"))


def test_a_tree_that_only_opens(tmp_path, monkeypatch):
    monkeypatch.setattr("rnnkit.codec.tree_parser._MOST_NODES", 100)
    assert "the tree has over 100 nodes" in refusal(read_trees, _written(tmp_path / "a.txt", "(" * 200))


def _written(path, text):
    path.write_text(text, encoding="utf-8")
    return path
