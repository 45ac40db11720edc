"""`TextClassifier` as files: ids in, probabilities out; for servers also raw text."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.codec.vocabulary import START, UNKNOWN
from rnnkit.export.contract import Exporter
from rnnkit.export.fused import use_fused
from rnnkit.export.parity import Agreement
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, Servable, unroll_of
from rnnkit.layers.run_cell import portable
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.text_classifier.mediapipe import add_text_classifier_metadata


class TextClassifierExporter(Exporter):
    """Exports a `TextClassifier`."""

    runner = "text_classifier"

    def servables(self, strategy: str) -> dict[str, Servable]:
        """The file: ids in, probabilities out, padded to a fixed length or not at all."""
        fixed, task = strategy == "unroll", self.task
        network = task.build(Build(unroll=unroll_of(strategy), masked=fixed))
        network.set_weights(task.network.get_weights())
        if strategy == "fused":
            use_fused(network.get_layer("recurrent"))

        def probabilities(ids: Any) -> Any:
            return keras.ops.softmax(network(ids, training=False))

        length = task.options.max_length if fixed else None
        specs = (Input("ids", (1, length), "int32"),)
        return {"model": Servable(network, probabilities, specs, "probabilities", fixed_length=fixed)}

    def describe(self) -> dict[str, Any]:
        return {
            "max_length": self.task.options.max_length,
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

    def advice(self, strategy: str) -> str:
        if self.task.options.unit != "word":
            return f"MediaPipe's TextClassifier reads words alone, and this Run {self.task.options.unit}s: rnnkit.lite."
        return "" if strategy == "unroll" else "MediaPipe's TextClassifier needs --strategy unroll."

    def finish(self, model: bytes, strategy: str) -> bytes:
        """Add the metadata with which MediaPipe's TextClassifier runs the unrolled file."""
        task = self.task
        if strategy != "unroll" or not isinstance(task.tokenizer, RegexTokenizer):
            return model
        words = "".join(f"{word} {index}\n" for index, word in enumerate(task.vocabulary.words))
        return add_text_classifier_metadata(
            model,
            vocabulary_text=words,
            labels=task.labels,
            tokenizer=task.tokenizer,
            name="rnnkit text classifier",
            description=f"{task.options.cell} network; labels: {', '.join(task.labels)}",
            max_length=task.options.max_length,
        )

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write the signatures `serving_default` (ids, any batch and length, 0 is padding) and for words `text`
        (strings)."""
        import tensorflow as tf

        def save(target: Path) -> None:
            module = serving_module(self.task)
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


def serving_module(task: Any) -> Any:
    """A `tf.Module` with the functions `ids` and `text`."""
    import tensorflow as tf

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
            self.labels = tf.constant(task.labels)
            self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(words, numbers), UNKNOWN)

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32, name="ids")], autograph=False)
        def ids(self, ids: Any) -> dict[str, Any]:
            return {"probabilities": keras.ops.softmax(network(ids, training=False))}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")], autograph=False)
        def text(self, text: Any) -> dict[str, Any]:
            spaced = tf.strings.regex_replace(text, tokenizer.re2_pattern, " ")
            tokens = tf.strings.split(spaced)  # ragged [batch, tokens]
            ids = tf.concat([tf.fill([tf.shape(text)[0], 1], START), self.table.lookup(tokens).to_tensor(0)], axis=1)
            probabilities = self.ids(ids[:, : task.options.max_length])["probabilities"]
            return {"probabilities": probabilities, "label": tf.gather(self.labels, tf.argmax(probabilities, axis=-1))}

    return Serving()
