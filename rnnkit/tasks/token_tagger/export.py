"""`TokenTagger` as files: ids of words, capitalisation and characters in, tag ids out."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from rnnkit.export.contract import Exporter
from rnnkit.export.fused import use_fused
from rnnkit.export.padded import over_real_steps
from rnnkit.export.parity import Agreement, Answers
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import FIXED, Input, Servable, unroll_of
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.token_tagger.network import CASING, CHARACTERS, TAGS, WORDS, best_tags, tag_probabilities

Tensor = Any


class TokenTaggerExporter(Exporter):
    """Exports a `TokenTagger`."""

    runner = "token_tagger"
    compares_as = Answers({"none": 1.0, "float16": 0.99, "dynamic": 0.97})
    quantizations = ("none", "float16", "dynamic")
    takes_length = True

    @property
    def compared_noun(self) -> str:
        return "tokens"

    def servables(self, strategy: str) -> dict[str, Servable]:
        """The file: ids in, tag ids out, padded to a fixed length or not at all."""
        fixed, masked, task = strategy in FIXED, strategy == "unroll", self.task
        network = task.build(Build(unroll=unroll_of(strategy), masked=masked))
        network.set_weights(task.network.get_weights())
        if strategy == "fused":
            use_fused(network.get_layer("recurrent"))

        def tags(words: Tensor, casing: Tensor, characters: Tensor) -> Tensor:
            emissions = network([words, casing, characters], training=False)
            return best_tags(network, emissions, ops.not_equal(words, 0) if masked else None)

        length = self.most if fixed else None
        specs = self._specs(1, length)
        function = over_real_steps(tags, by_step=self.most) if strategy == "padded" else tags
        return {"model": Servable(network, function, specs, TAGS, fixed_length=fixed)}

    def _specs(self, batch: int | None, length: int | None) -> tuple[Input, ...]:
        return (
            Input(WORDS, (batch, length), "int32"),
            Input(CASING, (batch, length), "int32"),
            Input(CHARACTERS, (batch, length, self.task.options.word_length), "int32"),
        )

    def describe(self) -> dict[str, Any]:
        options = self.task.options
        return {
            "max_length": self.most,
            "outputs": [{"name": TAGS, "shape": [1, None], "dtype": "int32"}],
            "vocabulary": "vocab.txt",
            "characters": "characters.txt",
            "labels": "labels.txt",
            "word_length": options.word_length,
            "scheme": options.tag_scheme,
        }

    def confidence(self, examples: Any) -> np.ndarray:
        return self.task.over_emissions(self.task.network, examples, tag_probabilities)

    def rows(self, examples: Any) -> list[Any]:
        cut = examples.cut(self.most)
        return [cut.features(index) for index in range(len(cut))]

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write one signature: ids of any batch size and length in, with 0 as padding, tag ids out."""
        network = self.task.build()
        network.set_weights(self.task.network.get_weights())

        def tags(words: Tensor, casing: Tensor, characters: Tensor) -> Tensor:
            emissions = network([words, casing, characters], training=False)
            return best_tags(network, emissions, ops.not_equal(words, 0))

        specs = self._specs(None, None)

        def agreement_of(saved: Path) -> Agreement:
            serve = tf.saved_model.load(str(saved)).signatures["serving_default"]
            names = [spec.name for spec in specs]
            rows = (dict(zip(names, row, strict=True)) for row in self.rows(compared))
            given = ({name: tf.constant(table[None]) for name, table in row.items()} for row in rows)
            theirs = np.concatenate([serve(**tensors)[TAGS].numpy()[0] for tensors in given])
            return self.agreement(compared, theirs, source)

        servable = Servable(network, tags, specs, TAGS, fixed_length=False)
        return write_saved_model(folder, servable.save, agreement_of, self.compares_as)
