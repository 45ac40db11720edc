"""Find named entities in raw sentences with an exported tagger."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rnnkit.codec.tag_schemes import known_scheme, to_iob2
from rnnkit.codec.vocabulary import PAD, Vocabulary
from rnnkit.codec.word_features import CASINGS, WordFeatures, joined, pieces
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.entities import TaggedPrediction, Token, prediction_of, sentences_of, tokens_of
from rnnkit.lite.answers.labels import WordsAndLabels
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.interpreter import padded, require_signatures, warm_up

#: The model's inputs, in the order of `WordFeatures.encode`, and its output.
INPUTS, TAGS = ("words", "casing", "characters"), "tags"
Features = tuple[np.ndarray, ...]


class TokenTagger(WordsAndLabels):
    """Runs a bundle of the task "token_tagger"; `rnnkit.lite.load` makes it.

    The model chooses the tags itself (Viterbi in the graph). Sentences longer than it takes are cut and joined again.
    A lock lets threads share one tagger.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        super().__init__(bundle, num_threads)
        bundle.read("characters")  # checks name and hash
        characters = Vocabulary.load(bundle.folder / bundle.setting("characters", str))
        self.features = WordFeatures(self.vocabulary, characters, bundle.number("word_length", 1, 10_000))
        self.scheme = known_scheme(bundle.setting("scheme", str))
        self._check_model()
        self._run = self._interpreter.get_signature_runner()
        if bundle.strategy == "padded":
            warm_up(self._run)

    def predict(self, sentences: str | Iterable[Any]) -> list[TaggedPrediction]:
        """The entities of sentences: one answer for each; a single string counts as a list of one.

        Args:
            sentences: as a person wrote them, or lists of tokens.

        Raises:
            RnnkitError: something in `sentences` is neither.
        """
        return [self._answer(sentence, tokens_of(sentence)) for sentence in sentences_of(sentences)]

    def _answer(self, sentence: Any, tokens: Sequence[Token]) -> TaggedPrediction:
        words = [token for token, _, _ in tokens]
        numbers = self.run([self.features.encode(piece) for piece in pieces(words, self.bundle.max_length)])
        tags = to_iob2([self.labels[number] for number in numbers], self.scheme)
        return prediction_of(sentence, tokens, joined(tags, self.bundle.max_length))

    def run(self, rows: Sequence[Features]) -> np.ndarray:
        """The tag numbers of all tokens of sentences encoded already, sentence by sentence: int32 [tokens].

        Args:
            rows: for each sentence what `WordFeatures.encode` gave, of 1 to max_length tokens.

        Raises:
            RnnkitError: a sentence is empty, too long, or has an id outside the vocabularies.
        """
        found = [self._tags(row, place) for place, row in enumerate(rows)]
        return np.concatenate(found) if found else np.zeros(0, np.int32)

    def _tags(self, row: Features, place: int) -> np.ndarray:
        length = len(row[0])
        sizes = (len(self.vocabulary), len(CASINGS), len(self.features.characters))
        if not 1 <= length <= self.bundle.max_length:
            raise RnnkitError(f"Sentence {place} has {length} tokens; expected 1 to {self.bundle.max_length}.")
        for name, table, size in zip(INPUTS, row, sizes, strict=True):
            if table.min() < 0 or table.max() >= size:
                raise RnnkitError(f"Sentence {place} has {name} {table.min()}..{table.max()}; expected 0..{size - 1}.")
        if self.bundle.fixed_length:
            row = tuple(padded(table, self.bundle.max_length, PAD) for table in row)
        with self._lock:
            if self.bundle.resets_state:
                self._interpreter.reset_all_variables()
            given = {name: table[None].astype(np.int32) for name, table in zip(INPUTS, row, strict=True)}
            tags = self._run(**given)[TAGS][0, :length]
        if len(tags) != length or tags.min() < 0:
            raise RnnkitError(f"{self.bundle.folder}: the model gives no tag for each token. Export it again.")
        if tags.max() >= len(self.labels):
            raise RnnkitError(f"{self.bundle.folder} lists {len(self.labels)} labels, too few. Export it again.")
        return tags

    def _check_model(self) -> None:
        """Check that model and settings fit, before the first sentence."""
        self._check_vocabulary()
        folder, known = self.bundle.folder, self._interpreter.get_signature_list()
        inputs: list[str] = next((signature["inputs"] for signature in known.values()), [])
        if sorted(inputs) != sorted(INPUTS):
            raise RnnkitError(f"{folder}: the model is no tagger ({', '.join(INPUTS)} in); it takes {inputs}.")
        name = next(iter(known))
        require_signatures(self._interpreter, {name: set(INPUTS)}, {name: {TAGS: "iu"}}, folder, "tagger")
        details = self._interpreter.get_signature_runner().get_input_details()
        taken = [int(size) for size in details[INPUTS[-1]]["shape_signature"]]
        said = [1, self.bundle.max_length if self.bundle.fixed_length else -1, self.features.word_length]
        if said != taken:
            shown = [str(shape).replace("-1", "any") for shape in (said, taken)]
            raise RnnkitError(f"{folder} has characters {shown[0]}, but the model takes {shown[1]}. Export it again.")
        try:
            to_iob2(self.labels, self.scheme)
        except RnnkitError as error:
            raise RnnkitError(f"{folder}: {error}. Export it again.") from None
