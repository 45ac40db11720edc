"""Recursive layers against the papers' equations in NumPy, node by node, by recursion."""

import keras
import numpy as np
import pytest
from codec.test_trees import random_tree

from rnnkit.codec.tree_schedule import encode_tree, plant
from rnnkit.codec.trees import tree_of
from rnnkit.codec.vocabulary import Vocabulary
from rnnkit.layers.trees.tree import RNTN, ChildSumTreeLSTM, NaryTreeLSTM, Recursive

VOCABULARY = Vocabulary([f"w{n}" for n in range(9)])
UNITS = 4


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class NAry:
    """Tai et al. 2015, equations 9-14, with one matrix for each gate and child, as they are written there."""

    def __init__(self, weights, most):
        kernel, bias, recurrent, forget_bias = weights
        self.W, self.b = np.split(kernel, 3, 1), np.split(bias, 3)
        blocks = [np.split(rows, 3 + most, 1) for rows in np.split(recurrent, most, 0)]
        self.U = [[blocks[child][gate] for child in range(most)] for gate in range(3)]
        self.Uf = [[blocks[other][3 + child] for other in range(most)] for child in range(most)]
        self.bf = forget_bias

    def leaf(self, x):
        i, o, u = (x @ W + b for W, b in zip(self.W, self.b, strict=True))
        c = sigmoid(i) * np.tanh(u)
        return sigmoid(o) * np.tanh(c), c

    def inner(self, children):
        i, o, u = (
            sum(h @ U for (h, _), U in zip(children, self.U[gate], strict=False)) + self.b[gate] for gate in range(3)
        )
        c = sigmoid(i) * np.tanh(u)
        for k, (_, c_k) in enumerate(children):
            f = sigmoid(sum(h @ U for (h, _), U in zip(children, self.Uf[k], strict=False)) + self.bf)
            c = c + f * c_k
        return sigmoid(o) * np.tanh(c), c


class ChildSum(NAry):
    """Tai et al. 2015, equations 2-8."""

    def __init__(self, weights, most):
        kernel, bias, recurrent, self.Uf, self.bf = weights
        self.W, self.b, self.U = np.split(kernel, 3, 1), np.split(bias, 3), np.split(recurrent, 3, 1)

    def inner(self, children):
        total = sum(h for h, _ in children)
        i, o, u = (total @ U + b for U, b in zip(self.U, self.b, strict=True))
        c = sigmoid(i) * np.tanh(u) + sum(sigmoid(h @ self.Uf + self.bf) * c for h, c in children)
        return sigmoid(o) * np.tanh(c), c


class Tensor:
    """Socher et al. 2013, section 4.3, slice by slice; an absent child is zeros."""

    def __init__(self, weights, most):
        tensor, self.W, self.b = weights
        self.V = tensor.reshape(2 * UNITS, UNITS, 2 * UNITS)

    def leaf(self, x):
        return (x,)

    def inner(self, children):
        ab = np.concatenate([children[0][0], children[1][0] if len(children) > 1 else np.zeros(UNITS)])
        pairs = np.array([ab @ self.V[:, k] @ ab for k in range(UNITS)])
        return (np.tanh(pairs + ab @ self.W + self.b),)


KINDS = {
    "n_ary": (lambda: NaryTreeLSTM(UNITS), NAry, 2, 3),
    "three_ary": (lambda: NaryTreeLSTM(UNITS, children=3), NAry, 3, 3),
    "child_sum": (lambda: ChildSumTreeLSTM(UNITS), ChildSum, 4, 3),
    "rntn": (lambda: RNTN(UNITS), Tensor, 2, UNITS),
}


def layer_and_reference(kind, seed=0):
    make, reference, most, features = KINDS[kind]
    layer = make()
    layer.build((None, features), (None, 64, most))
    random = np.random.default_rng(seed)
    layer.set_weights([random.normal(0, 0.6, weight.shape) for weight in layer.get_weights()])
    return layer, reference([np.float64(weight) for weight in layer.get_weights()], most), most


def trees_of(most, count=9, seed=1):
    random = np.random.default_rng(seed)
    sizes = [1, *random.integers(1, 14, count - 1)]
    return [tree_of(random_tree(random, int(size), most)) for size in sizes]


def vectors_of(features, seed=2):
    return np.random.default_rng(seed).normal(size=(len(VOCABULARY), features)).astype(np.float32)


def expected(tree, vectors, reference):
    """h of every node, by recursion from the root."""
    code, found = encode_tree(tree, VOCABULARY), {}

    def state(node):
        children = [state(child) for child in tree.children[node]]
        made = reference.inner(children) if children else reference.leaf(np.float64(vectors[code[node]]))
        found[node] = made[0]
        return made

    state(len(tree) - 1)
    return np.stack([found[node] for node in range(len(tree))])


