"""Scores of generated tunes."""

import random
from difflib import SequenceMatcher

import pytest

from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.longest_copy import SubstringIndex
from rnnkit.tasks.music_model.metrics import bars_full, music_scores

TUNE = "M:2/4\nL:1/8\nK:G\n{}|GABc|"


@pytest.mark.parametrize("alphabet", ["ab", "abcdefgh|", "aé好\U0001d11e"])
def test_longest_common_stretch_is_that_of_difflib(alphabet):
    source = random.Random(1)
    for _ in range(40):
        one, other = ("".join(source.choices(alphabet, k=source.randint(1, 120))) for _ in range(2))
        matched = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
        found, where = SubstringIndex(one).longest_common(other)
        assert len(found) == matched.size and other[where : where + len(found)] == found and found in one


def test_edges():
    assert SubstringIndex("").longest_common("abc") == ("", 0)
    assert SubstringIndex("abc").longest_common("") == ("", 0)
    assert SubstringIndex("a" * 300).longest_common("b" + "a" * 400) == ("a" * 300, 1)


@pytest.mark.slow
def test_200_tunes_against_a_megabyte():
    import time

    source = random.Random(2)
    training = "".join(source.choices("GABcdefg|2 /", k=1_000_000))
    start = time.monotonic()
    index = SubstringIndex(training)
    assert len(index.longest_common(training[5000:5400])[0]) >= 400
    for _ in range(200):
        index.longest_common("".join(source.choices("GABcdefg|2 /", k=350)))
    assert time.monotonic() - start < 60


def test_scores():
    tunes = [TUNE.format("dBGA"), TUNE.format("dBGA"), TUNE.format("dBGA|dBG"), "nothing"]
    training = TUNE.format("dBGA")
    scores = music_scores(tunes, training, [TUNE.format("eeee")], parses=lambda text: text != "nothing")
    assert (scores["tunes"], scores["parse"], scores["bars_full"], scores["different"]) == (4, 0.75, 0.5, 0.75)
    assert scores["copied_max"] == len(training) and scores["held_out"]["copied_max"] == len("M:2/4\nL:1/8\nK:G\n")
    assert scores["copied_beyond"] == len("dBGA|GABc|")
    assert "copied_max" not in music_scores(tunes, parses=bool)


def test_a_short_first_bar_is_a_pickup_and_a_short_inner_one_is_not():
    assert bars_full(TUNE.format("d")) and not bars_full(TUNE.format("dBGA|d"))


def test_nothing_to_score():
    with pytest.raises(RnnkitError, match="There are no tunes"):
        music_scores([])
    with pytest.raises(RnnkitError, match="one string"):
        music_scores("K:G\nG")
