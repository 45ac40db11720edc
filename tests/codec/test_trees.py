"""Trees in brackets and nested lists: read, refused with the place named, written back."""

import gzip

import numpy as np
import pytest

from rnnkit.codec.tree_schedule import encode_tree, plant
from rnnkit.codec.trees import Tree, binarized, tree_of
from rnnkit.codec.vocabulary import Vocabulary
from rnnkit.errors import RnnkitError
from rnnkit.tasks.tree_classifier.files import read_trees, write_trees
from rnnkit.tasks.tree_classifier.findings import tree_findings
from rnnkit.tasks.tree_classifier.sample import make_trees
from rnnkit.tasks.tree_classifier.source import open_treebank

LOVELY = "(3 (2 It) (4 (4 (2 's) (4 (3 (2 a) (4 lovely)) (2 film))) (2 .)))"


def random_tree(random, leaves, most=2, chain=0.1):
    """Nested lists with labels 0 to 4, unary nodes among them."""
    if random.random() < chain:
        return [int(random.integers(5)), random_tree(random, leaves, most, chain)]
    if leaves == 1:
        return [int(random.integers(5)), f"w{random.integers(9)}"]
    parts = int(random.integers(2, min(most, leaves) + 1))
    cuts = np.sort(random.choice(np.arange(1, leaves), parts - 1, replace=False))
    sizes = np.diff([0, *cuts, leaves])
    return [int(random.integers(5)), *(random_tree(random, int(size), most, chain) for size in sizes)]


def nested(tree, node=None):
    """A `Tree` as nested lists again, by recursion."""
    node = len(tree) - 1 if node is None else node
    if tree.words[node] is not None:
        return [int(tree.labels[node]), tree.words[node]]
    return [int(tree.labels[node]), *(nested(tree, child) for child in tree.children[node])]


def test_a_tree_and_its_nodes():
    tree = tree_of(LOVELY)
    assert tree.leaves == ("It", "'s", "a", "lovely", "film", ".")
    assert len(tree) == 11 and tree.depth == 5 and tree.labels[-1] == "3"
    texts = {tree.text(node): tree.labels[node] for node in range(len(tree))}
    assert texts["a lovely"] == "3" and texts["'s a lovely film ."] == "4" and texts["film"] == "2"
    assert str(tree) == LOVELY and tree_of(str(tree)) == tree


@pytest.mark.parametrize("seed", range(5))
def test_text_and_nested_lists_are_the_same_trees(seed):
    random = np.random.default_rng(seed)
    for leaves in range(1, 12):
        given = random_tree(random, leaves, most=4)
        tree = tree_of(given)
        assert nested(tree) == given
        assert tree_of(str(tree)) == tree_of(tuple(given)) == tree_of(tree) == tree


def test_one_node_unary_chains_and_no_labels():
    assert tree_of("(2 good)") == Tree(("good",), ("2",), (0,))
    assert tree_of("(1 (2 (3 good)))").children == ((), (0,), (1,))
    tree = tree_of("((not) ((very) (good)))")
    assert set(tree.labels) == {None} and str(tree) == "((not) ((very) (good)))"
    assert tree_of([[None, "not"], ["good"]]).leaves == ("not", "good")
    assert str(tree_of("(S(NP (PRP it))\n  (VP works))")) == "(S (NP (PRP it)) (VP works))"


def test_words_stay_as_they_are():
    words = ("-LRB-", "-RRB-", "1\\/2", "3\u00a01\\/2", "caf\u00e9", "...", "``", "\u2028x")
    tree = tree_of("(0 " + " ".join(f"(1 {word})" for word in words) + ")")
    assert tree.leaves == words and tree_of(str(tree)) == tree


@pytest.mark.slow
def test_a_very_deep_tree_is_no_recursion():
    depth = 20_000
    text = "(2 (1 a) " * depth + "(1 b)" + ")" * depth
    tree = tree_of(text)
    assert tree.depth == depth and len(tree) == 2 * depth + 1 and str(tree) == text
    value = [1, "b"]
    for _ in range(depth):
        value = [2, [1, "a"], value]
    assert tree_of(value) == tree
    assert binarized(tree) == tree


