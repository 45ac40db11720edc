"""Parallel text in every form it comes in: read right, or refused with one clear line."""

import gzip
import json
import os
from pathlib import Path

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.translator.source import ParallelText, open_parallel, parallel_text

ENGLISH = ["A dog runs.", 'He says "no".', "Ünïcode, 🙂; yes", "Last one."]
GERMAN = ["Ein Hund läuft.", "Er sagt „nein“.", "Schön\u2028 weiß\x0b", "Das letzte."]
PAIRS = list(zip(ENGLISH, GERMAN, strict=True))


@pytest.fixture
def write(tmp_path):
    def write_file(name: str, content: str | bytes | list[str], encoding: str = "utf-8", end: str = "\n") -> Path:
        if isinstance(content, list):
            content = "".join(line + end for line in content)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write_file


def refusal(*arguments, **options) -> str:
    """The message of the one-line error that reading the source must raise."""
    with pytest.raises(RnnkitError) as caught:
        list(open_parallel(*arguments, **options))
    message = str(caught.value)
    assert "\n" not in message and len(message) < 450
    return message


# Two text files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_two_files_are_read_line_by_line(write, encoding, end):
    text = open_parallel((write("a.txt", ENGLISH, encoding, end), str(write("b.txt", GERMAN, "utf-8", end))))
    assert list(text) == list(text) == list(open_parallel(text.pairs)) == PAIRS  # \u2028 and \x0b end no line
    assert text.name == "a.txt + b.txt" and text.columns == {"source": "a.txt", "target": "b.txt"}
    assert text.roles == ("source", "target") and encoding in text.encoding and len(text.pairs) == 4


def test_gzip_blank_lines_at_the_end_and_no_last_line_end(write):
    first = write("a.en.gz", gzip.compress("\n".join(ENGLISH).encode(), mtime=0))
    assert list(open_parallel((first, write("a.de", [*GERMAN, "", " "])))) == PAIRS


def test_blank_lines_inside_stay_empty_sides(write):
    rows = list(open_parallel((write("a.en", ["One", "", "Three"]), write("a.de", ["Eins", "", "Drei"]))))
    assert rows == [("One", "Eins"), ("", ""), ("Three", "Drei")]


def test_windows_1252_on_one_side_is_said(write):
    text = open_parallel((write("a.en", ["Yes"] * 9), write("a.de", ["schöne weiße Häuser"] * 9, "cp1252")))
    assert list(text)[0] == ("Yes", "schöne weiße Häuser") and text.encoding == "cp1252 and utf-8"
    assert "is not utf-8: line 1 has the byte 0xf6" in refusal(
        (write("a.en", ["Yes"]), write("a.de", ["schön"], "cp1252")), encoding="utf-8"
    )


def test_nul_bytes_become_spaces_and_are_counted(write):
    text = open_parallel((write("a.en", b"a\0b\nc\n"), write("a.de", b"d\ne\n")))
    assert list(text) == [("a b", "d"), ("c", "e")] and text.oddities.nul_lines == 1


def test_a_sentence_of_a_million_characters(write):
    long = "wörd " * 200_000
    assert list(open_parallel((write("a.en", [long, "b"]), write("a.de", ["c", "d"]))))[0] == (long, "c")


def test_unequal_files_are_refused_before_training_and_the_drift_is_named(write):
    first, second = write("a.en", ["1", "2", "3"]), write("a.de", ["1", "", "2", "3"])
    message = refusal((first, second))
    assert "a.en has 3 lines and a.de 4" in message and "Line 2 is the first that is blank in only one" in message
    assert "Line" not in refusal((first, write("b.de", ["1"])))


