"""Own files of other makes: tables without a header, nested JSON, Parquet, data frames, Flickr's captions."""

import json

import pytest

import rnnkit
from rnnkit.data.findings import findings
from rnnkit.data.in_memory import rows_in_memory
from rnnkit.data.survey import survey
from rnnkit.data.tables import Table, open_table
from rnnkit.data.whole_rows import open_rows
from rnnkit.errors import RnnkitError
from rnnkit.tasks.image_captioner.tables import read_caption_rows
from rnnkit.tasks.token_tagger.source import open_tagged
from rnnkit.tasks.translator.source import open_parallel

ROWS = [(f"the film number {number} was fine", "pos" if number % 3 else "neg") for number in range(12)]
PAIRS = [("Hello.", "Hallo."), ("Bye.", "Tschau.")]


@pytest.fixture
def write(tmp_path):
    def write_file(name, content):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write_file


def lines(rows, delimiter=","):
    return "".join(delimiter.join(row) + "\n" for row in rows)


def test_a_table_without_a_header_has_columns_by_number(write):
    path = write("a.csv", lines((label, text) for text, label in ROWS))
    assert list(Table(path, {"text": "2", "label": "1"})) == ROWS
    with pytest.raises(RnnkitError, match="has 2 columns, none with the number 3. Correct --text"):
        Table(path, {"text": "3", "label": "1"})
    said = []
    wide = write("b.csv", lines((str(place), label, text, "x") for place, (text, label) in enumerate(ROWS)))
    table = Table(wide, tell=said.append)
    assert list(table) == ROWS and table.reading["columns"] == {"text": "3", "label": "2"}
    assert "it has no header: read as with --text 3 --label 2" in said[0]


def test_a_header_stays_one_where_columns_are_given_by_number(write):
    said = []
    for header in ("stars,review\n", "nota,opinion\n"):
        path = write("a.csv", header + lines((label, text) for text, label in ROWS))
        assert list(Table(path, {"text": "2", "label": "1"}, tell=said.append)) == ROWS
    assert "its first line names the columns; --text 'opinion', --label 'nota' are read" in said[1]


def test_a_run_of_numbers_reads_headers_too(write):
    from rnnkit.data.remembered import Remembered

    usual = {"columns": {"text": "2", "label": "1"}}
    rows = lines((label, text) for text, label in ROWS)
    assert list(Table(write("a.csv", rows), Remembered({}, usual, print))) == ROWS
    assert list(Table(write("b.csv", "label,text\n" + rows), Remembered({}, usual, print))) == ROWS
    answered = open_rows(write("c.csv", rows), None, Remembered({"text": "2"}, usual))
    assert answered.header == ["1", "2"] and [row.values[1] for row in answered] == [text for text, _ in ROWS]


def test_a_run_of_names_reads_files_without_them(write):
    from rnnkit.data.remembered import Remembered

    usual, told = {"columns": {"text": "avis", "label": "note"}}, []
    rows = lines(ROWS)
    plain, named = write("a.csv", rows), write("b.csv", "avis,note\n" + rows)
    assert list(Table(plain, Remembered({"text": "1", "label": "2"}, usual))) == ROWS
    assert list(Table(named, Remembered({"text": "1"}, usual), tell=told.append)) == ROWS and "'avis'" in told[0]
    assert len(list(open_rows(plain, None, Remembered({"text": "1"}, usual)))) == len(ROWS)
    answered = open_rows(named, None, Remembered({"text": "1"}, usual), told.append)
    assert len(list(answered)) == len(ROWS) and answered.columns["text"] == "avis"
    with pytest.raises(RnnkitError, match="If that line is a row, .* by number: --text 1 --label 2. If it names them"):
        Table(plain, Remembered({}, usual))


def test_columns_that_are_missing_together_are_named_together(write):
    path = write("a.csv", "username,country\n" + lines((f"Kow{number}ski", "pl") for number in range(9)))
    with pytest.raises(RnnkitError, match="Use --text and --label, each with one of them."):
        Table(path)
    with pytest.raises(RnnkitError, match="Use --label country."):
        Table(path, {"text": "username"})
    with pytest.raises(RnnkitError, match="Use --text 'the \\$text'"):
        Table(write("b.csv", "label,the $text\nx,y\n"))
    with pytest.raises(RnnkitError, match="Name the column with --text"):  # not by a name that was cut
        Table(write("c.csv", f"a{'x' * 60}\n1\n"))


