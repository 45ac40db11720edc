"""Word and character error rates against edit distances written here."""

import random

import numpy as np
import pytest

from rnnkit.errors import RnnkitError
from rnnkit.metrics.bootstrap import confidence_intervals
from rnnkit.metrics.transcripts import normalised, transcript_scores, transcript_statistics, word_errors


def distance(said, heard):
    """The fewest substitutions, deletions and insertions that turn one into the other."""
    row = list(range(len(heard) + 1))
    for number, sign in enumerate(said, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(heard, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (sign != other))
    return row[-1]


def corpus(seed, rows=30):
    chance = random.Random(seed)
    words = ["one", "two", "three", "four", "for", "too"]
    said = [chance.choices(words, k=chance.randrange(0, 7)) for _ in range(rows)]
    heard = [[chance.choice(words) if chance.random() < 0.3 else word for word in row] for row in said]
    heard = [row[chance.randrange(2) :] + chance.choices(words, k=chance.randrange(2)) for row in heard]
    return [" ".join(row) for row in heard], [" ".join(row) for row in said]


@pytest.mark.parametrize("seed", range(5))
def test_rates_are_edit_distances_over_lengths(seed):
    heard, said = corpus(seed)
    pairs = list(zip(said, heard, strict=True))
    scores = transcript_scores(heard, said)
    words = sum(len(text.split()) for text in said)
    assert "" in said and scores["words"] == words and scores["rows"] == 30
    errors = sum(distance(a.split(), b.split()) for a, b in pairs)
    assert scores["substitutions"] + scores["deletions"] + scores["insertions"] == errors
    assert scores["wer"] == pytest.approx(100 * errors / words, abs=0.006)
    assert scores["cer"] == pytest.approx(100 * sum(distance(a, b) for a, b in pairs) / len("".join(said)), abs=0.006)
    assert scores["sentence_error_rate"] == pytest.approx(100 * np.mean([a != b for a, b in pairs]), abs=0.006)
    lengths = sum(len(b.split()) - len(a.split()) for a, b in pairs)
    assert scores["insertions"] - scores["deletions"] == lengths


def test_statistics_of_all_utterances_are_the_scores():
    heard, said = corpus(7)
    statistics, scores = transcript_statistics(heard, said), transcript_scores(heard, said)
    figures = statistics.figures(statistics.counts[None].astype(float))
    for name in ("wer", "cer", "sentence_error_rate"):
        assert figures[name][0] == pytest.approx(scores[name], abs=0.006)
    low, high = confidence_intervals(statistics)["wer"]
    assert low < scores["wer"] < high < low + 60


def test_confused_words_add_up_to_the_errors():
    heard, said = corpus(3)
    scores, found = transcript_scores(heard, said), word_errors(heard, said)
    for name, rows in zip(("substitutions", "deletions", "insertions"), found, strict=True):
        assert sum(row[-1] for row in rows) == scores[name] > 0
        assert [row[-1] for row in rows] == sorted((row[-1] for row in rows), reverse=True)
    assert all(right != wrong for right, wrong, _ in found.substituted)
    by_hand = word_errors(["a b x d", "a c d e", ""], ["a b c d", "a b c d", "z"])
    assert by_hand == ([("c", "x", 1)], [("b", 1), ("z", 1)], [("e", 1)])


@pytest.mark.parametrize(
    ("text", "spelling", "letters"),
    [
        ("  It\u2019s\tHere\n", "It's Here", "it's here"),
        ("Oh,  no - 3.5 Cafe\u0301!", "Oh, no - 3.5 Caf\u00e9!", "oh no 3 5 caf\u00e9"),
        ("'tis the dogs' \u00abHof\u00bb", "'tis the dogs' \u00abHof\u00bb", "tis the dogs hof"),
        (
            "\u0938\u094d\u0924\u0947 \u0964",
            "\u0938\u094d\u0924\u0947 \u0964",
            "\u0938\u094d\u0924\u0947",
        ),
        (" ' ", "'", ""),
    ],
)
def test_normalisations(text, spelling, letters):
    assert (normalised(text), normalised(text, "letters")) == (spelling, letters)
    assert normalised(letters, "letters") == letters and normalised(spelling) == spelling


def test_normalisation_decides_what_is_an_error():
    heard, said = ["well, it's Me"], ["Well it\u2019s me."]
    assert transcript_scores(heard, said)["wer"] == 66.67
    scores = transcript_scores(heard, said, "letters")
    assert (scores["wer"], scores["cer"], scores["normalisation"]) == (0, 0, "letters")


@pytest.mark.parametrize(
    ("heard", "said", "message"),
    [
        ("a", ["a"], "one string"),
        ([], [], "0 transcripts for 0 references"),
        (["a"], ["a", "b"], "1 transcripts for 2"),
        (["a"], [" "], "No reference has a word"),
    ],
)
def test_what_cannot_be_scored_is_refused(heard, said, message):
    for function in (transcript_scores, transcript_statistics, word_errors):
        with pytest.raises(RnnkitError, match=message):
            function(heard, said)


def test_an_unknown_normalisation_is_refused():
    with pytest.raises(RnnkitError, match="Unknown normalisation 'letter'; expected one of spelling, letters. Did you"):
        normalised("a", "letter")


def test_without_jiwer_the_command_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jiwer", None)
    with pytest.raises(RnnkitError, match="Scoring transcripts needs the package jiwer, .* Try: pip install"):
        transcript_scores(["a"], ["a"])
