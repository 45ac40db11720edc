"""Decoding against trying out every sequence, and Keras's tensors against numpy's."""

import contextlib
import itertools

import keras
import numpy as np
import pytest
from keras import ops

from rnnkit.decoding import Marks, decode, numpy_ops
from rnnkit.decoding.choices import drawn, log_softmax, uniform_numbers
from rnnkit.decoding.penalties import Penalties
from rnnkit.errors import RnnkitError

MARKS = Marks(start=1, end=3)
WORDS, SIZE, SOURCE, MOST = 7, 5, 3, 4  # PAD, START, UNKNOWN, END and three words


class Tiny:
    """A decoder of random weights that attends to three source words; the same on numpy and on Keras."""

    def __init__(self, seed: int, spread: float = 2.0) -> None:
        random = np.random.default_rng(seed)
        shapes = {"embed": (WORDS, SIZE), "recur": (SIZE, SIZE), "out": (SIZE, WORDS), "attend": (SIZE, SOURCE)}
        self.weights = {name: random.normal(0, spread, shape).astype("float32") for name, shape in shapes.items()}
        self.random = random

    def states(self, rows: int) -> list[np.ndarray]:
        return [self.random.normal(0, 1, (rows, SIZE)).astype("float32")]

    def on(self, xp):
        tanh = np.tanh if xp is numpy_ops else ops.tanh
        matmul = np.matmul if xp is numpy_ops else ops.matmul

        def step(ids, states, memory):
            h = tanh(xp.take(self.weights["embed"], ids, axis=0) + matmul(states[0], self.weights["recur"]))
            scores = log_softmax(matmul(h, self.weights["attend"]) + (memory[0] if memory else 0.0), xp)
            return matmul(h, self.weights["out"]), [h], xp.exp(scores)

        return step


def equation_14(log_p, length, covered, alpha, beta):
    """s(Y, X) of Wu et al. 2016, written out."""
    lp = (5 + length) ** alpha / (5 + 1) ** alpha
    cp = beta * sum(np.log(min(each, 1.0)) for each in covered)
    return log_p / lp + cp


def all_hypotheses(tiny, state, alpha, beta, memory):
    """Every sequence of up to MOST ids with its score, best first."""
    step, found = tiny.on(numpy_ops), []
    allowed = [number for number in range(WORDS) if number not in (MARKS.start, MARKS.pad)]
    for length in range(1, MOST + 1):
        for ids in itertools.product(allowed, repeat=length):
            if MARKS.end in ids[:-1] or (ids[-1] != MARKS.end and length < MOST):
                continue
            log_p, states, covered, last = 0.0, [state[None]], np.zeros(SOURCE), MARKS.start
            for number in ids:
                logits, states, attention = step(np.array([last]), states, memory)
                p = np.exp(logits[0, allowed].astype(float))
                log_p += float(np.log(p[allowed.index(number)] / p.sum()))
                covered, last = covered + attention[0], number
            found.append((equation_14(log_p, length, covered, alpha, beta), list(ids) + [0] * (MOST - length)))
    return sorted(found, key=lambda each: -each[0])


@pytest.mark.parametrize("xp", [ops, numpy_ops], ids=["keras", "numpy"])
@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.0), (1.0, 0.0), (0.6, 0.4)])
def test_a_wide_beam_finds_what_trying_all_finds(xp, alpha, beta):
    tiny = Tiny(3)
    states = tiny.states(2)
    memory = [np.zeros((2, SOURCE), "float32")]
    found = decode(
        tiny.on(xp), states, memory, marks=MARKS, max_length=MOST, strategy="beam", beam_width=700, n_best=9,
        length_penalty=alpha, coverage_penalty=beta, source_mask=np.ones((2, SOURCE), bool), ops=xp,
    )  # fmt: skip
    for row in range(2):
        best = all_hypotheses(tiny, states[0][row], alpha, beta, [memory[0][:1]])[:9]
        assert np.asarray(found.ids)[row].tolist() == [ids for _, ids in best]
        np.testing.assert_allclose(np.asarray(found.scores)[row], [score for score, _ in best], rtol=1e-4)


