"""Language models that write: texts and tunes, in Keras and from the exported file."""

import json
import math
import shutil

import numpy as np
import pytest
from tasks.writing import VERSE, WRITER, trained_music, trained_text, tunes

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.tasks.language_model.learn_units import learn_units
from rnnkit.tasks.language_model.sample import LongText, split_text

TEXT = VERSE * 8


@pytest.mark.slow
def test_a_verse_is_learnt_and_written():
    task = trained_text()
    assert task.results["test"]["nats_per_character"] < 0.4
    (text,) = task.generate(VERSE + "once a", length=200, temperature=0)
    assert text.startswith(VERSE * 3)
    assert not task.ends and task.vocabulary is None


@pytest.mark.slow
def test_figures_are_those_of_the_whole_text_read_in_one_go():
    """Windows, lanes and states against one pass of the network over all of it."""
    task = trained_text()
    figures = task.evaluate(LongText("x", "", "", TEXT))
    ids = task.encode_inputs([TEXT]).inputs.flat
    network = task.without_lanes()
    logits = np.asarray(network.get_layer("embedding").logits(network(ids[None, :-1]))[0], np.float64)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    nats = -log_p[np.arange(len(ids) - 1), ids[1:]].mean()
    assert figures["nats_per_character"] == pytest.approx(nats, abs=2e-5)
    assert figures["bits_per_character"] == pytest.approx(nats / math.log(2), abs=2e-5)
    assert figures["perplexity"] == pytest.approx(math.exp(nats), abs=2e-3)
    assert figures["characters"] == len(TEXT)


@pytest.mark.slow
def test_figures_of_many_texts_count_their_ends():
    task = trained_music()
    encoded = task.encode_rows(task.read(tunes()[:5]))
    figures = task.metrics(encoded, task.outputs(encoded))
    network, nats, characters = task.without_lanes(), 0.0, 0
    for number, row in enumerate(encoded.inputs):
        following = [1] if number < 4 else []  # the next text's start is what ends this one
        ids = np.array([*row, *following])
        logits = np.asarray(network.get_layer("embedding").logits(network(ids[None, :-1]))[0], np.float64)
        log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        nats -= log_p[np.arange(len(ids) - 1), ids[1:]].sum()
        characters += len(ids) - 1
    assert figures["characters"] == characters
    assert figures["nats_per_character"] == pytest.approx(nats / characters, abs=2e-5)


def test_what_subwords_do_not_keep_is_not_counted():
    task = rnnkit.LanguageModel(unit="bpe", units=4)
    task.alphabet = learn_units(["a  b\n   c d\n"], "bpe", 20)
    assert task.encode_inputs(["  a     b\n      c"]).characters.tolist() == [len("a b\nc")]


@pytest.mark.slow
def test_a_run_writes_the_same_again():
    again = rnnkit.load(trained_text().folder)
    how = {"samples": 3, "length": 60, "seed": 9, "top_p": 0.95}
    assert again.generate("then", **how) == trained_text().generate("then", **how)


@pytest.mark.slow
def test_a_text_file_is_one_text_for_characters_and_many_for_words(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one two\r\nthree four\n\nfive six\n" * 30)
    characters = rnnkit.LanguageModel(**{**WRITER, "epochs": 1}).fit(tmp_path / "a.txt")
    data = characters.results["data"]
    assert (data["train"], data["validation"], data["test"]) == (1, 1, 1)
    assert "\n" in characters.alphabet.characters and "\r" not in characters.alphabet.characters
    assert characters.evaluate(tmp_path / "a.txt")["characters"] == len("one two\nthree four\n\nfive six\n") * 30
    words = rnnkit.LanguageModel(**{**WRITER, "epochs": 1, "unit": "word", "batch_size": 1, "min_count": 1})
    data = words.fit(tmp_path / "a.txt").results["data"]
    assert (data["train"], data["validation"], data["test"]) == (1, 1, 1)  # three different lines, each once


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["byte", "bpe", "unigram", "word", "token"])
def test_every_unit_learns_writes_and_is_exported(unit, tmp_path):
    options = {**WRITER, "unit": unit, "epochs": 1, "min_count": 1, "vocabulary_size": 40}
    task = rnnkit.LanguageModel(**options).fit(split_text(VERSE * 60, "verses"))
    (text,) = task.generate("once", length=20, seed=1)
    assert text.startswith("once") and len(text) > 3
    from rnnkit import lite

    task.export(tmp_path, quantize="none")
    how = {"length": 40, "seed": 2, "samples": 2}
    assert lite.load(tmp_path / "lite").generate("once", **how) == task.generate("once", **how)


