"""Pretrained weights for a new network: word vectors from a file, or the words and cells of a trained task."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnkit.codec.vocabulary import SPECIALS, UNKNOWN, Vocabulary
from rnnkit.data.embeddings import WordVectors, read_word_vectors
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.digest import digest_of
from rnnkit.tasks.base.word_encoder import WordEncoder

if TYPE_CHECKING:
    import keras


class Pretrained:
    """Read once, before the vocabulary is learnt; then given to the network.

    Args:
        options: Their `embeddings` names a file of word vectors, their `init_from` a Run of a task with a
            `word_encoder`, such as a language model; `freeze_embeddings` keeps the vectors as they are.
        fold: What makes of a word the word as the vocabulary has it.
        known: The words of the training part: their vectors are taken wherever in the file they stand.
        unit: What a language model must have predicted, its option `unit`.
        encoder: What `word_encoder` gave for `init_from`, where that was asked already.

    Raises:
        RnnkitError: What is named cannot be read or does not fit.
    """

    def __init__(
        self,
        options: Any,
        fold: Callable[[str], str],
        known: Vocabulary,
        unit: str,
        encoder: WordEncoder | None = None,
    ) -> None:
        init_from = getattr(options, "init_from", "")
        self.encoder: WordEncoder | None = None
        self.name, self.frozen = Path(options.pretrained_from).name, options.freeze_embeddings
        if init_from:
            self.encoder = encoder or word_encoder(init_from, unit)
            _require_same_words(self.encoder, init_from, getattr(options, "delimiters", ""))
            first = len(SPECIALS)
            self.vectors = WordVectors(list(self.encoder.words[first:]), self.encoder.vectors[first:])
        else:
            room = options.vocabulary_size - len(known)
            self.vectors = read_word_vectors(options.embeddings, room, fold, known)

    def counts(self) -> dict[str, int]:
        """The words with numbers that fall in their order: as if counted."""
        words = self.vectors.words
        return {word: len(words) - rank for rank, word in enumerate(words)}

    def digests(self) -> dict[str, str]:
        """A hash of all that `give` can give, by the option that names where it is from."""
        weights = [] if self.encoder is None else self.encoder.network.get_weights()
        digest = digest_of(self.vectors.vectors, *weights, words=self.vectors.words)
        return {"embeddings" if self.encoder is None else "init_from": digest}

    def give(self, network: "keras.Model", words: tuple[str, ...]) -> str:
        """Sets the vectors of known words, and of a trained task's cells all that fit; says in a line what."""
        layer = network.get_layer("embedding")
        [table] = layer.get_weights()
        vectors = self.vectors.vectors
        if vectors.shape[1] != table.shape[1]:
            raise RnnkitError(
                f"{self.name} has vectors of {vectors.shape[1]} numbers, and the network's have {table.shape[1]}. Give "
                f"--embedding-size {vectors.shape[1]}."
            )
        if self.encoder is not None:  # to which all other words were one
            theirs = self.encoder.vectors
            table[1:] = theirs[UNKNOWN]
            table[1 : len(SPECIALS)] = theirs[1 : len(SPECIALS)]
        places = {word: place for place, word in enumerate(words)}
        known = [(places[word], row) for row, word in enumerate(self.vectors.words) if word in places]
        table[[place for place, _ in known]] = vectors[[row for _, row in known]]
        said = f"{len(known)} of {len(words)} words start from the vectors of {self.name}"
        if self.frozen:
            said += ", which stay as they are"
        if self.encoder is not None:
            said += f"; {_give_cells(self.encoder, network)}"
        layer.set_weights([table])
        return said


def _give_cells(encoder: WordEncoder, network: "keras.Model") -> str:
    """The forward cells' weights. Where a cell reads more than the trained task's (the other direction, a word's
    characters), what both read comes first: those rows are set, the others stay random."""
    old, new = encoder.cells, network.get_layer("recurrent").forward_cells
    kept = 0
    for before, after in zip(old, new, strict=False):
        pairs = list(zip(before.get_weights(), after.get_weights(), strict=False))
        fits = all(len(a) <= len(b) and a.shape[1:] == b.shape[1:] for a, b in pairs)
        if type(before) is not type(after) or not fits or len(before.get_weights()) != len(after.get_weights()):
            continue
        after.set_weights([np.concatenate([a, b[len(a) :]]) for a, b in pairs])
        kept += 1
    return (
        f"{kept} of its {len(old)} recurrent layers are kept"
        if kept
        else ("its recurrent layers are of another cell or size and are not kept")
    )


def word_encoder(folder: str, unit: str) -> WordEncoder:
    """The words and cells of a Run.

    Raises:
        RnnkitError: The folder is no Run, its task has none, or they are of another unit.
    """
    from rnnkit import tasks

    task = tasks.load(folder)
    encoder = task.word_encoder()
    if encoder is None:
        raise RnnkitError(
            f"{folder} is a Run of {task.key}, with which no other task can begin; expected one of a language model "
            "(rnnkit pretrain)."
        )
    if encoder.unit != unit:
        raise RnnkitError(
            f"{folder} predicts by {encoder.unit}, and this task reads by {unit}. Pretrain with --for this task."
        )
    return encoder


def _require_same_words(encoder: WordEncoder, folder: str, delimiters: str) -> None:
    if delimiters and delimiters != encoder.delimiters:
        raise RnnkitError(
            f"delimiters is {delimiters!r}, and {folder} splits words by {encoder.delimiters!r}. "
            "Leave --delimiters out."
        )
