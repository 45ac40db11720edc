"""The decoder: whole sequences against single steps and against NumPy, its noise in training, and its file."""

import json

import keras
import numpy as np
import pytest
import reference
import tensorflow as tf
from keras import ops

from rnnkit import cells
from rnnkit.errors import RnnkitError
from rnnkit.layers.attention.attention_kinds import ATTENTIONS, attention_of
from rnnkit.layers.bridge import Bridge
from rnnkit.layers.decoder import Decoder
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.states import free_states
from rnnkit.testing.subject import named, randomize

BATCH, TIME, SOURCE, FEATURES, UNITS, MEMORY, WIDTH = 4, 5, 7, 3, 6, 8, 9
MASK = np.ones((BATCH, SOURCE), bool)
MASK[1, 4:] = False
MASK[2, :3] = False
MASK[3, [0, 2, 5]] = False


def built(cell="gru", kind="additive", feeding=True, cell_options=None, policy="float32", **options):
    """A decoder with random weights, whose states have been asked for."""
    one = cells.get_cell(cell)(UNITS, dtype=policy, **(cell_options or {}))
    stack = Recurrent(one, return_sequences=True, return_state=True, **options)
    attention = None if kind is None else attention_of(kind, UNITS, 3, dtype=policy)
    decoder = Decoder(stack, attention, WIDTH, input_feeding=feeding, dtype=policy)
    decoder.build(**shapes(decoder))
    randomize(decoder.trainable_weights)
    return decoder


def shapes(decoder):
    size = UNITS if getattr(decoder.attention, "kind", "") == "dot" else MEMORY
    return {"inputs_shape": (BATCH, TIME, FEATURES), "memory_shape": (BATCH, SOURCE, size)}


def data(decoder, time=TIME):
    """Inputs, first states, and what is looked at."""
    random, memory = np.random.default_rng(4), shapes(decoder)["memory_shape"]
    x = random.normal(size=(BATCH, time, FEATURES))
    states = [
        random.uniform(-0.5, 0.5, size=(BATCH, size)) * free
        for cell in decoder.recurrent.cells
        for _, size, free in free_states(cell)
    ]
    looked_at = {"memory": tensor(random.normal(size=memory)), "memory_mask": ops.convert_to_tensor(MASK)}
    return tensor(x), [tensor(state) for state in states], looked_at if decoder.attention is not None else {}


def tensor(values):
    return ops.convert_to_tensor(values, "float32")


def whole(decoder, x, states, looked_at, training=False):
    """h~ of all steps and the weights of attention, if any."""
    made = decoder(x, initial_state=states, **looked_at, training=training)
    return made if decoder.attention is not None else (made,)


def one_by_one(decoder, x, states, looked_at):
    """The same by `step` over and over."""
    projected, states = decoder.project(looked_at.get("memory")), decoder.first_states(states)
    vectors, weights = [], []
    for t in range(x.shape[1]):
        vector, states, a = decoder.step(x[:, t], states, projected, looked_at.get("memory_mask"))
        vectors.append(vector)
        weights.append(a)
    return (np.stack(vectors, 1),) if weights[0] is None else (np.stack(vectors, 1), np.stack(weights, 1))


def close(got, expected, atol=1e-5):
    for mine, theirs in zip(got, expected, strict=True):
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), atol=atol)


# ---------------------------------------------------------------------- numbers


def test_equals_numpy():
    """GRU, additive attention and input feeding, from the papers' equations."""
    decoder = built()
    x, states, looked_at = data(decoder)
    w, a = named(decoder.recurrent.cell), named(decoder.attention)
    combine, bias = (np.asarray(weight) for weight in decoder.combine.get_weights())
    h, vector, memory = np.asarray(states[0]), np.zeros((BATCH, WIDTH)), np.asarray(looked_at["memory"])
    for t in range(TIME):
        h = reference.gru(w, [np.concatenate([x[:, t], vector], axis=-1)], [h])[-1]
        hidden = np.tanh((h @ a["query_kernel"])[:, None] + memory @ a["memory_kernel"] + a["bias"])
        powers = np.exp((hidden @ a["v"])[..., 0]) * MASK
        weights = powers / powers.sum(axis=-1, keepdims=True)
        context = np.einsum("bs,bsm->bm", weights, memory)
        vector = np.tanh(np.concatenate([context, h], axis=-1) @ combine + bias)
        got = whole(decoder, x, states, looked_at)
        close([part[:, t] for part in got], (vector, weights))


