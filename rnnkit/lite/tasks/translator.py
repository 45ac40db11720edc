"""Translate sentences with an exported translator: beam search in numpy over its `decode_step`."""

from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.pieces import END
from rnnkit.codec.vocabulary import PAD
from rnnkit.decoding import Decoded
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.translations import (
    SPELLINGS,
    Translation,
    checked_texts,
    numbers_of,
    source_ids,
    spelt,
    translations_of,
)
from rnnkit.lite.bundle import LONGEST, Bundle
from rnnkit.lite.decode_step import DecodeStep, bundle_pieces, bundle_search
from rnnkit.lite.interpreter import open_model, padded, warm_up
from rnnkit.lite.searching import drawn_with, search_of, whole_beam

#: Signatures beside `decode_step`, and what they take.
ENCODE, TRANSLATE, SOURCE = "encode", "translate", "source"
SIDES = ("source", "target")
#: In `bundle.json`: ids of a source, where they are not `max_length` as those of a translation.
SOURCE_LENGTH = "source_length"


class Translator:
    """Runs a bundle of the task "translator"; `rnnkit.lite.load` makes it.

    The model encodes a sentence once and decodes it step by step, all hypotheses of the beam in one call. A lock lets
    threads share one translator.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        self.source_pieces, self.target_pieces = (bundle_pieces(bundle, f"{side}_pieces") for side in SIDES)
        spelling = bundle.settings.get("spelling", SPELLINGS[1])  # which bundles of earlier lack
        if spelling not in SPELLINGS:
            known = " or ".join(SPELLINGS)
            raise RnnkitError(
                f"{bundle.folder} asks for the spelling {spelling!r:.60}; expected {known}. Export it again."
            )
        self.source_pieces = spelt(self.source_pieces, spelling)
        self.search = bundle_search(bundle)
        self._most = bundle.number(SOURCE_LENGTH, 1, LONGEST) if SOURCE_LENGTH in bundle.settings else bundle.max_length
        self._interpreter = open_model(bundle.read("model"), num_threads, delegate=bundle.strategy == "padded")
        self._lock = Lock()
        self._decoder = DecodeStep(
            bundle, self._interpreter, "translator", {ENCODE: {SOURCE}}, measured=bundle.fixed_length
        )
        self._encode = self._interpreter.get_signature_runner(ENCODE)
        if bundle.strategy == "padded":
            warm_up(self._encode)
        self._check_pieces()

    def predict(self, sentences: str | Iterable[str], **how: Any) -> list[Translation]:
        """Translate sentences: one answer for each; a single string counts as a list of one.

        Args:
            sentences: as a person wrote them.
            **how: `SearchOptions` in place of the bundle's, such as beam_width=1 or n_best=3.

        Raises:
            RnnkitError: something in `sentences` is no string, or an option is unknown, of another kind, out of range
                or for another strategy.
        """
        search = search_of(self.search, how)
        return [self._translate(text, place, search) for place, text in enumerate(checked_texts(sentences))]

    def run(self, sentences: Sequence[str]) -> np.ndarray:
        """An integer per translation, equal for equal translations, to compare with Keras: int64 [sentences]."""
        return numbers_of(self.predict(sentences))

    def _translate(self, text: str, place: int, search: dict[str, Any]) -> Translation:
        ids = source_ids(text, self.source_pieces, self._most)
        how = {**whole_beam(search), **drawn_with(search, [place], self.bundle.max_length)}
        with self._lock:
            found = self._decode(ids, how)
        n_best = search.get("n_best", 1)
        return translations_of(*found, [text], self.source_pieces, self.target_pieces, n_best)[0]

    def _decode(self, ids: np.ndarray, search: dict[str, Any]) -> Decoded:
        seen = {"source_mask": np.ones((1, len(ids)), bool), "source_words": ids[None] != END}
        given = padded(ids, self._most, PAD) if self.bundle.fixed_length else ids
        encoded = self._encode(**{SOURCE: given[None]})
        return self._decoder.search(encoded, search, **(seen if self._decoder.attends else {}))

    def _check_pieces(self) -> None:
        """Refuse pieces that are not those of the model: their last ids would lie outside its tables."""
        tables = {int(shape[0]) for shape in self._shapes() if len(shape) == 2}
        fitting = len(self.source_pieces) in tables, len(self.target_pieces) == self._decoder.words
        for side, pieces, fits in zip(SIDES, (self.source_pieces, self.target_pieces), fitting, strict=True):
            if not fits:
                raise RnnkitError(
                    f"{self.bundle.folder} lists {len(pieces)} pieces of the {side}, and the model has no table of so "
                    "many. Export it again."
                )

    def _shapes(self) -> Iterator[np.ndarray]:
        """Of all tensors of all the model's functions."""
        for number in range(len(self._interpreter.get_signature_list())):
            yield from (tensor["shape"] for tensor in self._interpreter.get_tensor_details(number))
