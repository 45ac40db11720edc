"""A task that labels whole texts as files: ids in, probabilities out; for servers also raw text."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.codec.vocabulary import START, UNKNOWN
from rnnkit.export.contract import Exporter
from rnnkit.export.fused import use_fused
from rnnkit.export.padded import over_real_steps
from rnnkit.export.parity import Agreement
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import FIXED, Input, Servable, unroll_of
from rnnkit.layers.accelerated import portable
from rnnkit.tasks.base.build import Build


class TextExporter(Exporter):
    """Exports a task with a tokenizer, a vocabulary, labels and a `text_network`."""

    takes_length = True

    @abstractmethod
    def from_logits(self, logits: Any) -> Any:
        """The probabilities of logits, `[batch, labels]`, as tensors."""

    def answer_of(self, probabilities: Any) -> dict[str, Any]:
        """What a server's signature `text` gives beside the probabilities, by name; by default nothing."""
        return {}

    def servables(self, strategy: str) -> dict[str, Servable]:
        """The file: ids in, probabilities out, padded to a fixed length or not at all."""
        fixed, task = strategy in FIXED, self.task
        network = task.build(Build(unroll=unroll_of(strategy), masked=strategy == "unroll"))
        network.set_weights(task.network.get_weights())
        if strategy == "fused":
            use_fused(network.get_layer("recurrent"))

        def probabilities(ids: Any) -> Any:
            return self.from_logits(network(ids, training=False))

        length = self.most if fixed else None
        specs = (Input("ids", (1, length), "int32"),)
        function = over_real_steps(probabilities) if strategy == "padded" else probabilities
        return {"model": Servable(network, function, specs, "probabilities", fixed_length=fixed)}

    def describe(self) -> dict[str, Any]:
        return {
            "max_length": self.most,
            "outputs": [{"name": "probabilities", "shape": [1, len(self.task.labels)], "dtype": "float32"}],
            "vocabulary": "vocab.txt",
            "labels": "labels.txt",
            "tokenizer": self.task.tokenizer.to_config(),
        }

    def expected(self, examples: Any) -> np.ndarray:
        return self.task.probabilities(self.task.outputs(examples))

    def inputs(self, examples: Any, fixed_length: bool) -> list[np.ndarray]:
        length = self.task.options.max_length if fixed_length else 1
        return [np.pad(row, (0, max(0, length - len(row))))[None] for row in examples.inputs]

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write the signatures `serving_default` (ids, any batch and length, 0 is padding) and for words `text`
        (strings)."""
        import tensorflow as tf

        def save(target: Path) -> None:
            module = serving_module(self)
            with portable():
                signatures = {"serving_default": module.ids}
                if self.task.options.unit == "word":
                    signatures["text"] = module.text
                tf.saved_model.save(module, str(target), signatures=signatures)

        return write_saved_model(folder, save, lambda saved: self._compared(saved, compared, source), self.compares_as)

    def _compared(self, folder: Path, compared: Any, source: str) -> Agreement:
        """Compare the signatures with Keras; `text` gets words with the same ids, and the worse one counts."""
        import tensorflow as tf

        loaded = tf.saved_model.load(str(folder))
        vocabulary, ours = self.task.vocabulary, self.expected(compared)
        of_ids = loaded.signatures["serving_default"]
        outputs = np.array([of_ids(ids=tf.constant(row[None]))["probabilities"].numpy()[0] for row in compared.inputs])
        if "text" not in loaded.signatures:
            return self.agreement(compared, outputs, source)
        words = list(vocabulary.words)
        words[UNKNOWN] = next("_" * n for n in range(1, 99) if "_" * n not in vocabulary)
        texts = [" ".join(words[number] for number in row[1:]) for row in compared.inputs]
        of_text = loaded.signatures["text"](text=tf.constant(texts))["probabilities"].numpy()
        further = np.abs(of_text - ours).max(-1) > np.abs(outputs - ours).max(-1)  # [rows]
        return self.agreement(compared, np.where(further[:, None], of_text, outputs), source)


def serving_module(exporter: TextExporter) -> Any:
    """A `tf.Module` with the functions `ids` and `text`."""
    import tensorflow as tf

    task = exporter.task
    network = task.build()
    network.set_weights(task.network.get_weights())
    # The graph cannot lower-case like the tokeniser, so its table lists every spelling of a word.
    tokenizer = task.tokenizer if isinstance(task.tokenizer, RegexTokenizer) else RegexTokenizer()
    written = [
        (form, number) for number, word in enumerate(task.vocabulary.words) for form in tokenizer.spellings(word)
    ]
    words, numbers = tf.constant([form for form, _ in written]), tf.constant([number for _, number in written])

    class Serving(tf.Module):
        def __init__(self) -> None:
            self.kept = [variable.value for variable in network.variables]
            self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(words, numbers), UNKNOWN)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32, name="ids")], autograph=False)
        def ids(self, ids: Any) -> dict[str, Any]:
            return {"probabilities": exporter.from_logits(network(ids, training=False))}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")], autograph=False)
        def text(self, text: Any) -> dict[str, Any]:
            spaced = tf.strings.regex_replace(text, tokenizer.re2_pattern, " ")
            tokens = tf.strings.split(spaced)  # ragged [batch, tokens]
            ids = tf.concat([tf.fill([tf.shape(text)[0], 1], START), self.table.lookup(tokens).to_tensor(0)], axis=1)
            probabilities = self.ids(ids[:, : task.options.max_length])["probabilities"]
            return {"probabilities": probabilities, **exporter.answer_of(probabilities)}

    return Serving()
