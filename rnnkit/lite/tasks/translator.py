"""Translates sentences with an exported translator: beam search in numpy over its `decode_step`."""

from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.data.pieces import END, Pieces
from rnnkit.decoding import Decoded, decode, numpy_ops
from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.interpreter import open_model, require_signatures
from rnnkit.lite.searching import BeamOptions, drawn_with, search_of, whole_beam
from rnnkit.lite.translations import MARKS, Translation, checked_texts, numbers_of, source_ids, translations_of

#: The model's signatures, and the names of what goes in and comes out; states and memory are numbered.
ENCODE, DECODE_STEP, TRANSLATE = "encode", "decode_step", "translate"
SOURCE, IDS, LOGITS, ATTENTION, STATE, MEMORY = "source", "ids", "logits", "attention", "state", "memory"


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
        self.source_pieces, self.target_pieces = (self._pieces(f"{side}_pieces") for side in ("source", "target"))
        self._states = [f"{STATE}_{number}" for number in range(bundle.setting("states", int))]
        self._memory = [f"{MEMORY}_{number}" for number in range(bundle.setting("memory", int))]
        self.search = self._checked_search()
        self._interpreter = open_model(bundle.read("model"), num_threads, delegate=False)
        self._lock = Lock()
        self._check_model()
        self._runners = {name: self._interpreter.get_signature_runner(name) for name in (ENCODE, DECODE_STEP)}
        self._check_pieces()

    def predict(self, sentences: str | Iterable[str], **how: Any) -> list[Translation]:
        """Translates sentences: one answer for each; a single string counts as a list of one.

        Args:
            sentences: as a person wrote them.
            **how: `SearchOptions` in place of the bundle's, such as beam_width=1 or n_best=3.

        Raises:
            RnnkitError: something in `sentences` is no string, or an option is unknown, of another kind, out of range
                or for another strategy.
        """
        search = search_of(self.search, how)
        return [self._translate(text, place, search) for place, text in enumerate(checked_texts(sentences))]

    def outputs_of_ids(self, sentences: Sequence[str]) -> np.ndarray:
        """A number for each translation, equal for equal ones, to compare with Keras: int64 [sentences]."""
        return numbers_of(self.predict(sentences))

    def _translate(self, text: str, place: int, search: dict[str, Any]) -> Translation:
        ids = source_ids(text, self.source_pieces, self.bundle.max_length)
        how = {**whole_beam(search), **drawn_with(search, [place], self.bundle.max_length)}
        with self._lock:
            found = self._decode(ids, how)
        n_best = search.get("n_best", 1)
        return translations_of(*found, [text], self.source_pieces, self.target_pieces, n_best)[0]

    def _decode(self, ids: np.ndarray, search: dict[str, Any]) -> Decoded:
        encoded = self._runners[ENCODE](**{SOURCE: ids[None]})

        def step(last: np.ndarray, states: Sequence[np.ndarray], memory: Sequence[np.ndarray]) -> Any:
            given = dict(zip((*self._states, *self._memory), (*states, *memory), strict=True))
            made = self._runners[DECODE_STEP](**{IDS: last.astype(np.int32)}, **given)
            return made[LOGITS], [made[name] for name in self._states], made.get(ATTENTION)

        states, memory = ([encoded[name] for name in names] for names in (self._states, self._memory))
        seen = {"source_mask": np.ones((1, len(ids)), bool), "source_words": ids[None] != END} if memory else {}
        search = {"marks": MARKS, "max_length": self.bundle.max_length, **search}
        return decode(step, states, memory, rows=1, ops=numpy_ops, **seen, **search)

    def _pieces(self, name: str) -> Pieces:
        self.bundle.read(name)  # checks name and hash
        return Pieces.load(self.bundle.folder / self.bundle.setting(name, str))

    def _checked_search(self) -> dict[str, Any]:
        """The search that `bundle.json` asks for: plain numbers under known names."""
        given = self.bundle.setting("search", dict)
        for name, value in given.items():
            try:
                BeamOptions.from_dict({name: value})
            except RnnkitError as error:
                raise RnnkitError(
                    f"{self.bundle.folder} asks for a search with {name} {value!r} ({error}) Export it again."
                ) from None
        return given

    def _check_model(self) -> None:
        """Says what does not fit before the first sentence does."""
        require_signatures(
            self._interpreter, {ENCODE: {SOURCE}, DECODE_STEP: {IDS, *self._states, *self._memory}}, self.bundle.folder,
            f"translator with {len(self._states)} states and {len(self._memory)} memories",
        )  # fmt: skip

    def _check_pieces(self) -> None:
        """Refuses pieces that are not those of the model: their last ids would lie outside its tables."""
        logits = self._runners[DECODE_STEP].get_output_details()[LOGITS]["shape_signature"]
        tables = {int(shape[0]) for shape in self._shapes() if len(shape) == 2}
        for side, pieces, fits in (("source", self.source_pieces, len(self.source_pieces) in tables),
                                   ("target", self.target_pieces, len(self.target_pieces) == logits[-1])):  # fmt: skip
            if not fits:
                raise RnnkitError(
                    f"{self.bundle.folder} lists {len(pieces)} pieces of the {side}, and the model has no table of so "
                    "many. Export it again."
                )

    def _shapes(self) -> Iterator[np.ndarray]:
        """Of all tensors of all the model's functions."""
        for number in range(len(self._interpreter.get_signature_list())):
            yield from (tensor["shape"] for tensor in self._interpreter.get_tensor_details(number))
