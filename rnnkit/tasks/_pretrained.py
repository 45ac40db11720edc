"""What a new network can begin with: word vectors from a file, or the words and the encoder of a language model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnkit.data.embeddings import WordVectors, read_word_vectors
from rnnkit.data.vocabulary import SPECIALS
from rnnkit.errors import RnnkitError


class Pretrained:
    """Read once, before the vocabulary is learnt; then given to the network.

    Args:
        options: Their `embeddings` names a file of word vectors, their `init_from` a Run of a language model.
        fold: What makes of a word the word as the vocabulary has it.

    Raises:
        RnnkitError: Both are given, or what is named cannot be read.
    """

    def __init__(self, options: Any, fold: Callable[[str], str]) -> None:
        if options.embeddings and options.init_from:
            raise RnnkitError("embeddings and init_from are both given; a network begins with one of them.")
        self.model: Any = None
        self.name = Path(options.embeddings or options.init_from).name
        if options.init_from:
            self.model = _language_model(options.init_from)
            table = self.model.network.get_layer("embedding").get_weights()[0]
            self.vectors = WordVectors(list(self.model.vocabulary.words[len(SPECIALS) :]), table[len(SPECIALS) :])
        else:
            self.vectors = read_word_vectors(options.embeddings, options.vocabulary_size, fold)

    def counts(self) -> dict[str, int]:
        """The words with numbers that fall in their order: as if counted."""
        words = self.vectors.words
        return {word: len(words) - rank for rank, word in enumerate(words)}

    def give(self, network: Any, words: tuple[str, ...]) -> str:
        """Sets the vectors of known words, and of a language model's encoder all that fits; says in a line what."""
        layer = network.get_layer("embedding")
        [table] = layer.get_weights()
        vectors = self.vectors.vectors
        if vectors.shape[1] != table.shape[1]:
            raise RnnkitError(
                f"{self.name} has vectors of {vectors.shape[1]} numbers, and the network's have {table.shape[1]}. Give "
                f"--embedding-size {vectors.shape[1]}."
            )
        places = {word: place for place, word in enumerate(words)}
        known = [(places[word], row) for row, word in enumerate(self.vectors.words) if word in places]
        table[[place for place, _ in known]] = vectors[[row for _, row in known]]
        said = f"{len(known)} of {len(words)} words begin with the vectors of {self.name}"
        if self.model is not None:
            for special in range(1, len(SPECIALS)):
                table[special] = self.model.network.get_layer("embedding").get_weights()[0][special]
            said += f"; {self._give_cells(network)}"
        layer.set_weights([table])
        return said

    def _give_cells(self, network: Any) -> str:
        old, new = (each.get_layer("recurrent").forward_cells for each in (self.model.network, network))
        kept = 0
        for before, after in zip(old, new, strict=False):
            shapes = [[weight.shape for weight in cell.get_weights()] for cell in (before, after)]
            if type(before) is not type(after) or shapes[0] != shapes[1]:
                break
            after.set_weights(before.get_weights())
            kept += 1
        return f"{kept} of its {len(old)} recurrent layers are kept" if kept else (
            "its recurrent layers are of another cell or size and are not kept"
        )  # fmt: skip


def _language_model(folder: str) -> Any:
    from rnnkit import tasks

    model = tasks.load(folder)
    if model.key != "language_model":
        raise RnnkitError(f"{folder} is a Run of {model.key}; expected one of language_model (rnnkit pretrain).")
    return model