#: One cell a kind: step by step, linear, with two states, with a clock.
KINDS = ("gru", "min_gru", "lstm", "clockwork")


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize("names", [KINDS, pytest.param(cells.names(), id="all", marks=pytest.mark.slow)])
def test_every_cell_gives_step_by_step_what_it_gives_at_once(names, feeding):
    for name in names:
        decoder = built(name, feeding=feeding)
        arguments = data(decoder)
        for got, expected in zip(one_by_one(decoder, *arguments), whole(decoder, *arguments), strict=True):
            np.testing.assert_allclose(got, np.asarray(expected), atol=2e-5, err_msg=name)


@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize("kind", [None, *ATTENTIONS])
def test_every_kind_gives_step_by_step_what_it_gives_at_once(kind, feeding):
    decoder = built("lstm", kind, feeding)
    arguments = data(decoder)
    close(one_by_one(decoder, *arguments), whole(decoder, *arguments))


STACKS = {
    "two layers": {"layers": 2},
    "residual": {"layers": 3, "residual": True},
    "deep": {"layers": 2, "input_layers": 1, "transition_layers": 1, "output_layers": 1, "residual": True},
    "zoneout": {"layers": 2, "cell_options": {"zoneout": 0.2}},
    "unrolled": {"unroll": True},
}


