"""Pieces learnt from the training texts."""

import io
from collections import Counter
from collections.abc import Iterable

import numpy as np

from rnnkit.codec.normalise import MARK, normalised
from rnnkit.codec.piece_splits import merge_pairs, words_and_signs
from rnnkit.codec.pieces import KINDS, SPECIALS, Pieces, storable
from rnnkit.errors import RnnkitError, did_you_mean

#: Of `vocabulary_size`: the most pieces that fine-tuning adds to a list.
NEW_SHARE = 0.25
_RESERVED = "\u2585"  # SentencePiece keeps this character for itself and leaves out what holds it


def learn_pieces(texts: Iterable[str], kind: str, size: int, min_count: int = 1) -> Pieces:
    """Learn pieces; the same texts yield the same pieces.

    "bpe" and "unigram" are learnt by SentencePiece from the words and their counts, with every character of the texts
    among the pieces. "word" and "character" keep the most frequent ones, of equal counts the alphabetically first.

    Args:
        texts: The training part; for pieces that two languages share, the texts of both. Read once.
        kind: "bpe", "unigram", "word" or "character".
        size: Largest number of ids, the four special ones included; small data give fewer.
        min_count: For "word" and "character", those seen fewer times are left out.

    Raises:
        RnnkitError: There is no text, the size is too small for the characters, no word is frequent enough, or
            SentencePiece is not installed.

    Example:

    >>> learn_pieces(["a cat, a hat", "a cat"], "word", 7).pieces[4:]
    ('▁a', '▁cat', ',')
    """
    if kind not in KINDS:
        raise RnnkitError(
            f"Unknown kind of pieces {kind!r}; expected one of: {', '.join(KINDS)}." + did_you_mean(kind, KINDS)
        )
    counts = _word_counts(texts)
    room = size - len(SPECIALS)
    if room < 1:
        raise RnnkitError(f"The size is {size}; it must be above {len(SPECIALS)}, the number of special ids.")
    if kind in ("word", "character"):
        found = _most_frequent(counts, kind, room, min_count)
        if not found:
            raise RnnkitError(
                f"No {kind} occurs {min_count:,} times in the texts, so there is no piece to learn; lower min_count "
                "(--min-count)."
            )
        return Pieces(kind, found)
    needed = len(_characters(counts))
    if room < needed:
        raise RnnkitError(
            f"The size {size} is too small: the texts have {needed:,} different characters, and each needs an id; "
            f"give at least {needed + len(SPECIALS):,}, or the kind 'word'."
        )
    return Pieces(kind, *_subwords(counts, kind, room))


def more_pieces(old: Pieces, texts: Iterable[str], most: int, min_count: int = 1) -> Pieces:
    """The old pieces followed by those that new texts need, for fine-tuning.

    All ids keep their meaning. New characters come first, then what pieces learnt anew from `texts` have more and the
    texts are then cut into. These score below the old ones, so most of what was known is cut as before.

    Args:
        old: What a network was trained with.
        texts: The new training part.
        most: Largest number of pieces to append.
        min_count: For "word" and "character", those seen fewer times are left out.

    Raises:
        RnnkitError: There is no text, or SentencePiece is not installed.

    Example:

    >>> more_pieces(Pieces("word", ["▁a", "▁cat"]), ["a dog", "a dog!"], 1).pieces[4:]
    ('▁a', '▁cat', '▁dog')
    """
    counts = _word_counts(texts)
    if old.kind in ("word", "character"):
        units = _most_frequent(counts, old.kind, len(old) + most, min_count)
        return old.extended([unit for unit in units if unit not in old][: max(most, 0)])
    found, _ = _subwords(counts, old.kind, max(len(old) - len(SPECIALS) + most, len(_characters(counts))))
    found = sorted(found, key=lambda piece: len(piece) > 1)  # in the order learnt, but for the characters
    new = [piece for piece in found if piece not in old]
    while True:
        extended = old.extended(new)
        used = _in_use(extended, counts)
        kept = [piece for piece in new if len(piece) == 1 or piece in used]
        if len(kept) == len(new) <= max(most, 0):
            return extended
        new = kept if len(kept) < len(new) else kept[: max(most, 0)]


def _in_use(pieces: Pieces, words: Iterable[str]) -> set[str]:
    """The pieces that these words are cut into; for "bpe" also those that these are merged from."""
    used, left = set[str](), {piece for word in words for piece in pieces.split(word)}
    scores = dict(zip(pieces.pieces[len(SPECIALS) :], pieces.scores[len(SPECIALS) :], strict=True))
    while left and pieces.kind == "bpe":
        used |= left
        left = {part for piece in left for part in _merged_from(piece, scores)} - used
    return used | left


def _merged_from(piece: str, scores: dict[str, float]) -> list[str]:
    """The two pieces that BPE merges into this one."""
    score = scores.pop(piece, None)
    parts = merge_pairs(piece, scores)
    if score is not None:
        scores[piece] = score
    return parts


def _word_counts(texts: Iterable[str]) -> Counter[str]:
    """Counts of words separated by blanks."""
    if isinstance(texts, str):
        raise RnnkitError(f"The texts are one string, {texts[:40]!r}; give a list of texts.")
    counts = Counter(word for text in texts for word in normalised(text).split(" ") if word)
    if not counts:
        raise RnnkitError("There is no word to learn pieces from: the texts are none or all empty.")
    return counts


def _characters(counts: Counter[str]) -> set[str]:
    return {MARK, *(character for word in counts if _RESERVED not in word for character in word)}


def _most_frequent(counts: Counter[str], kind: str, most: int, min_count: int) -> list[str]:
    seen = Counter[str]()
    for word, count in counts.items():
        units = [MARK, *word] if kind == "character" else words_and_signs(word)
        if kind == "word":
            units[0] = MARK + units[0]
        for unit in units:
            seen[unit] += count
    kept = [(unit, count) for unit, count in seen.items() if count >= min_count and storable(unit)]
    return [unit for unit, _ in sorted(kept, key=lambda item: (-item[1], item[0]))[:most]]


def _subwords(counts: Counter[str], kind: str, most: int) -> tuple[list[str], list[float]]:
    """Pieces and scores, learnt in memory; the counts go in as SentencePiece's "tsv"."""
    try:
        import sentencepiece
    except ImportError:
        raise RnnkitError(
            f"Pieces of the kind {kind!r} are learnt by the package sentencepiece, which is not installed; run "
            "`pip install sentencepiece`, or choose the kind 'word' or 'character'."
        ) from None
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(f"{word}\t{count}" for word, count in counts.items() if _RESERVED not in word),
            model_writer=model,
            input_format="tsv",
            model_type=kind,
            vocab_size=most + 1,  # + 1: its unknown piece
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            unk_id=0,
            bos_id=-1,
            eos_id=-1,
            pad_id=-1,
            unk_piece=" ",  # a name that no text can hold
            max_sentence_length=1 << 30,
            num_threads=4,
            minloglevel=2,  # the threads' number changes the last digits
        )
    except RuntimeError as error:
        raise RnnkitError(f"SentencePiece cannot learn {most:,} pieces from {len(counts):,} words: {error}") from None
    learnt = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    rows = [(learnt.id_to_piece(place), learnt.get_score(place)) for place in range(1, learnt.get_piece_size())]
    kept = [(piece, float(str(np.float32(score)))) for piece, score in rows if piece not in SPECIALS]
    return [piece for piece, _ in kept], [score for _, score in kept]
