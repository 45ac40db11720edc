"""Tree classification: a sentence as a tree in, a label for the whole and for every phrase out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.trees import Tree, tree_of
from rnnkit.data.bucketing import LengthBuckets, Ragged
from rnnkit.data.folds import Divisible
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.labels import Prediction, prediction_of
from rnnkit.lite.tasks.tree_classifier import answers_of
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.labels import confusion_matrix
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.options import TrainingOptions, WordVectorOptions, option
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.shared.words_and_labels import softmax
from rnnkit.tasks.tree_classifier.batching import TreeBatches
from rnnkit.tasks.tree_classifier.findings import tree_findings
from rnnkit.tasks.tree_classifier.preprocessing import LabelledTrees
from rnnkit.tasks.tree_classifier.scores import tree_scores, tree_statistics
from rnnkit.tasks.tree_classifier.source import Treebank, open_treebank


@dataclass(kw_only=True)
class TreeClassifierOptions(TrainingOptions, WordVectorOptions):
    """Options of `TreeClassifier`."""

    usual: ClassVar[tuple[str, ...]] = ("composition", "units")

    composition: str = option("n_ary", "Tree-LSTM or RNTN to compose nodes", choices=("n_ary", "child_sum", "rntn"))
    units: int = option(150, "width of a node's state; rntn: usually 25 to 35", low=1, high=4096, search=4)
    embedding_size: int = option(
        200, "width of the word vectors (rntn: always equal to units)", low=1, high=4096, search=4
    )
    vocabulary_size: int = option(20_000, "maximum vocabulary size, by frequency", low=4, high=1_000_000)
    min_count: int = option(2, "minimum occurrences of a word in the vocabulary", low=1)
    lowercase: bool = option(True, "lower-case the words")
    word_dropout: float = option(
        0.1, "share of words replaced by the unknown word in training", low=0, high=0.95, search=(0, 0.3)
    )
    embedding_dropout: float = option(0.4, "dropout rate of word vector features", low=0, high=0.95, search=(0, 0.7))
    composition_dropout: float = option(0.1, "dropout rate of the update at a node", low=0, high=0.95, search=(0, 0.5))
    dropout: float = option(0.5, "dropout rate of the states before the labels", low=0, high=0.95, search=(0, 0.7))
    root_weight: float = option(0.0, "weight of the roots' mean loss, added to that of all nodes", low=0, high=100)
    weight_decay: float = option(1e-2, "weight decay, multiplied by the learning rate", low=0, high=1)
    batch_size: int = option(32, "trees per training step", low=1, high=65_536, search=4)


class TreeClassifier(Task):
    """Word vectors at the leaves, a composition at every inner node, a label at every node.

    Example:

    >>> task = TreeClassifier(units=8, embedding_size=8, epochs=1)
    >>> trees = [f"(1 (0 good) (0 film{i}))" for i in range(20)] + [f"(0 (0 bad) (0 film{i}))" for i in range(20)]
    >>> task.fit(trees).predict("((good) (film3))").label in ("0", "1")
    True
    """

    key = "tree_classifier"
    roles = ()
    input_role = "tree"
    answers_labels = True
    example_noun = "trees"
    example_input = "(((the) (film)) ((is) (good)))"
    preprocessing_class = LabelledTrees
    options_class = TreeClassifierOptions
    monitor = "val_root_accuracy"

    vocabulary, labels, most_children = learnt("vocabulary"), learnt("labels"), learnt("most_children")
    encode_trees, without_labels, plant = learnt("encode_trees"), learnt("without_labels"), learnt("plant")

    def fixed_options(self) -> tuple[str, ...]:
        return ("composition", "units", "embedding_size", "lowercase", "embeddings")

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on trees: good, warn or fail."""
        return tree_findings(cls.open_source(source, columns))

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Treebank:
        return open_treebank(source, encoding)

    def in_folds(self, source: Treebank) -> Divisible:
        return source.in_folds()

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.tree_classifier.network import tree_network

        return tree_network(self.options, len(self.vocabulary), len(self.labels), how.policy(self.options))

    def loss(self, network: Any) -> Any:
        from rnnkit.tasks.tree_classifier.network import losses

        return losses()

    def compile(self, network: Any, steps: int) -> None:
        from rnnkit.tasks.tree_classifier.network import compile_trees

        compile_trees(network, self.options, steps)

    def batches(self, encoded: Encoded) -> TreeBatches:
        return TreeBatches(super().batches(encoded).buckets, lambda *indices: self.collate(encoded, *indices))

    def loss_size(self, batch: tuple[Any, ...]) -> float:
        """The nodes whose label is known."""
        return float(batch[2]["nodes"].sum())

    def collate(self, encoded: Encoded, indices: np.ndarray, whole: np.ndarray | None = None) -> tuple[Any, ...]:
        """A batch `(inputs, labels of all nodes and of the roots, their weights)`; those of the roots add up to one.

        Args:
            encoded: The trees.
            indices: Which of them.
            whole: All of a batch of which these are a part: the roots then weigh what they do in it, beside nodes.
        """
        whole = indices if whole is None else whole
        roots = max(sum(encoded.targets[i][-1] >= 0 for i in whole), 1)
        nodes = [max(sum(int((encoded.targets[i] >= 0).sum()) for i in some), 1) for some in (whole, indices)]
        forest = self.plant(encoded, indices)
        known = np.concatenate([encoded.targets[i] for i in indices])
        labels, weights = np.zeros(forest.size, np.int32), np.zeros(forest.size, np.float32)
        labels[forest.rows], weights[forest.rows] = np.maximum(known, 0), known >= 0
        inputs = {"words": forest.words, "children": forest.children, "roots": forest.roots}
        answers = {"nodes": labels, "root": labels[forest.roots]}
        of_roots = weights[forest.roots] * np.float32(nodes[0] / nodes[1] / roots)
        return inputs, answers, {"nodes": weights, "root": of_roots}

    def copy_from(self, parent: Any) -> str:
        from rnnkit.layers.weights import copy_weights

        same_labels = self.labels == parent.labels
        copy_weights(parent.network, self.network, head=same_labels)
        head = "same labels: the head is kept" if same_labels else "new labels: the head is new"
        return f"{head}; {len(self.vocabulary) - len(parent.vocabulary)} new words start at the mean word vector"

    def outputs(self, encoded: Encoded) -> np.ndarray:
        """Logits of every node of every tree, `[nodes, labels]`, in the order of `encoded.inputs.flat`."""
        self.require_trained()
        result = np.zeros((len(encoded.inputs.flat), len(self.labels)), np.float32)
        offsets = encoded.inputs.offsets
        for indices in LengthBuckets(encoded.inputs.lengths, self.options.batch_size).in_order():
            forest = self.plant(encoded, indices)
            inputs = {"words": forest.words, "children": forest.children, "roots": forest.roots}
            places = np.concatenate([np.arange(offsets[i], offsets[i + 1]) for i in indices])
            result[places] = np.asarray(self.network.predict_on_batch(inputs)["nodes"])[forest.rows]
        return result

    # ------------------------------------------------------------------ outputs to answers

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probabilities of the labels, `[nodes, labels]`."""
        return softmax(outputs)

    def decode(self, outputs: np.ndarray) -> list[Prediction]:
        """Answers for single nodes; `predict` assembles them into trees."""
        return [prediction_of(row, self.labels) for row in self.probabilities(outputs)]

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        return tree_scores(encoded, self.probabilities(outputs), self.labels)

    def statistics(self, encoded: Any, outputs: np.ndarray) -> Statistics:
        return tree_statistics(encoded, self.probabilities(outputs), self.labels)

    def predict(self, inputs: Any) -> Any:
        """Answer trees: one answer for a single tree, a list for a list of trees.

        Args:
            inputs: A tree in brackets, labelled or not, a `Tree`, or a list of them or of nested lists.
        """
        single = isinstance(inputs, str | Tree) or not isinstance(inputs, list | tuple)
        trees = [tree_of(value, f"Tree {n}") for n, value in enumerate([inputs] if single else inputs, 1)]
        answers = answers_of(trees, self.probabilities(self.outputs(self.encode_inputs(trees))), self.labels)
        return answers[0] if single else answers

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        encoded: Any = parts.test
        guess = outputs.argmax(axis=-1)
        confusion = confusion_matrix(encoded.truth[encoded.roots], guess[encoded.roots], len(self.labels))
        plots.confusion_matrix(confusion, self.labels, folder / "confusion.png")
        trees = self.preprocessing.test_trees
        shown = next((tree for tree in trees if 8 <= len(tree.leaves) <= 20), trees[0])
        self.draw_explanation(shown, folder / "tree.png")

    def explain(self, tree: Any) -> tuple[list[str], np.ndarray, Any]:
        """Explain the root's label: the words, how much each speaks for it, and the prediction.

        Each word in turn is replaced by the unknown word; its score is the drop of the log-odds.
        """
        from rnnkit.tasks.shared.occlusion import occlusion

        parsed = tree_of(tree)
        [prediction] = self.predict([parsed])
        code = self.encode_inputs([parsed]).inputs[0]

        def root_probabilities(rows: list[np.ndarray]) -> np.ndarray:
            codes = []
            for words in rows:
                codes.append(code.copy())
                codes[-1][code >= 0] = words
            encoded = self.without_labels(Ragged.from_iterable(codes))
            return self.probabilities(self.outputs(encoded)[encoded.roots])

        scores = occlusion(root_probabilities, code[code >= 0], self.labels.index(prediction.label))
        return list(parsed.leaves), scores, prediction

    def draw_explanation(self, tree: Any, path: Path) -> None:
        """Draw a tree, coloured by the predicted label of every node."""
        from rnnkit.plots.tree import tree_labels

        parsed = tree_of(tree)
        [answer] = self.predict([parsed])
        tree_labels(parsed, [node.label for node in answer.nodes], self.labels, path, answer.probability)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.tree_classifier.export import TreeClassifierExporter

        return TreeClassifierExporter(self)


TASK = TreeClassifier
