"""`ImageCaptioner` as functions for a device or a server: encode a picture, decode a step."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.codec.pictures import as_picture
from rnnkit.export.contract import Exporter
from rnnkit.export.parity import Agreement, Answers
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature, named
from rnnkit.lite.answers.captions import CAPTION_MARKS, captions_of
from rnnkit.lite.answers.translations import best_two, numbers_of
from rnnkit.lite.decode_step import ATTENTION, DECODE_STEP, IDS, LOGITS, MEMORY
from rnnkit.lite.searching import usual_search
from rnnkit.lite.step_file import STATE
from rnnkit.lite.tasks.image_captioner import ENCODE, PICTURE
from rnnkit.tasks.image_captioner.network import Captioning

Tensor = Any


class ImageCaptionerExporter(Exporter):
    """Exports an `ImageCaptioner`."""

    runner = "image_captioner"
    compares_as = Answers({"none": 0.98, "float16": 0.9, "dynamic": 0.5, "int8": 0.3})
    strategies = ("padded", "loop")

    def servables(self, strategy: str) -> dict[str, ServableParts]:
        return caption_servables(self.task, padded=strategy == "padded")

    def describe(self) -> dict[str, Any]:
        task = self.task
        states, memory = _shapes(Captioning(task.network, task.options.inject), task.encoder)
        return {
            "max_length": task.options.max_length,
            "outputs": [{"name": LOGITS, "shape": [None, len(task.pieces)], "dtype": "float32"}],
            "pieces": task.pieces_file,
            "image_size": task.picture_size,
            "states": len(states),
            "memory": len(memory),
            "search": usual_search(task.options),
        }

    def expected(self, examples: Any) -> np.ndarray:
        return numbers_of(self.task.outputs(examples))

    def confidence(self, examples: Any) -> np.ndarray:
        """The scores of the best two captions, `[pictures, 2]`."""
        return best_two(self.task.described(examples, n_best=2, beam_width=max(self.task.options.beam_width, 2)))

    def truth(self, examples: Any) -> None:
        """None: more than one caption is correct."""

    def rows(self, examples: Any) -> list[Any]:
        return [examples.files[row] for row in examples.pictures]

    def inputs(self, examples: Any, fixed_length: bool) -> list[np.ndarray]:
        return [as_picture(given, self.task.picture_size)[None] for given in self.rows(examples)]

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write one signature: uint8 pictures `[batch, size, size, 3]` in, the ids and scores of the search set in the
        options out."""
        import tensorflow as tf

        network, encoder, both = _inference(self.task)
        captioning = Captioning(network, self.task.options.inject)

        def serve(picture: Tensor) -> dict[str, Tensor]:
            how = {"marks": CAPTION_MARKS, "max_length": self.task.options.max_length, **self.task.search()}
            found = captioning.describe(encoder(picture, training=False), **how)
            return {IDS: found.ids, "scores": found.scores}

        def agreement_of(saved: Path) -> Agreement:
            run = tf.saved_model.load(str(saved)).signatures["serving_default"]
            answers = []
            for picture in self.inputs(compared, True):
                found = {name: each.numpy() for name, each in run(**{PICTURE: tf.constant(picture)}).items()}
                answers += captions_of(found[IDS], found["scores"], self.task.pieces, 1)
            return self.agreement(compared, numbers_of(np.array(answers, object)), source)

        size = self.task.picture_size
        given = (Input(PICTURE, (None, size, size, 3), "uint8"),)
        parts = ServableParts(both, {"serving_default": Signature(serve, given)})
        return write_saved_model(folder, parts.save, agreement_of, self.compares_as)


def caption_servables(task: Any, padded: bool = False) -> dict[str, ServableParts]:
    """The network in the form `rnnkit.export` needs, in two files, since only the encoder supports int8.

    encode: `picture` uint8 [1, size, size, 3] to the decoder's initial states and its input at every step.
    decode_step: last `ids` [rows], states and memory to `logits`, new states, `attention`.

    Args:
        task: A trained captioner.
        padded: In fixed shapes, as many rows as the beam has hypotheses; they share one memory.
    """
    network, encoder, both = _inference(task)
    captioning = Captioning(network, task.options.inject)
    states, memory = _shapes(captioning, encoder)

    def encode(picture: Tensor) -> dict[str, Tensor]:
        first, read = captioning.encode(encoder(picture, training=False))
        return {**named(STATE, first), **named(MEMORY, read)}

    def decode_step(ids: Tensor, *tensors: Tensor) -> dict[str, Tensor]:
        logits, new, attention = captioning.step(ids, tensors[: len(states)], tensors[len(states) :])
        seen = {} if attention is None else {ATTENTION: attention}
        return {LOGITS: logits, **named(STATE, new), **seen}

    size = task.picture_size
    given = (Input(PICTURE, (1, size, size, 3), "uint8"),)
    rows, memories = (task.options.beam_width, 1) if padded else (None, None)
    carried = tuple(Input(f"{STATE}_{i}", (rows, *shape), "float32") for i, shape in enumerate(states))
    read = tuple(Input(f"{MEMORY}_{i}", (memories, *shape), "float32") for i, shape in enumerate(memory))
    return {
        "encoder": ServableParts(both, {ENCODE: Signature(encode, given)}, fixed_length=True),
        "decoder": ServableParts(
            network,
            {DECODE_STEP: Signature(decode_step, (Input(IDS, (rows,), "int32"), *carried, *read))},
            quantized={"int8": "dynamic"},  # a recurrent state in 8 bits loses its content
        ),
    }


def _inference(task: Any) -> tuple[keras.Model, keras.Model, SimpleNamespace]:
    """The network in float32, the encoder within or beside it, and the variables of both."""
    network = task.build()
    network.set_weights(task.network.get_weights())
    encoder = network.get_layer(task.options.encoder) if task.encoder_learns else task.encoder
    return network, encoder, SimpleNamespace(variables=[*network.variables, *encoder.variables])


def _shapes(captioning: Captioning, encoder: keras.Model) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Shapes of a step's states and memory, without the batch."""
    features = ops.zeros((1, *encoder.output_shape[1:]))
    states, memory = captioning.encode(features)
    return [tuple(each.shape[1:]) for each in states], [tuple(each.shape[1:]) for each in memory]
