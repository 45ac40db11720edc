"""Record what the JavaScript twins (web/) have to answer: `python tests/golden/web_cases.py`.

Each file in tests/golden/web has cases that tests/test_web.py compares with Python and web/test/ with JavaScript.
Answers that hang on the version of Unicode are those of the lowest Python that rnnkit supports; the twins answer the
same in every browser.
"""

import hashlib
import io
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FOLDER = HERE / "web"
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]

from golden.web_bundles import bundles, picture  # noqa: E402
from golden.web_ctc import ctc  # noqa: E402
from golden.web_decoding import decoding  # noqa: E402
from golden.web_numbers import numbers  # noqa: E402
from golden.web_sounds import sounds  # noqa: E402
from golden.web_texts import LATER, TEXTS  # noqa: E402

from rnnkit.codec import normalise, word_features  # noqa: E402
from rnnkit.codec.pictures import as_picture, decode_picture  # noqa: E402
from rnnkit.codec.piece_splits import words_and_signs  # noqa: E402
from rnnkit.codec.pieces import Pieces  # noqa: E402
from rnnkit.codec.text_units import Bytes, Characters  # noqa: E402
from rnnkit.codec.tokenizer import RegexTokenizer  # noqa: E402
from rnnkit.codec.unit_tokenizers import unit_tokenizer  # noqa: E402
from rnnkit.codec.vocabulary import Vocabulary  # noqa: E402
from rnnkit.codec.word_features import WordFeatures  # noqa: E402
from rnnkit.codec.word_units import Subwords, Words  # noqa: E402
from rnnkit.codec.words import split_words  # noqa: E402
from rnnkit.errors import one_line  # noqa: E402

#: Every character of these is read between two letters.
RANGES = (
    *((0, 0x3100), (0xA600, 0xAC00), (0xD7A0, 0xD810), (0xFA00, 0x10600), (0x11000, 0x11200), (0x1D400, 0x1D800)),
    *((0x1E900, 0x1E960), (0x1F100, 0x1F1A0), (0x1FFF0, 0x20010), (0xE0000, 0xE0080)),
)
WORDS = [
    "good",
    "it's",
    "film",
    "été",
    "i̇stanbul",
    "ıšık",
    "οδος",
    "straße",
    "हिन्दी",
    "YouTube",
    "東",
    "0000-00-00",
    "'s",
]
LETTERS = list("aeéiAEÉσςß東한\u0301\u200d’ıİ") + ["\U00010400"]
BPE = [
    "▁g",
    "oo",
    "▁goo",
    "▁",
    "g",
    "o",
    "d",
    "s",
    "é",
    "▁é",
    "t",
    "it",
    "▁it",
    "東",
    "の",
    "\U00020bb7",
    "fi",
    "f",
    "i",
]
UNIGRAM = {"▁": -2.0, "▁good": -3.25, "go": -2.5, "od": -2.5, "o": -4.0, "d": -4.5, "g": -5.0, "▁it": -3.0, "'": -3.5}
FUNCTIONS: dict[str, Callable[[str], Any]] = {
    "canonical": normalise.canonical,
    "canonical_name": normalise.canonical_name,
    "composed": normalise.composed,
    "normalised": normalise.normalised,
    "is_one_word": normalise.is_one_word,
    "split_words": lambda text: [list(each) for each in split_words(text)],
    "words": RegexTokenizer("words"),
    "unicode": RegexTokenizer("unicode"),
    "ascii": RegexTokenizer("ascii"),
    "characters": unit_tokenizer("character"),
    "bytes": lambda text: "".join(each[3:5] for each in unit_tokenizer("byte")(text)),
    "words_and_signs": lambda text: words_and_signs(text) if "".join(text.split()) == text else None,
    "lower_zero": word_features.normalised,
    "casing": lambda text: [word_features.casing(word) for word in text.split()],
    "shortened": lambda text: word_features.shortened(text, 7),
    "vocabulary": lambda text: Vocabulary(WORDS).encode(RegexTokenizer()(text), 20).tolist(),
    "features": lambda text: [
        each.tolist()
        for each in WordFeatures(Vocabulary(WORDS), Vocabulary(LETTERS), 6).encode(
            [one for one, _, _ in split_words(text)]
        )
    ],
    "bpe": Pieces("bpe", BPE).split,
    "bpe_ids": lambda text: Pieces("bpe", BPE).encode(text).tolist(),
    "unigram": Pieces("unigram", list(UNIGRAM), list(UNIGRAM.values())).split,
    "word_pieces": lambda text: Pieces("word", ["▁good", "film", "!"]).of_one_spelling().split(text),
    "character_units": lambda text: Characters(LETTERS).encode(text).tolist(),
    "byte_units": lambda text: Bytes().decode(Bytes().encode(text)),
    "subword_units": lambda text: Subwords(Pieces("bpe", BPE)).encode(text).tolist(),
    "token_units": lambda text: Words("token", Vocabulary(WORDS)).split(text),
    "one_line": one_line,
    "repr": repr,
}
LONGEST = 120  # characters of an answer that is recorded whole
#: Those of which every character of `RANGES` is asked.
OF_CHARACTERS = (
    "canonical",
    "normalised",
    "split_words",
    "words",
    "unicode",
    "lower_zero",
    "casing",
    "one_line",
    "repr",
)


