"""Token tagging: a sentence in, a tag for each of its words out, and so its named entities."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.bucketing import LengthBuckets, Ragged, pad
from rnnkit.data.folds import Divisible
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.entities import TaggedPrediction, prediction_of, sentences_of, tokens_of
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.entities import entity_scores, entity_statistics, type_confusion
from rnnkit.metrics.labels import accuracy
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.token_tagger.findings import tagged_findings
from rnnkit.tasks.token_tagger.options import TokenTaggerOptions
from rnnkit.tasks.token_tagger.preprocessing import TaggedSentences
from rnnkit.tasks.token_tagger.source import TaggedText, open_tagged
from rnnkit.tasks.token_tagger.table import TEXT_ROLES, TOKEN_ROLES

_OTHERS = 100  # plotted types beyond the learnt ones


class TokenTagger(Task):
    """Words, their capitalisation and their characters; a recurrent network; a CRF that chooses all tags together.

    Example:

    >>> task = TokenTagger(units=8, embedding_size=8, character_units=8, epochs=1)
    >>> rows = [((f"Mr{i}", "Lee", "sings"), ("O", "B-PER", "O")) for i in range(40)]
    >>> len(task.fit(rows).predict("Mr3 Lee sings").tags)
    3

    Reference:
        Lample et al., Neural Architectures for Named Entity Recognition, NAACL 2016 (arXiv:1603.01360); Ma & Hovy,
        End-to-end Sequence Labeling via Bi-directional LSTM-CNNs-CRF, ACL 2016 (arXiv:1603.01354).
    """

    key = "token_tagger"
    options_class = TokenTaggerOptions
    roles = (*TOKEN_ROLES, *TEXT_ROLES)
    input_role, answers_entities = TEXT_ROLES[0], True
    reading_names = ("scheme", "tag_names", "places", "strict")
    padded_to = (4, 16)
    preprocessing_class = TaggedSentences
    language_unit = TaggedSentences.language_unit
    monitor = "val_f1"
    min_epochs = 12
    example_noun = "sentences"

    vocabulary, characters, labels = learnt("vocabulary"), learnt("characters"), learnt("labels")
    types, features, encode_sentences = learnt("types"), learnt("features"), learnt("encode_sentences")
    in_pieces, true_tags, answer_tags = learnt("in_pieces"), learnt("true_tags"), learnt("answer_tags")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._scorer: Any = None

    def fixed_options(self) -> tuple[str, ...]:
        sizes = ("embedding_size", "character_size", "character_units", "casing_size", "word_length", "characters_size")
        return (*super().fixed_options(), "head", "tag_scheme", "characters", *sizes, "embeddings", "init_from")

    def finetune_defaults(self) -> dict[str, Any]:
        return {**super().finetune_defaults(), "learning_rate": 1e-3}

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on tagged sentences: good, warn or fail."""
        return tagged_findings(cls.open_source(source, columns))

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> TaggedText:
        return open_tagged(source, columns, encoding, **how)

    def in_folds(self, source: TaggedText) -> Divisible:
        return source.in_folds()

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.token_tagger.network import tagging_network

        sizes = len(self.vocabulary), len(self.characters), self.labels
        return tagging_network(self.options, *sizes, how, rare_from=self.preprocessing.rare_from)

    def loss(self, network: Any) -> Any:
        from rnnkit.tasks.token_tagger.network import loss_of

        return loss_of(network)

    def collate(self, encoded: Any, indices: np.ndarray) -> tuple[Any, ...]:
        batch, step, most = self.in_pieces(encoded.take(indices)), self.padding_step, self.options.max_length
        rows = pad(list(batch.inputs), step, maximum=most)
        targets = pad([row + 1 for row in batch.targets], step, maximum=most) - 1
        return [table[rows] for table in encoded.forms], targets

    def loss_size(self, batch: tuple[Any, ...]) -> float:
        """The sentences, or without a CRF the tokens."""
        return super().loss_size(batch) if self.options.head == "crf" else float((batch[1] >= 0).sum())

    def over_tokens(self, encoded: Any, answer: Callable[..., Any]) -> np.ndarray:
        """Apply `answer(inputs, targets)` to batches, giving `[batch, time, ...]`, and collect the results of all
        tokens in the order of `encoded.inputs.flat`."""
        cut = self.in_pieces(encoded)
        rows: list[Any] = [None] * len(cut)
        for indices in LengthBuckets(cut.inputs.lengths, self.options.batch_size).in_order():
            for row, index in zip(np.asarray(answer(*self.collate(cut, indices))), indices, strict=True):
                rows[index] = row[: cut.inputs.lengths[index]]
        return np.concatenate(rows) if rows else np.zeros(0, np.int32)

    def copy_from(self, parent: Any) -> str:
        from rnnkit.layers.weights import copy_weights

        same_labels = self.labels == parent.labels
        copy_weights(parent.network, self.network, head=same_labels)
        new_words = len(self.vocabulary) - len(parent.vocabulary)
        head = "same tags: the head is kept"
        if not same_labels:
            head = f"new tags ({', '.join(self.types[:10])}): the encoder is kept, the head is new"
        return f"{head}; {new_words} new words start at the mean word vector"

    def batches(self, encoded: Any) -> Any:
        return super().batches(self.in_pieces(encoded))

    def validate(self, network: Any, encoded: Encoded) -> dict[str, float]:
        from rnnkit.tasks.token_tagger.network import Scorer
        from rnnkit.training.loop import Mean

        if self._scorer is None or self._scorer.network is not network:
            self._scorer = Scorer(network)
        losses = Mean()

        def answer(inputs: list[np.ndarray], targets: np.ndarray) -> np.ndarray:
            tags, loss = self._scorer.predict_on_batch([*inputs, targets])
            losses.add({"loss": loss[0]}, len(tags))
            return tags

        tags = self.over_tokens(encoded, answer)
        return {**losses.figures(), "f1": self.metrics(encoded, tags)["f1"]}

    def outputs(self, encoded: Encoded) -> np.ndarray:
        """The tag indices of all tokens, in the order of `encoded.inputs.flat`."""
        self.require_trained()
        return self._best_tags(self.network, encoded)

    def _best_tags(self, network: Any, encoded: Any) -> np.ndarray:
        from rnnkit.tasks.token_tagger.network import best_tags

        return self.over_emissions(network, encoded, best_tags).astype(np.int32)

    def over_emissions(self, network: Any, encoded: Any, function: Callable[..., Any]) -> np.ndarray:
        """Apply `function(network, emissions, mask)` to all tokens."""

        def answer(inputs: list[np.ndarray], targets: np.ndarray) -> Any:
            return function(network, network.predict_on_batch(inputs), inputs[0] != 0)

        return self.over_tokens(encoded, answer)

    # ------------------------------------------------------------------ outputs to answers

    def decode(self, outputs: np.ndarray) -> list[str]:
        """The tags of indices; `predict` assembles them into sentences."""
        return [self.labels[number] for number in outputs]

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        """F1, precision and recall of entities, overall and for each type; accuracy of tags."""
        truth, guess = self._rows_of_tags(encoded, outputs)
        scores = entity_scores(truth, guess)
        types = scores.pop("types")
        flat = [[tag for row in rows for tag in row] for rows in (truth, guess)]
        figures = {**scores, "accuracy": round(accuracy(*map(np.array, flat)), 5), "rows": len(encoded)}
        return {**figures, "tokens": len(flat[0]), "types": types}

    def statistics(self, encoded: Any, outputs: np.ndarray) -> Statistics:
        return entity_statistics(*self._rows_of_tags(encoded, outputs))

    def _rows_of_tags(self, encoded: Any, outputs: np.ndarray) -> tuple[list[list[str]], list[list[str]]]:
        """The true and the predicted IOB2 tags of each sentence."""
        return self.true_tags(encoded), [self.answer_tags(row) for row in Ragged(outputs, encoded.inputs.offsets)]

    def predict(self, inputs: Any) -> Any:
        """Find the entities of sentences: one answer for a single sentence, a list for a list.

        Args:
            inputs: A sentence as a string, or a list of sentences, each a string or a list of tokens.
        """
        given = sentences_of(inputs)
        encoded = self.encode_inputs(given)
        answers = self.answers(given, self.outputs(encoded))
        return answers[0] if isinstance(inputs, str) else answers

    def answers(self, given: list[Any], outputs: np.ndarray) -> list[TaggedPrediction]:
        """Build the answers for sentences from the tag indices of all their tokens."""
        made, first = [], 0
        for sentence in given:
            tokens = tokens_of(sentence)
            row = outputs[first : first + len(tokens)]
            first += len(tokens)
            made.append(prediction_of(sentence, tokens, self.answer_tags(row)))
        return made

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        truth, guess = self._rows_of_tags(parts.test, outputs)
        scores = entity_scores(truth, guess)["types"]
        types = sorted([*self.types, *sorted(set(scores) - set(self.types))[:_OTHERS]])
        plots.confusion_matrix(type_confusion(truth, guess, types), [*types, "none"], folder / "confusion.png")
        plots.type_scores(scores, folder / "types.png")
        if self.options.head == "crf":
            transitions = np.asarray(self.network.get_layer("crf").potentials[0])
            plots.transition_matrix(transitions, self.labels, folder / "transitions.png")

    def exporter(self) -> Exporter:
        from rnnkit.tasks.token_tagger.export import TokenTaggerExporter

        return TokenTaggerExporter(self)


TASK = TokenTagger
