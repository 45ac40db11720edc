"""CTC's loss and its gradient against all paths, one by one, against TensorFlow's and PyTorch's, and on JAX."""

import itertools

import keras
import numpy as np
import pytest
from decoding.lattices import said

from rnnkit.decoding.ctc import min_frames
from rnnkit.layers.ctc import CTC, CTCLoss, log_likelihood, with_sure_blanks
from rnnkit.testing.shared import Child

tf = pytest.importorskip("tensorflow", reason="records the gradient")

ROWS = 20
SHAPES = list(itertools.product([2, 3, 4], [1, 2, 3, 4, 5]))
LONGEST = 4  # labels: some do not fit in the frames


def lattices(classes, time, rows=ROWS, longest=LONGEST):
    """Random logits `[rows, time, classes]`, padded labels and numbers of frames; rows of no labels and no frames."""
    random = np.random.default_rng([classes, time])
    logits = random.normal(scale=2, size=(rows, time, classes))
    labels = random.integers(1, classes, (rows, longest)).astype("int32")
    labels[np.arange(longest) >= random.integers(0, longest + 1, (rows, 1))] = 0
    lengths = random.integers(max(time - 2, 0), time + 1, rows)
    return logits, labels, lengths


def probabilities(logits):
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


def truth(logits, labels):
    """-log p of one row's labels and the gradient with respect to the logits, float64, by going through all paths; None
    where there is no path."""
    p = probabilities(logits)
    time, classes = p.shape
    paths = [path for path in itertools.product(range(classes), repeat=time) if said(path) == tuple(labels)]
    if not paths:
        return None
    shares = np.array([np.prod([p[t, unit] for t, unit in enumerate(path)]) for path in paths])
    # d p(path) / d logits = p(path) * (one-hot of the path - p)
    gradient = np.zeros_like(p)
    for path, share in zip(paths, shares / shares.sum(), strict=True):
        gradient -= share * (np.eye(classes)[list(path)].reshape(time, classes) - p)
    return -np.log(shares.sum()), gradient


def ours(logits, labels, lengths, dtype="float32"):
    """Of each row -log p and the gradient with respect to the logits."""
    given = tf.constant(logits, dtype)
    with tf.GradientTape() as tape:
        tape.watch(given)
        log_probs = CTC(dtype=dtype)(given, mask=np.arange(logits.shape[1]) < lengths[:, None])
        found = -log_likelihood(labels, log_probs)
    return found.numpy(), tape.gradient(found, given).numpy()


@pytest.mark.parametrize(("classes", "time"), SHAPES)
def test_loss_and_gradient_equal_those_over_all_paths(classes, time):
    logits, labels, lengths = lattices(classes, time)
    fitted = 0
    for dtype, within in (("float64", 1e-10), ("float32", 2e-5)):
        loss, gradient = ours(logits, labels, lengths, dtype)
        assert loss.dtype == gradient.dtype == dtype
        for row, frames in enumerate(lengths):
            text = labels[row][labels[row] > 0].tolist()
            expected = truth(logits[row, :frames], text)
            assert (expected is None) == (min_frames(text) > frames)
            if expected is None:
                assert loss[row] == 0 and not gradient[row].any()
                continue
            fitted += 1
            np.testing.assert_allclose(loss[row], expected[0], rtol=within, atol=within)
            np.testing.assert_allclose(gradient[row, :frames], expected[1], atol=within)
            assert not gradient[row, frames:].any()
    assert fitted > ROWS // 4


def test_there_are_300_lattices():
    assert len(SHAPES) * ROWS >= 300


def test_a_loss_over_no_labels_no_frames_and_no_rows():
    log_probs = np.log(np.full((2, 3, 2), 0.5, "float32"))
    np.testing.assert_allclose(log_likelihood(np.zeros((2, 0), "int32"), log_probs), 3 * np.log([0.5, 0.5]), rtol=1e-6)
    none = np.zeros((2, 0, 2), "float32")
    np.testing.assert_array_equal(log_likelihood(np.array([[1], [0]]), none), [0, 0])
    assert log_likelihood(np.zeros((0, 2), "int32"), np.zeros((0, 3, 2), "float32")).shape == (0,)


def test_rows_alone_give_what_they_give_in_a_batch_with_longer_ones():
    logits, labels, lengths = lattices(5, 30, rows=8, longest=9)
    lengths = np.maximum(lengths - np.arange(8), 18)
    loss, gradient = ours(logits, labels, lengths)
    for row, frames in enumerate(lengths):
        count = (labels[row] > 0).sum()
        alone, of_alone = ours(logits[row : row + 1, :frames], labels[row : row + 1, :count], lengths[row : row + 1])
        np.testing.assert_allclose(alone[0], loss[row], rtol=1e-5)
        np.testing.assert_allclose(of_alone[0], gradient[row, :frames], atol=1e-5)
    log_probs = tf.nn.log_softmax(logits)
    assert float(CTCLoss()(labels, log_probs)) == pytest.approx(-np.mean(log_likelihood(labels, log_probs)))


@pytest.mark.parametrize("scale", [1.0, 30.0, 1e4])
def test_gradients_are_finite_and_those_of_float64_also_where_everything_is_unlikely(scale):
    logits, labels, lengths = lattices(6, 200, rows=6, longest=40)
    logits = (scale * logits).astype("float32")
    loss, gradient = ours(logits, labels, lengths)
    exact, of_exact = ours(logits, labels, lengths, "float64")
    assert np.isfinite(gradient).all()
    np.testing.assert_allclose(loss, exact, rtol=1e-5)
    if scale == 1:
        np.testing.assert_allclose(gradient, of_exact, atol=3e-4)
    np.testing.assert_allclose(gradient.sum(-1), 0, atol=1e-4)  # logits of a frame can all be moved alike