@pytest.mark.parametrize("xp", [ops, numpy_ops], ids=["keras", "numpy"])
@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.0), (1.0, 0.0), (0.6, 0.4), (0.0, 2.0)])
def test_a_score_is_that_of_equation_14(xp, alpha, beta):
    covered = np.array([[1.7, 0.2, 1.0, 0.4], [0.1, 2.5, 0.9, 5.0]], "float32")
    mask = np.array([[1, 1, 1, 1], [1, 1, 1, 0]], "float32")
    log_p, lengths = np.array([-3.0, -8.0], "float32"), np.array([2.0, 11.0], "float32")
    found = np.asarray(Penalties(alpha, beta).score(log_p, lengths, covered, mask, xp))
    shown = [covered[0], covered[1, :3]]
    expected = [equation_14(*each, alpha, beta) for each in zip(log_p, lengths, shown, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("xp", [ops, numpy_ops], ids=["keras", "numpy"])
@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.0), (1.0, 0.0), (0.6, 0.4)])
def test_a_beam_of_one_is_greedy(xp, alpha, beta):
    tiny = Tiny(5)
    states, most = tiny.states(60), 6
    mask = np.arange(SOURCE) < np.arange(60)[:, None] % SOURCE + 1
    how = {"marks": MARKS, "max_length": most, "length_penalty": alpha, "coverage_penalty": beta, "source_mask": mask}
    memory = [np.where(mask, 0.0, -1e9).astype("float32")]
    greedy = decode(tiny.on(xp), states, memory, **how, ops=xp)
    beam = decode(tiny.on(xp), states, memory, strategy="beam", beam_width=1, **how, ops=xp)
    np.testing.assert_array_equal(greedy.ids, beam.ids)
    np.testing.assert_allclose(greedy.scores, beam.scores, rtol=1e-5)
    lengths = (np.asarray(greedy.ids) > 0).sum(-1)
    assert lengths.min() < 4 and lengths.max() == most  # short ones, long ones, and those that never end


@pytest.mark.parametrize(("alpha", "beta", "n_best"), [(0.0, 0.0, 1), (1.0, 0.0, 1), (0.8, 0.3, 3)])
def test_stopping_early_changes_nothing(alpha, beta, n_best):
    tiny = Tiny(8, spread=1.0)
    states, calls = tiny.states(40), []

    def search(early):
        step = tiny.on(numpy_ops)
        return decode(
            lambda *given: calls.append(early) or step(*given), states, [np.zeros((40, SOURCE), "float32")],
            marks=MARKS, max_length=30, strategy="beam", beam_width=4, n_best=n_best, length_penalty=alpha,
            coverage_penalty=beta, source_mask=np.ones((40, SOURCE), bool), early_finish=early, ops=numpy_ops,
        )  # fmt: skip

    early, late = search(True), search(False)
    np.testing.assert_array_equal(early.ids, late.ids)
    np.testing.assert_allclose(early.scores, late.scores, rtol=1e-5)
    assert calls.count(False) == 30  # some would never end
    assert n_best > 1 or calls.count(True) < 30


