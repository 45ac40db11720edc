import time
import unicodedata

import pytest

from rnnkit.codec import tokenizer
from rnnkit.codec.normalise import canonical
from rnnkit.codec.tokenizer import DELIMITERS, RegexTokenizer
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
        spellings = RegexTokenizer(delimiters).spellings(token)
        assert piece in spellings, "a phone that looks `piece` up must find it"
        assert all(RegexTokenizer(delimiters)(form) == [token] for form in spellings)


@pytest.mark.slow
def test_python_word_characters_are_re2_letters_digits_and_underscore():
    characters = [chr(code) for code in range(1, 0x110000)]
    kept = {c for c in characters if len(RegexTokenizer("unicode")(f"x{c}y")) == 1}
    assert kept == {c for c in characters if is_unicode_word(c)}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("good Good GOOD", ["good"] * 3),
        ("it's It's IT'S", ["it's"] * 3),
        ("émile Émile ÉMILE привет ПРИВЕТ", ["émile"] * 3 + ["привет"] * 2),
        ("YouTube McCoy gOOD GooD", ["YouTube", "McCoy", "gOOD", "GooD"]),
        ("I X 3D 2ND straße STRASSE", ["i", "x", "3d", "2nd", "straße", "strasse"]),
    ],
)
def test_ordinary_words_are_lower_cased_and_other_mixtures_stay(text, tokens):
    assert RegexTokenizer()(text) == tokens


@pytest.mark.parametrize(
    "text",
    [
        "Wörd it's " * 100_000,
        "a" * 10**6,
        "A" * 10**6,
        "aA" * 500_000,
        "字" * 10**6,
        "!" * 10**6,
        "'" * 10**6,
        "a" + "\u0301\u0316" * 200_000,
        "a\u2019" * 200_000,
    ],
)
def test_the_time_grows_with_the_length_alone(text):
    for delimiters in DELIMITERS:
        start = time.process_time()
        RegexTokenizer(delimiters)(text)
        assert time.process_time() - start < 4


def test_patterns():
    for delimiters, pattern in (("unicode", r"[^\p{L}\p{N}_']+"), ("ascii", r"[^\w\']+")):
        tokenizer = RegexTokenizer(delimiters)
        config = {"type": "RegexTokenizer", "delimiters": delimiters, "re2_pattern": pattern}
        assert tokenizer.re2_pattern == pattern and tokenizer.to_config() == config


SAME = {
    "composed and not": ("le caf\u00e9 \u00e9nerv\u00e9", "le cafe\u0301 e\u0301nerve\u0301"),
    "two marks": ("ti\u1ebfng vi\u1ec7t", "tie\u0302\u0301ng vie\u0302\u0323t", "ti\u00ea\u0301ng vi\u1eb9\u0302t"),
    "Hangul": ("한국어 좋다", unicodedata.normalize("NFD", "한국어 좋다")),
    "apostrophes": ("isn't l'été", "isn\u2019t l\u2019été", "isn\u00b4t l`été", "isn\u02bct l\uff07été"),
    "other apostrophes": ("don't ma'am", "don\u2018t ma\u201bam", "don\u2032t ma\u05f3am", "don\u02bbt ma\u02bcam"),
    "letters that are apostrophes": ("okina o'zbek", "\u02bbokina o\u02bbzbek", "'okina\u02bc o\u2018zbek"),
    "quotes": ("good film", "'good' film", "\u2018good\u2019 \u201cfilm\u201d", "''good'' 'film'"),
    "no width": (
        "co operation better",
        "co\u200boperation\ufeff bet\u00adter",
        "\u2068co\u2069 operation bet\u2060ter",
    ),
    "joiners": ("क्षमा می‌خواهم".replace("\u200c", ""), "क्\u200dषमा می\u200cخواهم"),
    "variation selectors": ("ok \U0001f44d", "ok \U0001f44d\ufe0f"),
}


@pytest.mark.parametrize("name", SAME)
def test_what_looks_the_same_is_the_same(name):
    first, *others = SAME[name]
    wanted = RegexTokenizer()(first)
    assert wanted and all(RegexTokenizer()(other) == wanted for other in others)
    assert all(canonical(canonical(other)) == canonical(other) for other in others)


@pytest.mark.parametrize(
    "words", ["हिन्दी में किताब है", "สวัสดี ครับ", "كِتَابٌ جَمِيلٌ", "ভালো ছবি", "தமிழ் மொழி", "ខ្មែរ ភាសា", "שָׁלוֹם עֲלֵיכֶם", "မြန်မာ စာ"]
)
def test_combining_marks_belong_to_their_word(words):
    assert [canonical(word) for word in words.split()] == RegexTokenizer()(words)


def test_signs_in_ascii_text_stay_where_they_are():
    text = "".join(map(chr, range(1, 128))).replace("`", "")
    assert canonical(text) == text


def test_unknown_delimiters_name_the_near_match():
    with pytest.raises(RnnkitError, match="Did you mean 'unicode'"):
        RegexTokenizer("unicod")


def test_what_is_remembered_of_words_is_bounded(monkeypatch):
    monkeypatch.setattr(tokenizer, "_MOST", 3)
    folds = tokenizer._Folds()
    for word in ("Good", "GOOD", "YouTube", "A", "b", "Good", "É" * 65, "C"):
        assert folds[word] == tokenizer._fold(word) and len(folds) <= 3
        assert (word in folds) == (len(word) <= 64)
