"""What a text classifier reads: words of any script, characters, bytes, subwords; the same on the phone."""

import json
import unicodedata

import numpy as np
import pytest
from tasks import tiny
from tasks.text_classifier.languages import LANGUAGES, labelled

import rnnkit
from rnnkit import lite
from rnnkit.codec.unit_tokenizers import UNITS
from rnnkit.codec.vocabulary import UNKNOWN
from rnnkit.data.tables import open_table
from rnnkit.errors import RnnkitError

SMALL = {**tiny.OPTIONS, "cell": "gru", "max_length": 60}


def learnt(rows, **options):
    """A preprocessing that has learnt from rows, and its parts."""
    task = rnnkit.TextClassifier(**{**SMALL, **options})
    return task.preprocessing, task.preprocessing.learn(open_table(rows))


@pytest.mark.parametrize(
    ("language", "unit"),
    [("hindi", "word"), ("arabic", "word"), ("french", "word"), ("thai", "character"), ("chinese", "character")],
)
def test_the_unit_is_chosen_by_the_script_and_nothing_telling_is_unknown(language, unit):
    made, parts = learnt(labelled(language, 80))
    assert made.options.unit == unit and ("unit" in parts.report) == (unit == "character")
    share = np.mean([np.mean(row == UNKNOWN) for row in parts.test.inputs])
    assert share < 0.1


def test_texts_of_one_word_are_read_by_character():
    rows = [(f"{'AC' * 3}{place:04b}{'GT' if place % 2 else 'TG'}", "EI" if place % 2 else "N") for place in range(60)]
    made, parts = learnt(rows)
    assert made.options.unit == "character"
    assert parts.report["unit"] == "character (chosen: texts of one word; --unit sets it)"


@pytest.mark.parametrize("unit", UNITS)
def test_the_same_ids_after_saving_and_for_every_spelling(unit, tmp_path):
    rows = [(f"l'été n°{place} {('marché', 'forêt')[place % 2]} ici", "ab"[place % 2]) for place in range(40)]
    made, parts = learnt(rows, unit=unit)
    made.save(tmp_path)
    again = rnnkit.TextClassifier(**{**SMALL, "unit": unit}).preprocessing
    again.load(tmp_path)
    text = "l'été n°3 marché ici"
    ids = made.encode([text]).inputs[0].tolist()
    assert len(ids) > 4 and ids.count(UNKNOWN) <= 1
    for spelt in (text, unicodedata.normalize("NFD", text), text.replace("'", "\u2019"), f" {text}\u200b"):
        assert again.encode([spelt]).inputs[0].tolist() == ids


def test_a_run_of_earlier_reads_words_as_it_learnt_them(tmp_path):
    made, _ = learnt(tiny.rows(60), unit="word", delimiters="unicode")
    made.save(tmp_path)
    options = {name: value for name, value in made.options.to_dict().items() if name != "unit"}
    again = rnnkit.TextClassifier(**options).preprocessing
    again.load(tmp_path)
    assert again.options.unit == "word" and again.tokenizer("'good' e\u0301") == ["'good'", "e"]


def test_word_vectors_are_for_words(tmp_path):
    with pytest.raises(RnnkitError, match="unit is 'byte', and .*vectors.txt has words. Leave --unit out"):
        rnnkit.TextClassifier(**SMALL, unit="byte", embeddings=str(tmp_path / "vectors.txt"))


def test_labels_that_look_alike_are_one_and_that_is_said():
    rows = [
        (f"texte {place}", ("ne\u0301gatif", "négatif", "positif", "positif\u200b")[place % 4]) for place in range(80)
    ]
    made, _ = learnt(rows, unit="word", min_count=2)
    assert made.labels == ["négatif", "positif"]
    said = [finding.message for finding in rnnkit.TextClassifier.check(rows)]
    assert r"'ne\u0301gatif' and 'n\xe9gatif' count as one label, 'négatif'." in said
    assert sum("count as one label" in line for line in said) == 2


def test_labels_of_other_letters_that_look_alike_are_said():
    for other in ("p\u043es", "\uff50os"):
        said = [
            each.message for each in rnnkit.TextClassifier.check([(f"a {n}", ("pos", other)[n % 2]) for n in range(20)])
        ]
        assert any(f"look alike, but have other characters ('pos' and {other!a})" in line for line in said)


def messages(rows):
    return [f"{finding.level} {finding.message}" for finding in rnnkit.TextClassifier.check(rows)]


def test_check_says_what_will_be_read():
    [said] = [line for line in messages(labelled("thai", 100)) if "Read by" in line]
    assert said.startswith("good Read by character (a script without blanks between words): median length ")
    assert not any("more frequent" in line for line in messages(labelled("hindi", 100)))