@pytest.mark.slow
@pytest.mark.parametrize("quantize", ["none", "dynamic"])
def test_the_phone_writes_as_keras_does(tmp_path, quantize):
    task = trained_text()
    done = task.export(tmp_path, quantize=quantize)
    assert done["agreement"]["same_label_decided"] == 1 and done["agreement"]["source"] == "validation"
    from rnnkit import lite
    from rnnkit.export.flatbuffer import non_builtin

    runner = lite.load(tmp_path / "lite")
    assert non_builtin((tmp_path / "lite" / "model.tflite").read_bytes()) == []
    assert all((state == 0).all() for state in runner.start())
    how = {"length": 150, "samples": 2, "temperature": 0.7, "seed": 3}
    if quantize == "none":
        assert runner.generate("once ", **how) == task.generate("once ", **how)
        assert list(runner.stream("once ", no_repeat=9, **how)) == list(task.stream("once ", no_repeat=9, **how))
        encoded = task.encode_inputs([VERSE])
        theirs = runner.log_probabilities(encoded.inputs.flat)
        np.testing.assert_allclose(theirs, task.outputs(encoded), atol=1e-4)
    else:
        assert runner.generate(VERSE, length=60, temperature=0)[0].startswith(VERSE * 2)


@pytest.mark.slow
def test_saved_model_and_keras_file(tmp_path):
    for form in ("saved_model", "keras"):
        done = trained_text().export(tmp_path, format=form)
        assert done["agreement"]["largest_difference"] < 1e-5 and done["agreement"]["rows"] == 200


@pytest.mark.slow
def test_a_step_that_takes_a_strategy_is_refused(tmp_path):
    with pytest.raises(RnnkitError, match="its file runs one step"):
        trained_text().export(tmp_path, strategy="unroll")
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
def test_broken_bundles_get_one_line(tmp_path):
    from rnnkit import lite

    task = trained_text()
    task.export(tmp_path, quantize="none")
    said = json.loads((tmp_path / "lite" / "bundle.json").read_text())
    for number, changed in enumerate(({"states": 1}, {"ends": "yes"}, {"unit": "byte"}, {"states": "2"})):
        bundle = tmp_path / str(number)
        shutil.copytree(tmp_path / "lite", bundle)
        (bundle / "bundle.json").write_text(json.dumps({**said, **changed}))
        with pytest.raises(RnnkitError) as found:
            lite.load(bundle)
        assert "\n" not in str(found.value)


@pytest.mark.slow
def test_dynamic_evaluation_learns_from_what_it_reads_and_leaves_the_task_alone():
    task = trained_text()
    other = LongText("x", "", "", "a rat sat on a cat\nby my two mats\n" * 12)
    usual = task.evaluate(other)["nats_per_character"]
    assert task.evaluate_dynamically(other, learning_rate=0)["nats_per_character"] == pytest.approx(usual, abs=1e-4)
    assert task.evaluate_dynamically(other, learning_rate=0.5)["nats_per_character"] < usual - 0.1
    assert task.evaluate(other)["nats_per_character"] == usual
    with pytest.raises(RnnkitError, match="expected 0 or more"):
        task.evaluate_dynamically(other, learning_rate=-1)
    with pytest.raises(RnnkitError, match="expected 0 or more"):
        task.evaluate_dynamically(other, learning_rate=float("nan"))


@pytest.mark.slow
def test_finetuning_keeps_the_units():
    task = trained_text().finetune(split_text("the dog sat on the log\n" * 60, "dogs"), epochs=3)
    assert task.alphabet.characters == trained_text().alphabet.characters
    assert task.results["data"]["unknown_rate"] > 0  # d and g
    other = LongText("x", "", "", "the rat sat on the mat\n" * 20)
    assert task.evaluate(other) != trained_text().evaluate(other)


# ---------------------------------------------------------------------- tunes


@pytest.mark.slow
def test_tunes_are_learnt_and_end():
    task = trained_music()
    assert task.ends and len(task.results["data"]) and task.results["test"]["bits_per_character"] < 2.5
    texts = task.generate(samples=20, length=400, seed=1)
    assert sum(text.startswith("M:") for text in texts) > 15
    assert sum(len(text) < 200 for text in texts) > 15  # they end by themselves


@pytest.mark.slow
def test_what_is_asked_for_is_there():
    task = trained_music()
    (text,) = task.generate(key="D", metre="3/4", title="A  New\nTune", length=30, seed=1)
    assert text.splitlines()[:4] == ["T:A New Tune", "M:3/4", "L:1/8", "K:D"]
    (text,) = task.generate(metre="2/4", length=5, seed=1)
    assert text.startswith("M:2/4\n")
    (text,) = task.generate("A2C2|", key="C", length=5, seed=1)
    assert "K:C\nA2C2|" in text
    with pytest.raises(RnnkitError, match="'rhythm' cannot be asked for; what this network has learnt: metre"):
        task.generate(rhythm="reel")


