"""Labelled trees as numbers: the part of `TreeClassifier` for trees, words and labels, independent of the network."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.tree_schedule import Forest, encode_tree, plant
from rnnkit.codec.trees import Tree, tree_of
from rnnkit.data.bucketing import LengthBuckets, Ragged
from rnnkit.data.labels import sort_labels
from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.digest import digest_of_parts
from rnnkit.tasks.base.examples import UNKNOWN, Encoded, EncodedLabels, Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE, WordsAndLabels
from rnnkit.tasks.tree_classifier.source import Treebank

#: With JAX, which recompiles for each shape, batches are padded to multiples of this many leaves and chunks.
_JAX_LEAVES, _JAX_CHUNKS = 128, 8


@dataclass
class EncodedTrees(EncodedLabels):
    """Trees as numbers: `inputs` has a row per tree, for `plant`; `targets` a label index per node, -1 for none."""

    @property
    def roots(self) -> np.ndarray:
        """Index of each tree's root in the flat arrays."""
        return self.inputs.offsets[1:] - 1


class LabelledTrees(WordsAndLabels):
    """Trees with labels: parts, a vocabulary from the training part, word ids, and a label index for every node."""

    noun = "trees"
    #: The trees of the test part, for plotting.
    test_trees: Sequence[Tree] = ()

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        given = None if test is None else test.scored
        everything = [*source.trees, *(source.validation or ()), *((source.test if given is None else given) or ())]
        self.check_trees(everything, source.name)
        counts = Counter(label for tree in everything for label in tree.labels)
        unlabelled = counts.pop(None, 0)
        names = sort_labels(name for name in counts if name is not None)
        if len(names) < 2:
            raise RnnkitError(f"{source.name}: every label is {names[0]!r}; at least 2 labels are needed.")
        parts, repeated = self._parts(source, given)
        self.test_trees = parts["test"]
        self.choose_labels(names, parent)
        words = Counter(self.fold(word) for tree in parts["train"] for word in tree.leaves)
        report: dict[str, Any] = {"name": source.name}
        learnt = self.learn_vocabulary(words, parent, source.name)
        made = {name: self.encode_trees(trees, source.name) for name, trees in parts.items()}
        report |= {name: len(part) for name, part in made.items()}
        report |= {"nodes": len(made["train"].inputs.flat), "unlabelled": unlabelled, "left_out": repeated}
        report |= {"labels": {name: counts[name] for name in names}, "encoding": source.encoding}
        report |= learnt
        report["padding_waste"] = round(self._waste(made["train"]), 4)
        return Splits(
            made["train"],
            made["validation"],
            made["test"],
            digest_of_parts(parts, lambda tree: repr((tree.words, tree.labels, tree.counts))),
            report,
        )

    def _parts(self, source: Treebank, test: list[Tree] | None) -> tuple[dict[str, list[Tree]], int]:
        """The given parts; missing ones are random samples of the distinct trees."""
        given = {"validation": source.validation, "test": test if test is not None else source.test}
        known = {name: trees for name, trees in given.items() if trees is not None}
        wanted = {"validation": self.options.validation_share, "test": TEST_SHARE}
        shares = {name: share for name, share in wanted.items() if name not in known}
        if not shares:
            return {"train": source.trees, **known}, 0
        taken = {tree for trees in known.values() for tree in trees}
        trees = [tree for tree in dict.fromkeys(source.trees) if tree not in taken]
        fractions = {"train": 1 - sum(shares.values()), **shares}
        chosen = stratified_split(np.array([str(tree.labels[-1]) for tree in trees]), fractions, self.options.seed)
        parts = {name: [trees[i] for i in indices] for name, indices in chosen.items()} | known
        if empty := [name for name, part in parts.items() if not part]:
            raise RnnkitError(
                f"{source.name}: {len(trees)} different trees leave none for {' and '.join(empty)}; add trees, at "
                f"least {len(fractions)} per root label."
            )
        return parts, len(source.trees) - len(trees)

    def check_trees(self, trees: Sequence[Tree], name: str) -> None:
        """Refuse trees with more children than the composition takes."""
        widest = max(trees, key=lambda tree: max(tree.counts))
        if self.most_children is not None and max(widest.counts) > self.most_children:
            node = int(np.argmax(widest.counts))
            raise RnnkitError(
                f"{name}: {widest.text(node)!r:.60} has {widest.counts[node]} children; {self.options.composition} "
                f"takes {self.most_children}. Use composition child_sum, or rnnkit.codec.trees.binarized."
            )

    @property
    def most_children(self) -> int | None:
        """The maximum number of children of a node; None for any number."""
        return None if self.options.composition == "child_sum" else 2

    def fold(self, word: str) -> str:
        return word.lower() if self.options.lowercase else word

    def encode_trees(self, trees: Sequence[Tree], name: str) -> EncodedTrees:
        """Encode trees as numbers; labels unknown to the model are refused."""
        present = {label for tree in trees for label in tree.labels if label is not None}
        numbers: dict[str | None, int] = {
            None: -1,
            **{label: self.label_number(label, name) for label in sorted(present)},
        }
        targets = Ragged.from_iterable([numbers[label] for label in tree.labels] for tree in trees)
        return EncodedTrees(self._codes(trees), targets)

    def _codes(self, trees: Sequence[Tree]) -> Ragged:
        return Ragged.from_iterable(encode_tree(tree, self.vocabulary, self.fold) for tree in trees)

    def encode(self, inputs: list[Any]) -> EncodedTrees:
        trees = [tree_of(value, f"Tree {number}") for number, value in enumerate(inputs, 1)]
        if trees:
            self.check_trees(trees, "The input")
        return self.without_labels(self._codes(trees))

    def without_labels(self, codes: Ragged) -> EncodedTrees:
        """Encoded trees without a label at any node."""
        return EncodedTrees(codes, Ragged(np.full(len(codes.flat), UNKNOWN), codes.offsets))

    def encode_rows(self, source: Any) -> EncodedTrees:
        self.check_trees(source.scored, source.name)
        return self.encode_trees(source.scored, source.name)

    def plant(self, encoded: Encoded, indices: np.ndarray) -> Forest:
        """The schedule of the trees with these indices."""
        import keras

        filled = (_JAX_LEAVES, _JAX_CHUNKS) if keras.backend.backend() == "jax" else (1, 1)
        return plant([encoded.inputs[i] for i in indices], self.most_children, leaves_of=filled[0], chunks_of=filled[1])

    def made_up(self, count: int = 100) -> Any:
        """Random trees of random words."""
        random = np.random.default_rng(self.options.seed)

        def code() -> list[int]:
            made, roots = list[int](), 0
            for _ in range(2 * int(random.integers(1, 40)) - 1):
                if roots >= 2 and random.random() < 0.5:
                    made.append(-2)
                    roots -= 1
                else:
                    made.append(int(random.integers(2, len(self.vocabulary))))
                    roots += 1
            return [*made, *[-2] * (roots - 1)]

        return self.without_labels(Ragged.from_iterable(code() for _ in range(count)))

    def _waste(self, encoded: EncodedTrees) -> float:
        """Share of the rows in a first epoch's batches that hold no node."""
        batches = LengthBuckets(encoded.inputs.lengths, self.options.batch_size, self.options.seed).epoch(0)
        forests = [self.plant(encoded, indices) for indices in batches]
        return 1 - sum(len(forest.rows) for forest in forests) / sum(forest.size for forest in forests)