@pytest.mark.parametrize("strategy", ["greedy", "beam", "sample"])
def test_keras_and_numpy_give_the_same(strategy):
    tiny = Tiny(11, spread=1.2)
    states, mask = tiny.states(50), np.arange(SOURCE) < np.arange(50)[:, None] % SOURCE + 1
    memory = [np.where(mask, 0.0, -1e9).astype("float32")]
    first, second = (
        decode(tiny.on(xp), states, memory, marks=MARKS, max_length=10, strategy=strategy, source_mask=mask, seed=4,
               length_penalty=0.7, coverage_penalty=0.2, n_best=2 if strategy == "beam" else 1, ops=xp)
        for xp in (ops, numpy_ops)
    )  # fmt: skip
    np.testing.assert_array_equal(first.ids, second.ids)
    np.testing.assert_array_equal(np.where(np.asarray(first.ids) > 0, first.aligned, 0),
                                  np.where(second.ids > 0, second.aligned, 0))  # fmt: skip
    np.testing.assert_allclose(first.scores, second.scores, rtol=1e-4)
    assert (np.asarray(second.aligned) < mask.sum(-1)[:, None, None]).all()  # never to what is hidden


@pytest.mark.parametrize("strategy", ["greedy", "beam"])
@pytest.mark.parametrize("xp", [ops, numpy_ops], ids=["keras", "numpy"])
def test_ids_are_aligned_to_words_alone(xp, strategy):
    tiny = Tiny(11, spread=1.2)
    states, words = tiny.states(30), np.array([[True, True, False]] * 30)
    how = {"marks": MARKS, "max_length": 8, "strategy": strategy, "source_mask": np.ones((30, SOURCE), bool), "ops": xp}
    given = tiny.on(xp), states, [np.zeros((30, SOURCE), "float32")]
    free, bound = decode(*given, **how), decode(*given, **how, source_words=words)
    np.testing.assert_array_equal(free.ids, bound.ids)
    before, after = np.asarray(free.aligned), np.asarray(bound.aligned)
    assert (before == 2).any() and after.max() == 1
    np.testing.assert_array_equal(after[before < 2], before[before < 2])


@pytest.mark.slow
def test_a_batch_gives_what_its_rows_give():
    tiny = Tiny(13)
    states = tiny.states(12)
    whole = decode(tiny.on(ops), states, marks=MARKS, max_length=9, strategy="beam", beam_width=3, ops=ops)
    for row in range(12):
        alone = decode(tiny.on(ops), [states[0][row : row + 1]], marks=MARKS, max_length=9, strategy="beam",
                       beam_width=3, ops=ops)  # fmt: skip
        np.testing.assert_array_equal(whole.ids[row], alone.ids[0])


def test_beam_search_runs_in_a_graph_of_any_batch():
    tf = pytest.importorskip("tensorflow")
    tiny = Tiny(17)

    @tf.function(input_signature=[tf.TensorSpec([None, SIZE])], autograph=False)
    def search(state):
        return decode(
            tiny.on(ops), [state], marks=MARKS, max_length=8, strategy="beam", beam_width=4, n_best=2, ops=ops
        ).ids

    for rows in (1, 6):
        states = tiny.states(rows)
        eager = decode(tiny.on(numpy_ops), states, marks=MARKS, max_length=8, strategy="beam", beam_width=4, n_best=2,
                       ops=numpy_ops)  # fmt: skip
        np.testing.assert_array_equal(search(states[0]), eager.ids)


