"""A text and a label are told apart where the content makes it clear, and nothing is guessed in silence."""

import json

import pytest
from tasks.tiny import rows

from rnnkit.data.guessing import guess_text_and_label
from rnnkit.data.tables import Table, open_table
from rnnkit.errors import RnnkitError

ROWS = rows(60)
GUESS = {"text": "opinion", "label": "nota"}
SAID = "'opinion' is read as the text and 'nota' as the label; --text and --label name others."


def write(path, header, data, between=","):
    path.write_text("\n".join([between.join(header), *(between.join(map(str, row)) for row in data)]) + "\n")
    return path


def both_ways(pairs):
    return [(["opinion", "nota"], pairs), (["nota", "opinion"], [(label, text) for text, label in pairs])]


@pytest.mark.parametrize("header, pairs", both_ways(ROWS))
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_the_column_of_few_repeated_values_is_the_label_and_that_is_said(kind, header, pairs, tmp_path):
    said = []
    if kind == "csv":
        file = write(tmp_path / "a.csv", header, pairs)
    else:
        file = tmp_path / "a.jsonl"
        file.write_text("\n".join(json.dumps(dict(zip(header, row, strict=True))) for row in pairs) + "\n")
    table = Table(file, tell=said.append)
    assert table.columns == GUESS and list(table) == ROWS and said == [f"{file.name}: {SAID}"]


@pytest.mark.parametrize(
    "pairs",
    [
        [(label, label) for _, label in ROWS],  # two labels
        [(text, text) for text, _ in ROWS],  # two texts
        [(number, label) for number, (_, label) in enumerate(ROWS)],  # an id
        [(text, number) for number, (text, _) in enumerate(ROWS)],  # a number that never repeats
        [(text, "same") for text, _ in ROWS],  # one value alone
        [(text, label) for text, label in ROWS[:4]],  # too few
        [("again and again", label) for _, label in ROWS],
        [],
    ],
)
def test_what_is_not_clear_is_refused_as_ever(pairs, tmp_path):
    file, said = write(tmp_path / "a.csv", ["one", "two"], pairs), []
    with pytest.raises(RnnkitError, match="no column 'text'. It has: one, two"):
        Table(file, tell=said.append)
    assert not said


def test_nothing_is_guessed_where_nobody_is_told_or_a_column_is_named_or_there_are_three(tmp_path):
    file = write(tmp_path / "a.csv", ["opinion", "nota"], ROWS)
    with pytest.raises(RnnkitError, match="no column 'text'"):
        Table(file)
    with pytest.raises(RnnkitError, match="no column 'label'"):
        Table(file, {"text": "opinion"}, tell=print)
    with pytest.raises(RnnkitError, match="no column 'source'"):
        open_table(file, None, ("source", "target"), tell=print)
    wide = write(tmp_path / "b.csv", ["opinion", "nota", "id"], [(*row, 1) for row in ROWS])
    with pytest.raises(RnnkitError, match="no column 'text'"):
        Table(wide, tell=print)


def test_a_first_row_is_not_taken_for_a_header(tmp_path, capsys):
    file = write(tmp_path / "a.csv", ROWS[0], ROWS[1:])
    assert list(Table(file, tell=print)) == [tuple(map(str, row)) for row in ROWS]
    assert "it has no header: read as with --text 1 --label 2" in capsys.readouterr().out
    file = write(tmp_path / "b.csv", ["A warm and funny film", "fine"], [(text, "") for text, _ in ROWS])
    with pytest.raises(RnnkitError, match="If that line is a row, .* by number: --text 1 --label 2"):
        Table(file, tell=print)


def test_texts_without_blanks_between_words_are_texts():
    for text in ("这部电影第{}遍看还是非常好", "หนัง{}นี้สนุกมากจริงๆ", "ភាពយន្ត{}នេះល្អណាស់", "영화{}재미있어요"):
        pairs = [(text.format(number), "ดี" if number % 2 else "แย่") for number in range(20)]
        assert guess_text_and_label(["opinion", "nota"], pairs) == GUESS


@pytest.mark.parametrize("header, pairs", both_ways(ROWS))
def test_data_frames_are_guessed_as_files_are(header, pairs, capsys):
    import pandas

    import rnnkit

    frame = pandas.DataFrame(pairs, columns=header)
    rows = rnnkit.TextClassifier().read(frame)
    assert rows.columns == GUESS and list(rows) == ROWS and capsys.readouterr().err == f"The data frame: {SAID}\n"
    with pytest.raises(RnnkitError, match="The data frame has no column 'text'"):
        rnnkit.TextClassifier().read(frame.head(3))
    with pytest.raises(RnnkitError, match="The data frame has no column 'text'"):
        open_table(frame)


def test_a_command_says_what_it_guessed(tmp_path, command_line):
    code, out, err = command_line("check", "text_classifier", write(tmp_path / "a.csv", ["opinion", "nota"], ROWS))
    assert code == 0 and err == f"a.csv: {SAID}\n" and "next:" in out


def test_questions_of_a_survey_are_names_of_columns(tmp_path):
    header = ["Timestamp", "How was your stay with us this summer?", "Rating"]
    file = write(tmp_path / "survey.csv", header, [("1", text, label) for text, label in ROWS])
    with pytest.raises(RnnkitError, match="Use --text") as error:
        Table(file, tell=print)
    assert "first line" not in str(error.value)
