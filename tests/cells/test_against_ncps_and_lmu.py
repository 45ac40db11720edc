"""CfC against its authors' ncps and the LMU against its authors' keras-lmu, with the same weights."""

import numpy as np
import pytest
from keras import ops

from rnnkit import cells
from rnnkit.testing.subject import randomize

pytestmark = pytest.mark.interop
UNITS, FEATURES, BATCH, TIME, BACKBONE = 6, 5, 4, 9, 7


@pytest.fixture
def inputs():
    """Features, and the time since the step before behind them."""
    random = np.random.default_rng(1)
    features, times = random.normal(size=(BATCH, TIME, FEATURES)), random.exponential(2, (BATCH, TIME, 1))
    return np.concatenate([features, times], axis=-1).astype("float32")


def built(layer, features):
    """A layer with random weights, and these by name."""
    layer.build((None, None, features))
    randomize(layer.trainable_weights)
    return layer, {weight.name: np.array(weight.numpy()) for weight in layer.cell.weights}


def backbone(w):
    return np.concatenate([w["kernel"], w["recurrent_kernel"]])


@pytest.mark.parametrize("gated", [True, False])
def test_cfc_is_that_of_ncps_for_keras(gated, inputs):
    """Theirs squashes neither candidate, and counts the time backwards."""
    library = pytest.importorskip("ncps.keras", reason="compares with ncps, an optional peer")
    arguments = {"time": "last", "gated": gated, "backbone_units": BACKBONE, "activation": "linear"}
    layer, w = built(cells.CfC(UNITS, return_sequences=True, **arguments), FEATURES + 1)
    peer = library.CfCCell(UNITS, "default" if gated else "no_gate", backbone_units=BACKBONE, backbone_dropout=0.0)
    peer.build((None, FEATURES))
    heads, biases = np.split(w["head_kernel"], 4, axis=1), np.split(w["head_bias"], 4)
    peer.backbone_fn.set_weights([backbone(w), w["bias"]])
    for weight, value in zip((peer.ff1_kernel, peer.ff2_kernel, peer.ff1_bias, peer.ff2_bias), heads[:2] + biases[:2],
                             strict=True):  # fmt: skip
        weight.assign(value)
    peer.time_a.set_weights([-heads[2], -biases[2]])
    peer.time_b.set_weights([heads[3], biases[3]])
    h, expected = ops.zeros((BATCH, UNITS)), []
    for step in range(TIME):
        x = ops.convert_to_tensor(inputs[:, step])
        h, _ = peer((x[:, :-1], x[:, -1:]), [h])
        expected.append(np.asarray(h))
    np.testing.assert_allclose(layer(inputs), np.stack(expected, axis=1), atol=1e-5)


@pytest.mark.parametrize("gated", [True, False])
def test_cfc_is_that_of_ncps_for_torch(gated, inputs):
    torch = pytest.importorskip("torch", reason="compares with PyTorch, an optional peer")
    library = pytest.importorskip("ncps.torch", reason="compares with ncps, an optional peer")
    arguments = {"time": "last", "gated": gated, "backbone_units": BACKBONE}
    layer, w = built(cells.CfC(UNITS, return_sequences=True, **arguments), FEATURES + 1)
    peer = library.CfCCell(FEATURES, UNITS, "default" if gated else "no_gate", backbone_units=BACKBONE)
    heads, biases = np.split(w["head_kernel"], 4, axis=1), np.split(w["head_bias"], 4)
    pairs = [(peer.backbone[0], backbone(w), w["bias"])]
    pairs += [(getattr(peer, name), heads[place], biases[place]) for place, name in
              enumerate(("ff1", "ff2", "time_a", "time_b"))]  # fmt: skip
    with torch.no_grad():
        for part, kernel, bias in pairs:
            part.weight.copy_(torch.tensor(kernel.T.copy()))
            part.bias.copy_(torch.tensor(bias))
        h, expected = torch.zeros(BATCH, UNITS), []
        for x in torch.tensor(inputs).unbind(1):
            h, _ = peer(x[:, :-1], h, x[:, -1:])
            expected.append(h.numpy())
    np.testing.assert_allclose(layer(inputs), np.stack(expected, axis=1), atol=1e-5)


@pytest.mark.parametrize(("signals", "order", "theta"), [(1, 8, 5.0), (3, 4, 20.0)])
def test_lmu_is_that_of_keras_lmu(signals, order, theta, inputs):
    library = pytest.importorskip("keras_lmu", reason="compares with keras-lmu, an optional peer")
    import keras

    layer, w = built(cells.LMU(UNITS, order=order, theta=theta, signals=signals, return_sequences=True), FEATURES)
    peer = library.LMU(
        signals, order, theta, keras.layers.SimpleRNNCell(UNITS), hidden_to_memory=True, memory_to_memory=True,
        input_to_hidden=True, return_sequences=True,
    )  # fmt: skip
    peer.build((BATCH, TIME, FEATURES))
    (cell,) = [each for each in peer._flatten_layers() if type(each).__name__ == "LMUCell"]
    cell.kernel.assign(np.concatenate([w["input_encoder"], w["hidden_encoder"]]))
    cell.recurrent_kernel.assign(w["memory_encoder"])
    both = np.concatenate([w["memory_kernel"], w["kernel"]])
    cell.hidden_cell.set_weights([both, w["recurrent_kernel"], w["bias"]])
    features = inputs[..., :-1]
    np.testing.assert_allclose(layer(features), peer(features), atol=1e-5)
