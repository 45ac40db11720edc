"""Translation: a sentence in, a sentence of another language and length out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.pieces import last_ids
from rnnkit.data.bucketing import LengthBuckets, pad
from rnnkit.data.folds import Divisible
from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.translations import MARKS, Translation, checked_texts, translations_of
from rnnkit.lite.searching import TranslatorAnswers, drawn_with, whole_beam
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.labels import perplexity_of
from rnnkit.metrics.translations import bleu_by_length, translation_scores, translation_statistics
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.shared.searching import SearchingTask
from rnnkit.tasks.translator.findings import parallel_findings
from rnnkit.tasks.translator.options import TranslatorOptions
from rnnkit.tasks.translator.preprocessing import ParallelPairs
from rnnkit.tasks.translator.source import ParallelText, open_parallel
from rnnkit.tasks.translator.token_buckets import TokenBuckets

_WATCHED_ROWS = 1000  # rows of the validation part that are translated after each epoch
_LEAST_BLEU = 1.0  # below it BLEU is chance: a few words that happen to match


class Translator(SearchingTask, Task):
    """An encoder reads the source; a decoder with attention writes the translation, token by token.

    Example:

    >>> task = Translator(units=8, embedding_size=8, unit="word", vocabulary_size=99, epochs=1, batch_tokens=64)
    >>> pairs = [(f"number {i}", f"Nummer {i}") for i in range(40)]
    >>> isinstance(task.fit(pairs).predict("number 3").text, str)
    True

    Reference:
        Bahdanau, Cho & Bengio, Neural Machine Translation by Jointly Learning to Align and Translate, ICLR 2015
        (arXiv:1409.0473); Luong, Pham & Manning, EMNLP 2015 (arXiv:1508.04025).
    """

    key = "translator"
    roles = ("source", "target")
    padded_to = (4, 16)
    preprocessing_class = ParallelPairs
    options_class = TranslatorOptions
    predict_options = TranslatorAnswers
    monitor = "val_bleu"
    min_epochs = 20
    example_noun = "sentences"

    source_pieces, target_pieces = learnt("source_pieces"), learnt("target_pieces")
    encode_pairs = learnt("encode_pairs")

    def fixed_options(self) -> tuple[str, ...]:
        decoder = ("decoder_cell", "decoder_units", "attention", "heads", "input_feeding")
        return (*super().fixed_options(), *decoder, "embedding_size", "tied", "unit", "joint", "spelling")

    def finetune_defaults(self) -> dict[str, Any]:
        return {**super().finetune_defaults(), "learning_rate": 5e-4}

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> ParallelText:
        return open_parallel(source, columns, encoding)

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on sentence pairs: good, warn or fail."""
        return parallel_findings(cls.open_source(source, columns))

    def in_folds(self, source: ParallelText) -> Divisible:
        return source.in_folds()

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.translator.network import translation_network

        sizes = len(self.source_pieces), len(self.target_pieces)
        return translation_network(self.options, *sizes, how.policy(self.options), unroll=how.unroll)

    def collate(self, encoded: Any, indices: np.ndarray) -> tuple[Any, ...]:
        """`([source ids, START and target ids], target ids and END)`."""
        source, target = (
            pad([rows[i] for i in indices], self.padding_step) for rows in (encoded.inputs, encoded.targets)
        )
        return [source, last_ids(target)], target

    def compile(self, network: Any, steps: int) -> None:
        if self.options.scheduled_sampling:
            network.get_layer("scheduled_sampling").spread_over(steps)
        super().compile(network, steps)

    def batches(self, encoded: Any) -> Any:
        from rnnkit.data.batches import Batches

        lengths = encoded.inputs.lengths, encoded.targets.lengths
        buckets = TokenBuckets(*lengths, self.options.batch_tokens, self.options.seed, multiple_of=self.padding_step)
        return Batches(buckets, lambda indices: self.collate(encoded, indices))

    def copy_from(self, parent: Any) -> str:
        from rnnkit.tasks.translator.network import copy_grown_weights

        copy_grown_weights(parent.network, self.network)
        new = self.preprocessing.new_pieces(parent.preprocessing)
        return f"all weights are kept; {new}, which start at the mean of the old ones"

    def validate(self, network: Any, encoded: Any) -> dict[str, float]:
        watched = encoded.some(_WATCHED_ROWS)
        answers = self._translated(network, watched, strategy="greedy")
        bleu = self._scores(answers, watched.references)["bleu"]
        # Of epochs with the same BLEU, the one with the lowest loss is kept.
        return {**super().validate(network, encoded), "bleu": bleu if bleu >= _LEAST_BLEU else 0.0}

    def outputs(self, encoded: Any) -> np.ndarray:
        """A `Translation` for each example; the loss of the references is stored in `encoded.nats`."""
        self.require_trained()
        from rnnkit.tasks.shared.sequence_loss import nats_of_rows

        if encoded.targets.flat.size:
            encoded.nats = nats_of_rows(self.network, self.batches(encoded), len(encoded))
        return self._translated(self.network, encoded)

    def _translated(self, network: Any, encoded: Any, **how: Any) -> np.ndarray:
        """Decode the examples in batches of similar lengths."""
        search = self.search(**how)
        pieces, n_best = (self.source_pieces, self.target_pieces), search.get("n_best", 1)
        decode, answers = self._decoder(network, whole_beam(search)), np.empty(len(encoded), object)
        for indices in LengthBuckets(encoded.inputs.lengths, self.options.batch_size).in_order():
            source = pad([encoded.inputs[i] for i in indices], self.padding_step)
            ids, scores, aligned = decode(source, **drawn_with(search, indices, self.options.max_length))
            sources = [encoded.sources[i] for i in indices]
            answers[indices] = translations_of(ids, scores, aligned, sources, *pieces, n_best)
        return answers

    def _decoder(self, network: Any, how: dict[str, Any]) -> Callable[..., Any]:
        """The function of `decoder_of`, compiled once for each set of decoding arguments."""
        from rnnkit.tasks.translator.network import decoder_of

        return self._compiled(network, how, lambda how: decoder_of(network, {"marks": MARKS, **how}))

    # ------------------------------------------------------------------ outputs to answers

    def decode(self, outputs: np.ndarray) -> list[Translation]:
        return list(outputs)

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        """BLEU, chrF and TER by sacrebleu; perplexity of the references where Keras was run."""
        figures = self._scores(outputs, encoded.references)
        if encoded.nats is None:
            return figures
        nats = float(encoded.nats.sum() / max(len(encoded.targets.flat), 1))
        return {**figures, "perplexity": perplexity_of(nats), "nats_per_piece": round(nats, 5)}

    def statistics(self, encoded: Any, outputs: np.ndarray) -> Statistics:
        texts, tokenize = [answer.text for answer in outputs], self.options.bleu_tokenize
        lengths = encoded.targets.lengths
        return translation_statistics(texts, encoded.references, tokenize, encoded.nats, lengths)

    def _scores(self, answers: Any, references: Any) -> dict[str, Any]:
        return translation_scores([answer.text for answer in answers], references, self.options.bleu_tokenize)

    def predict(self, inputs: Any, **how: Any) -> Any:
        """Translate: one translation for a single sentence, a list for a list.

        Args:
            inputs: A sentence, or a list of sentences.
            **how: `SearchOptions` in place of the task's, such as beam_width=1 or n_best=3.

        Raises:
            RnnkitError: An input is not a string, or an option is unknown, of the wrong type, out of range or for
                another strategy.
        """
        self.require_trained()
        texts = checked_texts(inputs)
        answers = list(self._translated(self.network, self.encode_inputs(texts), **how)) if texts else []
        return answers[0] if isinstance(inputs, str) else answers

    def attention(self, source: str, target: str | None = None) -> tuple[np.ndarray, list[str], list[str]]:
        """The decoder's attention weights `[target, source]`, and the tokens of both sides, END included.

        Args:
            source: A sentence.
            target: Its translation; by default the network's own.

        Raises:
            RnnkitError: The network has no attention.
        """
        self._require_attention()
        from rnnkit.tasks.translator.network import attention_weights

        target = self.predict(source).text if target is None else target
        encoded = self.encode_pairs([(source, target)])
        weights = attention_weights(self.network, *self.collate(encoded, np.array([0]))[0])[0]
        sides = ((self.source_pieces, encoded.inputs[0], source), (self.target_pieces, encoded.targets[0], target))
        names = [[*pieces.split(text)[: len(ids) - 1], "<END>"] for pieces, ids, text in sides]
        return weights[: len(names[1]), : len(names[0])], *names

    def _require_attention(self) -> None:
        if self.options.attention == "none":
            raise RnnkitError("This translator has no attention to show; train one with --attention additive.")

    def draw_explanation(self, source: str, path: Path, **how: Any) -> None:
        """Draw `attention` for the network's own translation; `how` as for `predict`."""
        from rnnkit import plots

        self._require_attention()
        plots.attention_map(*self.attention(source, self.predict(source, **how).text), path)

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        test: Any = parts.test
        answers = [answer.text for answer in outputs]
        scores = bleu_by_length(test.sources, answers, test.references, tokenize=self.options.bleu_tokenize)
        plots.score_by_length(scores, folder / "bleu_by_length.png")
        if self.options.attention != "none":
            middle = int(np.argsort(test.inputs.lengths, kind="stable")[len(test) // 2])
            weights, source, target = self.attention(test.sources[middle], answers[middle])
            plots.attention_map(weights, source, target, folder / "attention.png")

    def exporter(self) -> Exporter:
        from rnnkit.tasks.translator.export import TranslatorExporter

        return TranslatorExporter(self)

    def lite_outputs(self, encoded: Any) -> np.ndarray:
        encoded.nats = None  # Keras's values say nothing about the file
        answers = np.empty(len(encoded), object)
        answers[:] = self.open_lite().predict(list(encoded.sources))
        return answers


TASK = Translator
