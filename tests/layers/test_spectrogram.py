"""The front end in a graph: as NumPy has it, padded or not, a hop at a time, in TFLite files and on JAX."""

import numpy as np
import pytest

from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.errors import RnnkitError
from rnnkit.layers.device_loop import on_device
from rnnkit.layers.power_spectrum import power_spectrum
from rnnkit.layers.small_products import small_products
from rnnkit.layers.spectrogram import SpectrogramLayer

SETTINGS = {
    "bands": {"bands": 24},
    "cepstra with deltas": {"bands": 30, "coefficients": 13, "deltas": 2, "hop": 12.5},
    "corpus": {"bands": 20, "normalise": "corpus", "pre_emphasis": 0.0, "window": 20.0, "hop": 20.0},
    "running": {"bands": 10, "normalise": "running", "deltas": 1, "delta_width": 3, "memory": 32},
    "none": {"bands": 40, "normalise": "none", "window": 64.0, "high": 3500.0},
    "tail": {"bands": 8, "deltas": 1, "tail": 90.0},
}
STREAMS = [name for name, given in SETTINGS.items() if given.get("normalise")]


def sound(count=5000, seed=0):
    """Noise whose level goes up and down by 40 dB."""
    random = np.random.default_rng(seed)
    level = np.repeat(10 ** random.uniform(-3, -1, count // 250 + 1), 250)[:count]
    return (level * random.normal(0, 1, count)).astype(np.float32)


def spectrogram_of(name):
    made = Spectrogram(rate=8000, **SETTINGS[name])
    return made.learnt([sound(seed=7)]) if made.normalise in ("corpus", "running") else made


def batch():
    """Three sounds of different lengths, with noise behind each, which must not be heard."""
    lengths = np.array([5000, 3210, 700], "int32")
    rows = np.stack([sound(seed=seed) for seed in range(3)])
    for row, length in zip(rows, lengths, strict=True):
        row[length:] = 0.5 * np.random.default_rng(9).normal(size=5000 - length)
    return rows, lengths


def hops_of(layer, rows):
    """The frames of a batch of equally long sounds, a hop at a time, `[batch, frames, features]`."""
    states, made = layer.initial_states(len(rows)), []
    assert {name: tuple(state.shape[1:]) for name, state in states.items()} == layer.state_shapes()
    size = layer.settings.hop_size
    for at in range(0, rows.shape[1] - size + 1, size):
        frame, valid, states = layer.step(rows[:, at : at + size], states)
        assert len(set(np.asarray(valid).tolist())) == 1
        if np.asarray(valid).all():
            made.append(np.asarray(frame))
    if layer.settings.context:
        frames, valid = layer.flush(states)
        made += [np.asarray(frames)[:, place] for place in np.flatnonzero(np.asarray(valid)[0])]
    return np.stack(made, axis=1)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_batch_has_the_frames_of_each_sound_alone(name):
    spectrogram, (rows, lengths) = spectrogram_of(name), batch()
    layer = SpectrogramLayer(spectrogram)
    frames, mask = np.asarray(layer(rows, lengths=lengths)), np.asarray(layer.mask(rows, lengths))
    assert frames.shape == (3, spectrogram.frames(5000), spectrogram.features)
    assert mask.sum(axis=1).tolist() == [spectrogram.frames(int(length)) for length in lengths]
    for row, length, found, here in zip(rows, lengths, frames, mask, strict=True):
        np.testing.assert_allclose(found[here], spectrogram.encode(row[:length]), atol=1e-4)
    np.testing.assert_allclose(np.asarray(layer(rows[:1]))[0], spectrogram.encode(rows[0]), atol=1e-4)


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("count", [5000, 640, 480])
def test_hops_are_the_whole(name, count):
    spectrogram, layer = spectrogram_of(name), SpectrogramLayer(spectrogram_of(name))
    count = max(count - count % spectrogram.hop_size, layer.hops * spectrogram.hop_size)
    rows = np.stack([sound(count, 1), sound(count, 2)])
    found = hops_of(layer, rows)
    for row, frames in zip(rows, found, strict=True):
        wanted = spectrogram.encode(row)
        assert abs(len(wanted) - len(frames)) <= (spectrogram.window_size % spectrogram.hop_size > 0)
        if not spectrogram.context:
            np.testing.assert_allclose(frames, wanted[: len(frames)], atol=1e-4)
        whole = spectrogram.encode(row[: spectrogram.window_size + (len(frames) - 1) * spectrogram.hop_size])
        np.testing.assert_allclose(frames, whole, atol=1e-4)


def test_it_is_saved_within_a_network(tmp_path):
    import keras

    samples = keras.Input((None,), dtype="float32")
    frames = SpectrogramLayer(spectrogram_of("running"))(samples)
    model = keras.Model(samples, keras.layers.GlobalAveragePooling1D()(frames))
    assert frames.shape == (None, None, 20) and not model.weights
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.layers[1].settings == spectrogram_of("running")
    np.testing.assert_allclose(again(sound()[None]), model(sound()[None]), atol=1e-6)


def test_it_computes_in_float32_under_any_policy():
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        frames = SpectrogramLayer(spectrogram_of("bands"))(sound()[None])
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(np.asarray(frames)[0], spectrogram_of("bands").encode(sound()), atol=1e-4)


def test_products_in_pieces_are_the_product():
    random = np.random.default_rng(0)
    band = np.triu(np.tril(random.normal(size=(300, 200)), 8), -8)
    for matrix in (random.normal(size=(40, 80)), random.normal(size=(2500, 3)), band, np.zeros((5, 3))):
        rows = random.normal(size=(4, len(matrix))).astype("float32")
        np.testing.assert_allclose(small_products(rows, matrix), rows @ matrix, atol=1e-3)


@pytest.mark.parametrize("size", [2, 8, 64, 128, 512, 2048])
def test_a_transform_by_products_is_the_transform(size):
    frames = np.random.default_rng(1).normal(0, 0.1, (3, size)).astype("float32")
    window = np.random.default_rng(2).uniform(0, 1, size) * (np.arange(size) > 0)
    wanted = np.abs(np.fft.rfft(frames * window, size)) ** 2
    found = power_spectrum(frames, window, 0.0, size, products=True)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_frames_by_products_are_the_frames():
    layer = SpectrogramLayer(spectrogram_of("none"), products=True)
    assert SpectrogramLayer.from_config(layer.get_config()).products
    np.testing.assert_allclose(layer(sound()[None])[0], spectrogram_of("none").encode(sound()), atol=2e-3)


@pytest.mark.slow
def test_a_step_by_products_has_operators_of_microcontrollers_alone(tmp_path):
    import tensorflow as tf

    from rnnkit.export import flatbuffer
    from rnnkit.export.convert import convert
    from rnnkit.export.micro.operators import OPERATORS

    module, signatures = module_of(SpectrogramLayer(spectrogram_of("running"), products=True))
    with on_device(1):
        tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"step": signatures["step"]})
    found = set(flatbuffer.operators(convert(tmp_path / "saved", "none", [], "samples")))
    assert found - OPERATORS - {"SELECT"} == set()  # which `adapted` makes SELECT_V2


