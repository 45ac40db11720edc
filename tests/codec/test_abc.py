"""Reading tunes in ABC notation, good ones and bad ones."""

import gzip
import random

import pytest

from rnnkit.codec.abc import Skipped, parse_tune, split_tunes
from rnnkit.codec.abc_tokens import abc_tokens
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.repeats import without_repeats
from rnnkit.tasks.music_model.source import read_tunes

GOOD = "X:1\nT:One\nT:Also called\nM:6/8 % jig time\nL:1/8\nK:G\n%%MIDI program 1\nGAB|c3|\nw:la la la\n\n"


def test_tokens_lose_no_character():
    random.seed(0)
    alphabet = list("ABcdz'^_=,0123456789/|:[](){}<>\"!+-~.&\\%$#\n yZxMKL\u00e9\0")
    for _ in range(300):
        text = "".join(random.choices(alphabet, k=60))
        assert "".join(token.text for token in abc_tokens(text)) == text


def test_every_kind_of_token():
    body = 'M:3/4\n"Am"!trill!{ag}[^CE]2>z/ (3abc-c|[1Z2:|]y[M:2/4](d)&\\\n% said\n*?'
    kinds = [kind for kind, _ in abc_tokens(body) if kind not in ("blank", "line_end")]
    assert kinds == [
        "field", "text", "decoration", "grace", "chord", "broken", "rest", "tuplet", "note", "note", "note", "tie",
        "note", "bar", "ending", "bars_rest", "bar", "spacer", "inline", "slur", "note", "slur", "overlay",
        "continuation", "comment", "layout", "unknown",
    ]  # fmt: skip


def test_the_header_is_a_dictionary_and_the_music_is_kept_as_it_is():
    tune = parse_tune(GOOD)
    assert dict(tune.header) == {"X": "1", "T": "One", "M": "6/8", "L": "1/8", "K": "G"}
    assert tune.body == "%%MIDI program 1\nGAB|c3|\nw:la la la"
    assert parse_tune(tune.abc).body == tune.body and tune.abc.splitlines()[-4] == "K:G"


def test_bad_tunes_are_counted_and_the_good_ones_kept():
    lines = [
        "a collection of tunes", "", *GOOD.splitlines(), "X:2", "T:no key", "X:3", "GAB", "K:G", "X:4", "K:G",
        "X:5", "K:G", "V:1", "GAB", "V:2", "GAB", "X:6", "K:G", "G\x00B", "X:7", "K:G", "G" * 100_001, "X:8", "K:G", "",
        "c|d", "", "after a tune", "X:9", "K:", "e",
    ]  # fmt: skip
    skipped = Skipped()
    assert [tune.body[:3] for tune in split_tunes(lines, "mine.abc", skipped)] == ["%%M", "c|d", "e"]
    assert skipped.counts == {
        "no K: field": 1, "music before its K: field": 1, "no notes": 1, "several voices": 1, "control characters": 1,
        "more than 100,000 characters": 1,
    }  # fmt: skip
    assert "1 tune left out: no K: field (mine.abc line 13)" in skipped.lines()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04abc", "an Excel or zip file"),
        (bytes(range(256)) * 20, "is not UTF-8: line"),
        (b"\0" * 5000, "no line begins with X:"),
        (b"Just words.\n", "no line begins with X:"),
        (b"X:1\nT:nothing\n", "no K: field"),
        (b"\x1f\x8bbroken", "damaged gzip"),
    ],
)
def test_hostile_files_get_one_line(tmp_path, content, message):
    (tmp_path / "bad.abc").write_bytes(content)
    with pytest.raises(RnnkitError, match=message) as raised:
        read_tunes(tmp_path / "bad.abc")
    assert "\n" not in str(raised.value) and "bad.abc" in str(raised.value)


