import time
import unicodedata

import pytest

from rnnkit.codec.tokenizer import RegexTokenizer, spellings
from rnnkit.errors import RnnkitError


def split_by_hand(text: str, keep) -> list[str]:
    """MediaPipe's algorithm, character by character: end at NUL, cut at delimiters, drop the empty pieces."""
    tokens, current = [], ""
    for character in text.split("\0")[0]:
        if keep(character):
            current += character
        else:
            tokens += [current]
            current = ""
    return [token for token in [*tokens, current] if token]


def is_unicode_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN" or character in "_'"


def is_ascii_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "_'")


TEXTS = [
    "",
    "   ",
    "It's GREAT -- 10/10!",
    "Très ÉMU, straße STRASSE İstanbul K\u212a Σίσυφος ΣΊΣΥΦΟΣ ǅ",
    "日本語 のテキスト、中文。",
    "e\u0301 combining, ½ ² Ⅷ ٣",
    "🙂🙂 ok👍🏽 a\u200db",
    "nul\0byte",
    "lone\ud800surrogate",
    "under_score 'Quoted' don''t YouTube gOOD",
    "tabs\tand\r\nlines\x85\u2028end",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("delimiters", "keep"), [("unicode", is_unicode_word), ("ascii", is_ascii_word)])
def test_splits_as_by_hand_and_every_piece_is_a_spelling_of_its_token(text, delimiters, keep):
    pieces, tokens = split_by_hand(text, keep), RegexTokenizer(delimiters)(text)
    assert len(tokens) == len(pieces)
    for token, piece in zip(tokens, pieces, strict=True):
        assert piece in spellings(token), "a phone that looks `piece` up must find it"
        assert all(RegexTokenizer(delimiters)(form) == [token] for form in spellings(token))


@pytest.mark.slow
def test_python_word_characters_are_re2_letters_digits_and_underscore():
    characters = [chr(code) for code in range(1, 0x110000)]
    kept = {c for c in characters if len(RegexTokenizer()(f"x{c}y")) == 1}
    assert kept == {c for c in characters if is_unicode_word(c)}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("good Good GOOD", ["good"] * 3),
        ("'tis 'Tis 'TIS", ["'tis"] * 3),
        ("émile Émile ÉMILE привет ПРИВЕТ", ["émile"] * 3 + ["привет"] * 2),
        ("YouTube McCoy gOOD GooD", ["YouTube", "McCoy", "gOOD", "GooD"]),
        ("I X 3D 2ND straße STRASSE", ["i", "x", "3d", "2nd", "straße", "strasse"]),
    ],
)
def test_ordinary_words_are_lower_cased_and_other_mixtures_stay(text, tokens):
    assert RegexTokenizer()(text) == tokens


@pytest.mark.parametrize(
    "text",
    ["Wörd it's " * 100_000, "a" * 10**6, "A" * 10**6, "aA" * 500_000, "字" * 10**6, "!" * 10**6, "'" * 10**6],
)
def test_a_million_characters_take_well_under_a_second(text):
    start = time.perf_counter()
    RegexTokenizer()(text)
    assert time.perf_counter() - start < 1


def test_config_round_trip_and_patterns():
    for delimiters, pattern in (("unicode", r"[^\p{L}\p{N}_']+"), ("ascii", r"[^\w\']+")):
        tokenizer = RegexTokenizer(delimiters)
        assert RegexTokenizer.from_config(tokenizer.to_config()) == tokenizer
        assert tokenizer.re2_pattern == pattern


def test_unknown_delimiters_name_the_near_match():
    with pytest.raises(RnnkitError, match="Did you mean 'unicode'"):
        RegexTokenizer("unicod")
