"""`TextClassifier` as files: the most probable label, and the metadata for MediaPipe."""

from typing import Any

import keras

from rnnkit.codec.tokenizer import RegexTokenizer
from rnnkit.tasks.shared.text_exporter import TextExporter
from rnnkit.tasks.text_classifier.mediapipe import add_text_classifier_metadata


class TextClassifierExporter(TextExporter):
    """Exports a `TextClassifier`."""

    runner = "text_classifier"

    def from_logits(self, logits: Any) -> Any:
        return keras.ops.softmax(logits)

    def answer_of(self, probabilities: Any) -> dict[str, Any]:
        import tensorflow as tf

        return {"label": tf.gather(tf.constant(self.task.labels), tf.argmax(probabilities, axis=-1))}

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
