"""A bundle translates as Keras does; bad bundles get one clear line."""

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
from tasks.translating import OPTIONS, exported, pairs, trained

import rnnkit
import rnnkit.lite
from rnnkit.codec.pieces import END
from rnnkit.errors import RnnkitError
from rnnkit.export.flatbuffer import non_builtin, read_tree, write_tree
from rnnkit.lite import __main__ as program
from rnnkit.metrics.translations import translation_scores

#: They need a network that is trained and converted; test_shipped.py is for every day.
pytestmark = pytest.mark.slow

UNSEEN, TRANSLATED = "big dog sees Zuzu", "Zuzu sieht Hund groß"
GIVEN = [
    UNSEEN,
    "",
    "👍 \ud800",
    "dog " * 300,
    "Kim old tree Lee",
    "x" * 9999,
    *(source for source, _ in pairs(60, seed=4)),
]


def changed(to: Path, **settings) -> Path:
    """A bundle whose `bundle.json` says something else; None takes a setting out."""
    shutil.copytree(exported(), to)
    said = json.loads((to / "bundle.json").read_text(encoding="utf-8")) | settings
    said = {name: value for name, value in said.items() if value is not None}
    (to / "bundle.json").write_text(json.dumps(said), encoding="utf-8")
    return to


# ---------------------------------------------------------------------- as Keras


def test_the_beam_of_a_phone_is_that_of_keras():
    bundle = exported()
    assert non_builtin((bundle / "model.tflite").read_bytes()) == []
    ours, theirs = trained().predict(GIVEN), rnnkit.lite.load(bundle).predict(GIVEN)
    assert [answer.text for answer in ours] == [answer.text for answer in theirs]
    assert [answer.score for answer in ours] == pytest.approx([answer.score for answer in theirs], abs=2e-3)
    said = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    assert said["agreement"]["same_label"] >= 0.97 and said["agreement"]["source"] == "validation"
    assert set(said["sha256"]) == {"source.pieces", "target.pieces", "model.tflite"}
    assert said["search"] == {"beam_width": 3, "length_penalty": 1.0, "coverage_penalty": 0.0}


def test_answers_do_not_depend_on_what_was_asked_before():
    given = [UNSEEN, UNSEEN, "dog", UNSEEN, "likes old red Kim cat", UNSEEN, UNSEEN]
    expected = [trained().predict(text).text for text in given]
    for order in (given, given[::-1]):
        answers = [answer.text for answer in rnnkit.lite.load(exported()).predict(order)]
        assert answers == (expected if order is given else expected[::-1])


def test_n_best_and_greedy_are_those_of_keras_too():
    runner, given = rnnkit.lite.load(exported()), GIVEN[:12]
    for how in ({"n_best": 3}, {"beam_width": 1}, {"beam_width": 1, "coverage_penalty": 0.2}):
        ours, theirs = trained().predict(given, **how), runner.predict(given, **how)
        for one, other in zip(ours, theirs, strict=True):
            assert one.score == pytest.approx(other.score, abs=2e-3)
            assert one.text == other.text and [text for text, _ in one.others] == [text for text, _ in other.others]


def test_the_figures_of_a_file_hold_nothing_of_keras():
    task = rnnkit.load(trained().folder)
    task.folder = exported().parent
    encoded = task.encode_pairs(pairs(20, seed=4))
    assert "perplexity" in task.metrics(encoded, task.outputs(encoded))
    figures = task.metrics(encoded, task.lite_outputs(encoded))
    answers = [answer.text for answer in rnnkit.lite.load(exported()).predict(list(encoded.sources))]
    assert figures == translation_scores(answers, encoded.references)


def test_a_seed_draws_the_same_in_batches_of_any_size_and_on_a_phone(monkeypatch):
    how = {"strategy": "sample", "temperature": 1.5, "seed": 3}
    given = [*(source for source, _ in pairs(20, seed=4)), UNSEEN, UNSEEN, UNSEEN]
    drawn = [answer.text for answer in trained().predict(given, **how)]
    assert [answer.text for answer in rnnkit.lite.load(exported()).predict(given, **how)] == drawn
    monkeypatch.setattr(trained().options, "batch_size", 3)
    assert [answer.text for answer in trained().predict(given, **how)] == drawn
    assert trained().predict(given[0], **how).text == drawn[0] and len(set(drawn[-3:])) > 1
    other = [[answer.text for answer in trained().predict(given, **{**how, "seed": seed})] for seed in (4, 0, 0)]
    assert drawn != other[0] and other[1] != other[2]  # 0: something else each time


