"""Tree classification: a sentence as a tree in, a label for the whole and for every phrase out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.trees import Tree, tree_of
from rnnkit.codec.vocabulary import Vocabulary
from rnnkit.data.bucketing import LengthBuckets, Ragged
from rnnkit.errors import RnnkitError
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.labels import Prediction, prediction_of
from rnnkit.lite.tasks.tree_classifier import answers_of
from rnnkit.metrics.labels import accuracy, confusion_matrix
from rnnkit.tasks.base.examples import Encoded, Parts
from rnnkit.tasks.base.options import TrainingOptions, WordVectorOptions, option
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.tree_classifier.examples import LabelledTrees
from rnnkit.tasks.tree_classifier.findings import tree_findings

#: The labels of the Stanford Sentiment Treebank: very negative, negative, neutral, positive, very positive.
SENTIMENTS = ["0", "1", "2", "3", "4"]


@dataclass(kw_only=True)
class TreeClassifierOptions(TrainingOptions, WordVectorOptions):
    """Options of `TreeClassifier`."""

    composition: str = option("n_ary", "Tree-LSTM or RNTN at each node", choices=("n_ary", "child_sum", "rntn"))
    units: int = option(150, "width of a node's state; rntn: 25 to 35 are usual", low=1, high=4096)
    embedding_size: int = option(200, "width of the word vectors (rntn: always that of units)", low=1, high=4096)
    vocabulary_size: int = option(20_000, "most words known, by frequency", low=4, high=1_000_000)
    min_count: int = option(2, "times a word must occur to be known", low=1)
    lowercase: bool = option(True, "take words in lower case")
    word_dropout: float = option(0.1, "share of words hidden while training", low=0, high=0.95)
    embedding_dropout: float = option(0.4, "share of word vector features dropped", low=0, high=0.95)
    composition_dropout: float = option(0.1, "share of what is new at a node dropped", low=0, high=0.95)
    dropout: float = option(0.5, "share of state features dropped before the labels", low=0, high=0.95)
    root_weight: float = option(0.0, "weight of the roots' own mean loss beside that of all nodes", low=0, high=100)
    weight_decay: float = option(1e-2, "decay of the weights, times the learning rate", low=0, high=1)
    batch_size: int = option(32, "trees a training step", low=1, high=65_536)


class TreeClassifier(LabelledTrees, Task):
    """Word vectors at the leaves, a composition at every inner node, a label at every node.

    Example:

    >>> task = TreeClassifier(units=8, embedding_size=8, epochs=1)
    >>> trees = [f"(1 (0 good) (0 film{i}))" for i in range(20)] + [f"(0 (0 bad) (0 film{i}))" for i in range(20)]
    >>> task.fit(trees).predict("((good) (film3))").label in ("0", "1")
    True
    """

    key = "tree_classifier"
    options_class = TreeClassifierOptions
    monitor = "val_root_accuracy"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.vocabulary = Vocabulary([])
        self.labels: list[str] = []

    def fixed_options(self) -> tuple[str, ...]:
        return ("composition", "units", "embedding_size", "lowercase", "embeddings")

    @classmethod
    def check(cls, source: Any) -> list[Any]:
        """What `rnnkit check` says of trees: a list of findings, good, warn or fail."""
        return tree_findings(cls.open_source(source))

    # ------------------------------------------------------------------ the network

    def build(self, *, unroll: bool | int = False, masked: bool = True, training: bool = False) -> Any:
        from rnnkit.tasks.tree_classifier.network import tree_network

        policy = "mixed_bfloat16" if training and self.options.mixed_precision else "float32"
        return tree_network(self.options, len(self.vocabulary), len(self.labels), policy)

    def compile(self, network: Any, steps: int) -> None:
        import keras

        from rnnkit.training.trainer import compile_network, optimizer

        adam = optimizer(self.options, steps)
        adam.weight_decay = self.options.weight_decay or None
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight")
        compile_network(
            network,
            adam,
            {"nodes": loss, "root": loss},
            loss_weights={"nodes": 1.0, "root": self.options.root_weight},
            weighted_metrics={
                name: [keras.metrics.SparseCategoricalAccuracy("accuracy")] for name in ("nodes", "root")
            },
        )

    def start_from(self, start: Any) -> str:
        from rnnkit.layers.weights import copy_weights

        same_labels = self.labels == start.labels
        copy_weights(start.network, self.network, head=same_labels)
        head = "same labels: the head goes on" if same_labels else "new labels: the head starts anew"
        return f"{head}; {len(self.vocabulary) - len(start.vocabulary)} new words start at the mean word vector"

    def outputs(self, encoded: Encoded) -> np.ndarray:
        """Logits of every node of every tree, `[nodes, labels]`, in the order of `encoded.inputs.flat`."""
        if self.network is None:
            raise RnnkitError("This task is not trained; call fit() or rnnkit.load() first.")
        result = np.zeros((len(encoded.inputs.flat), len(self.labels)), np.float32)
        offsets = encoded.inputs.offsets
        for indices in LengthBuckets(encoded.inputs.lengths, self.options.batch_size).in_order():
            forest = self.plant(encoded, indices)
            inputs = {"words": forest.words, "children": forest.children, "roots": forest.roots}
            places = np.concatenate([np.arange(offsets[i], offsets[i + 1]) for i in indices])
            result[places] = np.asarray(self.network.predict_on_batch(inputs)["nodes"])[forest.rows]
        return result

    # ------------------------------------------------------------------ outputs to answers

    def decode(self, outputs: np.ndarray) -> list[Prediction]:
        """Answers of nodes, one by one; `predict` puts them together."""
        return [prediction_of(row, self.labels) for row in self.probabilities(outputs)]

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        """Accuracy at the roots, for sentiment also in two labels without the neutral roots, and at all nodes."""
        truth, guess, roots = encoded.truth, outputs.argmax(axis=-1), encoded.roots
        figures: dict[str, Any] = {"root_accuracy": round(accuracy(truth[roots], guess[roots]), 5)}
        if self.labels == SENTIMENTS:
            binary = binary_accuracy(truth[roots], self.probabilities(outputs[roots]))
            figures["root_binary_accuracy"] = round(binary, 5)
        figures |= {
            "node_accuracy": round(accuracy(truth[encoded.known], guess[encoded.known]), 5),
            "rows": len(encoded),
        }
        return {**figures, "confusion": confusion_matrix(truth[roots], guess[roots], len(self.labels)).tolist()}

    def predict(self, inputs: Any) -> Any:
        """Answers for trees: one for one tree, a list for a list of trees.

        Args:
            inputs: A tree in brackets, labelled or not, a `Tree`, or a list of them or of nested lists.
        """
        single = isinstance(inputs, str | Tree) or not isinstance(inputs, list | tuple)
        trees = [tree_of(value, f"Tree {n}") for n, value in enumerate([inputs] if single else inputs, 1)]
        answers = answers_of(trees, self.probabilities(self.outputs(self.encode_inputs(trees))), self.labels)
        return answers[0] if single else answers

    def plot(self, folder: Path, parts: Parts, outputs: np.ndarray) -> None:
        from rnnkit import plots

        encoded: Any = parts.test
        guess = outputs.argmax(axis=-1)
        confusion = confusion_matrix(encoded.truth[encoded.roots], guess[encoded.roots], len(self.labels))
        plots.confusion_matrix(confusion, self.labels, folder / "confusion.png")
        shown = next((tree for tree in self.test_trees if 8 <= len(tree.leaves) <= 20), self.test_trees[0])
        self.draw_explanation(shown, folder / "tree.png")

    def explain(self, tree: Any) -> tuple[list[str], np.ndarray, Any]:
        """Which words drove the root's label: the words, how much each speaks for it, and the prediction.

        Each word in turn becomes the unknown word; its score is by how much the log-odds fall.
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
        """Draws a tree with the predicted label of every node in colour."""
        from rnnkit.plots.tree import tree_labels

        parsed = tree_of(tree)
        [answer] = self.predict([parsed])
        tree_labels(parsed, [node.label for node in answer.nodes], self.labels, path, answer.probability)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.tree_classifier.export import TreeClassifierExporter

        return TreeClassifierExporter(self)


def binary_accuracy(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Positive against negative, read off the five sentiments; trees that are neutral in truth are left out.

    Args:
        truth: 0 to 4, `[trees]`.
        probabilities: Of the five, `[trees, 5]`.

    Example:

    >>> binary_accuracy(np.array([0, 2, 3]), np.array([[0.4, 0.1, 0.5, 0, 0], [1, 0, 0, 0, 0], [0.3, 0.3, 0, 0.4, 0]]))
    0.5

    Reference:
        Socher et al., Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank, EMNLP 2013.
    """
    polar = truth != 2
    positive = probabilities[:, 3] + probabilities[:, 4] > probabilities[:, 0] + probabilities[:, 1]
    return accuracy(truth[polar] > 2, positive[polar]) if polar.any() else 0.0


TASK = TreeClassifier