def test_files_that_are_no_two_texts_are_refused(write, tmp_path):
    text = write("a.en", ["Yes"])
    assert "is given as source and as target" in refusal((text, text))
    assert "is a folder; expected a text file" in refusal((text, tmp_path))
    assert "Did you mean 'a.en'?" in refusal((text, tmp_path / "b.en"))
    assert "b.de is empty; expected a sentence per line" in refusal((text, write("b.de", b"")))
    assert "b.de is blank" in refusal((text, write("b.de", b"\n \n")))
    assert "damaged gzip" in refusal((text, write("b.de.gz", b"\x1f\x8bdamaged")))
    assert "Excel or zip" in refusal((text, write("b.de", b"PK\x03\x04")))


# One of two files, by language


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("corpus.en", "corpus.de"),
        ("en.train.txt", "de.train.txt"),
        ("train.en-de.en", "train.en-de.de"),
        ("train_EN.txt", "train_DE.txt"),
        ("src-en-x.txt.gz", "src-de-x.txt.gz"),
    ],
)
def test_the_other_side_is_found_by_its_language(write, source, target):
    pack = (lambda text: gzip.compress(text.encode(), mtime=0)) if source.endswith(".gz") else str
    first, second = write(source, pack("Yes\n")), write(target, pack("Ja\n"))
    for path in (first, second):
        assert list(open_parallel(path, {"source": "en", "target": "de"})) == [("Yes", "Ja")]
    assert list(open_parallel(first)) == [("Yes", "Ja")]
    assert list(open_parallel(first, {"source": "de"})) == [("Ja", "Yes")]


def test_languages_that_are_no_codes_are_found_when_they_are_named(write):
    first = write("corpus.pt_br", ["Sim"])
    write("corpus.gsw", ["Jo"])
    text = open_parallel(first, {"source": "gsw", "target": "pt_br"})
    assert list(text) == [("Jo", "Sim")] and text.languages == ("gsw", "pt_br")


def test_unclear_languages_are_asked_for(write):
    path = write("corpus.en", ["Yes"])
    assert "has a single column" in refusal(path) and "--source en --target de" in refusal(path)
    assert "There is no corpus.de beside corpus.en" in refusal(path, {"source": "en", "target": "de"})
    write("corpus.de", ["Ja"])
    write("corpus.fr", ["Oui"])
    assert "has the languages de, en, fr; name two with --source and --target" in refusal(path)
    assert open_parallel(path, usual=("en", "de")).languages == ("en", "de")
    assert "neither --source de nor --target fr" in refusal(path, {"source": "de", "target": "fr"})
    assert "are both 'en'" in refusal(path, {"source": "en", "target": "en"})


def test_a_table_is_no_side_of_two_files(write):
    for name in ("en-de.txt", "en-fr.txt"):
        path = write(name, "source,target\nYes,Ja\n")
    assert list(open_parallel(path)) == [("Yes", "Ja")]
    path = write("en-fr.txt", "a|b\nYes|Oui\n")
    assert list(open_parallel(path, {"source": "A", "target": "b"})) == [("Yes", "Oui")]


def test_two_languages_without_english_are_asked_for(write):
    path = write("corpus.fr", ["Oui"])
    write("corpus.de", ["Ja"])
    assert "has the languages de, fr; name two" in refusal(path)
    assert open_parallel(path, {"target": "fr"}).languages == ("de", "fr")


# Folders


@pytest.mark.parametrize("names", ["{1}.{0}.txt", "{0}.{1}", "{0}.en-fr.{1}", "{0}_{1}.txt"])
def test_a_folder_gives_parts(write, tmp_path, names):
    for part in ("train", "val", "test"):
        for language in ("en", "fr"):
            write("corpus/" + names.format(part, language), [f"{part} {language}"])
    write("corpus/README.md", "train en")
    text = open_parallel(tmp_path / "corpus")
    assert text.name == "corpus en-fr" and text.languages == ("en", "fr")
    assert {part: list(rows) for part, rows in text.parts.items()} == {
        "train": [("train en", "train fr")],
        "validation": [("val en", "val fr")],
        "test": [("test en", "test fr")],
    }
    assert list(text.scored) == [("test en", "test fr")]
    assert list(open_parallel(tmp_path / "corpus", {"source": "fr"})) == [("train fr", "train en")]