def test_where_two_translations_are_as_good_an_export_may_choose():
    task, given = trained(), [source for source, _ in pairs(30, seed=4)]
    encoded = task.encode_inputs(given)
    scores, answers = task.exporter().confidence(encoded), task.predict(given, n_best=2)
    assert scores.shape == (30, 2) and (scores[:, 0] >= scores[:, 1]).all()
    assert scores[:, 0] == pytest.approx([answer.score for answer in answers], abs=1e-3)
    near = np.array([[-1.0, -1.02], [-1.0, -3.0], [-2.0, -1e9], [-1.0, -1.05]])
    kind = task.exporter().compares_as
    found = kind.compare(np.array([1, 2, 3, 4]), np.array([9, 2, 3, 9]), None, "given", near)
    assert (found.same_label, found.same_label_decided) == (0.5, 1.0)
    kind.require(found, "none", "loop")
    with pytest.raises(RnnkitError, match="same answer 0.0% where Keras is decided"):
        kind.require(kind.compare(np.array([1, 2]), np.array([3, 4]), None, "given", near[1:3]), "none", "loop")


def test_nothing_is_the_translation_of_nothing():
    nothing = rnnkit.lite.answers.translations.Translation("", 0.0)
    for translator in (trained(), rnnkit.lite.load(exported())):
        for how in ({}, {"beam_width": 1}, {"n_best": 3}):
            given = ["", " \t\n\u2028 \x00", "dog"]
            assert [answer == nothing for answer in translator.predict(given, **how)] == [True, True, False]


def test_translate_is_the_greedy_search_in_one_call():
    runner = rnnkit.lite.load(exported())
    translate = runner._interpreter.get_signature_runner("translate")
    for text in (UNSEEN, "dog", "red cat likes old Kim"):
        source = np.append(runner.source_pieces.encode(text), END).astype(np.int32)[None]
        padded = np.pad(source, ((0, 0), (0, OPTIONS["max_length"] - source.shape[1])))
        ids = translate(source=padded)["ids"]
        assert ids.shape == (1, OPTIONS["max_length"])
        keras_ids, *_ = trained()._decoder(trained().network, trained().search(beam_width=1))(source)
        assert ids[0].tolist() == keras_ids[0, 0].tolist()


@pytest.mark.parametrize("quantize", ["float16", "dynamic"])
def test_quantised_exports_are_about_as_good(quantize):
    figures = []
    for bundle in (exported(), exported(quantize)):
        answers = rnnkit.lite.load(bundle).predict([source for source, _ in pairs(60, seed=4)])
        figures.append(trained().metrics(trained().encode_pairs(pairs(60, seed=4)), np.array(answers, object))["bleu"])
    assert figures[1] > figures[0] - 5
    sizes = [(bundle / "model.tflite").stat().st_size for bundle in (exported(), exported(quantize))]
    assert sizes[1] < sizes[0]


def test_other_formats_agree(tmp_path):
    for format in ("keras", "saved_model"):
        assert trained().export(tmp_path, format=format)["agreement"]["same_label"] == 1


def test_a_run_without_its_data_is_compared_on_made_up_sentences(tmp_path):
    done = rnnkit.load(trained().folder).export(tmp_path, quantize="none")
    assert done["agreement"]["source"] == "made up" and done["agreement"]["same_label"] >= 0.97


def test_what_cannot_be_had_is_refused_and_leaves_nothing(tmp_path):
    for how, message in (({"quantize": "int8"}, "translator cannot be exported as int8; expected one of none"),
                         ({"strategy": "unroll"}, "cannot be exported with the strategy 'unroll'")):  # fmt: skip
        with pytest.raises(RnnkitError, match=message):
            trained().export(tmp_path / "new", **how)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------- what goes in and comes out


def test_what_goes_in_and_comes_out():
    runner = rnnkit.lite.load(exported())
    [answer] = runner.predict(UNSEEN)
    assert answer.text == answer.summary == TRANSLATED and -1 < answer.score < 0 and answer.others == ()
    assert runner.predict([]) == [] and runner.predict(iter([UNSEEN])) == [answer]
    assert runner.run([]).shape == (0,) and runner.run([UNSEEN, UNSEEN]).tolist()[0] != 0
    for wrong in ([None], [7], ["fine", b"dog"]):
        with pytest.raises(RnnkitError, match=r"Sentence \d is a .*; expected a string"):
            runner.predict(wrong)
    for how, message in (({"n_best": 9}, "finds only as many"), ({"beam_width": -1}, "expected a whole number from 1")):
        with pytest.raises(RnnkitError, match=message):
            runner.predict(UNSEEN, **how)


