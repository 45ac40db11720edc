"""Learning the units of texts from the training part."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rnnkit.codec.text_units import Bytes, Characters, TextUnits
from rnnkit.codec.vocabulary import SPECIALS, Vocabulary
from rnnkit.codec.word_units import Subwords, Words, check_unit, split_by
from rnnkit.data.learn_pieces import learn_pieces
from rnnkit.errors import RnnkitError

#: The defaults for options of 0: maximum number of ids, and minimum occurrences of a unit.
_MOST = {"word": 20_000, "token": 20_000, "bpe": 2_000, "unigram": 2_000}
_FEWEST = {"word": 3, "token": 3}


def learn_units(texts: Sequence[str], unit: str, size: int = 0, min_count: int = 0) -> TextUnits:
    """Learn units, deterministically.

    Args:
        texts: The training part.
        unit: "word", "token", "character", "byte", "bpe" or "unigram".
        size: Maximum number of ids; 0 for 20,000 words, 2,000 subwords, all characters.
        min_count: Minimum occurrences of a known word or character; 0 for 3 with words and 1 with characters.

    Raises:
        RnnkitError: There is nothing to learn from, or the size is too small.

    Example:

    >>> learn_units(["abba"], "character").encode("ab").tolist()
    [3, 4]
    """
    check_unit(unit)
    size, min_count = size or _MOST.get(unit, 1_000_000), min_count or _FEWEST.get(unit, 1)
    if unit == "byte":
        return Bytes()
    if unit == "character":
        return Characters(_most_frequent(Counter("".join(texts)), size - len(SPECIALS), min_count))
    if unit in ("word", "token"):
        split = split_by(unit)
        counts = Counter(word for text in texts for word in split(text))
        return Words(unit, Vocabulary.from_counts(counts, size, min_count))
    return Subwords(learn_pieces((line for text in texts for line in text.split("\n")), unit, size - 1))


def _most_frequent(counts: Counter[str], most: int, min_count: int) -> list[str]:
    if most < 1:
        raise RnnkitError(f"vocabulary_size is {most + len(SPECIALS)}; give at least {len(SPECIALS) + 1}.")
    kept: Iterable[tuple[str, int]] = (each for each in counts.items() if each[1] >= min_count)
    return [character for character, _ in sorted(kept, key=lambda each: (-each[1], each[0]))[:most]]