def test_ids_are_drawn_as_often_as_they_are_likely():
    logits = np.log(np.array([[0.5, 0.2, 0.2, 0.1]]))
    uniform = (np.arange(1000) + 0.5) / 1000

    def shares(**how):
        ids = drawn(np.repeat(logits, 1000, 0), uniform, numpy_ops, **how)
        return np.bincount(ids, minlength=4) / 1000

    np.testing.assert_allclose(shares(), [0.5, 0.2, 0.2, 0.1], atol=1e-3)
    np.testing.assert_allclose(shares(top_k=2), [5 / 7, 2 / 7, 0, 0], atol=1e-3)
    np.testing.assert_allclose(shares(top_p=0.6), [5 / 7, 2 / 7, 0, 0], atol=1e-3)
    np.testing.assert_allclose(shares(top_p=1e-9), [1, 0, 0, 0])
    np.testing.assert_allclose(shares(temperature=0), [1, 0, 0, 0])
    hot = np.array([0.5, 0.2, 0.2, 0.1]) ** 0.5
    np.testing.assert_allclose(shares(temperature=2.0), hot / hot.sum(), atol=1e-3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"strategy": "baem"}, "Did you mean 'beam'"),
        ({"max_length": 0}, "max_length is 0; it must be at least 1"),
        ({"strategy": "beam", "beam_width": 2, "n_best": 3}, "Widen the beam"),
        ({"n_best": 2}, "only a beam search"),
        ({"top_p": 0.0}, "top_p is 0.0"),
        ({"temperature": float("nan")}, "temperature is nan"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(wrong, said):
    with pytest.raises(RnnkitError, match=said):
        decode(Tiny(1).on(numpy_ops), Tiny(1).states(1), marks=MARKS, ops=numpy_ops, **{"max_length": 3, **wrong})


@pytest.mark.parametrize("k", [1, 3, 20, 100])
def test_numpy_top_k_is_keras_top_k(k):
    x = np.random.default_rng(0).integers(0, 40, (6, 100)).astype("float32")  # with ties
    for ours, theirs in zip(numpy_ops.top_k(x, k), keras.ops.top_k(x, k), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_pads_a_source_is_not_missing_from_the_coverage():
    covered, mask = np.array([[0.5, 0.9, 0.0]]), np.array([[1.0, 1.0, 0.0]])
    score = Penalties(length=0.6, coverage=0.4).score(np.array([-2.0]), 3.0, covered, mask, numpy_ops)
    assert score == pytest.approx(equation_14(-2.0, 3, covered[0, :2], 0.6, 0.4))


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_no_hypothesis_rises_above_its_bound(alpha):
    penalties = Penalties(length=alpha, coverage=0.4)
    bound = penalties.bound(-2.0, 9)
    assert bound == pytest.approx(equation_14(-2.0, 9, [], alpha, 0))
    assert all(equation_14(-2.0, length, [], alpha, 0) <= bound + 1e-9 for length in range(1, 10))


@pytest.mark.parametrize("xp", [ops, numpy_ops], ids=["keras", "numpy"])
def test_a_hypothesis_that_ends_gives_up_its_place(xp):
    """Of two, one ends at once; the other goes on alone, by its likeliest id, though END came close behind."""
    table = np.full((4, 4, WORDS), 1e-9, "float32")  # p of an id, by step and by the id before
    a, b = 4, 5
    table[0, MARKS.start % 4, [MARKS.end, a, b]] = 0.5, 0.3, 0.2
    table[1, a % 4, [a, MARKS.end]] = 0.6, 0.4
    table[2, a % 4, [b, MARKS.end]] = 0.5, 0.5
    table[3, :, MARKS.end] = 1.0

    def step(ids, states, memory):
        t = np.asarray(states[0])[:, 0].astype(int)
        logits = np.log(table[np.minimum(t, 3), np.asarray(ids) % 4])
        return xp.cast(logits, "float32"), [states[0] + 1], None

    with eagerly():
        found = decode(
            step, [np.zeros((1, 1), "float32")], [], marks=MARKS, max_length=MOST, strategy="beam", beam_width=2,
            n_best=2, ops=xp,
        )  # fmt: skip
    first, second = np.asarray(found.ids)[0].tolist()
    assert first == [MARKS.end, 0, 0, 0]
    assert second in ([a, a, MARKS.end, 0], [a, a, b, MARKS.end])
    assert np.asarray(found.scores)[0] == pytest.approx(np.log([0.5, 0.3 * 0.6 * 0.5]), abs=1e-4)


@contextlib.contextmanager
def eagerly():
    """Keras's loops in Python, so that a step may look its numbers up in NumPy."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def test_every_row_draws_numbers_of_its_own():
    one, other = uniform_numbers(1, [0, 1], 5)
    assert (one != other).all() and (uniform_numbers(2, [0], 5)[0] != one).all()