def test_equals_tensorflow():
    logits, labels, lengths = lattices(20, 60, rows=12, longest=25)
    fits = [min_frames(row[row > 0].tolist()) <= frames for row, frames in zip(labels, lengths, strict=True)]
    logits, labels, lengths = (each[fits].astype(each.dtype) for each in (logits, labels, lengths))
    assert len(lengths) > 8
    given = tf.constant(logits, "float32")
    with tf.GradientTape() as tape:
        tape.watch(given)
        counts = (labels > 0).sum(1).astype("int32")
        frames = lengths.astype("int32")
        expected = tf.nn.ctc_loss(labels, given, counts, frames, logits_time_major=False, blank_index=0)
    loss, gradient = ours(logits, labels, lengths, "float64")
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_allclose(gradient, tape.gradient(expected, given), atol=1e-4)


@pytest.mark.interop
def test_equals_pytorch():
    torch = pytest.importorskip("torch", reason="an optional peer")
    logits, labels, lengths = lattices(20, 60, rows=16, longest=25)
    given = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.ctc_loss(
        given.log_softmax(-1).transpose(0, 1),
        torch.tensor(labels).long(),
        torch.tensor(lengths).long(),
        torch.tensor((labels > 0).sum(1)).long(),
        reduction="none",
        zero_infinity=True,
    )
    expected.sum().backward()
    loss, gradient = ours(logits, labels, lengths, "float64")
    np.testing.assert_allclose(loss, expected.detach().numpy(), rtol=1e-10)
    np.testing.assert_allclose(gradient, given.grad.numpy(), atol=1e-10)


def network(classes=4):
    frames = keras.Input((None, 3))
    return keras.Model(frames, CTC(name="ctc")(keras.layers.Dense(classes)(keras.layers.Masking(9.0)(frames))))


def test_keras_gives_the_loss_no_mask():
    random = np.random.default_rng(1)
    x, y = random.normal(size=(4, 8, 3)).astype("float32"), np.array([[1, 2, 0], [3, 0, 0], [0, 0, 0], [2, 2, 1]])
    x[1, 5:] = 9.0
    model = network()
    model.compile("sgd", loss=CTCLoss())
    expected = np.mean([model.evaluate(x[row : row + 1, : 5 if row == 1 else 8], y[row : row + 1]) for row in range(4)])
    assert model.evaluate(x, y, verbose=0) == pytest.approx(expected, rel=1e-5)
    assert keras.src.backend.get_keras_mask(model(x)) is None
    sure = keras.ops.convert_to_numpy(model(x))[1, 5:]
    assert (sure[:, 0] == 0).all() and (sure[:, 1:] < -1e29).all()


def test_it_learns_what_nobody_aligned_and_is_saved(tmp_path):
    """Each utterance says its labels somewhere; which frames, only the loss finds out."""
    keras.utils.set_random_seed(2)
    random = np.random.default_rng(2)
    x, y = np.full((64, 12, 3), 0.0, "float32"), np.zeros((64, 3), "int32")
    for row in range(64):
        places = np.sort(random.choice(6, 3, replace=False)) * 2
        y[row] = random.integers(1, 4, 3)
        x[row, places, y[row] - 1] = 1.0
    x += random.normal(scale=0.1, size=x.shape)
    model = network()
    model.compile(keras.optimizers.Adam(0.1), loss=CTCLoss())
    losses = model.fit(x, y, batch_size=16, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.2 < 3 < losses[0]
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(x), model(x))
    greedy = [said(path) for path in np.argmax(model(x), -1)]
    assert np.mean([path == tuple(labels) for path, labels in zip(greedy, y, strict=True)]) > 0.9


def test_half_precision_is_lifted():
    layer = CTC(dtype="mixed_float16")
    assert layer(np.zeros((1, 2, 3), "float16")).dtype == "float32"
    assert keras.ops.convert_to_tensor(with_sure_blanks(np.zeros((1, 1, 2)), None)).dtype == "float64"


def test_a_compiled_step_gives_the_same():
    logits, labels, lengths = lattices(4, 12, rows=6, longest=4)
    expected, of_expected = ours(logits, labels, lengths)

    for compiled in (False, True):

        @tf.function(jit_compile=compiled, autograph=False)
        def step(given):
            with tf.GradientTape() as tape:
                tape.watch(given)
                log_probs = with_sure_blanks(tf.nn.log_softmax(given), np.arange(12) < lengths[:, None])
                loss = -log_likelihood(labels, log_probs)
            return loss, tape.gradient(loss, given)

        loss, gradient = step(tf.constant(logits, "float32"))
        np.testing.assert_allclose(loss, expected, rtol=1e-5)
        np.testing.assert_allclose(gradient, of_expected, atol=1e-5)


@pytest.mark.slow
def test_jax_gives_the_same():
    pytest.importorskip("jax", reason="compares with JAX, a development extra")
    logits, labels, lengths = lattices(6, 25, rows=6, longest=8)
    loss, gradient = ours(logits, labels, lengths)
    with Child() as child:
        answers = child.run("layers.jax_ctc:under_jax", logits.tolist(), labels.tolist(), lengths.tolist())
        backend, of_jax, gradient_of_jax, losses = answers
    assert backend == "jax"
    np.testing.assert_allclose(of_jax, loss, rtol=1e-5)
    np.testing.assert_allclose(gradient_of_jax, gradient, atol=1e-5)
    assert losses[-1] < losses[0]