def test_what_needs_the_whole_sound_has_no_states():
    with pytest.raises(RnnkitError, match="needs the whole sound"):
        SpectrogramLayer(spectrogram_of("bands")).initial_states()
    with pytest.raises(RnnkitError, match="should have the settings"):
        SpectrogramLayer({"rate": 8000})


@pytest.mark.slow
def test_jax_gives_the_same_frames():
    pytest.importorskip("jax", reason="compares with JAX, a development extra")
    from rnnkit.testing.shared import Child

    rows, lengths = batch()
    with Child() as child:
        backend, *found = child.run("layers.jax_spectrogram:under_jax")
    assert backend == "jax" and len(found) == len(SETTINGS)
    for name, (whole, hops) in zip(SETTINGS, found, strict=True):
        layer = SpectrogramLayer(spectrogram_of(name))
        mask = np.asarray(layer.mask(rows, lengths))
        np.testing.assert_allclose(np.array(whole)[mask], np.asarray(layer(rows, lengths=lengths))[mask], atol=1e-4)
        if name in STREAMS:
            np.testing.assert_allclose(hops, hops_of(layer, rows[:1, :1600])[0], atol=1e-4)


def module_of(layer):
    """A module with the signatures `frames` and, for streams, `step`, `flush` and `reset`."""
    import tensorflow as tf

    settings, module = layer.settings, tf.Module()
    specs = {name: tf.TensorSpec((1, *shape), name=name) for name, shape in layer.state_shapes().items()}
    names = list(specs)

    def states_of(values):
        return dict(zip(names, values, strict=True))

    def outputs(states):
        return {f"next_{name}": tf.identity(state) for name, state in states.items()}

    def frames(samples):
        return {"frames": layer(samples)}

    def step(samples, *values):
        frame, valid, states = layer.step(samples, states_of(values))
        return {"frame": frame, "valid": valid, **outputs(states)}

    def flush(*values):
        found, valid = layer.flush(states_of(values))
        return {"frames": found, "valid": valid}

    def function(of, *specs):
        return tf.function(of, input_signature=specs, autograph=False)

    module.frames = function(frames, tf.TensorSpec((1, None), name="samples"))
    signatures = {"frames": module.frames}
    if settings.normalise != "utterance":
        module.step = function(step, tf.TensorSpec((1, settings.hop_size), name="samples"), *specs.values())
        module.reset = function(lambda: outputs(layer.initial_states()))
        signatures |= {"step": module.step, "reset": module.reset}
        if settings.context:
            module.flush = function(flush, *specs.values())
            signatures["flush"] = module.flush
    return module, signatures


