"""Column files of every make: read right, or refused with the file and the line."""

import gzip

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.token_tagger.conll import looks_like_columns, read_column_file


@pytest.fixture
def write(tmp_path):
    def write_file(content: str | bytes, name: str = "news.conll", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write_file


def read(path, **options):
    return [(sentence.tokens, sentence.tags) for sentence in read_column_file(path, **options).sentences]


TWO = [(["Ada", "met", "Bo"], ["B-PER", "O", "B-PER"]), (["Rome"], ["B-LOC"])]
PLAIN = "Ada B-PER\nmet O\nBo B-PER\n\nRome B-LOC\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace(" ", "\t"),
        PLAIN.replace(" ", "   ").replace("\n", " \n"),
        PLAIN.replace(" ", " NN I-NP "),
        PLAIN.replace(" ", "\tNN\t\t"),
        PLAIN.replace("\n", "\r\n"),
        "\n\n" + PLAIN.replace("\n\n", "\n \n\t\n\n"),
        "-DOCSTART- O\n\n" + PLAIN,
        PLAIN.replace("\n\n", "\n-DOCSTART- -X- O O\n"),
        "# doc 7\n#one\n" + PLAIN.replace("\n\n", "\n\n# text = Rome fell.\n"),
        "\ufeff" + PLAIN,
        PLAIN.encode("utf-16"),
        gzip.compress(PLAIN.encode(), mtime=0),
    ],
)
def test_the_same_sentences_in_every_make(write, content):
    assert read(write(content)) == TWO


def test_hash_signs_that_are_tokens_stay(write):
    assert read(write("# O\n#Ada B-PER\n# 5 O\nis O\n")) == [(["#", "#Ada", "is"], ["O", "B-PER", "O"])]
    assert read(write("# x\n#Ada PERSON\nis O\n")) == [(["#Ada", "is"], ["PERSON", "O"])]
    assert read(write("# sent 1\n#\tO\nis\tO\n")) == [(["#", "is"], ["O", "O"])]


def test_tokens_stay_as_they_are(write):
    words = ["3\u00a01/2", "\u2028x", "caf\u00e9", "New York", '"', "-X-"]
    content = "".join(f"{word}\tO\n" for word in words)
    assert read(write(content)) == [(words, ["O"] * 6)]
    assert read(write("caf\u00e9 O\n", encoding="cp1252"))[0][0] == ["caf\u00e9"]
    assert read_column_file(write("caf\u00e9 O\n", encoding="cp1252")).encoding == "cp1252"


def test_lines_are_kept_for_messages(write):
    found = read_column_file(write("-DOCSTART- O\n\nAda O\n# note\nmet O\n\n\nBo O\n"))
    assert [sentence.lines for sentence in found.sentences] == [[3, 5], [8]]
    assert found.place(8) == "news.conll line 8" and found.scheme is None


def test_columns_by_number(write):
    path = write("1\tAda\tB-PER\tx\n2\tmet\tO\ty\n")
    assert read(path, columns={"token": "2", "tag": "3"}) == [(["Ada", "met"], ["B-PER", "O"])]
    assert read(path, columns={"token": "2", "tag": "-2"}) == [(["Ada", "met"], ["B-PER", "O"])]
    with pytest.raises(RnnkitError, match="line 1 has 4 columns, none with the number 5. Correct --tag"):
        read(path, columns={"tag": "5"})
    with pytest.raises(RnnkitError, match="without names.*got --tag ner"):
        read(path, columns={"tag": "ner"})
    with pytest.raises(RnnkitError, match="got --sentence 2"):
        read(path, columns={"sentence": "2"})


@pytest.mark.parametrize(
    "content, message",
    [
        ("Ada B-PER\nmet\n", "line 2: 'met' stands alone; expected a token and its tag"),
        ("Ada\nmet\n", "line 1: 'Ada' stands alone"),
        ("sentence,token,tag\n1,Ada,B-PER\n", "line 1: 'sentence,.* Is it a table\\? Then name it .csv"),
        ("Ada NN B-PER\n\nmet O\n", "line 3 has 2 columns, but the lines before have 3"),
        ("Ada\tB-PER\nmet O\n", "line 2: 'met O' stands alone"),
        ("Ada\tB-PER\n\tO\n", "line 2: the token is empty"),
        ("Ada\tB-PER\nmet\t\n", "line 2: the tag is empty"),
        ("", "is empty; expected tokens and tags, one per line"),
        ("\n\n# nothing\n", "has no sentences; expected tokens and tags"),
        (b"Ada O\nmet \xff\x81 O\n", "line 2 has the byte 0xff"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(write, content, message):
    with pytest.raises(RnnkitError, match=message) as caught:
        read(write(content))
    assert "\n" not in str(caught.value) and "news.conll" in str(caught.value)


def test_a_missing_file_names_the_near_match(write, tmp_path):
    write(PLAIN)
    with pytest.raises(RnnkitError, match="Did you mean 'news.conll'"):
        read_column_file(tmp_path / "new.conll")


@pytest.mark.parametrize(
    "content, columns",
    [
        (PLAIN.replace(" ", "\t"), True),
        ("# a\n-DOCSTART-\t-X-\n\nAda\tB-PER\n", True),
        ("\nAda NN S-PER\n", True),
        ("token\ttag\tsentence\nAda\tB-PER\t1\n", False),
        ("text\tlabel\nB-sides\tgood\n", False),
        ("one\ntwo\n", False),
    ],
)
def test_column_files_are_told_from_tables(write, content, columns):
    assert looks_like_columns(write(content)) is columns
