"""Tokenisation of captions for scoring, as in COCO's evaluation but without its Java program."""

import re
from unicodedata import category

from rnnkit.codec.normalise import canonical, shape
from rnnkit.codec.words import UNSPACED

_ABBREVIATIONS = "mr mrs ms dr st jr sr prof rev gen col sgt capt lt vs no inc co corp ltd mt ft ave blvd".split()
_APART = {
    "cannot": ("can", "not"),
    "gonna": ("gon", "na"),
    "gotta": ("got", "ta"),
    "wanna": ("wan", "na"),
    "gimme": ("gim", "me"),
    "lemme": ("lem", "me"),
    "'tis": ("'t", "is"),
    "'twas": ("'t", "was"),
}
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "--", "\u2014": "--"})
_TOKEN = re.compile(
    rf"""
      (?:{"|".join(_ABBREVIATIONS)})\.(?=\s+\S)      # mr. smith, but not a sentence's end
    | (?:[a-z]\.)+(?:[a-z]\.?)?(?![a-z])             # u.s. and b.
    | (?<![\w-])[\w-]+\.(?:com|org|net|edu|gov|co\.uk)(?!\w)
    | 'n'(?!\w)
    | \d+(?:[.,:/]\d+)*(?:-\w+)*(?:st|nd|rd|th|s)?(?!\w)   # 3.5, 1,000, 10:30, 1/2, 20-year-old, 1st
    | \d+:\d+(?=[ap]m)                               # 10:30am
    | '(?:tis|twas|\d0s)(?!\w)
    | '(?:s|re|ve|ll|d|m)(?!\w)                      # what follows a word: man 's
    | n't(?!\w)
    | [^\W_](?:(?!n't(?!\w))\w)*                     # a word, with its hyphens
      (?:(?:[-/]|'(?!(?:s|re|ve|ll|d|m|t)(?!\w)))[^\W_](?:(?!n't(?!\w))\w)*)*
    | [^\s]
    """,
    re.VERBOSE,
)
#: What COCO's evaluation leaves out; beside it, every sign of punctuation outside ASCII.
_LEFT_OUT = frozenset("'' ' `` ` . ? ! , : - -- ... ; \"".split())
_APART_IN_SCORES = re.compile(rf"[{UNSPACED}]|[^{UNSPACED}]+")
_BRACKETS = {"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-"}


def scored_words(text: str) -> list[str]:
    """The words of a caption as BLEU, CIDEr and the others count them: `caption_words`, but of scripts that have no
    blanks between words every character by itself, as sacrebleu cuts Chinese.

    Example:

    >>> scored_words("A dog."), scored_words("两只狗 run")
    (['a', 'dog'], ['两', '只', '狗', 'run'])
    """
    return [part for word in caption_words(text) for part in _APART_IN_SCORES.findall(word)]


def caption_words(text: str) -> list[str]:
    """The words of a caption.

    Lower case; "man's" and "doesn't" become two words each, hyphens stay within a word, punctuation is left out. So
    does COCO's evaluation with the Stanford tokeniser for the Penn Treebank; brackets stay, as "-lrb-", as there. On
    the 40,000 captions of Flickr8k both give the same words; elsewhere rare abbreviations and signs may differ.

    Args:
        text: A caption.

    Example:

    >>> caption_words("A man's dog, isn't it?  Two 3-year-old boys.")
    ['a', 'man', "'s", 'dog', 'is', "n't", 'it', 'two', '3-year-old', 'boys']
    """
    words: list[str] = []
    text = canonical(text).lower().translate(_QUOTES)
    for found in _TOKEN.finditer(shape(text)):
        token = text[found.start() : found.end()]
        if token not in _LEFT_OUT and not _is_foreign_sign(token):
            words += _APART.get(token, (_BRACKETS.get(token, token),))
    return words


def _is_foreign_sign(token: str) -> bool:
    return len(token) == 1 and not token.isascii() and category(token).startswith("P")