def test_threads_share_a_runner():
    runner, given = rnnkit.lite.load(exported(), num_threads=2), GIVEN[6:30]
    alone = runner.predict(given)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: runner.predict(text)[0], given)) == alone


def test_the_program_prints_a_line_for_each(capsys):
    assert program.main([str(exported()), UNSEEN, "dog"]) == 0
    assert capsys.readouterr().out == f"{TRANSLATED}\t{UNSEEN}\nHund\tdog\n"
    with pytest.raises(SystemExit):
        program.main(["--help"])
    assert "translates" in capsys.readouterr().out


def test_a_fresh_process_needs_no_tensorflow():
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['tensorflow', 'keras', 'pandas', 'matplotlib']))\n"
        "import rnnkit.lite; print(rnnkit.lite.load(sys.argv[1]).predict(sys.argv[2])[0].text)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", code, str(exported()), UNSEEN]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=True)
    assert (done.stdout, done.stderr) == (f"{TRANSLATED}\n", "")


# ---------------------------------------------------------------------- bundles that are none

BAD_BUNDLES = {
    "not our format": ({"format": "zip"}, "says format 'zip'"),
    "another task": ({"task": "token_tagger"}, "has no 'labels'"),
    "unknown task": ({"task": "translater"}, "Did you mean 'translator'"),
    "no pieces": ({"source_pieces": None}, "has no 'source_pieces'"),
    "missing pieces": ({"target_pieces": "other.pieces"}, r"other\.pieces cannot be read"),
    "pieces elsewhere": ({"target_pieces": "../source.pieces"}, "inside the bundle's own folder"),
    "a model for pieces": ({"source_pieces": "model.tflite"}, "not UTF-8|begins with"),
    "another spelling": ({"spelling": ["one"]}, r"the spelling \['one'\]; expected one or given. Export it again"),
    "no states": ({"states": None}, "has no 'states'"),
    "states in words": ({"states": "one"}, "expected a whole number"),
    "too many states": ({"states": 3}, "no translator with 3 states"),
    "no memory": ({"memory": 0}, "and 0 memories"),
    "no search": ({"search": None}, "has no 'search'"),
    "a search in words": ({"search": {"beam_width": "wide"}}, "a search with beam_width 'wide'"),
    "an unknown search": ({"search": {"strategy": "sample"}}, "a search with strategy 'sample'"),
    "no length": ({"max_length": 0}, "expected 1 to"),
    "other hash": ({"sha256": {"model.tflite": "0" * 64}}, "SHA-256 differs"),
    "no hash": ({"sha256": {}}, "no SHA-256 of model.tflite"),
}


@pytest.mark.parametrize("case", BAD_BUNDLES)
def test_a_bad_bundle_gets_one_clear_line(case, tmp_path):
    settings, message = BAD_BUNDLES[case]
    with pytest.raises(RnnkitError, match=message) as error:
        rnnkit.lite.load(changed(tmp_path / "bundle", **settings))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["source.pieces", "target.pieces", "model.tflite"])
@pytest.mark.parametrize("how", ["missing", "altered"])
def test_files_that_are_missing_or_altered(name, how, tmp_path):
    file = changed(tmp_path / "bundle") / name
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"zebra\t0\n")
    with pytest.raises(RnnkitError, match="cannot be read" if how == "missing" else "SHA-256 differs"):
        rnnkit.lite.load(file.parent)


@pytest.mark.parametrize("side", ["source", "target"])
def test_pieces_that_do_not_fit_the_model(side, tmp_path):
    bundle = changed(tmp_path / "bundle")
    content = (bundle / f"{side}.pieces").read_bytes() + b"zebra\t0\n" * 1
    said = json.loads((bundle / "bundle.json").read_text())
    said["sha256"][f"{side}.pieces"] = hashlib.sha256(content).hexdigest()
    (bundle / f"{side}.pieces").write_bytes(content)
    (bundle / "bundle.json").write_text(json.dumps(said))
    with pytest.raises(RnnkitError, match=rf"lists \d+ pieces of the {side}, and the model has no table of so many"):
        rnnkit.lite.load(bundle)


def test_a_model_that_takes_something_else(tmp_path):
    tree = read_tree((exported() / "model.tflite").read_bytes())
    for signature in tree.signatureDefs:
        if signature.signatureKey == b"encode":
            signature.inputs[0].name = b"ids"
    model = write_tree(tree)
    bundle = changed(tmp_path / "bundle", sha256={"model.tflite": hashlib.sha256(model).hexdigest()})
    (bundle / "model.tflite").write_bytes(model)
    with pytest.raises(RnnkitError, match=r"its encode takes \['ids'\]"):
        rnnkit.lite.load(bundle)