def test_a_quoted_tsv_without_a_header_loses_its_quotes_and_speech_keeps_them(write):
    quoted = write("a.tsv", "".join(f'"{label}"\t"{text} ""so"""\n' for text, label in ROWS))
    assert next(iter(Table(quoted, {"text": "2", "label": "1"}))) == (ROWS[0][0] + ' "so"', "neg")
    speech = write("b.tsv", "".join(f'{label}\t"{text}," he said\n' for text, label in ROWS))
    assert next(iter(Table(speech, {"text": "2", "label": "1"}))) == (f'"{ROWS[0][0]}," he said', "neg")


def test_tagged_tables_without_a_header(write):
    path = write("a.csv", "1,Ada,B-PER\n1,met,O\n2,Bo,B-PER\n")
    text = open_tagged(path, {"sentence": "1", "token": "2", "tag": "3"})
    assert [sentence.tokens for sentence in text.sentences] == [("Ada", "met"), ("Bo",)]


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.json", json.dumps([{"text": text, "label": label} for text, label in ROWS], indent=1)),
        ("a.json", json.dumps({"version": "1.0", "data": [{"text": text, "label": label} for text, label in ROWS]})),
        ("a.jsonl", "".join(json.dumps({"data": text, "label": [label]}) + "\n" for text, label in ROWS)),
        (
            "a.json",
            json.dumps([[text, {"cats": {"pos": label == "pos", "neg": label == "neg"}}] for text, label in ROWS]),
        ),
        (
            "a.json",
            json.dumps(
                [
                    {
                        "id": 1,
                        "data": {"text": text},
                        "annotations": [{"result": [{"type": "choices", "value": {"choices": [label]}}]}],
                    }
                    for text, label in ROWS
                ]
            ),
        ),
        ("a.json", json.dumps([{"text": text, "sentiment": label, "annotator": 1} for text, label in ROWS])),
    ],
)
def test_json_of_every_make(write, name, content):
    assert list(Table(write(name, content))) == ROWS


def test_several_labels_are_not_read_as_one(write):
    path = write("a.jsonl", json.dumps({"text": "a", "label": ["x", "y"]}))
    with pytest.raises(RnnkitError, match="'label' holds a list"):
        list(Table(path))


def test_json_lists_are_answered_row_by_row(write):
    rows = open_rows(write("a.json", '[{"text": "good", "stars": 5.0}, {"text": "bad"}]'))
    assert [row.line for row in rows] == ['{"text": "good", "stars": 5.0}', '{"text": "bad"}']


def test_translations_within_objects(write):
    rows = [{"id": str(place), "translation": {"de": de, "en": en}} for place, (en, de) in enumerate(PAIRS)]
    path = write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert list(open_parallel(path)) == list(open_parallel(rows_in_memory(rows, ("source", "target")))) == PAIRS
    assert list(open_parallel(write("a.json", json.dumps(rows)))) == PAIRS
    turned = [(de, en) for en, de in PAIRS]
    assert list(open_parallel(path, {"source": "de"})) == turned
    assert list(open_parallel(path, {"source": "de", "target": "en"})) == turned
    with pytest.raises(RnnkitError, match="no column 'fr'"):
        open_parallel(path, {"source": "fr", "target": "en"})


def test_pairs_without_a_header(write):
    assert list(open_parallel(write("a.csv", lines(PAIRS)))) == PAIRS
    words = write("b.csv", lines([("dog", "Hund"), ("cat", "Katze")]))
    with pytest.raises(RnnkitError, match="--source 1 --target 2"):
        open_parallel(words)
    assert list(open_parallel(words, {"source": "2", "target": "1"})) == [("Hund", "dog"), ("Katze", "cat")]
    named = write("c.csv", "de,en\n" + lines(PAIRS))
    assert list(open_parallel(named, {"source": "1", "target": "2"})) == PAIRS


def test_parquet_is_read_as_csv_is(tmp_path):
    pandas = pytest.importorskip("pandas")
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    pandas.DataFrame(ROWS, columns=["review", "stars"]).to_parquet(path)
    assert list(Table(path)) == ROWS
    names = {"info": {"features": {"ner_tags": {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}}}}}
    table = arrow.table({"tokens": [["Ada", "met"]], "ner_tags": [[1, 0]]})
    parquet.write_table(table.replace_schema_metadata({"huggingface": json.dumps(names)}), path)
    assert open_tagged(path).sentences[0].tags == ("B-PER", "O")
    parquet.write_table(table, path)
    with pytest.raises(RnnkitError, match="a.parquet row 1: the tags are numbers.*--tag-names"):
        open_tagged(path)
    parquet.write_table(arrow.table({"translation": [{"en": en, "de": de} for en, de in PAIRS]}), path)
    assert list(open_parallel(path)) == PAIRS


