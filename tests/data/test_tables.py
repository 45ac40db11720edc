"""Hostile tables: every one is read right, or refused with one clear line."""

import gzip
import json
import time
import tracemalloc

import pytest

from rnnkit.data.columns import match_columns
from rnnkit.data.findings import findings, require_usable
from rnnkit.data.frames import rows_from_dataframe
from rnnkit.data.labels import normalise_labels
from rnnkit.data.survey import kept_rows, survey
from rnnkit.data.tables import Rows, Table, open_table
from rnnkit.errors import RnnkitError


@pytest.fixture
def write(tmp_path):
    def write_file(content: str | bytes, name: str = "reviews.csv", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write_file


def refusal(function, *arguments, **options) -> str:
    """The message of the one-line error that `function` must raise."""
    with pytest.raises(RnnkitError) as caught:
        result = function(*arguments, **options)
        list(result)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    return message


def levels(seen) -> dict[str, list[str]]:
    found = findings(seen)
    return {level: [line.message for line in found if line.level == level] for level in ("good", "warn", "fail")}


# Files that are no table


def test_a_missing_file_names_the_near_match(write, tmp_path):
    write("text,label\n", "reviews.csv")
    assert "Did you mean 'reviews.csv'?" in refusal(Table, tmp_path / "review.csv")
    assert refusal(Table, tmp_path / "nowhere" / "a.csv").startswith("There is no file")


def test_a_folder_says_what_it_holds(write, tmp_path):
    write("text,label\n", "reviews.csv")
    message = refusal(Table, tmp_path)
    assert "is a folder" in message and "reviews.csv" in message


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "reviews.csv", "reviews.csv is empty"),
        (b"", "reviews.jsonl", "is empty"),
        (b"\n \n\n", "reviews.csv", "is blank"),
        (b"\n \n\n", "reviews.jsonl", "is blank"),
        (b"\xef\xbb\xbf", "reviews.csv", "is blank"),
        (b"\0\0\0\0", "reviews.csv", "is blank"),
        (b"PK\x03\x04whatever", "reviews.xlsx", ".xlsx files are not read"),
        (b"PK\x03\x04whatever", "reviews.csv", "Excel or zip"),
        (b"PAR1....", "reviews.csv", "Parquet"),
        (b"%PDF-1.7\ntext,label", "reviews.csv", "is a PDF, not text"),
        (b"\xff\xd8\xff\xe0....", "reviews.csv", "is a JPEG picture, not text"),
        (b"PAR1....", "reviews.parquet", "cannot be read as Parquet"),
        (b"\x1f\x8bdamaged", "reviews.csv.gz", "damaged gzip"),
        (gzip.compress(b"text,label\n" + b"a,b\n" * 9999, mtime=0)[:-20], "reviews.csv.gz", "damaged gzip"),
        (bytes(range(256)) * 20, "reviews.csv", "is not UTF-8"),
    ],
)
def test_what_is_no_table_is_refused(write, content, name, message):
    assert message in refusal(Table, write(content, name))


# Columns


def test_columns_are_found_by_name_and_by_synonym():
    assert match_columns(["id", "TEXT", "Label "], ["text", "label"]) == {"text": "TEXT", "label": "Label "}
    assert match_columns(["Review_Text", "text", "stars"], ["text", "label"])["text"] == "text"
    assert match_columns(["review-text", "stars"], ["text", "label"]) == {"text": "review-text", "label": "stars"}
    given = {"text": "Opinion", "label": None}
    assert match_columns(["opinion", "class"], ["text", "label"], given) == {"text": "opinion", "label": "class"}


