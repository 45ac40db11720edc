"""The shared part of runners that read raw texts and give a probability for each label."""

from collections.abc import Iterable, Sequence

import numpy as np

from rnnkit.codec.unit_tokenizers import bundled_tokenizer
from rnnkit.codec.vocabulary import PAD
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.labels import WordsAndLabels
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.interpreter import dequantized, padded, warm_up


class TextRunner(WordsAndLabels):
    """Texts to ids, and ids to probabilities of the labels.

    The model is opened once and kept. A lock lets threads share one runner, one text at a time; for texts side by
    side give each thread its own.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        super().__init__(bundle, num_threads)
        settings, where = bundle.setting("tokenizer", dict), str(bundle.folder)
        self.tokenizer = bundled_tokenizer(settings, self.vocabulary.words, where)
        self._check_model()
        if bundle.strategy == "padded":
            warm_up(self._interpreter.get_signature_runner())

    def probabilities(self, texts: str | Iterable[str]) -> np.ndarray:
        """The probabilities of all labels for each text: float32 [texts, labels].

        Raises:
            RnnkitError: something in `texts` is no string.
        """
        return self.run(self.encoded(texts))

    def encoded(self, texts: str | Iterable[str]) -> list[np.ndarray]:
        """`encode` of each text; a single string counts as a list of one.

        Raises:
            RnnkitError: something in `texts` is no string.
        """
        return [self.encode(text) for text in _strings(texts)]

    def encode(self, text: str) -> np.ndarray:
        """The ids the model sees for `text`: int32 [at most max_length], not padded."""
        return self.vocabulary.encode(self.tokenizer(text), max_length=self.bundle.max_length)

    def run(self, ids: Sequence[np.ndarray]) -> np.ndarray:
        """The probabilities for already encoded texts.

        Args:
            ids: for each text a vector of 1 to max_length ids, without padding.

        Returns:
            float32 [texts, labels].

        Raises:
            RnnkitError: a vector is empty, too long, or has an id outside the vocabulary.
        """
        rows = [self._run(self._checked(row, place)) for place, row in enumerate(ids)]
        return np.stack(rows) if rows else np.zeros((0, len(self.labels)), np.float32)

    def _run(self, ids: np.ndarray) -> np.ndarray:
        if self.bundle.fixed_length:
            ids = padded(ids, self.bundle.max_length, PAD)
        with self._lock:
            given = self._interpreter.get_input_details()[0]
            if given["shape"][1] != len(ids):
                self._interpreter.resize_tensor_input(given["index"], [1, len(ids)])
                self._interpreter.allocate_tensors()
            if self.bundle.resets_state:
                self._interpreter.reset_all_variables()
            self._interpreter.set_tensor(given["index"], ids[None].astype(given["dtype"]))
            self._interpreter.invoke()
            answer = self._interpreter.get_output_details()[0]
            return dequantized(self._interpreter.get_tensor(answer["index"])[0], answer)

    def _checked(self, ids: np.ndarray, place: int) -> np.ndarray:
        ids = np.asarray(ids)
        if ids.ndim != 1 or ids.dtype.kind not in "iu" or not 1 <= len(ids) <= self.bundle.max_length:
            raise RnnkitError(
                f"Text {place} is {ids.dtype} {list(ids.shape)};"
                f" expected a vector of 1 to {self.bundle.max_length} whole ids."
            )
        if ids.min() < 0 or ids.max() >= len(self.vocabulary):
            raise RnnkitError(
                f"Text {place} has ids {ids.min()}..{ids.max()}; the vocabulary has 0..{len(self.vocabulary) - 1}."
            )
        return ids

    def _check_model(self) -> None:
        """Check that model and settings fit, before the first text."""
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if len(inputs) != 1 or len(outputs) != 1 or len(inputs[0]["shape"]) != 2 or len(outputs[0]["shape"]) != 2:
            raise RnnkitError(f"{self.bundle.folder}: the model is no text classifier ([1, ids] in, [1, labels] out).")
        if outputs[0]["shape"][0] != 1 or np.dtype(outputs[0]["dtype"]).kind not in "fiu":
            raise RnnkitError(
                f"{self.bundle.folder}: the model gives {list(outputs[0]['shape'])}; expected [1, labels]."
            )
        self._check_outputs(int(outputs[0]["shape"][1]))
        self._check_vocabulary()
        if self.bundle.fixed_length and inputs[0]["shape"][1] != self.bundle.max_length:
            raise RnnkitError(
                f"{self.bundle.folder} says max_length {self.bundle.max_length}, but the model takes"
                f" {inputs[0]['shape'][1]} ids. Export it again."
            )


def _strings(texts: str | Iterable[str]) -> list[str]:
    listed = [texts] if isinstance(texts, str) or not isinstance(texts, Iterable) else list(texts)
    if isinstance(texts, bytes | bytearray):
        listed = [texts]
    for place, text in enumerate(listed):
        if not isinstance(text, str):
            raise RnnkitError(f"Text {place} is {text!r:.60} ({type(text).__name__}); expected a string.")
    return listed
