"""How the training data were read is the default for more of them, and what differs is said."""

import json

import pytest
from tasks import tiny
from tasks.tiny import OPTIONS, rows, write_csv

import rnnkit
from rnnkit.data.columns import match_columns
from rnnkit.data.remembered import Remembered, checked_reading, reading_of, remembered_encoding
from rnnkit.data.tables import Rows, Table
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.source import read_tunes
from rnnkit.tasks.token_tagger.source import open_tagged
from rnnkit.tasks.translator.source import open_parallel

READING = {"columns": {"text": "opinion", "label": "nota"}, "encoding": "cp1252", "delimiter": ";"}


def remembered(given=None, reading=READING, said=None):
    return Remembered(given, reading, (said if said is not None else []).append)


def test_a_column_of_the_training_data_goes_before_one_of_a_similar_name():
    header = ["text", "opinion", "label", "nota"]
    assert match_columns(header, ("text", "label"), remembered()) == {"text": "opinion", "label": "nota"}
    given = remembered({"text": "text", "label": None})
    assert match_columns(header, ("text", "label"), given) == {"text": "text", "label": "nota"}


def test_another_column_is_read_only_where_that_is_said():
    said = []
    found = match_columns(["review", "nota"], ("text", "label"), remembered(said=said), "a.csv")
    assert found == {"text": "review", "label": "nota"}
    assert said == ["a.csv has no column 'opinion', the text when the Run was trained; review is read as --text."]
    said.clear()
    match_columns(["review", "nota"], ("text", "label"), remembered({"text": "review"}, said=said))
    assert not said


def test_a_missing_column_is_named_with_those_that_are_there_and_the_flag():
    with pytest.raises(RnnkitError) as caught:
        match_columns(["aaa", "nota", "bbb"], ("text", "label"), remembered(), "a.csv")
    assert str(caught.value) == (
        "a.csv has no column 'opinion', which was the text when the Run was trained. It has: aaa, nota, bbb. Name the "
        "column with --text."
    )


