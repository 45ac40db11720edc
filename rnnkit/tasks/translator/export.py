"""`Translator` as functions for a device or a server: encode a sentence, decode a step, translate at once."""

from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from rnnkit.export.contract import Exporter, up_to
from rnnkit.export.padded import fill_up, real_steps
from rnnkit.export.parity import Agreement, Answers
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature, named, unroll_of
from rnnkit.lite.answers.translations import MARKS, best_two, numbers_of
from rnnkit.lite.decode_step import ATTENTION, DECODE_STEP, IDS, LENGTH, LOGITS, MEMORY
from rnnkit.lite.searching import usual_search
from rnnkit.lite.step_file import STATE
from rnnkit.lite.tasks.translator import ENCODE, SOURCE, TRANSLATE
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.translator.network import Translating

Tensor = Any


class TranslatorExporter(Exporter):
    """Exports a `Translator`."""

    runner = "translator"
    compares_as = Answers({"none": 0.98, "float16": 0.9, "dynamic": 0.5})
    quantizations = ("none", "float16", "dynamic")
    strategies = ("padded", "loop")
    takes_length = True

    def servables(self, strategy: str) -> dict[str, ServableParts]:
        if strategy == "padded":
            return {"model": padded_servable(self.task, self.most)}
        return {"model": translation_servable(self.task)}

    def describe(self) -> dict[str, Any]:
        options = self.task.options
        states, memory = sizes(Translating(self.task.network))
        return {
            "max_length": options.max_length,
            **({"source_length": self.length} if self.length else {}),
            "outputs": [{"name": IDS, "shape": [1, options.max_length], "dtype": "int32"}],
            "source_pieces": "source.pieces",
            "target_pieces": "source.pieces" if options.joint else "target.pieces",
            "spelling": options.spelling,
            "states": len(states),
            "memory": len(memory),
            "search": usual_search(options),
        }

    def expected(self, examples: Any) -> np.ndarray:
        return numbers_of(self.task.outputs(examples))

    def confidence(self, examples: Any) -> np.ndarray:
        """The scores of the best two translations, `[sentences, 2]`: between equals the slightest rounding decides."""
        how = {"n_best": 2, "beam_width": max(self.task.options.beam_width, 2)}
        return best_two(self.task.predict(list(examples.sources), **how))

    def truth(self, examples: Any) -> None:
        """None: more than one translation is correct."""

    def fitting(self, examples: Any, strategy: str) -> Any:
        """Those that Keras reads whole too, which cuts sentences where the Run's length ends."""
        most = self.task.options.max_length
        return up_to(self.length if self.length <= most else most - 1, examples) if self.length else examples

    def rows(self, examples: Any) -> list[Any]:
        return list(examples.sources)

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write one signature: source ids of any batch size and length in, with 0 as padding; out, the ids and scores
        of the search set in the options."""
        import tensorflow as tf

        from rnnkit.lite.answers.translations import translations_of

        network = self.task.build()
        network.set_weights(self.task.network.get_weights())
        translating = Translating(network)

        def serve(given: Tensor) -> dict[str, Tensor]:
            found = translating.translate(
                given, marks=MARKS, max_length=self.task.options.max_length, **self.task.search()
            )
            aligned = {} if found.aligned is None else {"aligned": found.aligned}
            return {IDS: found.ids, "scores": found.scores, **aligned}

        def agreement_of(saved: Path) -> Agreement:
            run = tf.saved_model.load(str(saved)).signatures["serving_default"]
            pieces = (self.task.source_pieces, self.task.target_pieces)
            answers = np.empty(len(compared), object)
            for row, text in enumerate(compared.sources):
                outputs = run(**{SOURCE: tf.constant(compared.inputs[row][None])})
                found = {name: each.numpy() for name, each in outputs.items()}
                texts = translations_of(found[IDS], found["scores"], found.get("aligned"), [text], *pieces, 1)
                answers[row] = texts[0]
            return self.agreement(compared, numbers_of(answers), source)

        parts = ServableParts(network, {"serving_default": Signature(serve, (Input(SOURCE, (None, None), "int32"),))})
        return write_saved_model(folder, parts.save, agreement_of, self.compares_as)


def translation_servable(task: Any) -> ServableParts:
    """The network in the form `rnnkit.export` needs, for sentences of any length.

    encode: `source` [1, time] to the decoder's initial states and its input at every step.
    decode_step: last `ids` [rows], states and memory to `logits`, new states, `attention`.
    translate: `source` [1, time] to `ids` [1, max_length], greedily.
    """
    translating = _translating(task)
    states, memory = sizes(translating)

    def encode(source: Tensor) -> dict[str, Tensor]:
        first, read, _ = translating.encode(source, masked=False)
        return {**named(STATE, first), **named(MEMORY, read)}

    def decode_step(ids: Tensor, *tensors: Tensor) -> dict[str, Tensor]:
        old, read = tensors[: len(states)], tensors[len(states) :]
        logits, new, attention = translating.step(ids, old, read, None)
        seen = {} if attention is None else {ATTENTION: attention}
        return {LOGITS: logits, **named(STATE, new), **seen}

    def translate(source: Tensor) -> dict[str, Tensor]:
        found = translating.translate(source, masked=False, marks=MARKS, max_length=task.options.max_length)
        return {IDS: ops.squeeze(found.ids, 1)}

    sentence = (Input(SOURCE, (1, None), "int32"),)
    carried = tuple(Input(f"{STATE}_{i}", (None, size), "float32") for i, size in enumerate(states))
    read = tuple(Input(f"{MEMORY}_{i}", (None, None, size), "float32") for i, size in enumerate(memory))
    return ServableParts(
        translating.network,
        {
            ENCODE: Signature(encode, sentence),
            DECODE_STEP: Signature(decode_step, (Input(IDS, (None,), "int32"), *carried, *read)),
            TRANSLATE: Signature(translate, sentence),
        },
    )


def padded_servable(task: Any, most: int) -> ServableParts:
    """The same in fixed shapes: a sentence is padded with 0, and each step takes its `length`, which `encode` counts.

    encode: `source` [1, most] to the decoder's initial states [1, size], its input at every step [1, most, size] and
        `length` [1].
    decode_step: last `ids` [beam_width], states [beam_width, size], memory and `length` to `logits`, new states,
        `attention` [beam_width, most].
    translate: `source` [1, most] to `ids` [1, max_length], greedily.

    Args:
        task: A trained translator.
        most: Ids of a source, its end included.
    """
    translating, rows, written = _translating(task), task.options.beam_width, task.options.max_length
    states, memory = sizes(translating)

    def encoded(source: Tensor, steps: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        first, read, _ = translating.encode(source[:, :steps], masked=False)
        return first, [fill_up(each, most) for each in read]

    def encode(source: Tensor) -> dict[str, Tensor]:
        steps = real_steps(source)
        first, read = encoded(source, steps)
        return {**named(STATE, first), **named(MEMORY, read), LENGTH: ops.reshape(steps, (1,))}

    def decode_step(ids: Tensor, length: Tensor, *tensors: Tensor) -> dict[str, Tensor]:
        # Masked, not cut off: with tensors of no fixed shape, XNNPACK (LiteRT 2.3) gives a second step wrong numbers.
        shown = ops.less(ops.arange(most, dtype="int32")[None], length[:, None])
        logits, new, attention = translating.step(ids, tensors[: len(states)], tensors[len(states) :], shown)
        seen = {} if attention is None else {ATTENTION: attention}
        return {LOGITS: logits, **named(STATE, new), **seen}

    def translate(source: Tensor) -> dict[str, Tensor]:
        found = translating.search(source, *encoded(source, real_steps(source)), marks=MARKS, max_length=written)
        return {IDS: ops.squeeze(found.ids, 1)}

    sentence = (Input(SOURCE, (1, most), "int32"),)
    taken = (Input(IDS, (rows,), "int32"), Input(LENGTH, (1,), "int32"))
    carried = tuple(Input(f"{STATE}_{i}", (rows, size), "float32") for i, size in enumerate(states))
    read = tuple(Input(f"{MEMORY}_{i}", (1, most, size), "float32") for i, size in enumerate(memory))
    return ServableParts(
        translating.network,
        {
            ENCODE: Signature(encode, sentence),
            DECODE_STEP: Signature(decode_step, (*taken, *carried, *read)),
            TRANSLATE: Signature(translate, sentence),
        },
        fixed_length=True,
    )


def _translating(task: Any) -> Translating:
    """The trained network with an encoder that loops."""
    network = task.build(Build(unroll=unroll_of("loop")))
    network.set_weights(task.network.get_weights())
    return Translating(network)


def sizes(translating: Translating) -> tuple[list[int], list[int]]:
    """Widths of the states and the memory of a step."""
    states, memory, _ = translating.encode(ops.zeros((1, 2), dtype="int32"), masked=False)
    return [each.shape[-1] for each in states], [each.shape[-1] for each in memory]