@pytest.mark.parametrize(
    ("header", "columns", "message"),
    [
        (
            ["review", "stars"],
            {"text": "text"},
            "reviews.csv has no column 'text'. It has: review, stars. Use --text",
        ),
        (["opinion", "stars"], {}, "no column 'text'. It has: opinion, stars. Use --text"),
        (["txt", "stars"], {}, "Use --text txt."),
        (["review", "stars"], {"text": "reveiw"}, "no column 'reveiw'. It has: review, stars. Use --text review."),
        (["review", "x"], {}, "no column 'label'. It has: review, x. Use --label x."),
        (["review"], {}, "no column 'label'. It has: review. Add that column."),
        (["text", "text", "label"], {}, "2 columns named 'text'"),
        (["a", "b"], {"text": "a", "label": "a"}, "cannot be both --text and --label"),
        (["a", "b"], {"txet": "a"}, "Unknown column role 'txet'"),
        ([f"column {number}" for number in range(500)], {}, "(500 in all)"),
        (["a line of text " * 99, "label"], {}, "..."),
    ],
)
def test_a_missing_column_names_what_there_is(header, columns, message):
    assert message in refusal(match_columns, header, ["text", "label"], columns, "reviews.csv")


# Reading CSV and TSV

ROWS = [("good, really; good|fine", "pos"), ('say "no"', "neg"), ("two\nlines", "neg"), ("café 🙂", "very good 🙂")]


def quoted(delimiter: str, end: str = "\n") -> str:
    cells = [("text", "label"), *ROWS]
    return "".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + end for row in cells)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_delimiters_and_encodings_are_found(write, delimiter, encoding):
    table = Table(write(quoted(delimiter) + quoted(delimiter)[len('"text","label"\n') :] * 9, encoding=encoding))
    assert list(table) == ROWS * 10
    assert table.delimiter == delimiter
    assert table.encoding == encoding


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(write, end):
    assert list(Table(write(quoted(",", end)))) == ROWS


def test_it_can_be_read_again_and_from_gzip(write):
    table = Table(write(gzip.compress(quoted(";").encode(), mtime=0), "reviews.csv.gz"))
    assert list(table) == list(table) == ROWS


def test_cells_are_text_as_it_stands(write):
    content = "text,label\nNA,1.0\nnull,01\n007,True\n1e5,\nNone,nan\n  padded  ,x\n"
    rows = [("NA", "1.0"), ("null", "01"), ("007", "True"), ("1e5", ""), ("None", "nan"), ("  padded  ", "x")]
    assert list(Table(write(content))) == rows


def test_blanks_before_a_quote_are_no_text_and_others_are(write):
    quoted = 'id, text, label\n1, "a, b", good\n2, "c ""q""", bad\n'
    assert list(Table(write(quoted))) == [("a, b", "good"), ('c "q"', "bad")]
    within = 'text,label\n"he said, ""no"", ""x""",good\n bare,bad\n'
    assert list(Table(write(within))) == [('he said, "no", "x"', "good"), (" bare", "bad")]


def test_roles_give_the_order_and_the_rest_is_ignored(write):
    path = write("id,label,more,text\n1,pos,x,good\n")
    assert list(Table(path)) == [("good", "pos")]
    assert list(Table(path, roles=("text",))) == [("good",)]
    assert list(Table(path, {"text": "more", "label": "id"})) == [("x", "1")]


def test_a_single_column_may_hold_any_delimiter(write):
    path = write('text\ngood, very good\nbad; "so" bad\n"quoted, yes"\n')
    assert list(Table(path, roles=("text",))) == [("good, very good",), ('bad; "so" bad',), ("quoted, yes",)]


def test_tsv_without_quoting_keeps_its_quotes(write):
    path = write('text\tlabel\n"open\tpos\nplain\tneg\n"both"\tneg\nlast"\tpos\n', "reviews.tsv")
    assert list(Table(path)) == [('"open', "pos"), ("plain", "neg"), ('"both"', "neg"), ('last"', "pos")]


def test_excel_separator_hint_and_leading_blank_lines(write):
    assert list(Table(write("sep=;\ntext;label\na,b;c\n"))) == [("a,b", "c")]
    assert list(Table(write("\n\ntext,label\n\na,b\n\n"))) == [("a", "b")]