def test_files_one_a_line_or_over_lines_and_packed(tmp_path):
    plain, spread, packed = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "c.txt.gz"
    trees = [tree_of(LOVELY), tree_of("(1 bad)")]
    write_trees(trees, plain)
    assert plain.read_text() == LOVELY + "\n(1 bad)\n"
    spread.write_text("\r\n\r\n" + LOVELY.replace(" (", "\r\n   (") + "\r\n\r\n(1 bad)")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_trees(plain) == read_trees(spread) == read_trees(str(packed)) == trees
    assert read_trees([LOVELY, [1, "bad"]]) == trees


@pytest.mark.parametrize(
    "text, message",
    [
        ("(3 (2 a) (1 b)\n(1 c)", r"line 1, column 1: the tree that begins here is never closed"),
        ("(1 c)\n (3 (2 a) (1 b)))", r"line 2, column 17: this bracket closes nothing"),
        ("(1 c)\n(3 (2 a) (b))", r"line 2, column 10: this leaf holds 'b' alone, so it has no label"),
        ("(3 (2 a) ((1 b) (1 c)))", r"line 1, column 10: this node has no label"),
        ("(3 (2 a) ())", r"column 10: there is nothing in this bracket"),
        ("(3 (2 a b))", r"column 9: 'b' is a second word"),
        ("(3 (2 a) x)", r"column 10: 'x' follows a child"),
        ("(3 b (2 a))", r"column 6: a bracket opens after the word 'b'"),
        ("good (3 a)", r"column 1: 'good' stands outside all brackets"),
        ("", "is empty"),
        (" \n\n", "is empty; expected trees"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, message, tmp_path):
    file = tmp_path / "trees.txt"
    file.write_text(text)
    with pytest.raises(RnnkitError, match=message) as caught:
        read_trees(file)
    assert "\n" not in str(caught.value) and "trees.txt" in str(caught.value)


@pytest.mark.parametrize(
    "value, message",
    [
        ([3, [2, "a b"]], "list 2: 'a b' has a blank"),
        ([3, [2, "("]], "has a blank or a bracket"),
        ([3, []], "list 2: there is nothing"),
        (7, "expected brackets such as"),
        ("(1 a) (1 b)", "holds 2 trees"),
        ("", "holds 0 trees"),
    ],
)
def test_values_that_are_no_tree(value, message):
    with pytest.raises(RnnkitError, match=message):
        tree_of(value)


def test_wrong_files_and_encodings(tmp_path):
    with pytest.raises(RnnkitError, match="is a folder"):
        read_trees(tmp_path)
    (tmp_path / "trees.txt").write_bytes(b"(1 caf\xc3\xa9)\n(2 \xff\xfe\x81)\n")
    with pytest.raises(RnnkitError, match="Did you mean 'trees.txt'"):
        read_trees(tmp_path / "tree.txt")
    with pytest.raises(RnnkitError, match="line 2 has the byte 0xff"):
        read_trees(tmp_path / "trees.txt")
    (tmp_path / "west.txt").write_bytes("(1 café)\n(2 the)\n".encode("cp1252"))
    assert read_trees(tmp_path / "west.txt")[0].leaves == ("café",)
    with pytest.raises(RnnkitError, match="is not utf-8"):
        read_trees(tmp_path / "west.txt", encoding="utf-8")
    with pytest.raises(RnnkitError, match="expected one of every, root, none"):
        read_trees(["(1 a)"], labels="all")


def test_binarized_keeps_words_labels_and_order():
    random = np.random.default_rng(3)
    for leaves in range(1, 20):
        tree = tree_of(random_tree(random, leaves, most=5, chain=0.2))
        two = binarized(tree)
        assert max(two.counts) <= 2 and two.leaves == tree.leaves and tree_of(str(two)) == two
        kept = [(two.text(n), two.labels[n]) for n in range(len(two)) if two.labels[n] is not None]
        assert kept == [(tree.text(n), tree.labels[n]) for n in range(len(tree))]


def test_a_treebank_from_a_file_a_folder_or_a_list(tmp_path):
    write_trees([tree_of(LOVELY)], tmp_path / "train.txt")
    write_trees([tree_of("(1 bad)")], tmp_path / "dev.txt")
    bank = open_treebank(tmp_path)
    assert (len(bank.trees), len(bank.validation), bank.test) == (1, 1, None) and open_treebank(bank) is bank
    assert open_treebank(tmp_path / "dev.txt").validation is None
    assert open_treebank(["(1 (bad) (film))"]).trees[0].labels == (None, None, "1")
    with pytest.raises(RnnkitError, match="has no label"):
        open_treebank(["((1 bad) (2 film))"])
    (tmp_path / "train.txt").rename(tmp_path / "other.txt")
    with pytest.raises(RnnkitError, match="has no train.txt"):
        open_treebank(tmp_path)


@pytest.mark.parametrize("width", [1, 3, 64])
@pytest.mark.parametrize("most", [2, 4])
def test_the_schedule_visits_every_node_after_its_children(width, most):
    random = np.random.default_rng(width + most)
    trees = [tree_of(random_tree(random, leaves, most)) for leaves in random.integers(1, 30, 9)]
    vocabulary = Vocabulary([f"w{n}" for n in range(9)])
    codes = [encode_tree(tree, vocabulary) for tree in trees]
    forest = plant(codes, most, width, leaves_of=8, chunks_of=4)
    assert len(forest.words) % 8 == 0 and len(forest.children) % 4 == 0
    assert len(set(forest.rows)) == len(forest.rows) == sum(map(len, trees)) and forest.rows.min() == 1
    text, row = {}, iter(forest.rows.tolist())
    place = {}
    for number, tree in enumerate(trees):
        for node in range(len(tree)):
            place[number, node] = next(row)
            text[place[number, node]] = tree.text(node)
        assert forest.roots[number] == place[number, len(tree) - 1]
    first = 1 + len(forest.words)
    for number, tree in enumerate(trees):
        for node, children in enumerate(tree.children):
            here = place[number, node]
            if not children:
                assert vocabulary.words[forest.words[here - 1]] == tree.words[node]
                continue
            chunk, at = divmod(here - first, width)
            assert forest.children[chunk, at].tolist() == (
                [place[number, child] for child in children] + [0] * (most - len(children))
            )
            assert forest.children[chunk, at].max() < first + chunk * width  # done in an earlier chunk
    if width == 64:  # the fewest chunks there can be: as many as the deepest tree is deep
        filled = int((forest.children.max(axis=(1, 2)) > 0).sum())
        assert filled == max(tree.depth for tree in trees)


def test_too_many_children_are_refused():
    with pytest.raises(ValueError, match="has 3 children; at most 2"):
        plant([np.array([1, 2, 3, -3])])
    assert plant([np.array([1, 2, 3, -3])], None).children.shape == (1, 64, 3)
    assert plant([np.array([5])]).children.shape == (1, 64, 2)


def test_findings_say_what_is_good_and_what_is_not():
    found = tree_findings(open_treebank(["(1 (1 a) (b) (1 c))", "(1 (1 a) (b) (1 c))"]))
    assert [finding.level for finding in found] == ["fail", "warn", "warn", "warn", "warn", "good"]
    said = " ".join(finding.message for finding in found)
    for part in ("every label is '1'", "up to 3 children", "2 nodes have no label", "1 trees are repeated", "Only 2"):
        assert part in said
    [only] = tree_findings(open_treebank(list(make_trees(200))))
    assert only.level == "good" and only.message.startswith("200 trees, ") and "5 labels: '0' " in only.message