def test_labels_that_nothing_tells_apart_are_doubted():
    rows = [(f"{text} {place}", "ab"[place // 2 % 2]) for place, (text, _) in enumerate(tiny.rows(200))]
    assert any("warn No word is more frequent with one label than with the others" in line for line in messages(rows))
    mixed = [
        (text, label if label == "neg" else "cd"[place % 4 // 2]) for place, (text, label) in enumerate(tiny.rows(400))
    ]
    assert not any("No word is more frequent" in line for line in messages(mixed))


def test_near_duplicates_rare_words_and_long_texts_are_warned_of_with_what_to_do():
    rows = [(f"{text}!", label) for text, label in tiny.rows(40)] + [
        (text.upper(), label) for text, label in tiny.rows(40)
    ]
    assert any(
        "warn 40 texts differ from an earlier one in capitals, digits or signs alone" in line for line in messages(rows)
    )
    own = [(" ".join(f"{place}{number}xy" for number in "abcdefgh"), "ab"[place % 2]) for place in range(60)]
    assert any("100% of the words occur only once" in line and "--unit subword" in line for line in messages(own))
    long = [(f"{text} " * 150, label) for text, label in tiny.rows(40)]
    assert any("40 texts of more than 799 words" in line and "--max-length 1201" in line for line in messages(long))


def test_texts_equal_in_another_spelling_are_one():
    rows = [*tiny.rows(40), ("le cafe\u0301 est bon", "pos"), ("le caf\u00e9 est bon", "pos")]
    assert any("1 row left out: the same text and label" in line for line in messages(rows))


def test_nothing_read_is_said_beside_the_probabilities(tmp_path):
    answers = tiny.trained().predict(["", "\U0001f600\U0001f600", "zzzz", "the film"])
    assert [answer.nothing_read for answer in answers] == [True, True, True, False]


def test_rows_that_cannot_be_scored_are_counted():
    found = tiny.trained().evaluate([*tiny.rows(20), ("", "pos"), ("no label", "")])
    assert (found["rows"], found["rows_left_out"]) == (20, 2)
    assert "rows_left_out" not in tiny.trained().evaluate(tiny.rows(20))


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_is_the_same_on_the_phone(unit, tmp_path):
    task = rnnkit.TextClassifier(**{**SMALL, "epochs": 1, "unit": unit}).fit(tiny.rows(60), to=tmp_path / "run")
    task.export(quantize="none")
    settings = json.loads((tmp_path / "run" / "lite" / "bundle.json").read_text())
    runner = lite.load(tmp_path / "run" / "lite")
    texts = ["the film was good", "AWFUL\u2019s plot 🙂", "", "e\u0301 ≠ é", "x" * 500]
    theirs = runner.probabilities(texts)
    ours = task.probabilities(task.outputs(task.preprocessing.encode(texts)))
    assert settings["tokenizer"]["type"] and np.abs(ours - theirs).max() < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_characters_that_decide_are_learnt_with_the_default_settings(language, tmp_path):
    task = rnnkit.TextClassifier().fit(labelled(language), to=tmp_path / "run")
    unseen = labelled(language, 300, seed=1)
    texts, labels = zip(*unseen, strict=True)
    right = np.mean([answer.label == label for answer, label in zip(task.predict(list(texts)), labels, strict=True)])
    assert right >= 0.98
    task.export(quantize="none")
    runner = lite.load(tmp_path / "run" / "lite")
    for form in ("NFC", "NFD"):
        answers = runner.predict([unicodedata.normalize(form, text) for text in texts])
        assert [answer.label for answer in answers] == [answer.label for answer in task.predict(list(texts))]


def test_texts_without_a_word_that_repeats_are_refused_with_what_helps():
    rows = [(f"电影很好看{place}", "ab"[place % 2]) for place in range(40)]
    with pytest.raises(RnnkitError, match="no word occurs 2 times .* between its words give --unit character"):
        learnt(rows, unit="word", min_count=2)


@pytest.mark.parametrize("signs", ["😀😡", "?!"])
def test_what_characters_alone_tell_is_said_with_the_flag(signs):
    said = messages([(f"day {n}{signs[n % 2]}", "ab"[n % 2]) for n in range(120)])
    assert any("but characters are, such as signs, emoji or capitals: --unit character" in line for line in said)
    assert not any("nothing to learn" in line for line in said)
    said = messages(
        [(f"day {n}", "ab"[random]) for n, random in enumerate(np.random.default_rng(1).integers(0, 2, 200))]
    )
    assert any("nothing to learn" in line for line in said) and not any("but characters" in line for line in said)


def test_texts_without_words_are_said_with_the_flag():
    assert any(
        "in which no word is read: --unit character" in line for line in messages([("😀", "a"), ("b c", "b")] * 9)
    )