def digest_of(name: str) -> str:
    """The digest of a function's answers to every character of `RANGES`, between two letters."""
    answers = (FUNCTIONS[name](f"a{chr(code)}b") for low, high in RANGES for code in range(low, high))
    return hashlib.sha256(json.dumps(list(answers), separators=(",", ":")).encode()).hexdigest()


def short(answer: Any) -> Any:
    """An answer, or of a long one its digest."""
    text = json.dumps(answer, separators=(",", ":"))
    return answer if len(text) <= LONGEST else f"sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def texts() -> dict[str, Any]:
    """The answers to all texts, and digests of those to single characters."""
    return {
        "texts": TEXTS,
        "answers": {name: [short(answer(text)) for text in TEXTS] for name, answer in FUNCTIONS.items()},
        "settings": {"words": WORDS, "letters": LETTERS, "bpe": BPE, "unigram": UNIGRAM, "ranges": RANGES},
    }


def later() -> dict[str, Any]:
    """The same for what hangs on the version of Unicode."""
    return {
        "unicode": unicodedata.unidata_version,
        "texts": LATER,
        "answers": {name: [short(answer(text)) for text in LATER] for name, answer in FUNCTIONS.items()},
        "digests": {name: digest_of(name) for name in OF_CHARACTERS},
    }


def pictures() -> list[Any]:
    """Digests of pictures of other sizes: [height, width, size, fit, with opacity, digest]."""
    from PIL import Image

    found = []
    for height, width, size, fit in (
        (30, 40, 8, "squash"),
        (7, 5, 16, "crop"),
        (64, 64, 64, "squash"),
        (13, 90, 32, "crop"),
        (200, 3, 24, "squash"),
    ):
        for with_opacity in (True, False):
            given = picture(height, width)
            if with_opacity:
                file = io.BytesIO()
                Image.fromarray(given, "RGBA").save(file, "PNG")
                made = decode_picture(file.getvalue(), size, fit)
            else:
                made = as_picture(np.ascontiguousarray(given[..., :3]), size, fit)
            found.append([height, width, size, fit, with_opacity, hashlib.sha256(made.tobytes()).hexdigest()[:16]])
    return found


FILES: dict[str, Callable[[], Any]] = {
    "texts": texts,
    "later": later,
    "decoding": decoding,
    "ctc": ctc,
    "bundles": bundles,
    "pictures": pictures,
    "numbers": numbers,
    "sounds": sounds,
}


def text_of(name: str) -> str:
    """A file's content: a line for each entry, so that changes can be seen."""
    return json.dumps(FILES[name](), indent=None, ensure_ascii=True) + "\n"


def main(names: Iterable[str]) -> None:
    """Record some files, or all."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or FILES:
        (FOLDER / f"{name}.json").write_text(text_of(name), encoding="utf-8")
        print(name, (FOLDER / f"{name}.json").stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1:])
