"""A bundle finds the entities that Keras finds; bad bundles get one clear line."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tasks.tagging import OPTIONS, UNSEEN, sentences, trained
from tasks.tiny import folder

import rnnkit
import rnnkit.lite
from rnnkit.errors import RnnkitError
from rnnkit.export.flatbuffer import non_builtin, operators, read_tree, write_tree

#: They need a network that is trained and converted; test_shipped.py is for every day.
pytestmark = pytest.mark.slow

LONG = " ".join(word for tokens, _ in sentences(8, seed=4) for word in tokens)
GIVEN = [UNSEEN, "", "  Ann\t Lee  left New  York ! 😀", ["Cleo", "lives", "in", "Cape", "Town"], [], ("Ann",), LONG]
#: What is trained for an export of these cells, and cells with forms of export.
CHANGED = {"gru": {}, "lstm": {"cell": "lstm", "tag_scheme": "iob2"}, "sru": {"cell": "sru", "characters": "rnn"}}
EXPORTS = [("gru", "loop", "none"), ("gru", "unroll", "float16"), ("lstm", "fused", "dynamic"),
        ("gru", "loop", "dynamic"), ("gru", "loop", "float16"), ("gru", "unroll", "none"),
        ("gru", "unroll", "dynamic"), ("lstm", "fused", "none"), ("lstm", "fused", "float16"),
        ("lstm", "loop", "none"), ("lstm", "unroll", "dynamic"), ("sru", "loop", "none"),
        ("sru", "unroll", "float16")]  # fmt: skip


def exported(cell="gru", strategy="loop", quantize="none"):
    """The bundle of a trained tagger, made once; `changed` makes one of these to break."""
    to = folder() / f"tags_{cell}_{strategy}_{quantize}"
    if not to.is_dir():
        trained(**CHANGED[cell]).export(to, strategy=strategy, quantize=quantize)
    return to / "lite"


def changed(to: Path, **settings) -> Path:
    """A bundle whose `bundle.json` says something else; None takes a setting out."""
    shutil.copytree(exported(), to)
    said = json.loads((to / "bundle.json").read_text(encoding="utf-8")) | settings
    said = {name: value for name, value in said.items() if value is not None}
    (to / "bundle.json").write_text(json.dumps(said), encoding="utf-8")
    return to


@pytest.mark.parametrize("cell, strategy, quantize", EXPORTS)
def test_every_export_gives_the_tags_of_keras(cell, strategy, quantize):
    task = trained(**CHANGED[cell])
    bundle = exported(cell, strategy, quantize)
    runner, model = rnnkit.lite.load(bundle), (bundle / "model.tflite").read_bytes()
    assert non_builtin(model) == [] and ("UNIDIRECTIONAL_SEQUENCE_LSTM" in operators(model)) == (strategy == "fused")
    rows = task.encode_rows(task.read(sentences()))
    same = runner.run(task.exporter().rows(rows)) == task.outputs(rows)
    assert same.mean() >= (
        0.99 if quantize == "dynamic" else 1
    )  # all of them here; rounding decides where two are near
    if quantize != "dynamic":
        assert runner.predict(GIVEN) == task.predict(GIVEN)
    said = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    assert said["agreement"]["same_label"] >= 0.99 and said["agreement"]["source"] == "validation"
    assert (said["scheme"], said["word_length"]) == (task.options.tag_scheme, OPTIONS["word_length"])
    assert {entry["name"] for entry in said["inputs"]} == {"words", "casing", "characters"}
    assert set(said["sha256"]) == {"vocab.txt", "labels.txt", "characters.txt", "model.tflite"}


@pytest.mark.parametrize("strategy", ["loop", "unroll"])
def test_without_casing_and_characters_and_with_softmax(strategy, tmp_path):
    task = trained(cell="mgu", head="softmax", characters="none", casing_size=0)
    task.export(tmp_path, strategy=strategy, quantize="none")
    assert rnnkit.lite.load(tmp_path / "lite").predict(GIVEN) == task.predict(GIVEN)


def test_quantised_files_are_smaller():
    sizes = {quantize: len((exported(*rest, quantize) / "model.tflite").read_bytes())
             for *rest, quantize in (("gru", "loop", "none"), ("gru", "loop", "dynamic"))}  # fmt: skip
    assert sizes["dynamic"] < sizes["none"]


def test_int8_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(RnnkitError, match="token_tagger cannot be exported as int8; expected one of none, float16"):
        trained().export(tmp_path / "new", quantize="int8")
    with pytest.raises(RnnkitError, match="plain LSTM only"):
        trained().export(tmp_path / "new", strategy="fused")
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_its_data_is_compared_on_made_up_sentences(tmp_path):
    done = rnnkit.load(trained().folder).export(tmp_path, quantize="none")
    assert done["agreement"]["source"] == "made up" and done["agreement"]["rows"] > 1000
    assert done["agreement"]["same_label"] == 1 and done["agreement"]["keras_accuracy"] is None


def test_other_formats_agree(tmp_path):
    for format in ("keras", "saved_model"):
        assert trained().export(tmp_path, format=format)["agreement"]["same_label"] == 1


# ---------------------------------------------------------------------- what goes in and comes out


def test_entities_have_places_in_the_sentence():
    [answer] = rnnkit.lite.load(exported()).predict("  Bob  Price — met Ann in New  York")
    assert [(found.text, found.type, found.start, found.end) for found in answer.entities] == [
        ("Bob  Price", "PER", 2, 12), ("Ann", "PER", 19, 22), ("New  York", "LOC", 26, 35),
    ]  # fmt: skip
    assert answer.tags == ("B-PER", "I-PER", "O", "O", "B-PER", "O", "B-LOC", "I-LOC")
    assert all(answer.text[found.start : found.end] == found.text for found in answer.entities)


@pytest.mark.parametrize("given", [None, 7, b"Ann", [None], ["fine", 3], [["Ann", 3]], [["Ann", ""]], [b"Ann"]])
def test_anything_but_sentences_is_refused(given):
    with pytest.raises(RnnkitError, match="A sentence to tag is .*; expected a string, or a list of tokens") as error:
        rnnkit.lite.load(exported()).predict(given)
    assert "\n" not in str(error.value)


def test_no_sentence_is_no_answer():
    runner = rnnkit.lite.load(exported())
    assert runner.predict([]) == [] and runner.run([]).shape == (0,)
    [empty] = runner.predict("")
    assert (empty.text, empty.tokens, empty.tags, empty.entities) == ("", (), (), ())


def test_ids_are_checked():
    runner = rnnkit.lite.load(exported())
    words, casing, characters = runner.features.encode(["Ann", "sings"])
    assert runner.run([(words, casing, characters)]).shape == (2,)
    longest = [np.repeat(table, 9, axis=0) for table in (words, casing, characters)]
    for row in ((words[:0], casing[:0], characters[:0]), longest, (words + 999, casing, characters),
                (words, casing - 9, characters), (words, casing, characters + 999)):  # fmt: skip
        with pytest.raises(RnnkitError, match=r"^Sentence 1 has .* expected"):
            runner.run([(words, casing, characters), row])


@pytest.mark.parametrize("cell, strategy", [("gru", "loop"), ("lstm", "fused")])
def test_threads_share_a_runner_and_the_order_does_not_matter(cell, strategy):
    runner = rnnkit.lite.load(exported(cell, strategy), num_threads=2)
    texts = [" ".join(tokens) for tokens, _ in sentences(40, seed=6)]
    alone = runner.predict(texts)
    assert runner.predict(texts[::-1])[::-1] == alone
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: runner.predict(text)[0], texts))
    assert together == alone


# ---------------------------------------------------------------------- bundles that are none

BAD_BUNDLES = {
    "not our format": ({"format": "zip"}, "says format 'zip'"),
    "another task": ({"task": "text_classifier"}, "is no text classifier|has no 'tokenizer'"),
    "unknown task": ({"task": "token_tager"}, "Did you mean 'token_tagger'"),
    "no characters": ({"characters": None}, "has no 'characters'"),
    "missing characters": ({"characters": "letters.txt"}, r"letters\.txt cannot be read"),
    "characters elsewhere": ({"characters": "../characters.txt"}, "inside the bundle's own folder"),
    "labels as characters": ({"characters": "labels.txt"}, r"labels\.txt line 1"),
    "no scheme": ({"scheme": None}, "has no 'scheme'"),
    "unknown scheme": ({"scheme": "iobse"}, "Did you mean 'iobes'"),
    "wrong scheme": ({"scheme": "bilou"}, "the tag 'E-LOC' is none of bilou"),
    "no word length": ({"word_length": None}, "has no 'word_length'"),
    "a word length in words": ({"word_length": "five"}, "expected a whole number"),
    "other word length": ({"word_length": 6}, r"characters \[1, any, 6\], but the model takes \[1, any, 5\]"),
    "no length": ({"max_length": 0}, "expected 1 to"),
    "not as long as it says": ({"fixed_length": True}, r"\[1, 16, 5\], but the model takes \[1, any, 5\]"),
    "other hash": ({"sha256": {"model.tflite": "0" * 64}}, "SHA-256 differs"),
    "no hash": ({"sha256": {}}, "no SHA-256 of model.tflite"),
}


@pytest.mark.parametrize("case", BAD_BUNDLES)
def test_a_bad_bundle_gets_one_clear_line(case, tmp_path):
    settings, message = BAD_BUNDLES[case]
    with pytest.raises(RnnkitError, match=message) as error:
        rnnkit.lite.load(changed(tmp_path / "bundle", **settings))
    assert "\n" not in str(error.value)


def test_a_fixed_length_that_the_model_does_not_take(tmp_path):
    shutil.copytree(exported(strategy="unroll", quantize="float16"), tmp_path / "bundle")
    path = tmp_path / "bundle" / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"max_length": 9}))
    with pytest.raises(RnnkitError, match=r"characters \[1, 9, 5\], but the model takes \[1, 16, 5\]"):
        rnnkit.lite.load(tmp_path / "bundle")


@pytest.mark.parametrize("name", ["vocab.txt", "labels.txt", "characters.txt", "model.tflite"])
@pytest.mark.parametrize("how", ["missing", "altered"])
def test_files_that_are_missing_or_altered(name, how, tmp_path):
    file = changed(tmp_path / "bundle") / name
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"x 99\n")
    with pytest.raises(RnnkitError, match=r"cannot be read" if how == "missing" else "SHA-256 differs"):
        rnnkit.lite.load(file.parent)


def rewritten(bundle, name, content):
    """Another content of a file, and its hash."""
    (bundle / name).write_bytes(content)
    said = json.loads((bundle / "bundle.json").read_text())
    said["sha256"][name] = hashlib.sha256(content).hexdigest()
    (bundle / "bundle.json").write_text(json.dumps(said))


def test_a_vocabulary_longer_than_the_table_of_vectors(tmp_path):
    bundle = changed(tmp_path / "bundle")
    words = (bundle / "vocab.txt").read_bytes()
    count = words.count(b"\n")
    rewritten(bundle, "vocab.txt", words + f"zebra {count}\n".encode())
    with pytest.raises(RnnkitError, match=f"lists {count + 1} words, and the model has no table of so many"):
        rnnkit.lite.load(bundle)


def test_labels_too_few_for_the_model(tmp_path):
    bundle = changed(tmp_path / "bundle")
    rewritten(bundle, "labels.txt", b"O\nB-LOC\n")
    with pytest.raises(RnnkitError, match="lists 2 labels, too few. Export it again"):
        rnnkit.lite.load(bundle).predict(UNSEEN)


def test_a_model_that_takes_something_else(tmp_path):
    tree = read_tree((exported() / "model.tflite").read_bytes())
    tree.signatureDefs[0].inputs[0].name = b"ids"
    model = write_tree(tree)
    bundle = changed(tmp_path / "bundle", sha256={"model.tflite": hashlib.sha256(model).hexdigest()})
    (bundle / "model.tflite").write_bytes(model)
    with pytest.raises(RnnkitError, match=r"the model is no tagger \(words, casing, characters in\); it takes .*ids"):
        rnnkit.lite.load(bundle)


def test_a_fresh_process_needs_no_tensorflow():
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['tensorflow', 'keras', 'pandas', 'matplotlib']))\n"
        "import rnnkit.lite\n"
        "for found in rnnkit.lite.load(sys.argv[1]).predict(sys.argv[2])[0].entities:\n"
        "    print(found.type, found.start, found.end)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", code, str(exported()), UNSEEN]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    expected = [f"{found.type} {found.start} {found.end}" for found in trained().predict(UNSEEN).entities]
    assert done.stdout.splitlines() == expected and done.stderr == "" and len(expected) >= 3