@pytest.mark.parametrize("feeding", [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_gives_step_by_step_what_it_gives_at_once(stack, feeding):
    decoder = built(feeding=feeding, **STACKS[stack])
    arguments = data(decoder)
    close(one_by_one(decoder, *arguments), whole(decoder, *arguments))


def test_input_feeding_carries_the_last_vector_on():
    """It matters, and with its weights at zero there is nothing left of it."""
    fed, plain = built(layers=2), built(layers=2, feeding=False)
    arguments = data(fed)
    without_feeding(fed, plain)
    expected = whole(plain, *arguments)
    close(whole(fed, *arguments), expected)
    randomize(fed.recurrent.trainable_weights)
    assert np.abs(np.asarray(whole(fed, *arguments)[0]) - np.asarray(expected[0])).max() > 0.01


def without_feeding(fed, plain):
    """Gives a decoder with input feeding the weights of one without."""
    for mine, theirs in zip(fed.weights, plain.weights, strict=True):
        values = np.asarray(theirs)
        mine.assign(np.pad(values, [(0, mine.shape[0] - len(values)), *[(0, 0)] * (values.ndim - 1)]))


def test_known_and_unknown_lengths_give_the_same_in_a_graph():
    decoder = built(layers=2)
    x, states, looked_at = data(decoder)
    compiled = tf.function(lambda x: decoder(x, initial_state=states, **looked_at), autograph=False)
    unknown = compiled.get_concrete_function(tf.TensorSpec([None, None, FEATURES], tf.float32))
    close(unknown(x), whole(decoder, x, states, looked_at))
    close(unknown(x[:, :2]), [part[:, :2] for part in whole(decoder, x, states, looked_at)])


# ---------------------------------------------------------------------- training

NOISE = {
    "input": {"cell_options": {"dropout": 0.4}},
    "input at each step": {"cell_options": {"dropout": 0.4, "variational": False}},
    "recurrent": {"cell_options": {"recurrent_dropout": 0.4}},
    "recurrent at each step": {"cell_options": {"recurrent_dropout": 0.4, "variational": False}},
    "zoneout": {"cell_options": {"zoneout": 0.4}},
    "between layers": {"dropout_between": 0.4},
    "all": {"cell_options": {"dropout": 0.2, "recurrent_dropout": 0.2, "zoneout": 0.2}, "dropout_between": 0.2},
}


@pytest.mark.slow
@pytest.mark.parametrize("feeding", [False, True])
@pytest.mark.parametrize("noise", NOISE)
def test_noise_is_at_work_in_training_alone_and_every_weight_learns(noise, feeding):
    decoder = built("lstm", feeding=feeding, layers=2, **NOISE[noise])
    arguments = data(decoder)
    still = np.asarray(whole(decoder, *arguments)[0])
    np.testing.assert_array_equal(still, whole(decoder, *arguments)[0])
    with tf.GradientTape() as tape:
        noisy = whole(decoder, *arguments, training=True)[0]
        loss = ops.sum(noisy * tensor(np.random.default_rng(6).normal(size=noisy.shape)))
    assert np.abs(np.asarray(noisy) - still).max() > 1e-2
    weights = decoder.trainable_weights
    for weight, gradient in zip(weights, tape.gradient(loss, [each.value for each in weights]), strict=True):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 1e-6, weight.path


@pytest.mark.parametrize("feeding", [False, True])
def test_without_noise_training_is_as_use(feeding):
    decoder = built(feeding=feeding, layers=2)
    close(whole(decoder, *data(decoder), training=True), whole(decoder, *data(decoder)), atol=1e-6)


@pytest.mark.parametrize("noise", ["recurrent", "recurrent at each step", "zoneout"])
def test_noise_on_states_is_the_same_with_input_feeding(noise):
    """With the weights of h~ at zero, both draw the same masks and give the same numbers in training."""
    options = {**NOISE[noise], "layers": 2}
    options["cell_options"] = {**options["cell_options"], "seed": 5}
    fed, plain = built(**options), built(feeding=False, **options)
    without_feeding(fed, plain)
    close(whole(fed, *data(fed), training=True), whole(plain, *data(plain), training=True))


def probe(feeding, identity, cell_options=None, **options):
    """A decoder of simple cells that remember nothing: h_t = tanh(x_t), h~_t = tanh(h_t), and nothing is fed."""
    one = cells.get_cell("simple_rnn")(UNITS, use_bias=False, **(cell_options or {}))
    stack = Recurrent(one, return_sequences=True, return_state=True, **options)
    decoder = Decoder(stack, None, UNITS, input_feeding=feeding)
    decoder.build(inputs_shape=(BATCH, 30, UNITS))
    for weight in decoder.weights:
        weight.assign(np.eye(*weight.shape) if weight.ndim == 2 and identity in weight.path else np.zeros(weight.shape))
    decoder.combine.kernel.assign(np.eye(UNITS))
    return decoder


@pytest.mark.parametrize("feeding", [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize("variational", [True, False])
def test_input_masks_are_one_for_all_steps_or_one_a_step(variational, feeding):
    decoder = probe(feeding, "kernel", {"dropout": 0.5, "variational": variational})
    decoder.recurrent.cell.recurrent_kernel.assign(np.zeros((UNITS, UNITS)))
    zero = [ops.zeros((BATCH, UNITS))]
    dropped = np.asarray(decoder(ops.ones((BATCH, 30, UNITS)), initial_state=zero, training=True)) == 0
    assert 0.2 < dropped.mean() < 0.8
    assert (dropped == dropped[:, :1]).all() == variational
    kept = 1 - dropped[:, 0].reshape(-1)
    assert 0 < kept.sum() < kept.size  # rows and features differ


@pytest.mark.parametrize("feeding", [pytest.param(False, marks=pytest.mark.slow), True])
@pytest.mark.parametrize("variational", [True, False])
def test_recurrent_masks_are_one_for_all_steps_or_one_a_step(variational, feeding):
    """h_t = tanh(m_t h_{t-1}), which is zero for good once m_t is."""
    decoder = probe(feeding, "recurrent_kernel", {"recurrent_dropout": 0.5, "variational": variational})
    decoder.recurrent.cell.kernel.assign(np.zeros(decoder.recurrent.cell.kernel.shape))
    states = [ops.ones((BATCH, UNITS))]
    dropped = np.asarray(decoder(ops.ones((BATCH, 30, UNITS)), initial_state=states, training=True)) == 0
    assert 0 < dropped[:, 0].mean() < 1
    assert (dropped == dropped[:, :1]).all() == variational
    assert dropped[:, -1].all() != variational


@pytest.mark.parametrize("feeding", [False, True])
def test_dropout_between_layers_is_drawn_at_each_step_and_goes_around_too(feeding):
    """As where a `Recurrent` stands alone: a residual layer adds what it was given."""
    decoder = probe(feeding, "kernel", layers=2, dropout_between=0.5, residual=True)
    for cell in decoder.recurrent.cells:
        cell.recurrent_kernel.assign(np.zeros((UNITS, UNITS)))
    zero = [ops.zeros((BATCH, UNITS))] * 2
    found = np.asarray(decoder(ops.ones((BATCH, 30, UNITS)), initial_state=zero, training=True))
    below = np.tanh(1) / 0.5
    np.testing.assert_allclose(np.unique(found.round(5)), [0, np.tanh(below + np.tanh(below))], atol=1e-4)
    assert ((found == 0) != (found[:, :1] == 0)).any()


# ---------------------------------------------------------------------- precision


@pytest.mark.parametrize("policy", ["mixed_float16", pytest.param("mixed_bfloat16", marks=pytest.mark.slow)])
@pytest.mark.parametrize("feeding", [False, True])
def test_half_precision_trains_and_steps(feeding, policy):
    decoder = built("lstm", feeding=feeding, policy=policy, layers=2)
    x, states, looked_at = data(decoder)
    at_once = whole(decoder, x, states, looked_at, training=True)
    assert at_once[0].dtype == decoder.compute_dtype
    half = [ops.cast(state, decoder.compute_dtype) for state in states]  # as a bridge gives them
    looked_at["memory"] = ops.cast(looked_at["memory"], decoder.compute_dtype)
    first = decoder.first_states(half)
    _, after, _ = decoder.step(x[:, 0], first, decoder.project(looked_at["memory"]), looked_at["memory_mask"])
    assert [state.dtype for state in after] == [state.dtype for state in first]  # so that a loop can carry them
    close(one_by_one(decoder, x, half, looked_at), [ops.cast(part, "float32") for part in at_once], atol=0.1)


# ---------------------------------------------------------------------- in a model


def translator(cell="lstm", kind="additive", feeding=True, **options):
    """Encoder, bridge and decoder."""
    source, x, mask = keras.Input((None, 4)), keras.Input((None, FEATURES)), keras.Input((None,), dtype="bool")
    encoder = Recurrent(cells.get_cell("gru")(5), bidirectional=True, return_sequences=True, return_state=True)
    memory, *last = encoder(source, mask=mask)
    stack = Recurrent(cells.get_cell(cell)(UNITS), return_sequences=True, return_state=True, **options)
    attention = None if kind is None else attention_of(kind, UNITS, 3)
    first = Bridge.between(encoder, stack)(list(last))
    looked_at = {} if kind is None else {"memory": memory, "memory_mask": mask}
    decoder = Decoder(stack, attention, WIDTH, input_feeding=feeding, name="decoder")
    model = keras.Model([source, x, mask], decoder(x, initial_state=first, **looked_at))
    randomize(model.trainable_weights)
    random = np.random.default_rng(8)
    return model, [random.normal(size=(BATCH, SOURCE, 4)), random.normal(size=(BATCH, TIME, FEATURES)), MASK]


SAVED = [
    ("lstm", "additive", True, {"layers": 2, "residual": True}), ("gru", "general", False, {"layers": 2}),
    ("s_lstm", "multi_head", True, {}), ("min_gru", "multi_head", False, {"output_layers": 1}),
    ("lru", None, False, {}), ("gru", None, True, {"transition_layers": 1}),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("cell, kind, feeding, options", SAVED)
def test_is_saved_and_loaded(cell, kind, feeding, options, tmp_path):
    model, values = translator(cell, kind, feeding, **options)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    expected, got = model(values), again(values)
    close(*[(part,) if kind is None else part for part in (got, expected)], atol=1e-6)
    assert [weight.shape for weight in again.weights] == [weight.shape for weight in model.weights]
    before, after = (json.dumps(each.get_layer("decoder").get_config()) for each in (model, again))
    assert before == after


@pytest.mark.slow
def test_a_loaded_model_learns_on(tmp_path):
    model, values = translator()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    again = keras.Model(again.inputs, again.outputs[0])
    again.compile(keras.optimizers.Adam(0.02), "mse", run_eagerly=True)
    aim = np.random.default_rng(9).uniform(-0.5, 0.5, size=(BATCH, TIME, WIDTH))
    before = [weight.numpy() for weight in again.trainable_weights]
    losses = [again.train_on_batch(values, aim) for _ in range(4)]
    assert losses[-1] < losses[0]
    moved = [np.abs(old - np.asarray(new)).max() for old, new in zip(before, again.trainable_weights, strict=True)]
    assert min(moved) > 0


# ---------------------------------------------------------------------- mistakes


@pytest.mark.parametrize("options", [{"bidirectional": True}, {"go_backwards": True}, {"stateful": True}])
def test_other_directions_and_carried_states_are_refused(options):
    with pytest.raises(ValueError, match="runs forward alone, and is not stateful"):
        built(**options)


@pytest.mark.parametrize("returned", [{"return_sequences": True}, {"return_state": True}])
def test_sequences_and_states_must_be_returned(returned):
    with pytest.raises(ValueError, match="needs return_sequences=True and return_state=True"):
        Decoder(Recurrent(cells.get_cell("gru")(UNITS), **returned), None, WIDTH)


def test_truncation_and_input_feeding_do_not_go_together():
    with pytest.raises(RnnkitError, match="truncate does not cut h~"):
        built(truncate=2)
    assert built(truncate=2, feeding=False).recurrent.truncate == 2


def test_attention_without_a_memory_is_named():
    stack = Recurrent(cells.get_cell("gru")(UNITS), return_sequences=True, return_state=True)
    decoder = Decoder(stack, attention_of("additive", UNITS), WIDTH)
    with pytest.raises(ValueError, match="needs memory="):
        decoder(np.zeros((2, 3, 4), "float32"), initial_state=[np.zeros((2, UNITS), "float32")])


@pytest.mark.parametrize("feeding", [False, True])
def test_states_that_do_not_fit_are_named(feeding):
    decoder = built("lstm", feeding=feeding)
    x, states, looked_at = data(decoder)
    with pytest.raises(ValueError, match="initial_state has 1 tensors .* expected 2: h .*, c"):
        whole(decoder, x, states[:1], looked_at)
