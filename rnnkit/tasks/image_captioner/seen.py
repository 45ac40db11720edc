"""The network's view of pictures: cached features of a frozen encoder, or the pictures themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.pictures import open_picture
from rnnkit.run.weight_shapes import any_weights
from rnnkit.tasks.image_captioner.feature_cache import FeatureCache
from rnnkit.tasks.image_captioner.preprocessing import CaptionedImages, Seen
from rnnkit.tasks.image_captioner.source import CaptionedPicture
from rnnkit.vision.kinds import ENCODERS

_ENCODED = 32  # pictures per call of the encoder
_MOST_HELD = 2 * 2**30  # bytes of pictures held in memory for a trainable encoder


class SeenPictures(CaptionedImages):
    """Captioned pictures with the image encoder chosen in the options."""

    _encoder: Any = None

    @property
    def encoder_learns(self) -> bool:
        """Whether the encoder is trained with the decoder, and thus is part of the network."""
        return self.options.encoder_layers > 0 or not ENCODERS[self.options.encoder].pretrained

    @property
    def encoder(self) -> Any:
        """The frozen image encoder, from uint8 pictures to features."""
        if self._encoder is None:
            with any_weights():  # they are not part of the Run
                self._encoder = self.new_encoder("imagenet")
        return self._encoder

    def new_encoder(self, weights: str) -> Any:
        """An image encoder with weights from "imagenet", or "random" ones."""
        from rnnkit.training.progress import console
        from rnnkit.vision.encoders import image_encoder

        return image_encoder(self.options.encoder, self.picture_size, weights=weights, say=console.print)

    def look(self, files: Sequence[CaptionedPicture], mirror: bool) -> Seen:
        if self.encoder_learns:
            return self._shown([one.path for one in files], mirror)
        digests = [one.digest for one in files]
        caches = {mirrored: self._filled(files, mirrored) for mirrored in ([False, True] if mirror else [False])}

        def seen(rows: Sequence[int], mirrored: bool) -> np.ndarray:
            cache = caches[mirrored and mirror]
            return cache.get([digests[row] for row in rows]).astype(np.float32)

        return seen

    def look_at(self, pictures: np.ndarray) -> Seen:
        made = pictures if self.encoder_learns else self._features(pictures)
        return lambda rows, mirrored: made[list(rows)]

    def _shown(self, paths: Sequence[Path], mirror: bool) -> Seen:
        """The pictures themselves: held in memory if few enough, otherwise opened on demand."""
        size = self.picture_size
        few = len(paths) * size * size * 3 <= _MOST_HELD
        held = [open_picture(path, size) for path in paths] if few else []

        def seen(rows: Sequence[int], mirrored: bool) -> np.ndarray:
            shown = np.stack([held[row] if few else open_picture(paths[row], size) for row in rows])
            return shown[:, :, ::-1] if mirrored and mirror else shown

        return seen

    def _filled(self, files: Sequence[CaptionedPicture], mirrored: bool) -> FeatureCache:
        """The cache of the pictures' features, with missing ones encoded now."""
        from rnnkit.training.progress import console

        name = self.options.encoder + (" mirrored" if mirrored else "")
        cache = FeatureCache(name, self.picture_size, self.encoder.output_shape[1:], keep=self.options.cache)
        paths = {one.digest: one.path for one in files}

        def encode(digests: list[str]) -> np.ndarray:
            pictures = np.stack([open_picture(paths[digest], self.picture_size) for digest in digests])
            return self._features(pictures[:, :, ::-1] if mirrored else pictures)

        if missing := len(cache.missing(paths)):
            place = f"kept in {cache.folder}" if cache.keep else "held in memory"
            size = missing * cache.bytes_a_picture / 1e9
            console.print(f"Encoding {missing:,} pictures with {name} ({size:.1f} GB, {place}) ...", soft_wrap=True)
        cache.fill(paths, encode, lambda done, total: console.print(f"encoded {done:,} of {total:,} pictures"))
        return cache

    def _features(self, pictures: np.ndarray) -> np.ndarray:
        batches = (pictures[first : first + _ENCODED] for first in range(0, len(pictures), _ENCODED))
        return np.concatenate([self.encoder.predict_on_batch(batch) for batch in batches])