def test_ragged_rows_are_counted_and_named(write):
    table = Table(write("text,label\ngood,pos\nbad, so bad,neg\nshort\nfine,pos,,\n,\nlast,neg\n"))
    assert list(table) == [("good", "pos"), ("short", ""), ("fine", "pos"), ("last", "neg")]
    assert (table.oddities.long_rows, table.oddities.first_long_line, table.oddities.short_rows) == (1, 3, 1)


def test_mostly_ragged_rows_fail(write):
    seen = survey(Table(write("text,label\n" + "bad, so bad,neg\n" * 9 + "good,pos\n")))
    assert "9 of 10 rows" in levels(seen)["fail"][0] and "line 2" in levels(seen)["fail"][0]


def test_a_quote_left_open_names_its_line(write):
    message = refusal(Table, write('text,label\ngood,pos\n"bad,neg\nfine,pos\n'))
    assert "after line 2" in message and "never closed" in message


def test_a_tall_row_is_reported(write):
    lines = ["text,label", '"open,pos'] + ["more,neg"] * 80 + ['closed",neg', "good,pos"]
    seen = survey(Table(write("\n".join(lines) + "\n")))
    assert any("spans 82 lines" in message for message in levels(seen)["warn"])


def test_nul_bytes_become_spaces_and_are_reported(write):
    table = Table(write(b"text,label\ngo\0od,pos\nbad,neg\n" * 1))
    assert list(table) == [("go od", "pos"), ("bad", "neg")]
    assert table.oddities.nul_lines == 1


def test_a_text_of_a_million_characters(write):
    long = "wörd " * 200_000
    table = Table(write(f"text,label\n{long},pos\nshort,neg\n"))
    seen = survey(table)
    assert seen.longest == len(long) - 1 and seen.longest_row == 1
    assert next(iter(table))[0] == long
    assert any("999,999 characters" in message for message in levels(seen)["warn"])


# Encodings

WESTERN = "text,label\n" + "un café très bon, oui,pos\n".replace(", oui", "") * 30 + "a “bad” one €,neg\n"


def test_windows_1252_is_read_and_said(write):
    table = Table(write(WESTERN, encoding="cp1252"))
    assert table.encoding == "cp1252"
    assert list(table)[-1] == ("a “bad” one €", "neg")
    assert any("Read as cp1252" in message for message in levels(survey(table))["warn"])


def test_one_bad_byte_late_in_a_utf8_file_names_its_line(write):
    content = "text,label\n" + "un café très bon,pos\n" * 120_000
    content = content.encode() + b"caf\xe9,neg\n" + b"fine,pos\n"
    message = refusal(Table, write(content))
    assert "not UTF-8: line 120002 has the byte 0xe9" in message


@pytest.mark.parametrize("encoding", ["shift_jis", "koi8-r", "gb18030", "cp1251"])
def test_other_scripts_are_not_taken_for_western(write, encoding):
    text = "とても良い映画でした" if encoding in ("shift_jis", "gb18030") else "очень хороший фильм"
    path = write(f"text,label\n{text},pos\n" * 20, encoding=encoding)
    assert "give its encoding" in refusal(Table, path)
    assert next(iter(Table(path, encoding=encoding))) == (text, "pos")


def test_a_forced_encoding_is_obeyed_or_refused(write):
    path = write(WESTERN, encoding="cp1252")
    assert "is not utf-8: line 2 has the byte 0xe9" in refusal(Table, path, encoding="utf-8")
    assert Table(path, encoding="latin-1").encoding == "latin-1"
    for encoding in ("utf-9", "hex", "no such"):
        assert "Unknown encoding" in refusal(Table, path, encoding=encoding)
    assert list(Table(write("text,label\na,b\n", encoding="utf-8-sig"), encoding="utf8")) == [("a", "b")]