@pytest.mark.slow
def test_the_phone_writes_the_same_tunes(tmp_path):
    from rnnkit import lite

    task = trained_music()
    task.export(tmp_path, quantize="none")
    how = {"key": "G", "title": "x", "length": 80, "samples": 2, "seed": 5}
    assert lite.load(tmp_path / "lite").generate(**how) == task.generate(**how)
    assert rnnkit.load(task.folder).generate(**how) == task.generate(**how)


@pytest.mark.slow
def test_no_tune_is_kept_in_a_run():
    folder = trained_music().folder / "preprocessing"
    assert {path.name for path in folder.iterdir()} == {"units.json", "headers.json"}
    headers = json.loads((folder / "headers.json").read_text())
    assert {tuple(header) for header, _ in headers} == {("M", "L", "K")} and sum(count for _, count in headers) > 30


@pytest.mark.slow
@pytest.mark.parametrize("content", ["", "{}", "[[1, 2]]", '[[{"M": 3}, 1]]', '[[{"nonsense": "x"}, 1]]'])
def test_broken_headers_get_one_line(tmp_path, content):
    shutil.copytree(trained_music().folder, tmp_path / "run")
    (tmp_path / "run" / "preprocessing" / "headers.json").write_text(content)
    with pytest.raises(RnnkitError, match=r"headers\.json (does not hold headers|is no strict JSON)") as found:
        rnnkit.load(tmp_path / "run")
    assert "\n" not in str(found.value)


@pytest.mark.slow
def test_tunes_from_a_table_and_a_file(tmp_path):
    import pandas as pd

    pd.DataFrame({"abc": tunes()}).to_csv(tmp_path / "tunes.csv", index=False)
    (tmp_path / "tunes.abc").write_text("\n\n".join(tunes()))
    options = {**WRITER, "epochs": 1, "dropout": 0.0}
    digests = [
        rnnkit.MusicModel(**options).fit(tmp_path / name).results["data"]["sha256"]
        for name in ("tunes.csv", "tunes.abc")
    ]
    assert digests[0] == digests[1]
    with pytest.raises(RnnkitError, match="has 2 different tunes; expected 10 or more"):
        rnnkit.MusicModel(**options).fit(tunes()[:2])
    with pytest.raises(RnnkitError, match="the last one is not K|K as the last"):
        rnnkit.MusicModel(fields="KM")


# ---------------------------------------------------------------------- the command line


@pytest.mark.slow
def test_generate(command_line, tmp_path):
    task = trained_text()
    run = str(task.folder)
    code, out, _ = command_line("generate", run, "once a", "--length", "30", "--temperature", "0")
    assert code == 0 and out == task.generate("once a", length=30, temperature=0)[0] + "\n"
    code, out, _ = command_line("generate", run, "--samples", "2", "--length", "20", "--json", "--seed", "4")
    assert json.loads(out) == trained_text().generate(samples=2, length=20, seed=4)
    code, out, _ = command_line("generate", run, "--samples", "2", "--length", "20", "--to", str(tmp_path / "a.txt"))
    assert code == 0 and "2 texts" in out and len((tmp_path / "a.txt").read_text()) > 40


@pytest.mark.slow
def test_generate_tunes(command_line, tmp_path):
    run, to = str(trained_music().folder), tmp_path / "mine.abc"
    code, out, _ = command_line("generate", run, "--key", "F", "--samples", "3", "--seed", "2", "--to", str(to))
    assert code == 0 and "next: rnnkit play" in out
    from rnnkit.tasks.music_model.source import read_tunes

    found = read_tunes(to).tunes
    assert found and all(tune.header["K"] == "F" for tune in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("{text}", "--key", "G"), "--key is not for language_model; leave it out."),
        (("imdb_sentiment", "x"), "imdb_sentiment is a text_classifier, which does not write"),
        (("{text}", "--length", "0"), "give a length"),
        (("{text}", "--top-p", "3"), "top_p is 3.0"),
        (("{music}", "--to", "a.mp3"), "its suffix should be one of .abc"),
        (("{text}", "--to", "."), "a folder; name a file in it"),
        (("{music}", "--rhythm", "jig"), "cannot be asked for"),
        (("nowhere",), "nowhere"),
        (("{text}", "日本"), "has characters that this model has never seen: 日 本"),
        (("{music}", "--key", "H"), "The key is 'H'; expected one such as G, Am"),
        (("{music}", "--metre", "7/13"), "The metre is '7/13'; expected one such as 4/4"),
        (("{text}", "--json", "--to", "a.txt"), "leave one of the two out"),
    ],
)
def test_slips_get_one_line(command_line, words, message):
    runs = {"text": trained_text().folder, "music": trained_music().folder}
    code, _, err = command_line("generate", *(word.format(**runs) for word in words))
    assert code == 1 and message in err and err.count("\n") == 1