class Exchanged:
    """A frame of which nothing is known but the interchange protocol."""

    def __init__(self, frame):
        self.frame = frame

    def __dataframe__(self, **how):
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.frame.__dataframe__(**how)


class ClassLabel:
    """A feature whose numbers stand for names."""

    def __init__(self):
        self.names = ["O", "B-PER"]


class HuggingFace:
    """The part of `datasets.Dataset` that is used."""

    def __init__(self, rows, features):
        self.rows, self.features, self.column_names = rows, features, list(rows[0])

    def __iter__(self):
        return iter(self.rows)


def test_frames_of_any_library():
    pandas, arrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(ROWS, columns=["text", "label"])
    assert list(open_table(arrow.Table.from_pandas(frame))) == ROWS
    assert list(open_table(Exchanged(frame))) == ROWS
    assert list(open_table(rows_in_memory({"text": [a for a, _ in ROWS], "label": [b for _, b in ROWS]}, ()))) == ROWS
    nested = arrow.table({"tokens": [["Ada", "met"]], "tags": [["B-PER", "O"]]})
    assert open_tagged(nested).sentences[0].tags == ("B-PER", "O")


def test_hugging_face_data_sets_name_their_numbers():
    rows = [{"tokens": ["Ada", "met"], "ner_tags": [1, 0]}]
    data = HuggingFace(
        rows, {"tokens": None, "ner_tags": [ClassLabel()] and type("List", (), {"feature": ClassLabel()})()}
    )
    assert open_tagged(data).sentences[0].tags == ("B-PER", "O")
    labelled = HuggingFace([{"text": "a", "label": 1}, {"text": "b", "label": -1}], {"label": ClassLabel()})
    assert list(open_table(labelled)) == [("a", "B-PER"), ("b", "")]
    with pytest.raises(
        RnnkitError, match=r"Got the parts train, test of a data set; give one of them, such as data\['train"
    ):
        rnnkit.TextClassifier().read({"train": labelled, "test": labelled})


def test_flickrs_captions(write):
    rows = [("1_a.jpg", "A dog , on grass ."), ("1_a.jpg", "A brown dog .")]
    expected = [(name, [caption]) for name, caption in rows]
    token = write("Flickr8k.token.txt", "".join(f"{name}#{place}\t{text}\n" for place, (name, text) in enumerate(rows)))
    csv = write(
        "results.csv", "image_name| comment_number| comment\n" + lines([(n, " 0", f" {t}") for n, t in rows], "|")
    )
    bare = write("bare.csv", "".join(f'{name}#0,"{caption}"\n' for name, caption in rows))
    for path in (token, csv, bare):
        assert [(row.image, row.captions) for row in read_caption_rows(path).rows] == expected
    with pytest.raises(RnnkitError, match="line 3 is 'A stray line'; expected NAME.jpg#0, a tab"):
        read_caption_rows(write("b.txt", token.read_text() + "A stray line\n"))


def test_a_first_line_that_may_be_a_row_is_said_with_the_columns_numbers(write):
    news = "".join(f'"{place % 4 + 1}","Title {place} of it","A description {place}"\n' for place in range(20))
    path = write("news.csv", news)
    with pytest.raises(RnnkitError, match="by number, such as --text 3 --label 1. If it names them: Use --text"):
        Table(path)
    assert list(Table(path, {"text": "3", "label": "1"}))[0] == ("A description 0", "1")
    said = []
    path = write("first.csv", "unsure,a first text here\n" + lines((label, text) for text, label in ROWS))
    assert len(list(Table(path, tell=said.append))) == len(ROWS)
    assert said[0].endswith("--text and --label name others. If that line is a row: --text 2 --label 1.")
    assert len(list(Table(path, {"text": "2", "label": "1"}))) == len(ROWS) + 1


def test_rows_that_a_quote_runs_together_are_said_or_refused(write):
    broken = write("a.csv", 'text,label\ngood,pos\n"a text\n"another text,neg\n"two\nlines",pos\nbad,neg\n')
    seen = survey(Table(broken))
    assert seen.rows == 4 and (seen.oddities.run_together, seen.oddities.first_together_line) == (1, 3)
    assert any("1 row, first on line 3: a quote is opened" in finding.message for finding in findings(seen))
    with pytest.raises(RnnkitError, match=r"a.csv line 3: a quote is opened on one line"):
        list(open_rows(broken))
    whole = write("b.csv", 'text,label\n"two\n""quoted"" lines",pos\nbad,neg\n')
    assert survey(Table(whole)).oddities.run_together == 0 and len(list(open_rows(whole))) == 2
