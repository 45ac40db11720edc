"""A bundle labels raw texts: numbers against NumPy, every kind of bad bundle, a process of its own."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from lite.small_models import LABELS, LENGTH

import rnnkit.lite
from rnnkit.errors import RnnkitError

TEXTS = ["Good film!", "", "bad, BAD, b a d", "un très good film", "unknown words only " * 10]


def expected(classifier, weights, texts):
    rows = []
    for text in texts:
        mean = weights["embedding"][classifier.encode(text)].mean(0)
        exponents = np.exp(mean @ weights["head"])
        rows.append(exponents / exponents.sum())
    return np.array(rows)


@pytest.mark.parametrize("kind", ["any_length", "fixed"])
def test_probabilities_are_those_of_the_formula(bundle, weights, kind):
    classifier = rnnkit.lite.load(bundle(kind))
    got = classifier.probabilities(TEXTS)
    assert got.dtype == np.float32 and got.shape == (len(TEXTS), len(LABELS))
    np.testing.assert_allclose(got, expected(classifier, weights, TEXTS), rtol=1e-5)


def test_predictions_name_the_most_probable_label(bundle):
    classifier = rnnkit.lite.load(bundle())
    rows = classifier.probabilities(TEXTS)
    for row, prediction in zip(rows, classifier.predict(TEXTS), strict=True):
        assert prediction.label == LABELS[row.argmax()]
        assert prediction.probability == pytest.approx(row.max())
        assert list(prediction.probabilities) == LABELS
    assert classifier.predict("Good film!") == classifier.predict(["Good film!"])
    assert classifier.predict([]) == [] and classifier.probabilities([]).shape == (0, len(LABELS))


def test_a_model_that_keeps_state_is_reset_before_every_text(bundle):
    classifier = rnnkit.lite.load(bundle("fused"))
    first = classifier.probabilities(TEXTS)
    np.testing.assert_array_equal(classifier.probabilities(TEXTS[::-1])[::-1], first)
    careless = rnnkit.lite.load(bundle("fused", name="careless", resets_state=False))
    assert np.abs(careless.probabilities(TEXTS[::-1])[::-1] - first).max() > 1e-3, "the model no longer keeps state"


def test_ids_are_checked(bundle):
    classifier = rnnkit.lite.load(bundle())
    np.testing.assert_array_equal(classifier.run([np.array([1, 3, 5])]), classifier.probabilities("good film"))
    for ids in ([], [1] * (LENGTH + 1), [[1, 2]], [1.5], [1, 99], [-1]):
        with pytest.raises(RnnkitError, match=r"^Text 0 "):
            classifier.run([np.array(ids)])


@pytest.mark.parametrize("texts", [None, 3, b"bytes", ["fine", None], [b"bytes"]])
def test_anything_but_strings_is_refused(bundle, texts):
    with pytest.raises(RnnkitError, match="expected a string"):
        rnnkit.lite.load(bundle()).predict(texts)


BAD_BUNDLES = {
    "not our format": ({"format": "zip"}, "says format 'zip'; expected 'rnnkit-bundle'"),
    "a later version": ({"format_version": 2}, "version 2; this rnnkit reads 1"),
    "unknown task": ({"task": "text_clasifier"}, "Did you mean 'text_classifier'"),
    "task that is a path": ({"task": "..os"}, "this rnnkit runs: "),
    "no model": ({"model": None}, "has no 'model'"),
    "missing file": ({"model": "other.tflite"}, r"other\.tflite cannot be read"),
    "other hash": ({"sha256": {"model.tflite": "0" * 64}}, "SHA-256 differs"),
    "no hash": ({"sha256": {}}, "no SHA-256 of model.tflite"),
    "wrong kind": ({"max_length": "8"}, "says max_length: '8'; expected a whole number"),
    "true is no number": ({"max_length": True}, "expected a whole number"),
    "no length": ({"max_length": 0}, "expected 1 to"),
    "parent folder": ({"vocabulary": "../vocab.txt"}, "inside the bundle's own folder"),
    "absolute": ({"vocabulary": "/etc/passwd"}, "inside the bundle's own folder"),
    "Windows path": ({"labels": "..\\labels.txt"}, "inside the bundle's own folder"),
    "folder itself": ({"labels": "."}, "inside the bundle's own folder"),
    "other tokenizer": ({"tokenizer": {"type": "BertTokenizer"}}, "expected 'RegexTokenizer'"),
    "other pattern": (
        {"tokenizer": {"type": "RegexTokenizer", "delimiters": "unicode", "re2_pattern": "x"}},
        "splits at 'x'",
    ),
    "labels do not fit": ({"labels": "vocab.txt"}, "lists 7 different labels for a model with 3 outputs"),
    "vocabulary is none": ({"vocabulary": "labels.txt"}, r"labels\.txt line 1"),
    "model is none": ({"model": "labels.txt", "sha256": {}}, "no SHA-256"),
}


@pytest.mark.parametrize("case", BAD_BUNDLES)
def test_a_bad_bundle_gets_one_clear_line(bundle, case):
    changes, message = BAD_BUNDLES[case]
    with pytest.raises(RnnkitError, match=message) as error:
        rnnkit.lite.load(bundle(**changes))
    assert "\n" not in str(error.value)


def test_length_that_the_model_does_not_take(bundle):
    with pytest.raises(RnnkitError, match=f"max_length 9, but the model takes {LENGTH} ids"):
        rnnkit.lite.load(bundle("fixed", max_length=9))


@pytest.mark.parametrize("kind", ["any_length", "fixed", "fused"])
def test_a_vocabulary_longer_than_the_table_of_vectors(bundle, kind):
    folder = bundle(kind)
    with (folder / "vocab.txt").open("a", encoding="utf-8") as file:
        file.write("zebra 7\n")
    with pytest.raises(RnnkitError, match="lists 8 words, and the model has no table of so many word vectors"):
        rnnkit.lite.load(folder)


def test_missing_folders_and_files(bundle, tmp_path):
    with pytest.raises(RnnkitError, match="there is no such folder"):
        rnnkit.lite.load(tmp_path / "nowhere")
    with pytest.raises(RnnkitError, match=r"there is no bundle\.json"):
        rnnkit.lite.load(tmp_path)
    bundle(name="lite")
    with pytest.raises(RnnkitError, match=r"Did you mean .*lite\?"):
        rnnkit.lite.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_bundle_json_that_is_no_object(bundle, content):
    folder = bundle()
    (folder / "bundle.json").write_bytes(content)
    with pytest.raises(RnnkitError, match="JSON"):
        rnnkit.lite.load(folder)


def test_a_link_out_of_the_folder_is_refused(bundle, tmp_path):
    folder = bundle()
    (tmp_path / "secret.txt").write_text("a\nb\nc\n")
    (folder / "labels.txt").unlink()
    try:
        (folder / "labels.txt").symlink_to(tmp_path / "secret.txt")
    except OSError:
        pytest.skip("this system lets us make no links")
    with pytest.raises(RnnkitError, match="inside the bundle's own folder"):
        rnnkit.lite.load(folder)


def test_a_model_that_is_none(bundle):
    folder = bundle()
    (folder / "model.tflite").write_bytes(b"no model")
    settings = json.loads((folder / "bundle.json").read_text())

    settings["sha256"]["model.tflite"] = hashlib.sha256(b"no model").hexdigest()
    (folder / "bundle.json").write_text(json.dumps(settings))
    with pytest.raises(RnnkitError, match="LiteRT cannot run this model"):
        rnnkit.lite.load(folder)


def test_a_fresh_process_needs_no_tensorflow(bundle):
    """Also: nothing but the answers is printed, and standard input works."""
    folder = bundle()
    blocked = "import sys; sys.modules.update(dict.fromkeys(['tensorflow', 'keras', 'pandas']));"
    code = blocked + "from rnnkit.lite.__main__ import main; sys.exit(main(sys.argv[1:]))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    def run(*arguments, **options):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, **options)

    [prediction] = rnnkit.lite.load(folder).predict("Good film!")
    line = f"{prediction.label}\t{prediction.probability:.3f}\tGood film!\n"
    by_argument, by_input, missing = run(folder, "Good film!"), run(folder, input="Good film!\n"), run(folder / "x")
    assert (by_argument.stdout, by_argument.stderr, by_argument.returncode) == (line, "", 0)
    assert by_input.stdout == line
    assert missing.returncode == 1 and missing.stderr.count("\n") == 1
