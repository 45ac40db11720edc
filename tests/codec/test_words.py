"""Text to tokens with their places."""

import time

import pytest

from rnnkit.codec.normalise import APOSTROPHES
from rnnkit.codec.words import split_words


@pytest.mark.parametrize(
    "text, tokens",
    [
        ("The U.N.'s men met the EU's.", "The|U.N.|'s|men|met|the|EU|'s|."),
        ("They don't, and I'm sure we\u2019ll go.", "They|don't|,|and|I|'m|sure|we|\u2019ll|go|."),
        ("1,000.5 on 1996-08-22 at 10:30, 3-2 or 5%; .5", "1,000.5|on|1996-08-22|at|10:30|,|3-2|or|5|%|;|.5"),
        ("A 22-year-old U.S.-based AT&T man", "A|22-year-old|U.S.-based|AT&T|man"),
        ('"Yes!" (J. Smith) [no]...', '"|Yes|!|"|(|J.|Smith|)|[|no|]|...'),
        ("an end.Next by a@b.example, see https://b.example/x_y.", "an|end|.|Next|by|a@b.example|,|see|"
         "https://b.example/x_y|."),
        ("l'homme na\u00efve, dogs' 'quoted' rock'n'roll", "l'homme|na\u00efve|,|dogs|'|'|quoted|'|rock'n'roll"),
        ("cafe\u0301 \u0939\u093f\u0928\u094d\u0926\u0940 \u2764\ufe0f", "cafe\u0301|"
         "\u0939\u093f\u0928\u094d\u0926\u0940|\u2764\ufe0f"),
        ("\u6771\u4eac\u306f2020", "\u6771|\u4eac|\u306f|2020"),
        (" \u200b\ufeff\0\n", ""),
    ],
)  # fmt: skip
def test_words_numbers_and_signs(text, tokens):
    found = split_words(text)
    assert "|".join(token for token, _, _ in found) == tokens
    assert all(text[begin:end] == token for token, begin, end in found)


def test_every_visible_character_is_in_one_token():
    text = "".join(map(chr, [*range(1, 0x3000), 0xD800, *range(0x1F600, 0x1F650)]))
    found = split_words(text)
    places = [place for _, begin, end in found for place in range(begin, end)]
    assert places == sorted(set(places))
    assert all(not character.isalnum() for character in set(text) - {text[place] for place in places})


def test_long_runs_take_no_long_time():
    start = time.monotonic()
    for run in ("a.", "A.", "-.", "a@", "1,", "'s", "www.", "@", "\u0301", "a&"):
        split_words(run * 20_000 + "ZZ")
    assert time.monotonic() - start < 5


def test_any_apostrophe_is_of_its_word():
    for sign in APOSTROPHES:
        text = f"The dog{sign}s owners don{sign}t"
        assert [word.replace(sign, "'") for word, _, _ in split_words(text)] == ["The", "dog", "'s", "owners", "don't"]
