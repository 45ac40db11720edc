"""Findings of `rnnkit check` on trees, before training: good, doubtful or unusable."""

from collections import Counter
from collections.abc import Iterator

from rnnkit.data.findings import Finding
from rnnkit.data.labels import MOST_LABELS, sort_labels, too_many
from rnnkit.tasks.tree_classifier.source import Treebank

_FEW_TREES = 100


def tree_findings(bank: Treebank) -> list[Finding]:
    """Findings on readable trees: failures first, then warnings, then what is good.

    Example:

    >>> from rnnkit.tasks.tree_classifier.source import open_treebank
    >>> [finding.level for finding in tree_findings(open_treebank(["(1 bad)", "(3 (2 It) (4 works))"]))]
    ['warn', 'good']
    """
    counts = Counter(label for tree in bank.trees for label in tree.labels)
    unlabelled = counts.pop(None, 0)
    fails = (
        [] if len(counts) > 1 else [f"{bank.name}: every label is {next(iter(counts))!r:.60}; at least 2 are needed."]
    )
    if fault := too_many(len(counts), MOST_LABELS, "label"):
        fails.append(f"{bank.name}: {fault}")
    warns = list(_warnings(bank, unlabelled))
    nodes = sum(map(len, bank.trees))
    shares = ", ".join(
        f"{name!r:.60} {counts[name] / max(nodes - unlabelled, 1):.0%}"
        for name in sort_labels(label for label in counts if label is not None)[:10]
    )
    deepest = max(tree.depth for tree in bank.trees)
    goods = [f"{len(bank.trees):,} trees, {nodes:,} nodes, at most {deepest} deep; {len(counts)} labels: {shares}."]
    found = [Finding("fail", message) for message in fails] + [Finding("warn", message) for message in warns]
    return found + [Finding("good", message) for message in goods]


def _warnings(bank: Treebank, unlabelled: int) -> Iterator[str]:
    widest = max(max(tree.counts) for tree in bank.trees)
    repeated = len(bank.trees) - len(set(bank.trees))
    if widest > 2:
        yield f"Nodes have up to {widest} children. Use composition child_sum, or rnnkit.codec.trees.binarized."
    if unlabelled:
        yield f"{unlabelled:,} nodes have no label; they are not learnt from."
    if repeated:
        yield f"{repeated:,} trees are repeated; unless parts are given, they are left out."
    if len(bank.trees) < _FEW_TREES:
        yield f"Only {len(bank.trees):,} trees; expect {_FEW_TREES} or more for a useful model."
    if not bank.encoding.startswith("utf-8"):
        yield f"Read as {bank.encoding}, not as UTF-8; check the accented letters, or save it as UTF-8."
