"""Texts to units and back: nothing is lost, and a text that grows unit by unit is the text."""

import json

import pytest

from rnnkit.codec.text_units import Characters
from rnnkit.codec.word_units import UNITS, load_units
from rnnkit.errors import RnnkitError
from rnnkit.tasks.language_model.learn_units import learn_units

TEXTS = ["To be, or not to be:\n\tthat is the question \n\n", "naïve 日本 🎻 e\u0301 \u2028 x\r\n", "", "\n", " a  b "]
LEARNT_FROM = [*TEXTS, "to be the question that is not to be or be " * 3, "be question"]


def units(unit):
    return learn_units(LEARNT_FROM, unit, 80 if unit in ("bpe", "unigram") else 0, 1)


@pytest.mark.parametrize("unit", UNITS)
def test_a_run_keeps_its_units(unit, tmp_path):
    made = units(unit)
    made.save(tmp_path)
    again = load_units(tmp_path, unit)
    assert len(again) == len(made)
    for text in TEXTS:
        assert again.encode(text).tolist() == made.encode(text).tolist()


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_unit_by_unit_is_the_text(unit, text):
    made = units(unit)
    ids = made.encode(text)
    assert ((ids >= 2) & (ids < len(made))).all()
    write = made.writer()
    assert "".join(write(int(place)) for place in ids) == made.decode(ids)
    if made.lossless:
        assert made.decode(ids) == text


@pytest.mark.parametrize("unit", ["bpe", "unigram"])
def test_subwords_keep_lines(unit):
    made = units(unit)
    assert made.decode(made.encode("be  the question\n not be\n\nto ")) == "be the question\nnot be\n\nto"


def test_bytes_know_every_character_and_wait_for_whole_ones():
    made = units("byte")
    assert made.decode(made.encode("\udc80 🎼")) == "? 🎼"
    write = made.writer()
    assert [write(int(place)) for place in made.encode("é!")] == ["", "é", "!"]


def test_characters_are_the_frequent_ones_first_and_rare_ones_are_unknown():
    made = learn_units(["aab", "ab c"], "character", min_count=2)
    assert made.characters == ("a", "b") and made.decode(made.encode("abc")) == "ab⁇"
    assert learn_units(["aab", "ab c"], "character", size=4).characters == ("a",)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: learn_units(["a"], "sylable"), "Unknown unit 'sylable'; expected one of word, token"),
        (lambda: learn_units(["a"], "character", 3), "vocabulary_size is 3; give at least 4"),
        (lambda: Characters(["a", "a"]), "single and each is there once"),
        (lambda: Characters(["ab"]), "single"),
        (lambda: units("character").decode([10**6]), "There is no character with id 1000000"),
    ],
)
def test_mistakes(make, message):
    with pytest.raises(RnnkitError, match=message):
        make()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"kind": "character", "units": 5}',
        '{"kind": "byte"}',
        '{"kind": "character"}',
        '{"kind": 5, "units": ["a"]}',
        '{"kind": null, "units": ["a"]}',
    ],
)
def test_a_broken_file_gets_one_line(tmp_path, content):
    (tmp_path / "units.json").write_text(content, encoding="utf-8")
    with pytest.raises(RnnkitError, match=r"units\.json") as found:
        load_units(tmp_path, "character")
    assert "\n" not in str(found.value)


def test_units_of_another_kind_are_named(tmp_path):
    units("character").save(tmp_path)
    with pytest.raises(RnnkitError, match="holds units of the kind 'character'; expected 'byte'"):
        load_units(tmp_path, "byte")


def test_no_file(tmp_path):
    with pytest.raises(RnnkitError, match="cannot be read"):
        load_units(tmp_path, "byte")


def test_the_file_is_plain_ascii(tmp_path):
    units("character").save(tmp_path)
    content = (tmp_path / "units.json").read_bytes()
    assert content.isascii() and "日" in json.loads(content)["units"]
