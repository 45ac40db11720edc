"""A vocabulary of words and a list of labels, shared by tasks that label words, texts or trees."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnkit.codec.vocabulary import SPECIALS, Vocabulary
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.base.word_encoder import WordEncoder
from rnnkit.tasks.shared.labelled import Labelled
from rnnkit.tasks.shared.pretrained import Pretrained

if TYPE_CHECKING:
    import keras

#: Share of the data held out for testing where no test data are given.
TEST_SHARE = 0.1


class WordsAndLabels(Labelled):
    """A vocabulary and labels; the options have `vocabulary_size` and `min_count`."""

    #: The option `unit` of a language model that can initialise the network.
    language_unit: ClassVar[str] = ""

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.vocabulary = Vocabulary([])
        self._pretrained: Pretrained | None = None
        self._encoder: WordEncoder | None = None

    def fold(self, word: str) -> str:
        """The word in the vocabulary's spelling."""
        return word.lower()

    def learn_vocabulary(
        self, counts: Mapping[str, int], parent: Preprocessing | None, name: str, fixed: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Set the vocabulary, learnt from scratch or extended from an old one. Return its entries for `metrics.json`.

        Args:
            counts: Number of occurrences of each word in the training part.
            parent: The preprocessing of the trained task that is fine-tuned, or None.
            name: The data's name, for messages.
            fixed: The whole vocabulary, where it does not depend on the counts.

        Raises:
            RnnkitError: No word occurs `min_count` times.
        """
        size, min_count = self.options.vocabulary_size, self.options.min_count
        report: dict[str, Any] = {}
        if isinstance(parent, WordsAndLabels):
            report["unknown_rate_before"] = round(parent.vocabulary.unknown_rate(counts), 4)
            room = max(size - len(parent.vocabulary), size // 4)
            self.vocabulary = parent.vocabulary.extended(counts, max_new=room, min_count=min_count)
        elif fixed:
            self.vocabulary = Vocabulary(fixed)
        else:
            self.vocabulary = Vocabulary.from_counts(counts, size, min_count)
            if self.options.embeddings or getattr(self.options, "init_from", ""):
                self._pretrained = Pretrained(
                    self.options, self.fold, self.vocabulary, self.language_unit, self._encoder
                )
                seen, theirs = len(self.vocabulary), self._pretrained.counts()
                known = sum(word in theirs for word in self.vocabulary.words)
                self.vocabulary = self.vocabulary.extended(theirs, max_new=size - seen, min_count=1)
                more = len(self.vocabulary) - seen
                report["begins_with"] = f"{self._pretrained.name}: {known} of {seen} words, {more} more"
        if len(self.vocabulary) == len(SPECIALS):
            unit = getattr(self.options, "unit", "word")
            spaces = "; for a language without blanks between its words give --unit character"
            raise RnnkitError(
                f"{name}: no {unit} occurs {min_count} times in the training {self.noun}, so there is nothing to "
                f"learn from. Add {self.noun}, or lower --min-count"
                f"{spaces if unit == 'word' and hasattr(self.options, 'unit') else ''}."
            )
        unknown = round(self.vocabulary.unknown_rate(counts), 4)
        return {**report, "vocabulary": len(self.vocabulary), "unknown_rate": unknown}

    def initialise_weights(self, network: "keras.Model") -> str:
        return "" if self._pretrained is None else self._pretrained.give(network, self.vocabulary.words)

    def pretrained_digests(self) -> dict[str, str]:
        return {} if self._pretrained is None else self._pretrained.digests()

    def save(self, folder: Path) -> None:
        self.vocabulary.save(folder / "vocab.txt")
        super().save(folder)

    def load(self, folder: Path) -> None:
        self.vocabulary = Vocabulary.load(folder / "vocab.txt")
        super().load(folder)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities over the labels, `[..., labels]`."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