def test_encodings_and_line_ends(tmp_path):
    text = GOOD.replace("One", "Café")
    for encoding, end in (("utf-8", "\r\n"), ("utf-8-sig", "\n"), ("cp1252", "\r"), ("utf-16", "\n")):
        (tmp_path / "mine.abc").write_bytes(text.replace("\n", end).encode(encoding))
        assert read_tunes(tmp_path / "mine.abc").tunes[0].header["T"] == "Café", encoding


def test_a_folder_is_read_in_the_order_of_names_and_bad_files_are_counted(tmp_path):
    for name, content in {"b.abc": b"X:1\nK:B\nb|", "a.abc": b"X:1\nK:A\na|", "c.abc": b"\x81\x8d" * 9}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "d.abc.gz").write_bytes(gzip.compress(b"X:1\nK:D\nd|"))
    read = read_tunes(tmp_path)
    assert [tune.header["K"] for tune in read.tunes] == ["A", "B", "D"]
    assert read.skipped.counts == {"a file that cannot be read": 1} and "c.abc" in read.skipped.lines()[0]
    (tmp_path / "none").mkdir()
    with pytest.raises(RnnkitError, match="holds no .abc file"):
        read_tunes(tmp_path / "none")


def test_a_table_with_whole_tunes_or_with_fields_of_their_own(tmp_path):
    (tmp_path / "a.csv").write_text('id,ABC notation\n1,"X:1\nK:G\nGAB|"\n2,\n3,words\n')
    read = read_tunes(tmp_path / "a.csv")
    assert [tune.body for tune in read.tunes] == ["GAB|"]
    assert sum(read.skipped.counts.values()) == 2 and "row 2" in read.skipped.lines()[0]
    (tmp_path / "b.csv").write_text("name,type,meter,mode,abc\nThe Piper,jig,6/8,Gmajor,GAB cde|\n")
    assert dict(read_tunes(tmp_path / "b.csv").tunes[0].header) == {
        "X": "1", "L": "1/8", "T": "The Piper", "R": "jig", "M": "6/8", "K": "Gmajor"
    }  # fmt: skip
    (tmp_path / "c.csv").write_text("one,two\n1,2\n")
    with pytest.raises(RnnkitError, match="has no column 'abc'. It has: one, two"):
        read_tunes(tmp_path / "c.csv")
    with pytest.raises(RnnkitError, match="three"):
        read_tunes(tmp_path / "c.csv", column="three")


@pytest.mark.parametrize(
    ("body", "played"),
    [
        ("A|BC:|D|]", "A|BC|A|BC|D|"),
        ("AB|CD::EF|GA:|", "AB|CD|AB|CD|EF|GA|EF|GA|"),
        ("|:A|[1 C:|[2 D||E:|", "A| C|A| D|E|E|"),
        ("|:A|1,3 B:|2 C:|4 D|]", "A| B|A| C|A| B|A| D|"),
        ("|:A|B", "A|B|"),
    ],
)
def test_repeats_written_out(body, played):
    assert without_repeats(parse_tune(f"K:C\n{body}")).body == played


def test_a_files_header_holds_for_its_tunes():
    tune = ["X:1", "K:G", "GAB|", "", "X:2", "M:2/4", "L:1/16", "K:G", "GAB|"]
    head = ["%abc-2.1", "M:6/8 % of all", "L:1/4", "I:abc-charset utf-8", ""]
    skipped = Skipped()
    first, second = split_tunes([*head, *tune], "a.abc", skipped)
    assert (first.header["M"], first.header["L"]) == ("6/8", "1/4")
    assert (second.header["M"], second.header["L"]) == ("2/4", "1/16")
    for other in (["M:6/8", "These are my tunes.", ""], ["Notes", "M:6/8", ""], ["", "M:6/8", ""], ["M:6/8"]):
        assert "M" not in next(split_tunes([*other, *tune], "a.abc", skipped)).header, other
    assert not list(split_tunes(["%%MIDI transpose 2", "", *tune], "a.abc", skipped)) and len(skipped.counts) == 1
