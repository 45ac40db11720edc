"""Writing id by id against what the draws must be."""

import itertools

import numpy as np
import pytest

from rnnkit.codec.text_units import Characters
from rnnkit.decoding.writing import write
from rnnkit.errors import RnnkitError
from rnnkit.lite.writing import Writer

START, A, B, C = 1, 3, 4, 5
RANDOM = np.random.default_rng(0)
TABLE = RANDOM.normal(size=(6, 6)).astype("float32")  # logits behind each id


def step(ids, states):
    return TABLE[ids], states + 1


def first(count, **how):
    given = {"rows": 2, "end": START, "never": (0, 2, START), "seed": 5, **how}
    return np.array(list(itertools.islice(write(step, 0, [START], **given), count)))


def test_the_same_seed_draws_the_same():
    assert (first(50) == first(50)).all() and (first(50) != first(50, seed=6)).any()
    assert (first(50)[:, 0] != first(50)[:, 1]).any()  # samples differ


def test_ids_come_as_often_as_they_should():
    found = first(6_000, temperature=0.7)
    p = np.exp(TABLE[A, 3:] / 0.7)
    after = [list(pairs) for pairs in itertools.pairwise(found[:, 0]) if pairs[0] == A]
    shares = np.bincount([following for _, following in after], minlength=6)[3:] / len(after)
    np.testing.assert_allclose(shares, p / p.sum(), atol=0.04)


def test_temperature_0_and_top_1_take_the_likeliest():
    likeliest = first(30, temperature=0)
    assert (likeliest == first(30, top_k=1)).all() and (likeliest == first(30, top_p=1e-6)).all()
    assert likeliest[0, 0] == 3 + TABLE[START, 3:].argmax()


@pytest.mark.parametrize("length", [1, 2, 3])
def test_no_stretch_comes_twice(length):
    found = list(write(step, 0, [START], rows=1, end=START, never=(0, 2), seed=1, no_repeat=length))
    ids = [START, *(int(each[0]) for each in found)]
    whole = ids[:-1] if ids[-1] == START else ids
    stretches = [tuple(whole[place : place + length]) for place in range(len(whole) - length + 1)]
    assert len(set(stretches)) == len(stretches)
    assert len(found) <= 3**length + length + 1  # and then nothing is left


def test_what_is_given_is_guarded_too():
    found = list(write(step, 0, [START, A, B], rows=1, end=START, never=(0, 2, START), seed=1, no_repeat=1))
    assert [int(each[0]) for each in found] == [C, START]


def test_a_row_that_ended_stays_so():
    found = first(200, never=(0, 2), rows=8)
    for column in found.T:
        ends = np.flatnonzero(column == START)
        assert len(ends) and (column[ends[0] :] == START).all()


def test_only_what_is_allowed():
    seen = []

    def allowed(row, place):
        seen.append((row, place))
        return place != A and not (row == 1 and place == B)

    found = first(100, allowed=allowed)
    assert set(found[:, 0]) == {B, C} and set(found[:, 1]) == {C} and {row for row, _ in seen} == {0, 1}
    assert (first(5, allowed=lambda row, place: False) == START).all()


def test_what_is_refused_leaves_the_others_their_shares():
    found = first(6_000, temperature=0.7, allowed=lambda row, place: place != A)
    after = [following for last, following in itertools.pairwise(found[:, 0]) if last == B]
    p = np.exp(TABLE[B, [B, C]] / 0.7)
    np.testing.assert_allclose(np.mean(np.array(after) == B), p[0] / p.sum(), atol=0.04)


def test_a_sample_does_not_hang_on_the_others():
    np.testing.assert_array_equal(first(50, rows=1)[:, 0], first(50, rows=5)[:, 0])


class Tiny(Writer):
    alphabet = Characters(["a", "b", "c"])
    ends = True

    def begin_writing(self, samples):
        return step, 0


def test_texts():
    tiny = Tiny()
    texts = tiny.generate("ab", samples=3, length=20, seed=4)
    assert len(texts) == 3 and all(text.startswith("ab") and len(text) <= 22 for text in texts)
    assert texts == tiny.generate("ab", samples=3, length=20, seed=4)
    steps = list(tiny.stream("ab", samples=3, length=20, seed=4))
    assert steps[0] == ["ab"] * 3 and ["".join(each) for each in zip(*steps, strict=True)] == texts


def test_stop_ends_a_text_behind_it():
    for seed in range(1, 20):
        (text,) = Tiny().generate("ba", length=0, stop="ca", seed=seed)
        assert text.find("ca", 2) in (-1, len(text) - 2)


def test_a_stop_may_begin_in_the_prefix():
    for seed in range(1, 20):
        (text,) = Tiny().generate("bc", length=30, stop="ca", seed=seed)
        assert text.find("ca") in (-1, len(text) - 2)


def test_the_function_is_asked_about_the_text_that_is_returned():
    asked = []
    (text,) = Tiny().generate("ab", length=10, seed=3, accepts=lambda text: asked.append(text) or True)
    assert text in asked and all(each.startswith("ab") for each in asked)
    assert sorted(map(len, asked)) == list(map(len, asked)) and len(asked[0]) == 3


def test_a_function_of_the_user_decides():
    texts = Tiny().generate(
        "a", length=30, seed=2, samples=30, accepts=lambda text: "bb" not in text and "c" not in text
    )
    assert all("bb" not in text and "c" not in text for text in texts) and max(map(len, texts)) > 3


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"temperature": -1}, "temperature is -1.0; expected a number from 0"),
        ({"top_p": 2}, "top_p is 2"),
        ({"lenght": 3}, "Unknown option 'lenght'. Did you mean 'length'"),
        ({"prefix": 3}, "The prefix is a int; expected a string"),
        ({"key": "G"}, "Unknown option 'key'"),
    ],
)
def test_mistakes(how, message):
    with pytest.raises(RnnkitError, match=message):
        Tiny().generate(**how)


def test_what_never_ends_needs_a_length():
    endless = Tiny()
    endless.ends = False
    with pytest.raises(RnnkitError, match="nothing ends what it writes: give a length"):
        endless.generate(length=0)
    assert len(endless.generate(length=500, seed=1)[0]) == 500
