"""A language model in a search for speech: the same sums as over whole texts, in Keras and exported."""

from pathlib import Path

import numpy as np
import pytest

import rnnkit
from rnnkit.codec.vocabulary import START
from rnnkit.decoding.ctc_beam import PrefixBeamSearch
from rnnkit.decoding.lexicon import Lexicon, WordBoundaries
from rnnkit.errors import RnnkitError
from rnnkit.lite.language_scorer import language_scorer

RUN = Path(__file__).parents[2] / "saved_models" / "char_text"
UNITS = ["", *"abcdefghijklmnopqrstuvwxyz '"]
SEPARATOR = UNITS.index(" ")
TEXT = "the king is come to speak"
IDS = [UNITS.index(sign) for sign in TEXT]


@pytest.fixture(scope="module")
def small():
    return rnnkit.lite.load(RUN / "lite")


def summed(scorer, units):
    """log p of a text over units, each asked for beside another text, and the state's row behind it."""
    row, state = scorer.start()
    other, total = state, 0.0
    for unit in units:
        total += row[unit]
        (row, _), (state, other) = scorer.step([state, other], [unit, 1])
    return total, row


def of_words(scorer, words):
    state, total = scorer.start(), 0.0
    for word in words:
        log_p, (state, _) = scorer.step([state, scorer.start()], [word, (1, 2, 3)])
        total += log_p[0]
    return total, scorer.end([state])[0]


def test_units_add_up_to_the_text(small):
    ids = np.array([START, *small.alphabet.encode(TEXT)])
    total, row = summed(language_scorer(small, UNITS), IDS)
    assert total == pytest.approx(small.log_probabilities(ids).sum(), abs=1e-3)
    assert len(row) == len(UNITS) and (row <= 0).all() and row[0] == 0  # learnt from one text, which does not end


def test_words_of_a_character_model_add_up_to_the_text(small):
    pieces = ["", *(f"▁{word}" for word in ("the", "king", "is", "come", "to")), "▁spe", "ak"]
    scorer = language_scorer(small, pieces)
    boundaries = WordBoundaries(len(pieces), starts=[place for place, one in enumerate(pieces) if one[:1] == "▁"])
    words = boundaries.words([1, 2, 3, 4, 5, 6, 7])
    assert len(words) == 6
    total, end = of_words(scorer, words)
    ids = np.array([START, *small.alphabet.encode(TEXT)])
    assert total == pytest.approx(small.log_probabilities(ids).sum(), abs=1e-3) and end == 0


def heard(text, doubtful):
    """Frames that say a text, each letter and a blank, but for some letters which are any letter."""
    classes, frames = len(UNITS), []
    for place, sign in enumerate(text):
        row = np.full(classes, -12.0)
        row[UNITS.index(sign)] = 0.0
        if place in doubtful:
            row[1:27] = 0.0
        blank = np.full(classes, -12.0)
        blank[0] = 0.0
        frames += [row, blank]
    frames = np.array(frames)
    return frames - np.logaddexp.reduce(frames, axis=1, keepdims=True)


def test_it_decides_what_sound_leaves_open(small):
    frames = heard("the king", {1, 5})
    plain, scored = PrefixBeamSearch(), PrefixBeamSearch(scorer=language_scorer(small, UNITS), alpha=1.0)
    for search in (plain, scored):
        search.feed(frames)
    found, guessed = ("".join(UNITS[unit] for unit in each.finish()[0].units) for each in (scored, plain))
    assert found == "the king" and guessed != found


def test_with_a_list_of_words_too(small):
    words = ["the", "tie", "king", "kong"]
    boundaries = WordBoundaries(len(UNITS), separator=SEPARATOR)
    lexicon = Lexicon([[UNITS.index(sign) for sign in word] for word in words], boundaries)
    search = PrefixBeamSearch(lexicon=lexicon, scorer=language_scorer(small, UNITS), alpha=1.0)
    search.feed(heard("the king", {1, 5}))
    assert "".join(UNITS[unit] for unit in search.finish()[0].units) == "the king"


def test_a_model_of_other_texts_is_refused(small):
    with pytest.raises(RnnkitError, match="knows 1 of 4 characters, and not д е ж"):
        language_scorer(small, ["", *"дежa"])


@pytest.mark.slow
def test_in_keras_it_scores_as_exported(small):
    model = rnnkit.load(RUN)
    for units in (UNITS, ["", *(f"▁{word}" for word in TEXT.split())]):
        scorers = [language_scorer(each, units) for each in (model, small)]
        if units is UNITS:
            (total, row), (of_file, row_of_file) = (summed(scorer, IDS) for scorer in scorers)
            np.testing.assert_allclose(row, row_of_file, atol=0.5)  # the file has int8 weights
        else:
            words = [(place,) for place in range(1, len(units))]
            total, of_file = (of_words(scorer, words)[0] for scorer in scorers)
        assert total == pytest.approx(of_file, rel=0.05)
    encoded = model.encode_inputs([TEXT])
    assert summed(language_scorer(model, UNITS), IDS)[0] == pytest.approx(model.outputs(encoded).sum(), abs=0.02)


@pytest.mark.slow
def test_a_model_of_words_scores_words_and_ends():
    texts = [" ".join("one two three four".split()[start:] + ["one"] * (start % 3)) for start in range(4)] * 20
    texts = [f"{text} {'two three ' * (number % 5)}".strip() for number, text in enumerate(texts)]
    model = rnnkit.LanguageModel(units=12, embedding_size=8, min_count=1, batch_size=4, window=8, epochs=1, unit="word")
    model.fit(sorted(set(texts)))
    scorer = language_scorer(model, ["", *"abcdefghijklmnopqrstuvwxyz"])
    words = [tuple(ord(sign) - 96 for sign in word) for word in ("one", "two", "three")]
    total, end = of_words(scorer, words)
    encoded = model.encode_inputs(["one two three"])
    assert model.ends and end < 0 and total == pytest.approx(model.outputs(encoded)[:3].sum(), abs=1e-3)
    unknown = scorer.step([scorer.start()] * 2, [(24, 24), (24, 25)])[0]
    assert unknown[0] == unknown[1] < -10
