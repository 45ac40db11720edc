"""A sentence to its words and signs, each with its place in the text."""

import re

from rnnkit.codec.normalise import APOSTROPHES, MARK_LETTER, Shapes

# Characters that belong to the one before (accents, vowel signs, joiners) are seen as this letter, characters that show
# nothing as blanks, so that Python's \w and \s, which know neither, suffice. Places stay what they are.
_JOINERS = "\u00ad\u200c\u200d"  # soft hyphen, zero-width non-joiner and joiner
# Chinese and Japanese are written without blanks: each character is a token, as is the custom for tagging them.
_IDEOGRAPHS = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: Further scripts without blanks between words, whose words stay together here: Thai, Lao, Tibetan, Burmese, Khmer.
UNSPACED_BUT_CHINESE = "\u3040-\u30ff\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff"
UNSPACED = f"{_IDEOGRAPHS}{UNSPACED_BUT_CHINESE}"
_W = rf"[^\W{_IDEOGRAPHS}{APOSTROPHES}]"  # of a word: letter, digit, underscore, mark
_L = rf"[^\W\d_{_IDEOGRAPHS}{APOSTROPHES}]"  # letter or mark
_Q = f"[{APOSTROPHES}]"

_SHORT = r"(?:[sdm]|re|ve|ll)(?!\w)"  # 's, 'd, 'm, 're, 've, 'll
_CAPITAL = "A-ZÀ-ÖØ-Þ"

_TOKEN = re.compile(
    rf"""
      https?://[^\s<>"]*[\w/] | www\.[^\s<>"]*[\w/]
    | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | [{_IDEOGRAPHS}]{MARK_LETTER}*
    | (?<=[\w.]){_Q}(?i:{_SHORT})                                      # EU 's
    | (?<![\w.])(?!I)[{_CAPITAL}]\.(?=\s{{1,3}}[{_CAPITAL}])            # J. Smith
    | (?: (?<![\w.])(?:{_L}\.){{2,}}(?!{_W})                           # U.N.
        | (?<![\w.])(?:{_L}\.)+{_L}(?!{_W})                            # U.N
        | (?<![\w.])\.\d+                                              # .500
        | {_W}+ )
      (?: (?: - | {_Q}(?!(?i:{_SHORT})) | (?<=\d)[.,:/](?=\d) | (?<={_L})\.(?=[a-z]) | (?<={_L})&(?={_L}) ) {_W}+ )*
    | \.{{2,}} | -{{2,}}
    | \S{MARK_LETTER}*
    """,
    re.VERBOSE,
)


def _seen_as(character: str, category: str) -> str:
    if category[0] == "M" or character in _JOINERS:
        return MARK_LETTER
    return " " if category in ("Cc", "Cf") else character


_shapes = Shapes(_seen_as)


def split_words(text: str) -> list[tuple[str, int, int]]:
    """The words, numbers and punctuation signs of a text: (token, first character, one past the last).

    The habits are those of the CoNLL data: "U.N.", "don't", "1,000.5", "1996-08-22" and "22-year-old" are one token,
    "EU's" is two, every other sign is a token of its own. Thai, Lao and Khmer words, written without blanks, stay
    together until the next blank.

    Args:
        text: Any text; places count its characters as Python does (code points).

    Example:

    >>> [token for token, _, _ in split_words("The U.N.'s men paid $1,000.5 (in Rome), didn't they?")]
    ['The', 'U.N.', "'s", 'men', 'paid', '$', '1,000.5', '(', 'in', 'Rome', ')', ',', "didn't", 'they', '?']
    >>> split_words("EU's 東京")
    [('EU', 0, 2), ("'s", 2, 4), ('東', 5, 6), ('京', 6, 7)]
    """
    seen = text if text.isascii() else text.translate(_shapes)
    return [(text[match.start() : match.end()], match.start(), match.end()) for match in _TOKEN.finditer(seen)]