def run(layer, trees, vectors, most, **arguments):
    forest = plant([encode_tree(tree, VOCABULARY) for tree in trees], most, **arguments)
    outputs = keras.ops.convert_to_numpy(layer(vectors[forest.words], forest.children))
    return outputs[forest.rows], outputs, forest


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_is_what_the_paper_says(kind):
    layer, reference, most = layer_and_reference(kind)
    vectors = vectors_of(KINDS[kind][3])
    trees = trees_of(most)
    assert any(1 in tree.counts for tree in trees) and max(max(tree.counts) for tree in trees) == most
    rows, outputs, forest = run(layer, trees, vectors, most, width=5)
    assert rows == pytest.approx(np.concatenate([expected(tree, vectors, reference) for tree in trees]), abs=1e-5)
    assert outputs.shape == (forest.size, UNITS) and not outputs[0].any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_its_trees_and_filling_up_changes_nothing(kind):
    layer, _, most = layer_and_reference(kind)
    vectors, trees = vectors_of(KINDS[kind][3]), trees_of(most)
    rows, _, _ = run(layer, trees, vectors, most)
    alone = np.concatenate([run(layer, [tree], vectors, most)[0] for tree in trees])
    filled = run(layer, trees, vectors, most, width=3, leaves_of=64, chunks_of=16)[0]
    assert alone == pytest.approx(rows, abs=1e-5) and filled == pytest.approx(rows, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_the_reference(kind):
    """Against central differences of the NumPy reference in float64."""
    tf = pytest.importorskip("tensorflow", reason="records the gradient")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("records the gradient with TensorFlow")
    layer, _, most = layer_and_reference(kind)
    reference_class, features = KINDS[kind][1], KINDS[kind][3]
    vectors, trees = vectors_of(features), trees_of(most, 4)
    forest = plant([encode_tree(tree, VOCABULARY) for tree in trees], most, width=4)
    random = np.random.default_rng(5)
    loads = random.normal(size=(len(forest.rows), UNITS))
    with tf.GradientTape() as tape:
        table = tf.constant(vectors)
        tape.watch(table)
        outputs = layer(tf.gather(table, forest.words), forest.children)
        loss = tf.reduce_sum(tf.gather(outputs, forest.rows) * tf.constant(loads, tf.float32))
    found = tape.gradient(loss, [table, *[weight.value for weight in layer.trainable_weights]])
    values = [np.float64(vectors), *(np.float64(weight) for weight in layer.get_weights())]

    def value_of(values):
        reference = reference_class(values[1:], most)
        return float(np.sum(np.concatenate([expected(tree, values[0], reference) for tree in trees]) * loads))

    for number, gradient in enumerate(found):
        gradient = tf.convert_to_tensor(gradient).numpy()
        for place in random.choice(gradient.size, min(6, gradient.size), replace=False):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [value.copy() for value in values]
                moved[number].flat[place] += step
                sides.append(value_of(moved))
            assert gradient.flat[place] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-3, abs=2e-4)


def test_expected_reads_the_table_in_float64():
    """The reference must not round what the differences above vary."""
    layer, reference, most = layer_and_reference("n_ary")
    tree = tree_of("(1 w1)")
    vectors = np.float64(vectors_of(3))
    moved = vectors + 1e-9
    assert np.abs(expected(tree, moved, reference) - expected(tree, vectors, reference)).max() > 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_is_for_training_alone_and_spares_what_children_remember(kind):
    layer, _, most = layer_and_reference(kind)
    vectors, trees = vectors_of(KINDS[kind][3]), trees_of(most)
    forest = plant([encode_tree(tree, VOCABULARY) for tree in trees], most)
    dropped = Recursive(layer.cell, dropout=0.5, seed=1)
    given = vectors[forest.words], forest.children
    plain = keras.ops.convert_to_numpy(layer(*given))
    assert keras.ops.convert_to_numpy(dropped(*given)) == pytest.approx(plain, abs=1e-6)
    first, second = (keras.ops.convert_to_numpy(dropped(*given, training=True)) for _ in range(2))
    leaves = slice(0, 1 + len(forest.words))
    assert first[leaves] == pytest.approx(plain[leaves], abs=1e-6)
    assert np.abs(first - plain).max() > 1e-3 and np.abs(first - second).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_saved_and_loaded_it_is_the_same(kind, tmp_path):
    layer, _, most = layer_and_reference(kind)
    vectors = keras.Input((KINDS[kind][3],))
    children = keras.Input((64, most), dtype="int32")
    model = keras.Model([vectors, children], layer(vectors, children))
    model.save(tmp_path / "tree.keras")
    again = keras.saving.load_model(tmp_path / "tree.keras")
    forest = plant([encode_tree(tree, VOCABULARY) for tree in trees_of(most)], most)
    given = [vectors_of(KINDS[kind][3])[forest.words], forest.children]
    assert type(again.layers[-1].cell) is type(layer.cell)
    assert np.array_equal(again.predict_on_batch(given), model.predict_on_batch(given))


def test_tensorflow_traces_once_for_all_batches():
    tf = pytest.importorskip("tensorflow", reason="counts its traces")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("counts TensorFlow's traces")
    layer, _, most = layer_and_reference("n_ary")
    traces = []

    @tf.function(reduce_retracing=True)
    def forward(vectors, children):
        traces.append(1)
        return layer(vectors, children)

    for seed in range(6):
        forest = plant([encode_tree(tree, VOCABULARY) for tree in trees_of(most, 4, seed)], most)
        forward(tf.constant(vectors_of(3)[forest.words]), tf.constant(forest.children))
    assert len(traces) <= 3


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="expected a whole number from 1"):
        NaryTreeLSTM(0)
    with pytest.raises(ValueError, match="expected a share"):
        RNTN(4, dropout=1.0)
    with pytest.raises(ValueError, match="word vectors of 4 features"):
        RNTN(4).build((None, 3), (None, 64, 2))
