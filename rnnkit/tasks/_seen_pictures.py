"""What a network sees of pictures: features from an encoder that does not learn, kept on disk, or the pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.data.captions import CaptionedPicture
from rnnkit.data.feature_cache import FeatureCache
from rnnkit.data.pictures import open_picture
from rnnkit.tasks._captioned import CaptionedImages, Seen

_ENCODED = 32  # pictures that the encoder takes at a time


class SeenPictures(CaptionedImages):
    """Captioned pictures with an image encoder, chosen by the options."""

    _encoder: Any = None

    @property
    def encoder_learns(self) -> bool:
        """Whether the encoder is trained with the rest, and so is part of the network."""
        from rnnkit.vision.encoders import ENCODERS

        return self.options.encoder_layers > 0 or not ENCODERS[self.options.encoder].pretrained

    @property
    def encoder(self) -> Any:
        """The image encoder, from uint8 pictures to features."""
        if self.encoder_learns and self.network is not None:
            return self.network.get_layer(self.options.encoder)
        if self._encoder is None:
            self._encoder = self._new_encoder("imagenet")
        return self._encoder

    def _new_encoder(self, weights: str) -> Any:
        from rnnkit.training.progress import console
        from rnnkit.vision.encoders import image_encoder

        return image_encoder(self.options.encoder, self.picture_size, weights=weights, say=console.print)

    def look(self, files: Sequence[CaptionedPicture], mirror: bool) -> Seen:
        if self.encoder_learns:
            return self.look_at(np.stack([open_picture(one.path, self.picture_size) for one in files]))
        digests = [one.digest for one in files]
        caches = {mirrored: self._filled(files, mirrored) for mirrored in ([False, True] if mirror else [False])}

        def seen(rows: Sequence[int], mirrored: bool) -> np.ndarray:
            cache = caches[mirrored and mirror]
            return cache.get([digests[row] for row in rows]).astype(np.float32)

        return seen

    def look_at(self, pictures: np.ndarray) -> Seen:
        features = None if self.encoder_learns else self._features(pictures)

        def seen(rows: Sequence[int], mirrored: bool) -> np.ndarray:
            if features is not None:
                return features[list(rows)]
            shown = pictures[list(rows)]
            return shown[:, :, ::-1] if mirrored and self.options.mirror else shown

        return seen

    def _filled(self, files: Sequence[CaptionedPicture], mirrored: bool) -> FeatureCache:
        """The features of pictures on disk, those that were missing encoded now."""
        from rnnkit.training.progress import console

        name = self.options.encoder + (" mirrored" if mirrored else "")
        cache = FeatureCache(name, self.picture_size, self.encoder.output_shape[1:], keep=self.options.cache)
        paths = {one.digest: one.path for one in files}

        def encode(digests: list[str]) -> np.ndarray:
            pictures = np.stack([open_picture(paths[digest], self.picture_size) for digest in digests])
            return self._features(pictures[:, :, ::-1] if mirrored else pictures)

        if missing := len(cache.missing(paths)):
            console.print(f"Encoding {missing:,} pictures with {name} ...", soft_wrap=True)
        with console.status("encoding pictures") as shown:
            cache.fill(paths, encode, lambda done, total: shown.update(f"encoded {done:,} of {total:,} pictures"))
        return cache

    def _features(self, pictures: np.ndarray) -> np.ndarray:
        batches = (pictures[first : first + _ENCODED] for first in range(0, len(pictures), _ENCODED))
        return np.concatenate([self.encoder.predict_on_batch(batch) for batch in batches])