def test_a_table_tells_how_it_was_read(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("opinion;nota\nqué película;1\n".encode("cp1252"))
    table = Table(file, {"text": "opinion", "label": "nota"})
    assert reading_of(table) == READING and reading_of(Rows([("a", 1)])) == {} == reading_of(object())
    assert checked_reading(json.loads(json.dumps(READING)), "config.json") == READING


def test_the_delimiter_of_the_training_data_counts_where_it_alone_gives_its_columns(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("opinion|nota,old\n" + "a good film, really|1,2\n" * 9)
    usual = remembered(reading={**READING, "delimiter": "|", "columns": {"text": "opinion"}})
    assert Table(file, None, ("text",)).delimiter == "," if _finds(file) else True
    assert Table(file, usual, ("text",)).delimiter == "|"
    other = write_csv(tmp_path / "b.csv", rows(9), "opinion,nota")
    assert Table(other, usual, ("text",)).delimiter == ","


def _finds(file):
    try:
        return bool(Table(file, None, ("text",)))
    except RnnkitError:
        return False


@pytest.mark.parametrize(
    "usual, content, found",
    [
        ("latin-1", "qué".encode("latin-1"), "latin-1"),
        ("shift_jis", "映画".encode("shift_jis"), "shift_jis"),
        ("cp1252", "qué".encode(), None),  # UTF-8 is certain
        ("cp1252", b"\xff\xfe" + "qué\n".encode("utf-16-le"), None),
        ("iso2022_jp", "映画".encode("iso2022_jp"), "iso2022_jp"),
        ("utf-8", "qué".encode("latin-1"), None),
        ("shift_jis", b"\x80\xff qu\xe9", None),  # which it is not
        (None, b"que", None),
    ],
)
def test_the_encoding_of_the_training_data_counts_where_the_bytes_allow_it(usual, content, found, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    assert remembered_encoding(tmp_path / "a.csv", None, {"encoding": usual}) == found
    assert remembered_encoding(tmp_path / "a.csv", "utf-16", {"encoding": usual}) == "utf-16"
    assert remembered_encoding([("a", 1)], None, {"encoding": usual}) is None


@pytest.mark.parametrize(
    "content",
    [1, [], {"columns": []}, {"columns": {"text": 1}}, {"columns": {"text": "x" * 2000}}, {"delimiter": ";;"},
     {"scheme": "my own"}, {"encoding": None}, {"columns": {str(n): "x" for n in range(101)}}],
)  # fmt: skip
def test_a_strangers_reading_is_checked(content):
    with pytest.raises(RnnkitError, match="config.json: 'reading' should have columns by role"):
        checked_reading(content, "config.json")


def test_the_scheme_of_the_training_data_is_taken_where_the_tags_fit_it():
    said = []
    one = [(["Ada", "met", "Bo"], ["B-PER", "O", "B-PER"])]
    taken = open_tagged(one, remembered(reading={"scheme": "bilou"}, said=said))
    assert taken.scheme != "bilou" and "is read as iob2, not as bilou" in said[0] and "--scheme" in said[0]
    said.clear()
    assert open_tagged(one, remembered(reading={"scheme": "iob2"}, said=said)).scheme == "iob2" and not said
    assert open_tagged(one, remembered(reading={"scheme": "bilou"}), scheme="iob2").reading["scheme"] == "iob2"


def test_numbers_of_columns_are_remembered(tmp_path):
    file = tmp_path / "a.conll"
    file.write_text("x Rome B-LOC y\nx fell O y\n")
    text = open_tagged(file, {"token": "2", "tag": "3"})
    assert text.reading["columns"] == {"token": "2", "tag": "3"}
    again = open_tagged(file, remembered(reading=text.reading))
    assert again.sentences == text.sentences and again.sentences[0].tokens == ("Rome", "fell")


def test_pairs_and_tunes_are_read_from_their_columns_again(tmp_path):
    file = write_csv(tmp_path / "a.csv", [("one,uno", "eins")], "english,source,target")
    pairs = open_parallel(file, {"source": "english", "target": "target"})
    assert pairs.reading["columns"] == {"source": "english", "target": "target"}
    assert list(open_parallel(file, remembered(reading=pairs.reading))) == [("one", "eins")]
    other = write_csv(tmp_path / "b.csv", [("one", "eins")], "aaa,bbb")
    with pytest.raises(RnnkitError, match="no column 'english', which was the source when the Run was trained"):
        open_parallel(other, remembered(reading=pairs.reading))
    tunes = tmp_path / "tunes.csv"
    tunes.write_text('abc,mine\n"X:1\nK:G\nAAA|\n","X:1\nK:G\nGAB|\n"\n')
    found = read_tunes(tunes, "mine")
    assert found.reading["columns"] == {"abc": "mine"}
    assert read_tunes(tunes, usual="mine").tunes == found.tunes != read_tunes(tunes).tunes


@pytest.mark.slow
def test_a_run_remembers(tmp_path):
    file = tmp_path / "a.csv"
    data = [(f"qué {text}", label) for text, label in rows(60)]
    file.write_bytes("\n".join(["text;opinion;nota", *(f"x;{text};{label}" for text, label in data)]).encode("cp1252"))
    columns = {"text": "opinion", "label": "nota"}
    task = rnnkit.TextClassifier(**{**OPTIONS, "epochs": 1}).fit(file, to=tmp_path / "run", columns=columns)
    assert json.loads((tmp_path / "run" / "config.json").read_text())["reading"] == READING
    loaded = rnnkit.load(tmp_path / "run")
    assert loaded.reading == task.reading == READING
    assert loaded.evaluate(file)["rows"] == 60 == len(list(loaded.read(file)))
    assert list(loaded.read(file)) == data


@pytest.mark.slow
def test_finetune_reads_as_training_did(tmp_path):
    run = tiny.copied(tmp_path / "run")
    config = json.loads((run / "config.json").read_text())
    config["reading"] = {"columns": {"text": "opinion", "label": "nota"}}
    (run / "config.json").write_text(json.dumps(config))
    file = write_csv(tmp_path / "a.csv", [(f"x,{text}", label) for text, label in rows(60)], "text,opinion,nota")
    tuned = rnnkit.load(run).finetune(file, epochs=1)
    assert tuned.reading["columns"] == {"text": "opinion", "label": "nota"}


@pytest.mark.slow
def test_runs_of_earlier_versions_remember_nothing_and_load(tmp_path):
    run = tiny.copied(tmp_path / "run")
    config = json.loads((run / "config.json").read_text())
    del config["reading"]
    (run / "config.json").write_text(json.dumps(config))
    loaded = rnnkit.load(run)
    assert loaded.reading == {} and loaded.evaluate(write_csv(tmp_path / "a.csv", rows(9), "review,stars"))["rows"] == 9
    (run / "config.json").write_text(json.dumps({**config, "reading": {"columns": 3}}))
    with pytest.raises(RnnkitError, match="'reading' should have columns by role"):
        rnnkit.load(run)


def test_a_given_delimiter_is_read_and_remembered(tmp_path, command_line):
    file = tmp_path / "a.csv"
    file.write_text("text^label\n" + "".join(f"{text}^{label}\n" for text, label in rows(60)))
    task = rnnkit.TextClassifier()
    with pytest.raises(RnnkitError, match="a.csv has no column 'text'"):
        task.read(file)
    read = task.read(file, delimiter="^")
    assert list(read) == rows(60) and reading_of(read)["delimiter"] == "^"
    task.reading = reading_of(read)
    assert list(task.read(file)) == rows(60)
    (tmp_path / "b.csv").write_text("label,text\nneg,a^b\n")
    assert list(task.read(tmp_path / "b.csv")) == [("a^b", "neg")]
    with pytest.raises(RnnkitError, match="b.csv is not split by the delimiter '\\|'.*--delimiter ','"):
        task.read(tmp_path / "b.csv", delimiter="|")
    (tmp_path / "c.txt").write_text("(1 good)\n")
    with pytest.raises(RnnkitError, match="c.txt is no CSV or TSV file, and has no delimiter"):
        rnnkit.TreeClassifier().read(tmp_path / "c.txt", delimiter=";")
    code, out, _ = command_line("check", "text_classifier", file, "--delimiter", "^")
    assert code == 0 and out.splitlines()[-1].endswith(f"{file} --delimiter '^' --to saved_models/a")


def test_the_next_command_leaves_out_what_the_run_remembers():
    from rnnkit.cli.shared import Given, remembered_flags

    task = rnnkit.TextClassifier()
    task.reading = {"columns": {"text": "Opinion", "label": "nota"}, "encoding": "cp1252", "delimiter": "^"}
    given = Given({"text": "opinion", "label": "nota"}, "cp1252", "^")
    assert remembered_flags(task, "a.csv", given) == "a.csv"
    task.reading = {"columns": {"text": "Opinion"}}
    assert remembered_flags(task, "a.csv", given) == ("a.csv --label nota --encoding cp1252 --delimiter '^'")
