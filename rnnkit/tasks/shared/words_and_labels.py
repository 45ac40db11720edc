"""A vocabulary of words and a list of labels, shared by tasks that label words, texts or trees."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnkit.codec.vocabulary import SPECIALS, Vocabulary
from rnnkit.data.labels import MOST_LABELS, breaks_line, normalise_label, too_many
from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.files.reading import WORDS_BYTES, read_text
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.base.word_encoder import WordEncoder
from rnnkit.tasks.shared.pretrained import Pretrained

if TYPE_CHECKING:
    import keras

#: Share of the data held out for testing where no test data are given.
TEST_SHARE = 0.1


class WordsAndLabels(Preprocessing):
    """A vocabulary and labels; the options have `vocabulary_size` and `min_count`."""

    #: The noun for an example, in messages.
    noun: ClassVar[str] = "rows"
    #: The option `unit` of a language model that can initialise the network.
    language_unit: ClassVar[str] = ""

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.vocabulary = Vocabulary([])
        self.labels: list[str] = []
        self._pretrained: Pretrained | None = None
        self._encoder: WordEncoder | None = None

    def fold(self, word: str) -> str:
        """The word in the vocabulary's spelling."""
        return word.lower()

    def choose_labels(self, names: Sequence[str], parent: Preprocessing | None) -> None:
        """Set the labels of the head; the old ones are kept where the data has no others.

        Raises:
            RnnkitError: A label contains a line break, which `labels.txt` cannot hold, or there are too many.
        """
        if fault := too_many(len(names), MOST_LABELS, "label"):
            raise RnnkitError(fault)
        for name in filter(breaks_line, names):
            raise RnnkitError(f"The label {name!r:.60} contains a line break; use one-line labels.")
        known = isinstance(parent, WordsAndLabels) and set(names) <= set(parent.labels)
        self.labels = list(parent.labels) if known and isinstance(parent, WordsAndLabels) else list(names)

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

    def label_number(self, label: str | None, name: str) -> int:
        """The index of a label among the labels.

        Raises:
            RnnkitError: The model does not know it.
        """
        if label is not None and label not in self.labels:  # which a Run of earlier may have in another spelling
            label = {normalise_label(each): each for each in self.labels}.get(normalise_label(label), label)
        if label not in self.labels:
            raise RnnkitError(
                f"{name} has the label {label!r:.40}, which this model does not know."
                f"{did_you_mean(str(label), self.labels)} It knows: {', '.join(self.labels[:20])}. "
                f"Fine-tune it on such {self.noun} first (rnnkit finetune)."
            )
        return self.labels.index(label)

    def save(self, folder: Path) -> None:
        self.vocabulary.save(folder / "vocab.txt")
        (folder / "labels.txt").write_text("".join(f"{label}\n" for label in self.labels), encoding="utf-8")

    def load(self, folder: Path) -> None:
        self.vocabulary = Vocabulary.load(folder / "vocab.txt")
        text = read_text(folder / "labels.txt", WORDS_BYTES, advice="The Run is broken.")
        self.labels = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise RnnkitError(f"{folder / 'labels.txt'} needs two or more different labels, a line each.")


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities over the labels, `[..., labels]`."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
