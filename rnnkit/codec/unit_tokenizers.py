"""Text to the units that a classifier reads: words, characters, bytes or subwords, as strings of its vocabulary."""

from collections.abc import Sequence
from typing import Any

from rnnkit.codec.normalise import MARK, canonical, normalised
from rnnkit.codec.pieces import Pieces
from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.codec.vocabulary import SPECIALS
from rnnkit.errors import RnnkitError, did_you_mean

#: How the units are called, as an option and in a bundle.
UNITS = ("word", "character", "byte", "subword")
#: The strings of the 256 bytes.
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
#: How a bundle names the tokeniser of each unit.
TYPES = {"word": "RegexTokenizer", "character": "Characters", "byte": "Bytes", "subword": "Subwords"}


class CharacterTokenizer:
    """Splits a text into its characters, in one spelling (`canonical`); a run of blanks is one "▁".

    As of the others, `unit` is its name, and `words` are the vocabulary where that does not depend on the texts.

    Example:

    >>> CharacterTokenizer()("cafe\\u0301  au")
    ['c', 'a', 'f', 'é', '▁', 'a', 'u']
    """

    unit = "character"
    words: Sequence[str] = ()

    def __call__(self, text: str) -> list[str]:
        return list(_blanks_marked(text))

    def to_config(self) -> dict[str, Any]:
        """Plain values, for a bundle."""
        return {"type": TYPES[self.unit]}


class ByteTokenizer:
    """Splits a text, in one spelling (`canonical`), into the bytes of its UTF-8; a run of blanks is one blank.

    Example:

    >>> ByteTokenizer()("é!")
    ['<0xC3>', '<0xA9>', '<0x21>']
    """

    unit = "byte"
    words: Sequence[str] = BYTES

    def __call__(self, text: str) -> list[str]:
        return [BYTES[byte] for byte in _blanks_marked(text).replace(MARK, " ").encode("utf-8", "replace")]

    def to_config(self) -> dict[str, Any]:
        """Plain values, for a bundle."""
        return {"type": TYPES[self.unit]}


class SubwordTokenizer:
    """Splits a text, in one spelling (`canonical`), into parts of words by byte pair encoding.

    Args:
        pieces: The parts, in the order in which they were merged.

    Example:

    >>> SubwordTokenizer(["▁g", "oo", "▁goo", "▁", "g", "o", "d", "s"])("goods")
    ['▁goo', 'd', 's']
    """

    unit = "subword"

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces, self.words = Pieces("bpe", pieces), tuple(pieces)

    def __call__(self, text: str) -> list[str]:
        return self.pieces.split(canonical(text))

    def to_config(self) -> dict[str, Any]:
        """Plain values, for a bundle; the pieces are its vocabulary."""
        return {"type": TYPES[self.unit]}


Tokenizer = RegexTokenizer | CharacterTokenizer | ByteTokenizer | SubwordTokenizer


def unit_tokenizer(unit: str, delimiters: str = "words", words: Sequence[str] = ()) -> Tokenizer:
    """The tokeniser of a unit.

    Args:
        unit: One of `UNITS`.
        delimiters: What splits words, for the unit "word".
        words: The vocabulary from its first word on (`SPECIALS` or not), which the unit "subword" needs.

    Raises:
        RnnkitError: The unit or the delimiters are unknown, or the pieces cannot be used.

    Example:

    >>> unit_tokenizer("character")("ab")
    ['a', 'b']
    """
    if unit not in UNITS:
        raise RnnkitError(f"Unknown unit {unit!r:.60}; expected one of {', '.join(UNITS)}.{did_you_mean(unit, UNITS)}")
    if unit == "word":
        return RegexTokenizer(delimiters)
    if unit == "subword":
        return SubwordTokenizer(list(words)[len(SPECIALS) :] if tuple(words[:3]) == SPECIALS else list(words))
    return CharacterTokenizer() if unit == "character" else ByteTokenizer()


def bundled_tokenizer(settings: dict[str, Any], words: Sequence[str], where: str) -> Tokenizer:
    """The tokeniser that a bundle asks for.

    Args:
        settings: The entry "tokenizer" of `bundle.json`.
        words: The vocabulary.
        where: The bundle, for messages.

    Raises:
        RnnkitError: It is none that this rnnkit has, or splits in another way.
    """
    unit = next((unit for unit, name in TYPES.items() if name == settings.get("type")), None)
    if unit is None:
        kinds = " or ".join(map(repr, TYPES.values()))
        raise RnnkitError(f"{where} wants the tokenizer {settings.get('type')!r:.60}; expected {kinds}.")
    made = unit_tokenizer(unit, str(settings.get("delimiters")), words)
    if isinstance(made, RegexTokenizer) and settings.get("re2_pattern", made.re2_pattern) != made.re2_pattern:
        raise RnnkitError(
            f"{where} splits at {settings['re2_pattern']!r}, this rnnkit at {made.re2_pattern!r}. Export it again."
        )
    return made


def _blanks_marked(text: str) -> str:
    return MARK.join(canonical(text).replace(MARK, " ").split())


def subword_text(text: str) -> str:
    """The text as subwords are learnt from it.

    Example:

    >>> subword_text("Isn\\u2019t  it")
    "Isn't it"
    """
    return normalised(canonical(text))
