"""`rnnkit predict` for any task: what it prints, the JSON, the page, and what it refuses. The Runs are stand-ins."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from rnnkit import lite
from rnnkit import tasks as task_zoo
from rnnkit.cli import answering, answers
from rnnkit.errors import RnnkitError
from rnnkit.lite.__main__ import main
from rnnkit.lite.answers.entities import TaggedPrediction, prediction_of, tokens_of
from rnnkit.lite.answers.labels import Prediction
from rnnkit.lite.answers.transcripts import Transcript
from rnnkit.plots.entities import entities_html


def tagged(text: str) -> TaggedPrediction:
    """Every word that begins with a capital is an entity: of type LOC, "Ann" of type PER."""
    tokens = tokens_of(text)
    kinds = ["B-PER" if token == "Ann" else "B-LOC" if token[0].isupper() else "O" for token, _, _ in tokens]
    return prediction_of(text, tokens, kinds)


class Tagger:
    key = "token_tagger"
    bundle = SimpleNamespace(task="token_tagger")

    def predict(self, inputs):
        return [tagged(text) for text in inputs]


class Classifier:
    key = "text_classifier"
    bundle = SimpleNamespace(task="text_classifier")

    def predict(self, inputs):
        return [Prediction("positive" if "good" in text else "no", 0.8125, {"no": 0.1875, "positive": 0.8125})
                for text in inputs]  # fmt: skip


@pytest.fixture
def predict(monkeypatch, command_line, tmp_path):
    """Runs `rnnkit predict RUN ...` with a stand-in for the task: predict(Tagger, "text") gives code, out, err."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rnnkit.quiet.load_keras", lambda: None)
    monkeypatch.setattr(answering, "_run", Path)
    monkeypatch.setattr(answering, "bundle_of", Path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(task, *words):
        monkeypatch.setattr(answering, "kind_in", lambda folder, tflite: task_zoo.get(task.key))
        monkeypatch.setattr(task_zoo, "load", lambda folder: task())
        monkeypatch.setattr(lite, "load", lambda folder: task())
        return command_line("predict", "run", *words)

    return run


def test_a_tagger_prints_sentences_with_their_entities(predict) -> None:
    expected = "[Ann PER] lives in [Bonn LOC].\nnothing here\n"
    for more in ([], ["--tflite"]):
        assert predict(Tagger, "Ann lives in Bonn.", "nothing here", *more) == (0, expected, "")


def test_in_a_pipe_a_sentence_is_one_line_and_in_a_terminal_it_is_wrapped(predict, monkeypatch) -> None:
    text = "some words and " * 20 + "Bonn"
    assert predict(Tagger, text)[1].count("\n") == 1
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes it for a terminal
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    out = predict(Tagger, text)[1]
    plain = out.replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert max(map(len, plain.splitlines())) <= 80 and plain.split() == text.replace("Bonn", "[Bonn LOC]").split()


def test_a_terminal_gets_colours(predict, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = predict(Tagger, "in Bonn")[1]
    assert "48;2;" in out and "Bonn" in out and " LOC" in out


def test_classifiers_answer_as_before(predict) -> None:
    code, out, err = predict(Classifier, "a good film", "x " * 99)
    assert (code, err) == (0, "")
    assert out == f"positive   81.2%  a good film\nno         81.2%  {('x ' * 99)[:61]}…\n"
    code, out, _ = predict(Classifier, "a good film", "--json")
    assert out == (
        '{"input": "a good film", "label": "positive", "probability": 0.8125, '
        '"probabilities": {"no": 0.1875, "positive": 0.8125}}\n'
    )


def test_json_of_a_tagger_has_tokens_tags_and_entities(predict) -> None:
    code, out, err = predict(Tagger, "Ann, naïve 🙂 Rom", "", "--json")
    assert (code, err, out.count("\n")) == (0, "", 2)
    first, second = map(json.loads, out.splitlines())
    assert first == {
        "input": "Ann, naïve 🙂 Rom",
        "tokens": ["Ann", ",", "naïve", "🙂", "Rom"],
        "tags": ["B-PER", "O", "O", "O", "B-LOC"],
        "entities": [
            {"text": "Ann", "type": "PER", "start": 0, "end": 3},
            {"text": "Rom", "type": "LOC", "start": 13, "end": 16},
        ],
    }
    assert second == {"input": "", "tokens": [], "tags": [], "entities": []}
    assert "naïve 🙂" in out


def test_html_is_written_whole_and_the_screen_names_it(predict, tmp_path) -> None:
    target = tmp_path / "new folder" / "page.html"
    for more in ([], ["--tflite", "--overwrite"]):
        assert predict(Tagger, "Ann <b>", "Bonn", "--html", target, *more) == (0, f"written: {target}\n", "")
        assert target.read_text(encoding="utf-8") == entities_html([tagged("Ann <b>"), tagged("Bonn")])
        assert [path.name for path in target.parent.iterdir()] == ["page.html"]
    out = predict(Tagger, "Ann", "Rom", "--html", target, "--json", "--overwrite")[1]
    assert [json.loads(line)["input"] for line in out.splitlines()] == ["Ann", "Rom"]
    assert "Rom<small>LOC" in target.read_text(encoding="utf-8")


def refused(answer, message) -> None:
    code, out, err = answer
    assert code == 1 and out == "" and err.startswith("error: ") and err.count("\n") == 1 and message in err, answer


def test_html_that_cannot_be_had_is_one_line_and_leaves_what_was_there(predict, tmp_path, monkeypatch) -> None:
    page = tmp_path / "page.html"
    page.write_text("old")
    refused(predict(Classifier, "a good film", "--html", page, "--overwrite"), "leave it out here")
    refused(predict(Tagger, "Ann", "--html", tmp_path), "is a folder. Give --html another file.")
    refused(predict(Tagger, "Ann", "--html", page / "under.html"), "cannot be written")
    refused(predict(Tagger, "Ann", "--html", page, "--explain"), "leave --html out")
    refused(predict(Tagger, "Ann", "--html", page), "replace it with --overwrite")

    def fail(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        refused(predict(Tagger, "Ann", "--html", page, "--overwrite"), "No space left on device")
    assert page.read_text() == "old"


def test_a_task_that_explains_nothing_says_which_do(predict) -> None:
    refused(
        predict(Tagger, "Ann", "--explain"),
        "--explain is not for token_tagger but for sequence_classifier, sound_classifier, text_classifier and",
    )


@dataclass(frozen=True)
class Shorter(Prediction):
    """A kind of prediction that nobody registered."""

    nodes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Translation:
    """An answer of a task that is still to come."""

    words: str

    def __str__(self) -> str:
        return self.words


def test_each_kind_of_answer_decides_by_its_type(capsys) -> None:
    answers.show([Shorter("yes", 0.5, {}, (1,))], ["text"])
    assert capsys.readouterr().out == "yes   50.0%  text\n"
    answers.show([Translation("[guten] Tag"), Translation("ja")], ["good day", "yes"])
    assert capsys.readouterr().out == "[guten] Tag\nja\n"
    answers.print_json([Shorter("yes", 0.5, {}, (1,)), Translation("ja")], ["a", "b"])
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["nodes"] == [1] and second == {"input": "b", "words": "ja"}
    answers.print_json([np.float32(0.5), np.ones(2)], ["a", "b"])
    assert capsys.readouterr().out == '{"input": "a", "answer": 0.5}\n{"input": "b", "answer": [1.0, 1.0]}\n'
    with pytest.raises(RnnkitError, match="as a tagger finds them"):
        answers.write_page([Translation("ja")], Path("never.html"))
    assert not Path("never.html").exists()


def test_a_text_that_cannot_be_answered_is_no_name_of_a_file(predict, monkeypatch) -> None:
    monkeypatch.setattr(Classifier, "faults", lambda task, texts: {0: "not this one."}, raising=False)
    Path("reviews").mkdir()
    code, out, err = predict(Classifier, "review", "good")
    assert (code, err) == (1, "error: not this one.\n") and out.endswith("good\n")


class Recogniser:
    key = "speech_recognizer"
    bundle = SimpleNamespace(task="speech_recognizer")

    def predict(self, inputs, **how):
        names = [inputs] if isinstance(inputs, str) else inputs
        return [Transcript("", 0.9) if "quiet" in name else Transcript("yes", 0.8) for name in names]


@pytest.mark.parametrize("inputs", [["quiet.wav"], ["quiet.wav", "loud.wav"]])
def test_a_recording_without_words_is_said_to_be_so_for_people_alone(predict, inputs) -> None:
    code, out, _ = predict(Recogniser, *inputs)
    assert code == 0 and out.count("(nothing was recognised)") == 1 and out.count("yes") == len(inputs) - 1
    code, out, _ = predict(Recogniser, *inputs, "--json")
    assert code == 0 and json.loads(out.split("\n")[0])["text"] == "" and "recognised" not in out


@pytest.mark.parametrize("count", [1, 2, 3])
def test_each_of_several_recordings_has_its_name_also_the_last_of_many(predict, monkeypatch, count) -> None:
    monkeypatch.setattr(answering, "_FILES_AT_ONCE", 2)
    names = [f"{number}.wav" for number in range(count)]
    code, out, _ = predict(Recogniser, *names)
    assert code == 0 and out.count("yes") == count
    assert [name for name in names if name in out] == (names if count > 1 else [])


def test_the_runner_alone_says_so_too(monkeypatch, capsys) -> None:
    monkeypatch.setattr("rnnkit.lite.__main__.load", lambda folder, isolated: Recogniser())
    assert main(["bundle", "quiet.wav", "loud.wav"]) == 0
    assert capsys.readouterr().out == "\tquiet.wav\t(nothing was recognised)\nyes\tloud.wav\n"


def test_the_help_names_the_page_and_fits_80_columns(predict, monkeypatch) -> None:
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    code, out, _ = predict(Tagger, "--help-all")
    assert code == 0 and "--html" in out and max(map(len, out.splitlines())) <= 80
