"""The CRF against all paths, one by one, against pytorch-crf, on JAX and on a phone."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from rnnkit.child import run_in_subprocess
from rnnkit.errors import RnnkitError
from rnnkit.layers.crf.crf import (
    CRF,
    forbidden_transitions,
    log_partition,
    marginals,
    n_best,
    path_score,
    viterbi,
)
from rnnkit.testing.shared import Child
from rnnkit.testing.subject import randomize

ROWS, COUNT = 34, 5  # 15 shapes of 34 rows are 510 lattices
SHAPES = list(itertools.product([2, 3, 4], [1, 2, 3, 4, 5]))
IOB2 = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
IOBES = ["O", *(f"{prefix}-{kind}" for kind in ("PER", "LOC") for prefix in "BIES")]


@dataclass
class Case:
    """A batch of lattices, and a path through each."""

    emissions: np.ndarray
    tags: np.ndarray
    transitions: np.ndarray
    start: np.ndarray
    end: np.ndarray
    mask: np.ndarray | None

    @property
    def scores(self):
        return self.transitions, self.start, self.end

    @property
    def given(self):
        return self.emissions, *self.scores, self.mask


def lattices(size, length, rows=ROWS, masked=True, seed=0):
    """Random lattices: whole, padded right, padded left, with holes, empty."""
    random = np.random.default_rng([size, length, seed])
    mask = random.random((rows, length)) < 0.6
    places, lengths = np.arange(length), random.integers(1, length + 1, (rows, 1))
    mask[0::5] = True
    mask[1::5] = (places < lengths)[1::5]
    mask[2::5] = (places >= length - lengths)[2::5]
    mask[-1] = False
    tags = random.integers(0, size, (rows, length)).astype("int32")
    emissions = random.normal(scale=2, size=(rows, length, size)).astype("float32")
    if masked:  # nothing that stands at a hidden step is read
        tags[~mask], emissions[~mask] = -1, np.nan
    transitions = random.normal(scale=2, size=(size, size)).astype("float32")
    start, end = random.normal(scale=2, size=(2, size)).astype("float32")
    return Case(emissions, tags, transitions, start, end, mask if masked else None)


@dataclass
class Truth:
    """All paths of one row, best first."""

    shown: np.ndarray  # the places of the steps that count
    paths: np.ndarray  # [paths, shown]
    scores: np.ndarray

    @property
    def log_partition(self):
        return self.scores[0] + np.log(np.exp(self.scores - self.scores[0]).sum())

    @property
    def probabilities(self):
        return np.exp(self.scores - self.log_partition)


def score_of(case, row, shown, path):
    if not len(path):
        return 0.0
    total = float(case.start[path[0]]) + float(case.end[path[-1]])
    total += sum(float(case.emissions[row, t, tag]) for t, tag in zip(shown, path, strict=True))
    return total + sum(float(case.transitions[pair]) for pair in itertools.pairwise(path))


def truth(case, row):
    length, size = case.emissions.shape[1:]
    shown = np.arange(length) if case.mask is None else np.flatnonzero(case.mask[row])
    paths = list(itertools.product(range(size), repeat=len(shown)))
    scores = np.array([score_of(case, row, shown, path) for path in paths])
    order = np.argsort(-scores)
    return Truth(shown, np.array(paths, int).reshape(len(paths), len(shown))[order], scores[order])


def everywhere(path, shown, length):
    whole = np.zeros(length, int)
    whole[shown] = path
    return whole


def near(got, expected):
    np.testing.assert_allclose(keras.ops.convert_to_numpy(got), expected, rtol=1e-5, atol=3e-5)


@pytest.mark.parametrize(("size", "length"), SHAPES)
def test_sums_and_maxima_equal_those_over_all_paths(size, length):
    case = lattices(size, length)
    truths = [truth(case, row) for row in range(ROWS)]
    near(log_partition(*case.given), [each.log_partition for each in truths])
    expected = [score_of(case, row, each.shown, case.tags[row, each.shown]) for row, each in enumerate(truths)]
    near(path_score(case.emissions, case.tags, *case.scores, case.mask), expected)

    tags, score = viterbi(*case.given)
    near(score, [each.scores[0] for each in truths])
    best = [everywhere(each.paths[0], each.shown, length) for each in truths]
    np.testing.assert_array_equal(tags, best)
    assert tags.dtype == "int32"

    sequences, scores = (np.asarray(each) for each in n_best(*case.given, count=COUNT))
    assert sequences.shape == (ROWS, COUNT, length)
    for row, each in enumerate(truths):
        there = min(COUNT, len(each.paths))
        near(scores[row, :there], each.scores[:there])
        assert (scores[row, there:] < -1e29).all()
        for place in range(there):
            np.testing.assert_array_equal(sequences[row, place], everywhere(each.paths[place], each.shown, length))

    expected = np.zeros((ROWS, length, size))
    for row, each in enumerate(truths):
        for tag in range(size):
            expected[row, each.shown, tag] = each.probabilities @ (each.paths == tag)
    near(marginals(*case.given), expected)


def test_there_are_500_lattices():
    assert len(SHAPES) * ROWS >= 500


@pytest.mark.parametrize("unroll", [False, True, 3])
def test_without_a_mask_and_in_every_form_of_the_loop(unroll):
    case = lattices(3, 5, masked=False)
    truths = [truth(case, row) for row in range(ROWS)]
    near(log_partition(*case.given, unroll=unroll), [each.log_partition for each in truths])
    tags, _ = viterbi(*case.given, unroll=unroll)
    np.testing.assert_array_equal(tags, [each.paths[0] for each in truths])
    sequences, _ = n_best(*case.given, count=2, unroll=unroll)
    np.testing.assert_array_equal(sequences, [each.paths[:2] for each in truths])
    near(marginals(*case.given, unroll=unroll), marginals(*case.given))


@pytest.mark.parametrize("unroll", [False, True, 3])
def test_of_no_steps_the_empty_path_is_the_only_one(unroll):
    crf, nothing = CRF(3, unroll=unroll), np.zeros((2, 0, 3), "float32")
    near(crf.log_likelihood(nothing, np.zeros((2, 0), "int32")), [0, 0])
    assert tuple(crf.decode(nothing).shape) == (2, 0) and tuple(crf.marginals(nothing).shape) == (2, 0, 3)
    sequences, scores = crf.decode_n_best(nothing, 2)
    assert tuple(sequences.shape) == (2, 2, 0) and np.array(scores)[:, 0].tolist() == [0, 0]


def test_log_partition_neither_overflows_nor_loses_small_terms():
    emissions = np.array([[[1000.0, 1000.0]] * 50], "float32")
    nothing = np.zeros(2, "float32")
    got = log_partition(emissions.astype("float64"), np.zeros((2, 2)), nothing, nothing)
    np.testing.assert_allclose(got, 50 * (1000 + np.log(2)), rtol=1e-12)
    assert got.dtype == "float64"


def test_gradient_is_observed_minus_expected():
    tf = pytest.importorskip("tensorflow", reason="records the gradient")
    case = lattices(3, 4)
    crf = CRF(3)
    crf.build((None, None, 3))
    for weight, value in zip(crf.weights, case.scores, strict=True):
        weight.assign(value)
    emissions = tf.constant(case.emissions)
    with tf.GradientTape() as tape:
        tape.watch(emissions)
        total = tf.reduce_sum(crf.log_likelihood(emissions, case.tags, case.mask))
    got = tape.gradient(total, [emissions, *(weight.value for weight in crf.weights)])

    expected = [np.zeros(case.emissions.shape), np.zeros((3, 3)), np.zeros(3), np.zeros(3)]
    for row in range(ROWS):
        each = truth(case, row)
        observed = case.tags[row, each.shown]
        counted = [(observed, 1.0), *zip(each.paths, -each.probabilities, strict=True)]
        for path, weight in counted if len(each.shown) else []:
            expected[0][row, each.shown, path] += weight
            for pair in itertools.pairwise(path):
                expected[1][pair] += weight
            expected[2][path[0]] += weight
            expected[3][path[-1]] += weight
    for ours, theirs in zip(got, expected, strict=True):
        near(tf.convert_to_tensor(ours), theirs)


@pytest.mark.interop
def test_equals_pytorch_crf():
    torch = pytest.importorskip("torch", reason="runs pytorch-crf, an optional peer")
    torchcrf = pytest.importorskip("torchcrf", reason="compares with pytorch-crf, an optional peer")
    case = lattices(5, 12, masked=False)
    lengths = np.random.default_rng(3).integers(1, 13, (ROWS, 1))
    case = replace(case, mask=np.arange(12) < lengths)  # padded right, none empty: all that it takes
    peer = torchcrf.CRF(5, batch_first=True)
    with torch.no_grad():
        for parameter, value in [
            (peer.transitions, case.transitions),
            (peer.start_transitions, case.start),
            (peer.end_transitions, case.end),
        ]:
            parameter.copy_(torch.tensor(value))
        emissions, tags, mask = torch.tensor(case.emissions), torch.tensor(case.tags).long(), torch.tensor(case.mask)
        expected = peer(emissions, tags, mask=mask, reduction="none").numpy()
        paths = peer.decode(emissions, mask=mask)
    near(path_score(case.emissions, case.tags, *case.scores, case.mask) - log_partition(*case.given), expected)
    best = [everywhere(path, np.arange(len(path)), 12) for path in paths]
    np.testing.assert_array_equal(viterbi(*case.given)[0], best)


def allowed_iob2(tags):
    """Whether every I-X goes on with an X."""
    pairs = itertools.pairwise(["O", *tags])
    return all(after[0] != "I" or (before[0] in "BI" and before[2:] == after[2:]) for before, after in pairs)


def allowed_iobes(tags):
    """Whether the tags can be cut into O, S-X and B-X (I-X)* E-X."""
    kind = None
    for tag in tags:
        if (tag[0] in "IE") != (kind is not None) or (kind is not None and tag[2:] != kind):
            return False
        kind = tag[2:] if tag[0] in "BI" else None
    return kind is None


@pytest.mark.parametrize(("names", "allowed"), [(IOB2, allowed_iob2), (IOBES, allowed_iobes)])
def test_forbidden_tags_get_no_weight(names, allowed):
    crf = CRF(names)
    crf.build((None, None, len(names)))
    randomize(crf.weights)
    emissions = np.random.default_rng(5).normal(scale=30, size=(40, 3, len(names))).astype("float32")
    possible = [path for path in itertools.product(range(len(names)), repeat=3) if allowed([names[t] for t in path])]
    case = Case(emissions, None, *(np.asarray(each) for each in crf.potentials), None)
    scores = np.array([[score_of(case, row, range(3), path) for path in possible] for row in range(40)])
    np.testing.assert_array_equal(crf.decode(emissions), np.array(possible)[scores.argmax(-1)])
    top = scores.max(-1)
    total = top + np.log(np.exp(scores - top[:, None]).sum(-1))
    np.testing.assert_allclose(log_partition(emissions, *crf.potentials), total, rtol=1e-5)

    one_hot = np.eye(len(names))[np.array(possible)]  # [path, time, tags]
    expected = np.einsum("rp,ptk->rtk", np.exp(scores - total[:, None]), one_hot)
    np.testing.assert_allclose(crf.marginals(emissions), expected, atol=1e-4)
    sequences, found = crf.decode_n_best(emissions, 4)
    np.testing.assert_allclose(found, -np.sort(-scores)[:, :4], rtol=1e-5)
    assert {tuple(path) for path in np.asarray(sequences).reshape(-1, 3)} <= set(possible)

    tf = pytest.importorskip("tensorflow", reason="records the gradient")
    with tf.GradientTape() as tape:
        loss = crf.loss([possible[0]] * 40, emissions)
    between, _, _ = forbidden_transitions(names)
    assert not np.asarray(tape.gradient(loss, crf.transitions.value))[between].any()


def test_names_that_forbid_nothing():
    for names in (["DET", "NOUN", "VERB"], ["O", "I-PER", "I-LOC"]):  # no scheme; no B- tag to begin with
        assert not any(each.any() for each in forbidden_transitions(names))
    assert all(np.asarray(each).max() == 0 for each in CRF(["DET", "NOUN"]).potentials)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_emissions_are_summed_in_float32(dtype):
    case = lattices(3, 5, masked=False)
    emissions = keras.ops.cast(case.emissions, dtype)
    rounded = keras.ops.cast(emissions, "float32")
    crf = CRF(IOB2[:3], dtype=f"mixed_{dtype}")
    assert crf(emissions).dtype == "float32"
    assert crf(case.emissions * 1.0001).dtype == "float32"
    np.testing.assert_array_equal(crf(case.emissions * 1.0001), case.emissions * np.float32(1.0001))
    for method, others in [(crf.log_likelihood, [case.tags]), (crf.marginals, [])]:
        got = method(emissions, *others)
        assert got.dtype == "float32"
        np.testing.assert_array_equal(got, method(rounded, *others))
    np.testing.assert_array_equal(crf.decode(emissions), crf.decode(rounded))


def small_model():
    keras.utils.set_random_seed(2)
    inputs, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    crf = CRF(
        IOB2,
        transitions_initializer="glorot_uniform",
        boundary_initializer="random_normal",
        transitions_regularizer=keras.regularizers.L2(0.1),
        unroll=2,
        name="crf",
    )
    return keras.Model([inputs, mask], crf(keras.layers.Dense(5)(inputs), mask=mask))


def numbers(model, given):
    """What the layer's methods give, by name."""
    crf, mask = model.get_layer("crf"), given["mask"]
    emissions = model([given["inputs"], mask])
    found = {
        "likelihood": crf.log_likelihood(emissions, given["tags"], mask),
        "decoded": crf.decode(emissions, mask),
        "marginals": crf.marginals(emissions, mask),
        "penalty": model.losses[0],
    }
    found["sequences"], found["scores"] = crf.decode_n_best(emissions, 3, mask)
    return {name: keras.ops.convert_to_numpy(tensor) for name, tensor in found.items()}