# JSONL


def test_jsonl_values_are_text(write):
    rows = [
        {"text": "good\nNA", "label": 1.0, "other": [1]},
        {"label": True, "text": "null"},
        {"text": "no label"},
        {"text": None, "label": float("nan")},
        {"text": "lone \ud800", "label": "\U0001f642"},
    ]
    path = write("\n\n".join(map(json.dumps, rows)), "reviews.jsonl")
    table = Table(path)
    expected = [("good\nNA", "1.0"), ("null", "True"), ("no label", ""), ("", ""), ("lone \ufffd", "🙂")]
    assert list(table) == expected
    assert table.oddities.short_rows == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a", "label": 1}\n{"text": }\n', "line 2 is not JSON"),
        ('{"text": "a", "label": 1}\n[1]\n', "line 2 is no JSON object"),
        ('[{"text": "a"}]', "no column 'label'"),
        ('[{"text": "a", "label": 1}, 7]', "row 2 is no JSON object"),
        ('{"train": [{"text": "a"}], "test": [{"text": "b"}]}', "several lists of rows: train, test"),
        ('{\n"text": {"0": "a"}}', "one JSON object without a list of rows"),
        ('{"text": "a"}', "no column 'label'"),
        ("[" * 100_000, "is not JSON"),
        ('{"a": ' + "[" * 200_000, "line 1 is not JSON"),
        ('{"text": ["a"], "label": "b"}', "'text' holds a list"),
        ('{"text": "a", "label": ' + "9" * 5000 + "}\n3", "line 2 is no JSON object"),
    ],
)
def test_bad_jsonl_names_its_line(write, content, message):
    assert message in refusal(lambda: list(Table(write(content, "reviews.jsonl"))))


# Data in memory


def test_lists_and_frames_follow_the_same_protocol():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"Review": ["good", None, float("nan"), "NA"], "stars": [1.0, 0.0, None, 1.0], 7: 0})
    expected = [("good", "1.0"), ("", "0.0"), ("", ""), ("NA", "1.0")]
    source = rows_from_dataframe(frame)
    assert list(source) == list(source) == expected
    assert list(open_table(frame.astype({"stars": "Int64"}))) == [(a, b.removesuffix(".0")) for a, b in expected]
    assert list(open_table(expected)) == expected
    assert list(open_table(["a", "b"], roles=("text",))) == [("a",), ("b",)]
    assert survey(source).labels == {"1": 2}
    assert "no column 'label'" in refusal(open_table, frame[["Review"]])


def test_bad_data_in_memory_is_named():
    assert "row 1 is ('a',)" in refusal(Rows([("a", 1), ("a",)]).__iter__)
    assert "row 0 is 'ab'" in refusal(Rows(["ab"]).__iter__)
    assert "type int" in refusal(open_table, 7)


# Labels


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (["0", "1"], ["0", "1"]),
        (["1", "1.0", "1.", "01.0"], ["1", "1.0", "1.", "01.0"]),
        (["1", "1.0", "-0", "+2.00"], ["1", "1", "0", "2"]),
        (["True", "TRUE", "false"], ["True", "True", "False"]),
        (["True", "yes"], ["True", "yes"]),
        (["1.5", "1.0"], ["1.5", "1.0"]),
        (["very  good", "so-so 🙂\n", "👍🏽"], ["very good", "so-so 🙂", "👍🏽"]),
        (["١", "1"], ["١", "1"]),
        ([], []),
    ],
)
def test_labels_are_normalised_by_column(raw, names):
    assert list(normalise_labels(raw).values()) == names


# The survey and its findings


