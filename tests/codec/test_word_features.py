"""Words as a tagger sees them: forms, ways of writing, characters."""

import numpy as np
import pytest

from rnnkit.codec.vocabulary import Vocabulary
from rnnkit.codec.word_features import CASINGS, WordFeatures, casing, joined, normalised, pieces, shortened

FEATURES = WordFeatures(Vocabulary(["bonn", "00", "é"]), Vocabulary(list("Bno😀")), word_length=4)


@pytest.mark.parametrize(
    "word, expected",
    [
        ("1996", "numeric"), ("7", "numeric"), ("٣٤", "numeric"), ("1,000.5", "mainly numeric"),
        ("1996-08-22", "mainly numeric"), ("3rd", "has a digit"), ("1a", "has a digit"), ("B2", "has a digit"),
        ("-5", "has a digit"), ("x²", "lower"), ("bank", "lower"), ("élan", "lower"), ("don't", "lower"),
        ("EU", "upper"), ("U.N.", "upper"), ("I", "upper"), ("ÉTÉ", "upper"), ("Bonn", "capitalised"),
        ("Élan", "capitalised"), ("McDonald", "capitalised"), ("iPod", "other"), (".", "other"), ("東", "other"),
        ("😀", "other"), ("", "other"),
    ],
)  # fmt: skip
def test_ways_of_writing(word, expected):
    assert CASINGS[casing(word)] == expected


@pytest.mark.parametrize(
    "word, expected",
    [("", ""), ("EU", "eu"), ("22nd", "00nd"), ("٣", "0"), ("ÉTÉ", "été"), ("😀", "😀"), ("x²", "x²"), ("ΣΑΣ", "σας")],
)
def test_the_form_in_the_vocabulary(word, expected):
    assert normalised(word) == expected


@pytest.mark.parametrize("most", range(1, 9))
def test_long_words_keep_their_beginning_and_their_end(most):
    for word in ("", "a", "abcdefg", "abcdefgh", "incomprehensible"):
        short = shortened(word, most)
        front, back = most - most // 2, most // 2
        assert short == (word if len(word) <= most else word[:front] + word[::-1][:back][::-1])
        assert len(short) == min(len(word), most)


def test_no_words_are_tables_of_no_rows():
    words, casings, characters = FEATURES.encode([])
    assert (words.shape, casings.shape, characters.shape) == ((0,), (0,), (0, 4))
    assert {table.dtype for table in (words, casings, characters)} == {np.dtype("int32")}


def test_words_to_numbers():
    words, casings, characters = FEATURES.encode(["Bonn", "BONN", "19", "É", "😀", "nonnnoB", ""])
    assert words.tolist() == [3, 3, 4, 5, 2, 2, 2]
    assert [CASINGS[number] for number in casings] == [
        "capitalised", "upper", "numeric", "upper", "other", "other", "other"
    ]  # fmt: skip
    assert characters.tolist() == [
        [3, 5, 4, 4], [3, 2, 2, 2], [2, 2, 0, 0], [2, 0, 0, 0], [6, 0, 0, 0], [4, 5, 5, 3], [0, 0, 0, 0]
    ]  # fmt: skip
    assert {table.dtype for table in (words, casings, characters)} == {np.dtype("int32")}
    assert not (words == 0).any() and not (casings == 0).any(), "0 is padding alone"


@pytest.mark.parametrize("length, most, expected", [(0, 3, []), (2, 3, [2]), (3, 3, [3]), (7, 3, [3, 3, 1])])
def test_pieces_are_no_longer_than_allowed_and_join_again(length, most, expected):
    tokens = [str(number) for number in range(length)]
    made = list(pieces(tokens, most))
    assert [len(piece) for piece in made] == expected and [token for piece in made for token in piece] == tokens


@pytest.mark.parametrize("tags", [["B-LOC", "O", "O", "B-LOC"], ["O", "B-PER", "B-LOC"], ["O", "O", "B-LOC"]])
def test_what_is_no_entity_cut_in_two_is_left_as_it_is(tags):
    assert joined(tags, 2) == tags


def test_words_in_any_spelling_are_the_same_numbers():
    known = Vocabulary(list("donté'’\u0301"))  # the quote and the accent stand in other words of the data
    features = WordFeatures(Vocabulary(["don't", "not\u00e9"]), known, word_length=8)
    for word, *others in (("don't", "don’t", "don\u02bct"), ("noté", "note\u0301", "no\u00adté")):
        wanted = [table.tolist() for table in features.encode([word])]
        assert all([table.tolist() for table in features.encode([other])] == wanted for other in others), word


def test_runs_of_earlier_keep_the_characters_that_they_learnt():
    parts = WordFeatures(Vocabulary([]), Vocabulary(list("cafe\u0301")), word_length=5)
    assert parts.encode(["cafe\u0301"])[2].tolist() == [[3, 4, 5, 6, 7]]
    joined_up = WordFeatures(Vocabulary([]), Vocabulary(["क", "ष", "\u200d"]), word_length=3)
    assert joined_up.encode(["क\u200dष"])[2].tolist() == [[3, 5, 4]]