def load(folder):
    """The same in another process, of the file."""
    model = keras.saving.load_model(Path(folder, "model.keras"))
    with np.load(Path(folder, "given.npz"), allow_pickle=False) as given:
        np.savez(Path(folder, "numbers.npz"), **numbers(model, given))
    yield keras.backend.backend()


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_another_process_loads_it_and_gives_the_same_numbers(backend, tmp_path, monkeypatch):
    pytest.importorskip(backend, reason="compares with this backend")
    model, case = small_model(), lattices(5, 7, rows=6)
    inputs = np.random.default_rng(4).normal(size=(6, 7, 3)).astype("float32")
    given = {"inputs": inputs, "mask": case.mask, "tags": case.tags}
    model.save(tmp_path / "model.keras")
    np.savez(tmp_path / "given.npz", **given)
    job = ("layers.crf.test_crf:load", str(tmp_path))
    if backend == keras.backend.backend():
        assert run_in_subprocess(*job) == [backend]
    else:
        monkeypatch.setenv("KERAS_BACKEND", backend)
        with Child() as child:
            assert list(child.run(*job)) == [backend]
    with np.load(tmp_path / "numbers.npz", allow_pickle=False) as got:
        for name, expected in numbers(model, given).items():
            near(got[name], expected)


def test_every_argument_is_in_the_config():
    crf = small_model().get_layer("crf")
    again = CRF.from_config(crf.get_config())
    assert again.get_config() == crf.get_config()
    assert (again.tags, again.unroll, again.transitions_regularizer.l2) == (tuple(IOB2), 2, pytest.approx(0.1))
    plain = CRF.from_config(CRF(4, use_boundaries=False).get_config())
    plain.build((None, None, 4))
    assert [weight.name for weight in plain.weights] == ["transitions"]
    assert not np.asarray(plain.potentials[1]).any()