def test_a_folder_with_three_languages_asks_which(write, tmp_path):
    for language in ("en", "de", "fr"):
        write(f"{language}.train.txt", [language])
    assert "has the languages de, en, fr; name two" in refusal(tmp_path)
    assert "has no language 'es' for --target; it has: de, en, fr" in refusal(tmp_path, {"target": "es"})
    assert list(open_parallel(tmp_path, {"source": "fr", "target": "DE"})) == [("fr", "de")]
    assert list(open_parallel(tmp_path, usual=("en", "de"))) == [("en", "de")]


def test_a_folder_that_lacks_files_says_which(write, tmp_path):
    assert "no training files; expected en.train.txt" in refusal(tmp_path)
    write("train.en", ["Yes"])
    assert "has the language en; expected two" in refusal(tmp_path)
    write("train.de", ["Ja"])
    write("test.en", ["Yes"])
    assert "has test.en, but no file for test in 'de'" in refusal(tmp_path)
    write("test.de", ["Ja"])
    write("test2.test.de", ["Ja"])
    assert "two files for test in 'de', test.de and test2.test.de" in refusal(tmp_path)


def test_a_folder_of_tables(write, tmp_path):
    write("train.csv", "source,target\na,b\n")
    write("dev.csv", "source,target\nc,d\n")
    text = open_parallel(tmp_path)
    assert list(text) == [("a", "b")] and list(text.validation) == [("c", "d")] and text.test is None


# Tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_with_quotes_over_line_ends(write, delimiter, encoding, end):
    rows = [("source", "target"), ("a\nb, c; d|e", 'f "g"'), ("h", "i")]
    cells = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    assert list(open_parallel(write("pairs.csv", cells, encoding, end))) == rows[1:]


def test_columns_by_name_by_synonym_and_by_language(write):
    path = write("pairs.csv", "id,English,German\n1,Yes,Ja\n")
    assert list(open_parallel(path, {"source": "english", "target": "German"})) == [("Yes", "Ja")]
    assert list(open_parallel(write("a.csv", "tgt,src\nJa,Yes\n"))) == [("Yes", "Ja")]
    assert list(open_parallel(write("b.csv", "de,en,score\nJa,Yes,1\n"))) == [("Yes", "Ja")]
    assert list(open_parallel(write("b.csv", "de,en,score\nJa,Yes,1\n"), {"source": "de"})) == [("Ja", "Yes")]
    assert "--source and --target" in refusal(write("c.csv", "de,fr\nJa,Oui\n"))
    message = refusal(path)
    assert (
        "pairs.csv has no column 'source'. It has: id, English, German. Use --source and --target, each with one"
        in message
    )
    assert "cannot be both --source and --target" in refusal(path, {"source": "English", "target": "English"})


def test_jsonl_frames_and_lists(write):
    pandas = pytest.importorskip("pandas")
    rows = [{"source": "Yes", "target": "Ja"}, {"source": None, "target": "Nein"}]
    expected = [("Yes", "Ja"), ("", "Nein")]
    assert list(open_parallel(write("pairs.jsonl", "\n".join(map(json.dumps, rows))))) == expected
    assert list(open_parallel(pandas.DataFrame(rows))) == expected
    assert list(open_parallel([list(row) for row in expected])) == expected
    assert list(open_parallel(tuple(expected))) == expected
    assert "row 1 is ('a',)" in refusal([("a", "b"), ("a",)])
    assert "type int" in refusal(7)


def test_ragged_rows_are_counted(write):
    text = open_parallel(write("pairs.csv", "source,target\nYes,Ja\nNo, no,Nein\nBye\n"))
    assert list(text) == [("Yes", "Ja"), ("Bye", "")]
    assert (text.oddities.long_rows, text.oddities.first_long_line, text.oddities.short_rows) == (1, 3, 1)


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.tsv", b"\n\n"), ("a.txt", b""), ("a.jsonl", b" ")])
def test_empty_tables_are_refused(write, name, content):
    assert f"{name} is " in refusal(write(name, content))