@pytest.mark.slow
@pytest.mark.parametrize("quantize", ["none", "dynamic", "float16"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_file_with_it_has_builtin_operators_and_the_same_frames(name, quantize, tmp_path):
    import tensorflow as tf

    from rnnkit.export import flatbuffer
    from rnnkit.export.convert import convert
    from rnnkit.lite.interpreter import open_here

    spectrogram, samples = spectrogram_of(name), sound()
    layer = SpectrogramLayer(spectrogram)
    module, signatures = module_of(layer)
    with on_device(None):
        tf.saved_model.save(module, str(tmp_path / "saved"), signatures=signatures)
    file = convert(tmp_path / "saved", quantize, [], "samples")
    assert flatbuffer.non_builtin(file) == []
    opened = open_here(file, 1, True)
    near = 2e-2 if quantize == "float16" else 1e-4
    for count in (5000, 1234, spectrogram.window_size):
        wanted = spectrogram.encode(samples[:count])
        found = opened.get_signature_runner("frames")(samples=samples[None, :count])["frames"][0]
        np.testing.assert_allclose(found, wanted, atol=near)
    if name not in STREAMS:
        return
    run = opened.get_signature_runner("step")
    states, made = opened.get_signature_runner("reset")(), []
    for at in range(0, len(samples) - spectrogram.hop_size + 1, spectrogram.hop_size):
        given = {key.removeprefix("next_"): value for key, value in states.items() if key.startswith("next_")}
        states = run(samples=samples[None, at : at + spectrogram.hop_size], **given)
        if states["valid"][0]:
            made.append(states["frame"][0])
    given = {key.removeprefix("next_"): value for key, value in states.items() if key.startswith("next_")}
    if spectrogram.context:
        last = opened.get_signature_runner("flush")(**given)
        made += list(last["frames"][0][last["valid"][0]])
    heard = spectrogram.window_size + (len(made) - 1) * spectrogram.hop_size
    np.testing.assert_allclose(np.stack(made), spectrogram.encode(samples[:heard]), atol=near)