def test_the_survey_counts_and_keeps_the_first_of_each_text():
    rows = [
        ("a", "1"),
        ("b", "0"),
        ("", "1"),
        ("c", ""),
        ("nan", "1"),
        (" a ", "1.0"),
        ("b", "1"),
        ("d", "1"),
        ("e", "0"),
    ]
    rows += [("🙂", "0"), ("c", "NaN"), ("é", "0")]
    source = Rows(rows)
    seen = survey(source)
    assert (seen.rows, seen.blank_texts, seen.blank_labels, seen.duplicates, seen.conflicts) == (12, 2, 2, 1, 1)
    assert (seen.wordless, seen.non_ascii, seen.longest) == (1, 2, 1)
    assert seen.kept.tolist() == [0, 1, 7, 8, 9, 11]
    assert seen.labels == {"0": 4, "1": 2} and seen.label_ids.tolist() == [1, 0, 1, 0, 0, 0]
    assert len(set(seen.digests.tolist())) == 6
    kept = list(kept_rows(source, seen))
    assert kept == [("a", "1"), ("b", "0"), ("d", "1"), ("e", "0"), ("🙂", "0"), ("é", "0")]


def test_a_label_whose_rows_all_repeat_others_is_gone():
    seen = survey(Rows([("a", "x"), ("b", "z"), ("a", "y"), ("c", "z")]))
    assert seen.labels == {"x": 1, "z": 2} and seen.label_ids.tolist() == [0, 1, 1]


def many(label: str, number: int) -> list[tuple[str, str]]:
    return [(f"{label} {index}", label) for index in range(number)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has no rows"),
        ([("", "a"), ("b", " ")], "none of its 2 rows has both"),
        (many("pos", 9), "all 9 usable rows have the label 'pos'"),
        (many("pos", 9) + many("meh", 1), "only one usable row has the label 'meh'"),
        (many("pos", 9) + many("a", 1) + many("b", 1), "labels 'a', 'b'"),
        ([(f"text {index}", f"label {index}") for index in range(100)], "100 different labels in 100 rows"),
    ],
)
def test_what_forbids_training(rows, message):
    seen = survey(Rows(rows))
    assert message in levels(seen)["fail"][0]
    with pytest.raises(RnnkitError) as error:
        require_usable(seen)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_header_only(write):
    seen = survey(Table(write("text,label\n")))
    assert levels(seen)["fail"] == ["reviews.csv: it has no rows (a header is none). Add rows."]


def test_warnings_and_good_news():
    clean = levels(survey(Rows(many("pos", 60) + many("neg", 60))))
    assert not clean["fail"] and not clean["warn"] and "2 labels: 'neg' 50%, 'pos' 50%" in clean["good"][1]
    rows = (
        many("pos", 600) + many("neg", 40) + many("Pos", 60) + [("", "pos"), ("pos 1", "pos"), ("🙂", "neg"), ("x", "")]
    )
    said = " ".join(levels(survey(Rows(rows)))["warn"])
    for part in ("no text", "no label", "same text and label", "'neg' 41", "Uneven", "letter case", "letter or digit"):
        assert part in said
    accents = survey(Rows([("é", "a"), ("è", "b")]))
    assert any("outside ASCII" in line.message for line in findings(accents, "ascii"))
    assert not any("outside ASCII" in line.message for line in findings(accents))


@pytest.mark.slow
def test_a_million_rows_stream(tmp_path):
    path = tmp_path / "large.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("review,stars\n")
        sentence = "says, with some more words, what a review of this length says"
        file.writelines(f'"row {index} {sentence}",{index % 5}\n' for index in range(10**6))
    tracemalloc.start()
    start = time.perf_counter()
    table = Table(path)
    seen = survey(table)
    assert len(seen.kept) == 10**6 and set(seen.labels.values()) == {200_000}
    assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    assert time.perf_counter() - start < 300
    tracemalloc.stop()


def test_a_table_whose_files_stand_in_a_column_of_another_name_is_answered():
    header = ["id", "file", "label"]
    assert match_columns(header, ["recording"]) == {"recording": "file"}
    assert match_columns(["Recording", "file"], ["recording"]) == {"recording": "Recording"}