# Tables without a header

MANYTHINGS = "Go.\tGeh.\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (CM) & #2 (x)\n"


def test_manythings_and_tatoeba_files_are_known(write):
    many = MANYTHINGS + '"Who?" he said.\t"Wer?", "sagte er.\tCC-BY 2.0 (France)\n'
    expected = [("Go.", "Geh."), ('"Who?" he said.', '"Wer?", "sagte er.')]
    for name in ("deu.txt", "deu.tsv"):
        assert list(open_parallel(write(name, many))) == expected
    assert list(open_parallel(write("links.tsv", "1276\tGo.\t77\tGeh.\n1277\tHi\t78\tHallo\n"))) == [
        ("Go.", "Geh."), ("Hi", "Hallo")
    ]  # fmt: skip
    assert list(open_parallel(write("two.tsv", "Go.\tGeh!\nHi\tHallo\n"))) == [("Go.", "Geh!"), ("Hi", "Hallo")]


def test_columns_by_number(write):
    path = write("deu.txt", MANYTHINGS)
    assert list(open_parallel(path, {"source": "2", "target": "1"})) == [("Geh.", "Go.")]
    assert list(open_parallel(path, {"source": "2"})) == [("Geh.", "Go.")]
    assert list(open_parallel(write("a.csv", 'x,"Go, go",Geh\n'), {"source": "2", "target": "3"})) == [
        ("Go, go", "Geh")
    ]
    assert "has no column '9'" in refusal(path, {"source": "9", "target": "1"})
    assert "no header; give columns by number" in refusal(path, {"source": "en", "target": "de"})


def test_a_doubled_column_is_named_and_that_is_all(write):
    message = refusal(write("two.tsv", "source\ttarget\tsource\na\tb\tc\n"))
    assert message == "two.tsv has 2 columns named 'source'; rename all but one."


def test_what_may_be_a_header_is_none_too_few_and_the_way_out_is_said(write):
    message = refusal(write("words.tsv", "dog\tHund\ncat\tKatze\n"))
    assert "It has: dog, Hund" in message and "if the first line is already a pair: --source 1 --target 2" in message


# What is open already


def test_parallel_text_stays_as_it_is():
    text = parallel_text({"train": PAIRS, "validation": PAIRS[:1]}, "mine", ("en", "de"))
    assert list(open_parallel(text.validation)) == PAIRS[:1]
    assert open_parallel(text) is text and isinstance(text, ParallelText)
    assert list(text.parts) == ["train", "validation"] and list(text.scored) == PAIRS


@pytest.mark.data
@pytest.mark.parametrize(("target", "first"), [("de", "Zwei junge"), ("fr", "Deux jeunes")])
def test_multi30k(target, first):
    from rnnkit.tasks.translator.cleaning import CleanPairs, source_digests
    from rnnkit.tasks.translator.findings import parallel_findings

    folder = Path(os.environ.get("TFDS_DATA_DIR", "nowhere")).parent / "multi30k"
    if not folder.is_dir():
        pytest.skip("there is no folder multi30k beside TFDS_DATA_DIR")
    text = open_parallel(folder, {"source": "en", "target": target})
    assert {part: len(list(rows)) for part, rows in text.parts.items()} == {
        "train": 29_000, "validation": 1_014, "test": 1_000
    }  # fmt: skip
    assert next(iter(text))[1].startswith(first)
    clean = CleanPairs(text, held_out=source_digests(text.test))
    assert all(len(target) > 2 for _, target in clean) and clean.kept >= 28_990
    assert set(clean.report()["dropped"]) <= {"unlike_lengths", "duplicate"}
    assert not any(finding.level == "fail" for finding in parallel_findings(text))
