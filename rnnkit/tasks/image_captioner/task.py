"""Captions: a picture in, a sentence about it out."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnnkit.codec.pieces import last_ids
from rnnkit.data.bucketing import pad
from rnnkit.data.folds import Divisible
from rnnkit.data.remembered import default_tell
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.captions import CAPTION_MARKS, Caption, captions_of, picture_faults
from rnnkit.lite.searching import TranslatorAnswers, drawn_with, whole_beam
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.captions import caption_scores, caption_statistics
from rnnkit.streams import file_name
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.image_captioner.explained import ExplainedCaptions
from rnnkit.tasks.image_captioner.findings import captions_findings
from rnnkit.tasks.image_captioner.options import ImageCaptionerOptions
from rnnkit.tasks.image_captioner.seen import SeenPictures
from rnnkit.tasks.image_captioner.source import CaptionedPictures, open_captions
from rnnkit.tasks.shared.searching import SearchingTask

_WATCHED = 300  # pictures of the validation part that are captioned after each epoch


class ImageCaptioner(SearchingTask, ExplainedCaptions, Task):
    """An encoder reads the picture; a recurrent decoder writes the caption, attending to a part of it for each word.

    The features of pictures are cached on disk where the encoder is frozen.

    Example:

    >>> task = ImageCaptioner(encoder="small_cnn", units=16)
    >>> task.options.inject
    'attention'

    Reference:
        Vinyals et al., Show and Tell, CVPR 2015 (arXiv:1411.4555); Xu et al., Show, Attend and Tell, ICML 2015
        (arXiv:1502.03044).
    """

    key = "image_captioner"
    roles = ("image", "caption", "split")
    inputs_are_files = True
    padded_to = (1, 16)
    reading_names = ("strict", "images")
    preprocessing_class = SeenPictures
    options_class = ImageCaptionerOptions
    predict_options = TranslatorAnswers
    monitor = "val_cider"
    min_epochs = 15
    example_noun = "pictures"
    parts_noun = "captions"
    example_input = "picture.jpg"

    pieces, pieces_file, picture_size = learnt("pieces"), learnt("pieces_file"), learnt("picture_size")
    encoder_learns = learnt("encoder_learns")

    @property
    def encoder(self) -> Any:
        """The image encoder, from uint8 pictures to features; part of the network if it is trained."""
        if self.encoder_learns and self.network is not None:
            return self.network.get_layer(self.options.encoder)
        return self.preprocessing.encoder

    def fixed_options(self) -> tuple[str, ...]:
        own = ("encoder", "image_size", "inject", "attention", "heads", "input_feeding", "embedding_size", "unit")
        return (*super().fixed_options(), *own)

    def config(self) -> dict[str, Any]:
        """The content of `config.json`, without the training pictures' folder: other data have another."""
        config = super().config()
        return {**config, "options": {**config["options"], "images": ""}}

    @classmethod
    def open_source(
        cls,
        source: Any,
        columns: dict[str, str | None] | None = None,
        encoding: str | None = None,
        strict: bool = False,
        images: str = "",
        **how: Any,
    ) -> CaptionedPictures:
        return open_captions(source, columns, encoding, images or None, strict, say=default_tell)

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None, strict: bool = False) -> list[Any]:
        """Findings of `rnnkit check` on pictures and captions: good, warn or fail."""
        return captions_findings(source, columns)

    @classmethod
    def parse(cls, text: str, from_line: bool = False) -> str:
        """Parse the name of a picture file, whatever the locale."""
        return file_name(text) if from_line else text

    def faults(self, inputs: Sequence[Any]) -> dict[int, str]:
        return picture_faults(inputs)

    def in_folds(self, source: CaptionedPictures) -> Divisible:
        return source.in_folds()

    def rows_to_compare(self, source: Any, most: int) -> Any:
        return self.preprocessing.rows_apart(source, most)

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.image_captioner.network import caption_network
        from rnnkit.vision.encoders import let_learn

        encoder = None
        if self.encoder_learns:
            encoder = self.preprocessing.new_encoder("imagenet" if how.training else "random")
            if self.options.encoder_layers:  # otherwise it is not pretrained, and all of it is trained
                let_learn(encoder, self.options.encoder_layers)
        shape = (encoder or self.encoder).output_shape[1:]
        return caption_network(self.options, len(self.pieces), shape, encoder, how.policy(self.options))

    def collate(self, encoded: Any, indices: np.ndarray) -> tuple[Any, ...]:
        """A batch `([view of the picture, START and ids], ids and END)`."""
        rows = [int(encoded.inputs[i][0]) for i in indices]
        mirrored = bool(np.random.default_rng([self.options.seed, *map(int, indices[:4])]).random() < 0.5)
        target = pad([encoded.targets[i] for i in indices], self.padding_step)
        return [encoded.seen(rows, mirrored), last_ids(target)], target

    def batches(self, encoded: Any) -> Any:
        from rnnkit.data.batches import Batches
        from rnnkit.data.bucketing import LengthBuckets

        lengths = encoded.targets.lengths
        buckets = LengthBuckets(lengths, self.options.batch_size, self.options.seed, self.padding_step)
        return Batches(buckets, lambda indices: self.collate(encoded, indices))

    def copy_from(self, parent: Any) -> str:
        from rnnkit.tasks.image_captioner.network import copy_captioner

        copy_captioner(parent, self)
        return (
            f"all weights are kept; {len(self.pieces) - len(parent.pieces)} new words start at the mean of the old ones"
        )

    def validate(self, network: Any, encoded: Any) -> dict[str, float]:
        watched = encoded.some(_WATCHED)
        answers = self._described(network, watched, strategy="greedy")
        scores = self.metrics(watched, answers)
        return {**super().validate(network, encoded), "bleu4": scores["bleu4"], "cider": scores["cider"]}

    def outputs(self, encoded: Any) -> np.ndarray:
        """A `Caption` for each picture, in the order of `encoded.pictures`."""
        self.require_trained()
        return self._described(self.network, encoded)

    def _described(self, network: Any, encoded: Any, before: int = 0, **how: Any) -> np.ndarray:
        """Caption pictures; `before` is the number of pictures already captioned in this call."""
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
        """The function of `describer_of`, compiled once for each set of decoding arguments."""
        from rnnkit.tasks.image_captioner.network import describer_of

        def make(how: dict[str, Any]) -> Callable[..., Any]:
            encoder = network.get_layer(self.options.encoder) if self.encoder_learns else None
            return describer_of(network, self.options.inject, encoder, {"marks": CAPTION_MARKS, **how})

        return self._compiled(network, how, make)

    # ------------------------------------------------------------------ outputs to answers

    def predict(self, inputs: Any, **how: Any) -> Any:
        """Caption pictures: one caption for a single picture, a list for a list.

        Args:
            inputs: Names of files, or uint8 arrays `[height, width, 3]`, RGB.
            **how: `rnnkit.lite.searching.SearchOptions`.

        Raises:
            RnnkitError: A picture cannot be read (`faults` lists which), or an option is unknown, of the wrong type,
                out of range or for another strategy.
        """
        single = not isinstance(inputs, list | tuple)
        self.require_trained()
        given, size = [inputs] if single else list(inputs), self.options.batch_size
        answers: list[Caption] = []
        for first in range(0, len(given), size):  # to limit the number in memory
            encoded = self.encode_inputs(given[first : first + size])
            answers += self._described(self.network, encoded, first, **how).tolist()
        return answers[0] if single else answers

    def decode(self, outputs: np.ndarray) -> list[Caption]:
        return list(outputs)

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        """`caption_scores` against all captions of each picture; `novelty` after a training."""
        return caption_scores(*self._to_score(encoded, outputs))

    def statistics(self, encoded: Any, outputs: np.ndarray) -> Statistics:
        return caption_statistics(*self._to_score(encoded, outputs))

    def _to_score(self, encoded: Any, outputs: np.ndarray) -> tuple[list[str], list[Any], list[str] | None]:
        """Captions, the right ones of each picture, and those of the training part where it is known."""
        references = [encoded.references[row] for row in encoded.pictures]
        train: Any = self.parts.train if self.parts is not None else None
        known = None if train is None else [caption for some in train.references for caption in some]
        return [answer.text for answer in outputs], references, known

    def exporter(self) -> Exporter:
        from rnnkit.tasks.image_captioner.export import ImageCaptionerExporter

        return ImageCaptionerExporter(self)

    def described(self, encoded: Any, **how: Any) -> np.ndarray:
        """A `Caption` for each picture, with other search settings than the options'."""
        return self._described(self.network, encoded, **how)

    def lite_outputs(self, encoded: Any) -> np.ndarray:
        answers = np.empty(len(encoded.pictures), object)
        answers[:] = self.open_lite().predict(self.exporter().rows(encoded))
        return answers


TASK = ImageCaptioner
