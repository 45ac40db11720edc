"""Describe pictures with an exported captioner: an encoder file and a decoder file, with a beam search in numpy."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.pictures import as_picture
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.captions import CAPTION_MARKS, Caption, captions_of, picture_faults
from rnnkit.lite.answers.translations import numbers_of
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.decode_step import DecodeStep, bundle_pieces, bundle_search, tensor_shapes
from rnnkit.lite.interpreter import open_model, require_signatures
from rnnkit.lite.searching import drawn_with, search_of, whole_beam

#: The encoder's signature, and what it takes: uint8 `[1, size, size, 3]`.
ENCODE, PICTURE = "encode", "picture"


class ImageCaptioner:
    """Runs a bundle of the task "image_captioner"; `rnnkit.lite.load` makes it.

    Needs Pillow to open pictures that are not arrays yet. A lock lets threads share one captioner.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        self.pieces = bundle_pieces(bundle, "pieces")
        self.search = bundle_search(bundle)
        self.size = bundle.setting("image_size", int)
        self._eye = open_model(bundle.read("encoder"), num_threads)
        require_signatures(self._eye, {ENCODE: {PICTURE}}, {ENCODE: {}}, bundle.folder, "encoder of pictures")
        self._hand = open_model(bundle.read("decoder"), num_threads, delegate=bundle.strategy == "padded")
        self._decoder = DecodeStep(bundle, self._hand, "captioner")
        self._encode = self._eye.get_signature_runner(ENCODE)
        self._lock = Lock()
        self._check()

    def predict(self, pictures: Any, **how: Any) -> list[Caption]:
        """Describe pictures: one answer for each; a single one counts as a list of one.

        Args:
            pictures: names of files, or uint8 arrays `[height, width, 3]`, RGB.
            **how: `SearchOptions` in place of the bundle's, such as beam_width=1 or n_best=3.

        Raises:
            RnnkitError: a picture cannot be read, or an option is unknown, of another kind, out of range or for
                another strategy.
        """
        search = search_of(self.search, how)
        given = list(pictures) if isinstance(pictures, list | tuple) else [pictures]
        return [self._described(picture, place, search) for place, picture in enumerate(given)]

    def faults(self, pictures: Sequence[Any]) -> dict[int, str]:
        """The faults of unreadable pictures, by index."""
        return picture_faults(pictures)

    def run(self, pictures: Sequence[Any]) -> np.ndarray:
        """An integer per caption, equal for equal captions, to compare with Keras: int64 [pictures]."""
        return numbers_of(self.predict(list(pictures)))

    def _described(self, given: Any, place: int, search: dict[str, Any]) -> Caption:
        picture = as_picture(given, self.size)[None]
        how = {**whole_beam(search), **drawn_with(search, [place], self.bundle.max_length)}
        with self._lock:
            encoded = self._encode(**{PICTURE: picture})
            regions = encoded[self._decoder.memory[0]].shape[1] if self._decoder.attends else 0
            seen = {"source_mask": np.ones((1, regions), bool)} if regions else {}
            found = self._decoder.search(encoded, {"marks": CAPTION_MARKS, **how}, **seen)
        return captions_of(found.ids, found.scores, self.pieces, search.get("n_best", 1))[0]

    def _check(self) -> None:
        """Check that files and settings fit, before the first picture."""
        wanted = [1, self.size, self.size, 3]
        shape = [int(side) for side in self._encode.get_input_details()[PICTURE]["shape"]]
        if shape != wanted:
            raise RnnkitError(f"{self.bundle.folder}: the encoder takes {shape}; expected {wanted}. Export it again.")
        if (made := tensor_shapes(self._encode.get_output_details())) != self._decoder.taken:
            raise RnnkitError(
                f"{self.bundle.folder}: the encoder gives {made}, and the decoder takes {self._decoder.taken}. Export "
                "it again."
            )
        if len(self.pieces) != self._decoder.words:
            raise RnnkitError(
                f"{self.bundle.folder} lists {len(self.pieces)} pieces for a decoder of {self._decoder.words} words. "
                "Export it again."
            )
