"""Small models for the runners, converted once for all their tests."""

import hashlib
import json
from pathlib import Path

import pytest
from lite.small_models import LABELS, LENGTH, UNITS, WORDS, module, weight_values


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Bytes of a classifier of any length, one of fixed length, a fused one that keeps state, and a one-step model."""
    tf = pytest.importorskip("tensorflow", reason="the models are made with TensorFlow")
    folder = tmp_path_factory.mktemp("models")
    made = module(tf)
    any_length, ids = tf.TensorSpec([1, None], tf.int32, "ids"), tf.TensorSpec([1, LENGTH], tf.int32, "ids")
    x, h, c = (tf.TensorSpec([1, UNITS], tf.float32, name) for name in "xhc")
    functions = {
        "any_length": ("serving_default", made.classify, (any_length,)),
        "fixed": ("serving_default", made.classify, (ids,)),
        "fused": ("serving_default", made.fused, (ids,)),
        "step": ("step", made.step, (x, h, c)),
    }
    files = {}
    for name, (key, function, inputs) in functions.items():
        concrete = tf.function(function).get_concrete_function(*inputs)
        tf.saved_model.save(made, str(folder / name), signatures={key: concrete})
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / name), signature_keys=[key])
        files[name] = converter.convert()
    return files


@pytest.fixture(scope="session")
def weights():
    """The numbers in those models, for the tests' own formulas."""
    return weight_values()


@pytest.fixture
def bundle(models, tmp_path):
    """Writes a whole bundle and returns its folder; arguments change what `bundle.json` says."""

    def write(kind="any_length", name="bundle", **changes) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        words = ["<PAD>", "<START>", "<UNKNOWN>", *WORDS]
        (folder / "vocab.txt").write_bytes("".join(f"{word} {i}\n" for i, word in enumerate(words)).encode())
        (folder / "labels.txt").write_bytes("".join(f"{label}\n" for label in LABELS).encode())
        (folder / "model.tflite").write_bytes(models[kind])
        settings = {
            "format": "rnnkit-bundle",
            "format_version": 1,
            "task": "text_classifier",
            "model": "model.tflite",
            "strategy": {"any_length": "loop", "fixed": "unroll", "fused": "fused"}.get(kind, "unroll"),
            "quantize": "none",
            "max_length": LENGTH,
            "fixed_length": kind != "any_length",
            "resets_state": kind == "fused",
            "vocabulary": "vocab.txt",
            "labels": "labels.txt",
            "tokenizer": {"type": "RegexTokenizer", "delimiters": "unicode"},
            "sha256": {"model.tflite": hashlib.sha256(models[kind]).hexdigest()},
        }
        settings |= changes
        text = json.dumps({key: value for key, value in settings.items() if value is not None})
        (folder / "bundle.json").write_text(text, encoding="utf-8")
        return folder

    return write
