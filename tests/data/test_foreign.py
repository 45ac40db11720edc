"""Files of other programs are refused by name, with the command that makes a table of them."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rnnkit.data.part_files import part_files
from rnnkit.data.tables import Table
from rnnkit.data.textfile import check_file, find_encoding
from rnnkit.errors import RnnkitError
from rnnkit.tasks.language_model.task import LanguageModel
from rnnkit.tasks.token_tagger.source import open_tagged

KINDS = {
    "d.spacy": (b"x\x9c\x01\x02", "spaCy's DocBin. Write it as JSONL: python -c "),
    "stream.arrow": (b"\xff\xff\xff\xff\x10\0\0\0", "an Arrow file. Write it as Parquet: python -c "),
    "feather.arrow": (b"ARROW1\0\0\0\0", "an Arrow file. Write it as Parquet: python -c "),
    "absa.xml": (b'<?xml version="1.0"?>\n<sentences><sentence id="1">', "XML. "),
    "tei.txt": (b'\xef\xbb\xbf<TEI xmlns="http://www.tei-c.org/ns/1.0"><text>', "XML. "),
    "bare.csv": (b'<reviews>\n <review label="a">Fine</review>\n</reviews>', "XML. "),
    "page.csv": (b"<!doctype html><html><body>", "a web page (HTML)"),
    "films.arff": (b"@RELATION films\n@ATTRIBUTE text string\n", "Weka's ARFF. "),
    "cooking.train": (b"__label__sauce How much salt?\n", "in fastText's form"),
    "names.tsv": (b"#FORMAT=WebAnno TSV 3.3\n", "WebAnno's and INCEpTION's own TSV. "),
    "paper.txt": (b"%PDF-1.7\n", "a PDF, not text"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_program_is_refused_by_name(name: str, tmp_path: Path) -> None:
    content, said = KINDS[name]
    path = tmp_path / name
    path.write_bytes(content)
    for read in (Table, open_tagged):
        with pytest.raises(RnnkitError, match=re.escape(f"{name} is {said}")) as error:
            read(path)
        assert "\n" not in str(error.value)


def test_a_folder_of_hugging_face_is_refused_by_name(tmp_path: Path) -> None:
    for name in ("dataset_info.json", "data-00000-of-00001.arrow"):
        (tmp_path / name).write_text("{}")
    for read in (check_file, part_files):
        with pytest.raises(RnnkitError, match="saved by Hugging Face's datasets. Write it as Parquet: python -c "):
            read(tmp_path)
    (tmp_path / "dataset_dict.json").write_text("{}")
    with pytest.raises(RnnkitError, match="os.makedirs"):
        part_files(tmp_path)


def test_tags_within_texts_are_no_xml(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("<p>text</p>,label\n<b>fine</b>,yes\n<i>dull</i>,no\n")
    assert Table(path, {"text": "<p>text</p>"}).header == ["<p>text</p>", "label"]
    page = tmp_path / "page.txt"
    page.write_text("<?xml version='1.0'?>\n" + "<p>any text will do</p>\n" * 20)
    assert list(LanguageModel.open_source(page))


def test_the_commands_make_tables(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    ipc = pytest.importorskip("pyarrow.ipc")
    table = pyarrow.table({"text": ["fine", "dull"], "label": ["yes", "no"]})
    for name, opened in (("s.arrow", ipc.new_stream), ("f.arrow", ipc.new_file)):
        with opened(str(tmp_path / name), table.schema) as writer:
            writer.write_table(table)
    (tmp_path / "x.xml").write_text("<?xml version='1.0'?>\n<a><r label='yes'>fine</r><r label='no'>dull</r></a>")
    (tmp_path / "f.txt").write_text("__label__yes fine day\n__label__no __label__sad dull\n")
    made = {}
    for name, ending in (("s.arrow", ".parquet"), ("f.arrow", ".parquet"), ("x.xml", ".csv"), ("f.txt", ".tsv")):
        path = tmp_path / name
        with pytest.raises(RnnkitError) as error:
            check_file(path)
        words = shlex.split(str(error.value)[str(error.value).index("python -c ") :])
        done = subprocess.run([sys.executable, *words[1:3]], capture_output=True, text=True, check=True)
        if words[3:]:
            Path(words[4]).write_text(done.stdout)
        columns = {"text": "r"} if name == "x.xml" else None
        made[name] = list(Table(path.with_suffix(ending), columns))
    assert made["s.arrow"] == made["f.arrow"] == made["x.xml"] == [("fine", "yes"), ("dull", "no")]
    assert made["f.txt"] == [("fine day", "yes"), ("dull", "no;sad")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["यह अच्छा है", "这部电影一直很好看", "ਪੰਜਾਬੀ", "สวัสดี", "좋아요", "очень", "fine 😀", "ĀĂĄ"]
)
def test_utf_16_without_a_mark_is_read_in_any_script(encoding: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(("text,label\n" + f"{text},a\n" * 40).encode(encoding))
    assert find_encoding(path) == encoding


def test_nul_bytes_alone_are_no_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"text,label\n" + b"a fi\0lm,x\nthe play,y\n" * 40)
    assert find_encoding(path) == "utf-8"


def test_a_byte_order_mark_where_files_were_joined_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "joined.csv"
    path.write_text('\ufeff\ufefftext,label\nfine,yes\n\ufeff"dull, sadly",no\n', encoding="utf-8")
    assert list(Table(path)) == [("fine", "yes"), ("dull, sadly", "no")]


def test_json_by_column_and_lines_of_lists_are_refused_by_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"text": {"0": "fine", "1": "dull"}, "label": {"0": "yes", "1": "no"}}')
    with pytest.raises(RnnkitError, match=r"to_json\(FILE, orient='records', lines=True\)"):
        Table(path)
    path.write_text('["fine", "yes"]\n["dull", "no"]\n')
    with pytest.raises(RnnkitError, match="line 1 is no JSON object"):
        Table(path)


JOINED = "Ada/PER saw/O Rome/LOC\nBo/PER sat/O\n"


def test_tags_that_are_no_columns_are_refused_with_the_command(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(JOINED)
    with pytest.raises(RnnkitError, match=r"each tag behind its word, such as Ada/PER.*sed -E") as error:
        open_tagged(path)
    command, made = str(error.value).partition("Write it so: ")[2].split(" > ")
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True)
    Path(made).write_text(done.stdout)
    assert [row.tokens for row in open_tagged(made).sentences] == [("Ada", "saw", "Rome"), ("Bo", "sat")]
    path.write_text("<PER>Ada</PER> saw Rome.\nThen rain.\n")
    with pytest.raises(RnnkitError, match="names between tags, such as <PER>Ada</PER>. Write it as JSONL"):
        open_tagged(path)
    path.write_text("<b>x</b> O\nRome B-LOC\n")
    assert open_tagged(path).sentences[0].tokens == ("<b>x</b>", "Rome")


def test_places_of_brat_are_refused_with_the_command(tmp_path: Path) -> None:
    path = tmp_path / "a.ann"
    path.write_text("T1\tPER 0 3\tAda\nT2\tLOC 8 12\tRome\nR1\tin Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes T1\tx\n")
    path.with_suffix(".txt").write_text("Ada saw Rome.\n")
    with pytest.raises(RnnkitError, match="brat's places in another file's text. Write both as JSONL") as error:
        open_tagged(path)
    words = shlex.split(str(error.value)[str(error.value).index("python -c ") :])
    done = subprocess.run([sys.executable, *words[1:3]], capture_output=True, text=True, check=True)
    Path(words[4]).write_text(done.stdout)
    [row] = open_tagged(words[4]).sentences
    assert (row.tokens, row.tags) == (("Ada", "saw", "Rome", "."), ("B-PER", "O", "B-LOC", "O"))
