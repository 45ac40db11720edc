"""The four kinds of attention against NumPy, Keras and PyTorch, and what masks do to them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.layers.attention.attention import AdditiveAttention, Attention, DotAttention, GeneralAttention
from rnnkit.layers.attention.attention_kinds import ATTENTIONS, attention_of
from rnnkit.layers.attention.multi_head_attention import MultiHeadAttention
from rnnkit.testing.subject import randomize

BATCH, TIME, SOURCE, QUERY, MEMORY, UNITS, HEADS = 5, 4, 7, 6, 8, 6, 3
#: Whole, padded right, padded left, with holes, and nothing but padding.
MASK = np.ones((BATCH, SOURCE), bool)
MASK[1, 3:] = False
MASK[2, :5] = False
MASK[3, [0, 2, 3, 6]] = False
MASK[4] = False
SEEN = MASK.any(axis=1)


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def additive_scores(w, query, memory):
    hidden = np.tanh((query @ w["query_kernel"])[:, :, None] + (memory @ w["memory_kernel"])[:, None] + w["bias"])
    return (hidden @ w["v"])[..., 0]


SCORES = {
    "additive": additive_scores,
    "dot": lambda w, query, memory: np.einsum("btf,bsf->bts", query, memory),
    "general": lambda w, query, memory: np.einsum("btf,mf,bsm->bts", query, w["kernel"], memory),
}


def in_numpy(kind, w, query, memory, mask=None):
    """Context and weights, one row and head after another, over the steps that are shown alone (a row without any
    gets 0)."""
    contexts, all_weights = [], []
    for q, m, shown in zip(query, memory, np.ones(memory.shape[:2], bool) if mask is None else mask, strict=True):
        weights = np.zeros((len(q), len(m)))
        if not shown.any():
            contexts.append(np.zeros_like(contexts[0]))
        elif kind == "multi_head":
            found = []
            for head in np.split(np.arange(UNITS), HEADS):
                keys, values = m[shown] @ w["key_kernel"][:, head], m[shown] @ w["value_kernel"][:, head]
                a = softmax(q @ w["query_kernel"][:, head] @ keys.T / np.sqrt(UNITS / HEADS))
                found.append(a @ values)
                weights[:, shown] += a / HEADS
            contexts.append(np.concatenate(found, axis=-1) @ w["output_kernel"])
        else:
            weights[:, shown] = softmax(SCORES[kind](w, q[None], m[shown][None])[0])
            contexts.append(weights @ m)
        all_weights.append(weights)
    return np.array(contexts), np.array(all_weights)


def data(kind):
    random = np.random.default_rng(3)
    memory_size = QUERY if kind == "dot" else MEMORY
    return (
        random.normal(size=shape).astype("float32") for shape in ((BATCH, TIME, QUERY), (BATCH, SOURCE, memory_size))
    )


def built(kind, **arguments):
    """A layer with random weights, those by name, and a query and a memory."""
    layer, (query, memory) = attention_of(kind, UNITS, HEADS, **arguments), data(kind)
    layer.build(query.shape, memory.shape)
    randomize(layer.trainable_weights)
    return layer, {weight.name: weight.numpy().astype("float64") for weight in layer.weights}, query, memory


def seen(parts):
    """Of some tensors the rows that the mask shows a step of."""
    return [np.asarray(part)[SEEN] for part in parts]


def close(got, expected, atol=1e-5):
    for mine, theirs in zip(got, expected, strict=True):
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), atol=atol)


# ---------------------------------------------------------------------- numbers


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kind", ATTENTIONS)
def test_equals_numpy(kind, masked):
    layer, weights, query, memory = built(kind)
    mask, rows = (MASK, SEEN) if masked else (None, slice(None))
    expected = in_numpy(kind, weights, query, memory, mask)
    close([part[rows] for part in layer(query, memory, memory_mask=mask)], [part[rows] for part in expected])


@pytest.mark.parametrize("kind", ["additive", "dot", "general"])
def test_equals_keras(kind):
    layer, weights, query, memory = built(kind)
    if kind == "additive":
        peer = keras.layers.AdditiveAttention()
        projected = query @ weights["query_kernel"], memory @ weights["memory_kernel"] + weights["bias"]
        peer.build([projected[0].shape, memory.shape, projected[1].shape])
        peer.scale.assign(weights["v"][:, 0])
    else:
        peer = keras.layers.Attention()
        projected = query, memory @ weights["kernel"] if kind == "general" else memory
    query_and_keys = [ops.convert_to_tensor(part, "float32") for part in projected]
    expected = peer(
        [query_and_keys[0], ops.convert_to_tensor(memory), query_and_keys[1]],
        mask=[None, ops.convert_to_tensor(MASK)], return_attention_scores=True,
    )  # fmt: skip
    close(
        [part[SEEN] for part in layer(query, memory, memory_mask=MASK)], [np.asarray(part)[SEEN] for part in expected]
    )


def test_multi_head_equals_keras():
    layer, weights, query, memory = built("multi_head")
    peer = keras.layers.MultiHeadAttention(HEADS, UNITS // HEADS, use_bias=False, output_shape=UNITS)
    peer.build(query.shape, memory.shape)
    shapes = [weight.shape for weight in peer.weights]
    names = ("query_kernel", "key_kernel", "value_kernel", "output_kernel")
    peer.set_weights([weights[name].reshape(shape) for name, shape in zip(names, shapes, strict=True)])
    shown = np.repeat(MASK[:, None], TIME, axis=1)
    context, scores = peer(
        ops.convert_to_tensor(query), ops.convert_to_tensor(memory), attention_mask=ops.convert_to_tensor(shown),
        return_attention_scores=True,
    )  # fmt: skip
    close(seen(layer(query, memory, memory_mask=MASK)), seen([context, np.mean(scores, axis=1)]))


@pytest.mark.slow  # to import PyTorch
@pytest.mark.interop
def test_multi_head_equals_torch():
    torch = pytest.importorskip("torch", reason="compares with PyTorch, an optional peer")
    layer, weights, query, memory = built("multi_head")
    peer = torch.nn.MultiheadAttention(UNITS, HEADS, bias=False, kdim=MEMORY, vdim=MEMORY, batch_first=True)
    parts = (peer.q_proj_weight, peer.k_proj_weight, peer.v_proj_weight, peer.out_proj.weight)
    with torch.no_grad():
        for part, name in zip(parts, ("query", "key", "value", "output"), strict=True):
            part.copy_(torch.tensor(weights[f"{name}_kernel"].T))
        keys = torch.tensor(memory)
        expected = peer(torch.tensor(query), keys, keys, key_padding_mask=torch.tensor(~MASK))
    close(
        [np.asarray(part)[SEEN] for part in layer(query, memory, memory_mask=MASK)], [part[SEEN] for part in expected]
    )


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_a_memory_projected_once_gives_each_step_what_all_get_at_once(kind):
    layer, _, query, memory = built(kind)
    context, weights = layer(query, memory, memory_mask=MASK)
    projected = layer.project(ops.convert_to_tensor(memory))
    for t in range(TIME):
        step = layer.attend(ops.convert_to_tensor(query[:, t : t + 1]), projected, ops.convert_to_tensor(MASK))
        close(step, (context[:, t : t + 1], weights[:, t : t + 1]))


def test_luong_and_bahdanau_can_be_told_apart_from_one_another():
    """Where all weights are alike, kinds that were taken for one another would give the same."""
    query, memory = data("dot")
    found = [np.asarray(attention_of(kind, UNITS, HEADS)(query, memory)[1]) for kind in ATTENTIONS]
    for index, mine in enumerate(found):
        assert all(np.abs(mine - other).max() > 1e-3 for other in found[:index])


# ---------------------------------------------------------------------- masks


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_hidden_steps_get_no_weight_and_change_nothing(kind):
    layer, _, query, memory = built(kind)
    context, weights = (np.asarray(part) for part in layer(query, memory, memory_mask=MASK))
    assert (weights[SEEN][~np.repeat(MASK[SEEN][:, None], TIME, axis=1)] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    other = np.where(MASK[..., None], memory, 1e4).astype("float32")
    close(seen(layer(query, other, memory_mask=MASK)), seen([context, weights]), atol=1e-6)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", ATTENTIONS)
def test_a_row_without_any_step_looks_at_all_alike(kind, policy):
    layer, _, query, memory = built(kind, dtype=policy)
    context, weights = (np.asarray(ops.cast(part, "float32")) for part in layer(query, memory, memory_mask=MASK))
    np.testing.assert_allclose(weights[~SEEN], 1 / SOURCE, atol=1e-3)
    assert np.isfinite(context).all()


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_large_scores_stay_finite(kind):
    layer, _, query, memory = built(kind)
    context, weights = layer(1e4 * query, 1e4 * memory, memory_mask=MASK)
    assert np.isfinite(context).all() and np.isfinite(weights).all()


# ---------------------------------------------------------------------- as a layer


@pytest.mark.parametrize("kind", ["additive", "general", "multi_head"])
def test_every_weight_learns(kind):
    layer, _, query, memory = built(kind)
    aim = np.random.default_rng(5).normal(size=layer(query, memory)[0].shape)

    with tf.GradientTape() as tape:
        loss = ops.sum(layer(query, memory, memory_mask=MASK)[0] * ops.convert_to_tensor(aim, "float32"))
    variables = [weight.value for weight in layer.trainable_weights]
    for weight, gradient in zip(layer.trainable_weights, tape.gradient(loss, variables), strict=True):
        assert np.isfinite(gradient).all() and np.abs(gradient).max() > 1e-4, weight.name


@pytest.mark.parametrize("policy, atol", [("mixed_float16", 2e-2), ("mixed_bfloat16", 2e-1)])
@pytest.mark.parametrize("kind", ATTENTIONS)
def test_half_precision_gives_nearly_the_same(kind, policy, atol):
    layer, weights, query, memory = built(kind, dtype=policy)
    context, found = layer(query, memory, memory_mask=MASK)
    assert context.dtype == found.dtype == layer.compute_dtype
    expected = in_numpy(kind, weights, query, memory, MASK)
    close(seen([ops.cast(part, "float32") for part in (context, found)]), seen(expected), atol)


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_is_saved_and_loaded(kind, tmp_path):
    memory_size = QUERY if kind == "dot" else MEMORY
    query, memory, mask = (
        keras.Input((None, QUERY)),
        keras.Input((None, memory_size)),
        keras.Input((None,), dtype="bool"),
    )
    model = keras.Model([query, memory, mask], attention_of(kind, UNITS, HEADS)(query, memory, memory_mask=mask))
    randomize(model.trainable_weights)
    assert [shape[1:] for shape in model.output_shape] == [
        (None, UNITS if kind == "multi_head" else memory_size),
        (None, None),
    ]
    model.save(tmp_path / "model.keras")
    again, values = keras.saving.load_model(tmp_path / "model.keras"), [*data(kind), MASK]
    close(again(values), model(values), atol=1e-6)
    assert type(again.layers[-1]) is ATTENTIONS[kind]
    assert again.layers[-1].get_config() == model.layers[-1].get_config()


def test_kinds_are_found_by_name():
    kinds = {"additive": AdditiveAttention, "dot": DotAttention, "general": GeneralAttention}
    assert ATTENTIONS == {**kinds, "multi_head": MultiHeadAttention}
    assert all(type(attention_of(kind, 4, 2)) is ATTENTIONS[kind] for kind in ATTENTIONS)
    layer = attention_of("multi_head", 4, 2, name="looks")
    assert (layer.units, layer.heads, layer.name) == (4, 2, "looks")


def test_the_masks_of_what_it_reads_are_found_and_passed_on():
    """As `keras.layers.Embedding(mask_zero=True)` attaches them."""
    ids, target = np.array([[3, 4, 0], [5, 0, 0]]), np.array([[1, 2], [1, 0]])
    table = keras.layers.Embedding(6, 4, mask_zero=True)
    layer = attention_of("general", 4)
    context, weights = layer(table(target), table(ids))
    np.testing.assert_array_equal(np.asarray(weights) > 0, np.repeat(ids[:, None] != 0, 2, axis=1))
    np.testing.assert_array_equal(context._keras_mask, target != 0)


# ---------------------------------------------------------------------- mistakes


def test_dot_attention_names_both_widths():
    with pytest.raises(RnnkitError, match="a query of 6 numbers with a memory of 8.* Use general attention"):
        DotAttention()(np.zeros((1, 2, 6), "float32"), np.zeros((1, 3, 8), "float32"))


@pytest.mark.parametrize("heads", [4, 0, -2])
def test_heads_that_do_not_divide_are_refused(heads):
    with pytest.raises(RnnkitError, match=f"6 attention units cannot be divided among {heads} heads"):
        MultiHeadAttention(6, heads)


def test_an_unknown_kind_is_named_with_the_nearest():
    with pytest.raises(RnnkitError, match="Unknown attention 'aditive'. Did you mean 'additive'"):
        attention_of("aditive", 4)


def test_attention_without_a_score_says_so():
    with pytest.raises(NotImplementedError, match="Attention has no score"):
        Attention()(np.zeros((1, 2, 6), "float32"), np.zeros((1, 3, 6), "float32"))