@pytest.mark.slow
def test_a_compiled_model_is_saved_and_trained_on(tmp_path):
    inputs, targets = np.ones((2, 4, 8), "float32"), np.array([[0, 1, 2, 0]] * 2)
    given, crf = keras.Input((None, 8)), CRF(["O", "B-PER", "I-PER"], name="crf")
    model = keras.Model(given, crf(keras.layers.Dense(3)(given)))
    model.compile("adam", loss=crf.loss)
    model.fit(inputs, targets, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", compile=False)
    loaded = again.get_layer("crf")
    near(loaded.loss(targets, again(inputs)), crf.loss(targets, model(inputs)))
    again.compile("adam", loss=loaded.loss)
    before = loaded.transitions.numpy()
    again.fit(inputs, targets, verbose=0)
    assert np.abs(loaded.transitions.numpy() - before).max() > 0


@pytest.mark.slow
def test_learns_what_emissions_alone_cannot_say():
    """Tags alternate and noisy inputs show one tag alone: the others follow from their neighbours."""
    random = np.random.default_rng(6)
    tags = (np.arange(8) + random.integers(0, 2, (256, 1))) % 2
    inputs = np.zeros((256, 8, 2), "float32")
    place = random.integers(0, 8, 256)
    inputs[np.arange(256), place, tags[np.arange(256), place]] = 1
    given, crf = keras.Input((8, 2)), CRF(2)
    model = keras.Model(given, crf(keras.layers.Dense(2)(given)))
    model.compile(keras.optimizers.Adam(0.1), loss=crf.loss)
    history = model.fit(inputs, tags, epochs=12, batch_size=64, verbose=0).history["loss"]
    emissions = model(inputs)
    assert np.mean(np.argmax(emissions, -1) == tags) < 0.7
    np.testing.assert_array_equal(crf.decode(emissions), tags)
    assert history[-1] < 0.1 * history[0]


MANY = [f"T{n}" for n in range(40)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("length", "names", "quantize"),
    [
        (32, IOB2, "none"),
        (None, MANY, "dynamic"),
        (None, IOB2, "none"),
        (32, MANY, "dynamic"),
    ],
)
def test_decodes_on_a_phone(length, names, quantize, tmp_path):
    tf = pytest.importorskip("tensorflow", reason="makes the file")
    interpreter = pytest.importorskip("ai_edge_litert.interpreter", reason="runs the file")
    from rnnkit.export import flatbuffer
    from rnnkit.export.convert import convert

    crf = CRF(names, unroll=length is not None)
    crf.build((None, None, len(names)))
    randomize(crf.weights)

    def decode(emissions, mask):
        return {"tags": crf.decode(emissions, mask)}

    module = tf.Module()
    module.kept = [weight.value for weight in crf.weights]
    shapes = tf.TensorSpec((1, length, len(names)), name="emissions"), tf.TensorSpec((1, length), "bool", name="mask")
    module.serve = tf.function(decode, input_signature=shapes, autograph=False)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=module.serve)
    file = convert(tmp_path / "saved", quantize, [], "emissions")
    assert flatbuffer.non_builtin(file) == []
    assert flatbuffer.operators(file)["WHILE"] == (0 if length else 2)

    runner = interpreter.Interpreter(model_content=file, num_threads=1).get_signature_runner()
    random = np.random.default_rng(8)
    for steps in [length] * 4 if length else [20, 1, 33, 7]:
        emissions = random.normal(scale=2, size=(1, steps, len(names))).astype("float32")
        for mask in (np.ones((1, steps), bool), np.arange(steps)[None] < steps // 2, random.random((1, steps)) < 0.6):
            got = runner(emissions=emissions, mask=mask)["tags"]
            np.testing.assert_array_equal(got, crf.decode(emissions, mask))


def test_mistakes_are_named():
    with pytest.raises(RnnkitError, match="inputs have 4 features; expected 3, one for each tag. Put Dense"):
        CRF(3)(np.zeros((1, 2, 4), "float32"))
    with pytest.raises(RnnkitError, match="names 'O' twice"):
        CRF(["O", "O"])
    for nothing in (0, [], True, "abc", 3.0, None, [1, 2]):
        with pytest.raises(RnnkitError, match="expected the number of tags"):
            CRF(nothing)
    with pytest.raises(RnnkitError, match="count is 0; expected 1 sequence or more"):
        CRF(2).decode_n_best(np.zeros((1, 2, 2), "float32"), 0)


def compiled_on_padding():
    """The loss of `fit` and `evaluate` on padded rows, and those with and without the mask."""
    keras.utils.set_random_seed(2)
    ids, tags = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]]), np.array([[0, 1, 2, 0, 0], [0, 1, 2, 1, 0]])
    inputs = keras.Input((None,), dtype="int32")
    crf = CRF(3)
    model = keras.Model(inputs, crf(keras.layers.Dense(3)(keras.layers.Embedding(10, 4, mask_zero=True)(inputs))))
    model.compile("sgd", loss=crf.loss)
    emissions = np.array(model(ids))
    right, wrong = float(crf.loss(tags, emissions, ids != 0)), float(crf.loss(tags, emissions))
    given = float(model.evaluate(ids, tags, verbose=0)), model.fit(ids, tags, verbose=0).history["loss"][0]
    return *given, right, wrong


def test_the_mask_counts_in_plain_compile_and_fit():
    *given, right, wrong = compiled_on_padding()
    assert given == pytest.approx([right, right], abs=1e-5) and abs(right - wrong) > 0.5


@pytest.mark.slow
def test_the_mask_counts_on_jax_too(monkeypatch):
    pytest.importorskip("jax", reason="compares with this backend")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with Child() as child:
        *given, right, wrong = child.run("layers.crf.test_crf:compiled_on_padding")
    assert given == pytest.approx([right, right], abs=1e-5) and abs(right - wrong) > 0.5
