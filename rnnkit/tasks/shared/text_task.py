"""The part of a task that all tasks have in common which label whole texts: words, the network, answers."""

from typing import Any

from rnnkit.lite.answers.labels import marked
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.shared.labelled_texts import LabelledTexts
from rnnkit.tasks.shared.text_options import SHAPING


class TextTask(Task):
    """Word vectors, a recurrent network over them, a pool over time, a number for each label.

    A task extends it with its loss, its batches, its answers and its figures; its options extend `TextOptions`, its
    preprocessing `LabelledTexts`.
    """

    language_unit = LabelledTexts.language_unit
    example_noun = "texts"
    tokenizer, vocabulary, labels = learnt("tokenizer"), learnt("vocabulary"), learnt("labels")

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), *SHAPING)

    def finetune_defaults(self) -> dict[str, Any]:
        return {**super().finetune_defaults(), "learning_rate": 1e-3}

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.shared.text_network import text_network

        return text_network(self.options, len(self.vocabulary), len(self.labels), how, self.key)

    def copy_from(self, parent: Any) -> str:
        from rnnkit.layers.weights import copy_weights

        same_labels = self.labels == parent.labels
        copy_weights(parent.network, self.network, head=same_labels)
        new_words = len(self.vocabulary) - len(parent.vocabulary)
        head = "same labels: the head is kept"
        if not same_labels:
            head = f"new labels ({', '.join(self.labels[:10])}): the encoder is kept, the head is new"
        return f"{head}; {new_words} new words start at the mean word vector"

    def predict(self, inputs: Any) -> Any:
        single = self.is_one(inputs)
        encoded = self.encode_inputs([inputs] if single else list(inputs))
        answers = marked(self.decode(self.outputs(encoded)), encoded.inputs)
        return answers[0] if single else answers
