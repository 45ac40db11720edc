"""Captions: a picture in, a sentence about it out."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.captions import CAPTION_MARKS, Caption, captions_of
from rnnkit.lite.searching import TranslatorAnswers, drawn_with, whole_beam
from rnnkit.metrics.captions import caption_scores
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.image_captioner.explained import ExplainedCaptions
from rnnkit.tasks.image_captioner.options import ImageCaptionerOptions
from rnnkit.tasks.image_captioner.seen import SeenPictures
from rnnkit.tasks.shared.searching import SearchingTask

_WATCHED = 300  # pictures of the validation part, described after each epoch


class ImageCaptioner(SearchingTask, SeenPictures, ExplainedCaptions, Task):
    """An encoder sees the picture; a recurrent decoder writes the caption, looking at a part of it for each word.

    The features of pictures are kept on disk where the encoder does not learn.

    Example:

    >>> task = ImageCaptioner(encoder="small_cnn", units=16)
    >>> task.options.inject
    'attention'

    Reference:
        Vinyals et al., Show and Tell, CVPR 2015 (arXiv:1411.4555); Xu et al., Show, Attend and Tell, ICML 2015
        (arXiv:1502.03044).
    """

    key = "image_captioner"
    options_class = ImageCaptionerOptions
    answers_with = TranslatorAnswers
    monitor = "val_cider"
    fewest_epochs = 15
    example_noun = "pictures"

    def fixed_options(self) -> tuple[str, ...]:
        own = ("encoder", "image_size", "inject", "attention", "heads", "input_feeding", "embedding_size", "unit")
        return (*super().fixed_options(), *own)

    def config(self) -> dict[str, Any]:
        """Without the folder of the pictures it learnt from: other data have another."""
        config = super().config()
        return {**config, "options": {**config["options"], "images": ""}}

    # ------------------------------------------------------------------ the network

    def build(self, *, unroll: bool | int = False, masked: bool = True, training: bool = False) -> Any:
        from rnnkit.tasks.image_captioner.network import caption_network
        from rnnkit.vision.encoders import let_learn

        policy = "mixed_bfloat16" if training and self.options.mixed_precision else "float32"
        encoder = None
        if self.encoder_learns:
            encoder = self._new_encoder("imagenet" if training else "random")
            if self.options.encoder_layers:  # else it has learnt nothing yet, and all of it learns
                let_learn(encoder, self.options.encoder_layers)
        shape = (encoder or self.encoder).output_shape[1:]
        return caption_network(self.options, len(self.pieces), shape, encoder, policy)

    def batches(self, encoded: Any) -> Any:
        from rnnkit.data.batches import Batches
        from rnnkit.data.bucketing import LengthBuckets

        lengths = encoded.targets.lengths
        buckets = LengthBuckets(lengths, self.options.batch_size, self.options.seed, self.padding_step)
        return Batches(buckets, lambda indices: self.collate(encoded, indices))

    def start_from(self, start: Any) -> str:
        from rnnkit.tasks.image_captioner.network import copy_captioner

        copy_captioner(start, self)
        return f"all weights go on; {len(self.pieces) - len(start.pieces)} new words start at the mean of the old ones"

    def validate(self, network: Any, encoded: Any) -> dict[str, float]:
        watched = encoded.some(_WATCHED)
        answers = self._described(network, watched, strategy="greedy")
        scores = self.metrics(watched, answers)
        return {**super().validate(network, encoded), "bleu4": scores["bleu4"], "cider": scores["cider"]}

    def outputs(self, encoded: Any) -> np.ndarray:
        """A `Caption` for each picture, in the order of `encoded.pictures`."""
        if self.network is None:
            raise RnnkitError("This task is not trained; call fit() or rnnkit.load() first.")
        return self._described(self.network, encoded)

    def _described(self, network: Any, encoded: Any, before: int = 0, **how: Any) -> np.ndarray:
        """`before`: how many pictures were asked for before these."""
        search = self.search(**how)
        describe, pictures = self._describer(network, whole_beam(search)), encoded.pictures
        answers = np.empty(len(pictures), object)
        for first in range(0, len(pictures), self.options.batch_size):
            rows = pictures[first : first + self.options.batch_size]
            places = np.arange(first, first + len(rows))
            ids, scores, _ = describe(
                encoded.seen(rows, False), **drawn_with(search, places + before, self.options.max_length)
            )
            answers[places] = captions_of(ids, scores, self.pieces, search.get("n_best", 1))
        return answers

    def _describer(self, network: Any, how: dict[str, Any]) -> Callable[..., Any]:
        """What `describer_of` gives, compiled once for each way of decoding."""
        from rnnkit.tasks.image_captioner.network import describer_of

        def make(how: dict[str, Any]) -> Callable[..., Any]:
            encoder = network.get_layer(self.options.encoder) if self.encoder_learns else None
            return describer_of(network, self.options.inject, encoder, {"marks": CAPTION_MARKS, **how})

        return self._compiled(network, how, make)

    # ------------------------------------------------------------------ outputs to answers

    def predict(self, inputs: Any, **how: Any) -> Any:
        """Captions: one for one picture, a list for a list.

        Args:
            inputs: Names of files, or uint8 arrays `[height, width, 3]`, RGB.
            **how: `rnnkit.lite.searching.SearchOptions`.

        Raises:
            RnnkitError: A picture cannot be read (`faults` tells which), or an option is unknown, of another kind, out
                of range or for another strategy.
        """
        single = not isinstance(inputs, list | tuple)
        if self.network is None:
            raise RnnkitError("This task is not trained; call fit() or rnnkit.load() first.")
        given, size = [inputs] if single else list(inputs), self.options.batch_size
        answers: list[Caption] = []
        for first in range(0, len(given), size):  # so that only so many are in memory
            encoded = self.encode_inputs(given[first : first + size])
            answers += self._described(self.network, encoded, first, **how).tolist()
        return answers[0] if single else answers

    def decode(self, outputs: np.ndarray) -> list[Caption]:
        return list(outputs)

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        """`caption_scores` against all captions of each picture; `novelty` behind a training."""
        references = [encoded.references[row] for row in encoded.pictures]
        train: Any = self.parts.train if self.parts is not None else None
        known = None if train is None else [caption for some in train.references for caption in some]
        return caption_scores([answer.text for answer in outputs], references, known)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.image_captioner.export import ImageCaptionerExporter

        return ImageCaptionerExporter(self)

    def described(self, encoded: Any, **how: Any) -> np.ndarray:
        """A `Caption` for each picture, searched for in another way than the options say."""
        return self._described(self.network, encoded, **how)

    def lite_outputs(self, encoded: Any) -> np.ndarray:
        answers = np.empty(len(encoded.pictures), object)
        answers[:] = self.open_lite().predict(self.exporter().rows(encoded))
        return answers


TASK = ImageCaptioner
