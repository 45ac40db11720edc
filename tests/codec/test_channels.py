"""Channels of numbers: scales from training rows, missing values, irregular time, and steps equal to the whole."""

import json

import numpy as np
import pytest

from rnnkit.codec.channels import Channels
from rnnkit.codec.channels_file import channels_of, channels_text
from rnnkit.codec.number_cells import has_comma, inexact, may_be_thousands, number_of
from rnnkit.codec.sequences import is_one_sequence, steps_of, values_of
from rnnkit.errors import RnnkitError

NAN = float("nan")


def sequences(missing=0.2, seed=0):
    random = np.random.default_rng(seed)
    made = [random.normal((3, -40, 0.01), (1, 20, 0.001), (length, 3)).astype(np.float32) for length in (5, 9, 1, 30)]
    for each in made:
        each[random.random(each.shape) < missing] = np.nan
    times = [np.concatenate([[0.0], random.exponential(2.0, len(each) - 1)]) for each in made]
    return made, times


def by_hand(channels, values, elapsed):
    """The features, a step at a time, in plain Python."""
    rows, last, ago, count = [], [None] * 3, [0.0] * 3, len(channels.names)
    for step, row in enumerate(values.tolist()):
        gap = elapsed[step] / channels.interval if channels.interval else 1.0
        seen = [value == value for value in row]
        ago = [0.0 if here else each + gap for each, here in zip(ago, seen, strict=True)]
        last = [value if here else before for value, before, here in zip(row, last, seen, strict=True)]
        scaled = [
            0.0 if value is None else (value - channels.mean[place]) / channels.std[place]
            for place, value in enumerate(last)
        ]
        more = [*map(float, seen), *(np.log1p(each) for each in ago)] if channels.missing else []
        rows.append(scaled + more + ([np.log1p(gap)] if channels.interval else []))
    assert len(last) == count
    return np.array(rows)


@pytest.mark.parametrize("missing", [0, 0.3])
@pytest.mark.parametrize("timed", [False, True])
def test_features_are_those_by_hand_and_of_a_stream(missing, timed):
    made, times = sequences(missing)
    channels = Channels.learnt("abc", made, times if timed else None)
    assert channels.missing == bool(missing) and bool(channels.interval) == timed
    for values, elapsed in zip(made, times, strict=True):
        features = channels.encode(values, elapsed if timed else None)
        assert features.dtype == np.float32 and features.shape == (len(values), channels.features)
        np.testing.assert_allclose(features, by_hand(channels, values, elapsed), atol=1e-5)
        seen = channels.start()
        for step, row in enumerate(values):
            one, seen = channels.step(row, seen, float(elapsed[step]) if timed else None)
            assert np.array_equal(one, features[step])


def test_scales_leave_missing_values_out_and_constants_alone():
    channels = Channels.learnt("xyz", [np.array([[1, 5, NAN], [3, 5, 7], [NAN, 5, 9]], np.float32)])
    assert channels.mean == (2.0, 5.0, 8.0) and channels.std == (1.0, 1.0, 1.0)
    assert Channels.learnt("x", [np.full((9, 1), 0.1, np.float32)]).std == (1.0,)
    assert Channels.learnt("x", [np.full((2, 1), NAN, np.float32)]).mean == (0.0,)


def test_it_comes_back_from_json_and_what_is_broken_is_refused():
    made, times = sequences()
    channels = Channels.learnt(["a", "ü, b", "c"], made, times)
    assert channels_of(json.loads(channels_text(channels)), "it") == channels
    content = json.loads(channels_text(channels))
    for change in (
        {"names": []}, {"names": "abc"}, {"names": ["a", "b"]}, {"mean": [0, 0, "1"]}, {"std": [1, 1, 0]},
        {"std": [1, 1, True]}, {"missing": 1}, {"interval": -1}, {"interval": None},
        {"regular": -1}, {"regular": "1"}, {"more": 1}, {"mean": {}},
    ):  # fmt: skip
        with pytest.raises(RnnkitError, match="it should have the names of channels"):
            channels_of({**content, **change}, "it")
    for other in (None, [], "x", {}):
        with pytest.raises(RnnkitError):
            channels_of(other, "it")


def test_other_channels_and_what_training_never_lacked_are_refused_by_name():
    channels = Channels(("gyro x", "gyro y"), (0.0, 0.0), (1.0, 1e-30), False, 0.0)
    with pytest.raises(RnnkitError, match=r"Row 3 has 3 channels; expected 2, in this order: gyro x, gyro y\."):
        channels.values_of([[1, 2, 3]], "Row 3")
    with pytest.raises(RnnkitError, match="Row 3: step 2 has no value of 'gyro y', and no training"):
        channels.encode(np.array([[1, 2], [3, NAN]], np.float32), place="Row 3")
    with pytest.raises(RnnkitError, match="step 1 has 1e[+]20 as 'gyro y', which is too far from what was trained on"):
        channels.encode(np.array([[1, 1e20]], np.float32))
    timed = Channels(("x",), (0.0,), (1.0,), False, 2.0)
    with pytest.raises(RnnkitError, match="has no time of each step, and the training sequences had"):
        timed.encode(np.ones((3, 1), np.float32))
    with pytest.raises(RnnkitError, match="negative or no number"):
        timed.step(np.ones(1, np.float32), timed.start(), -1.0)


def test_a_data_frame_gives_its_channels_by_name():
    import pandas as pd

    channels = Channels(("x", "y"), (0.0, 0.0), (1.0, 1.0))
    frame = pd.DataFrame({"y": [1.0, 2.0], "note": ["a", "b"], "x": [3, 4]})
    assert channels.values_of(frame, "It").tolist() == [[3, 1], [4, 2]]
    with pytest.raises(RnnkitError, match="It has no column 'x'"):
        channels.values_of(frame[["y"]], "It")


def test_numbers_in_cells():
    for text, value in {"1": 1, "-.5": -0.5, "+2.": 2, "1E-3": 0.001, " 7 ": 7}.items():
        assert number_of(text) == value
    assert number_of("-1,5e2", comma=True) == -150
    assert all(np.isnan(number_of(text)) for text in ("", " ", "NA", "nan", "NULL", "None", "?", "n/a"))
    for text, said in {
        "x": "no number", "1_000": "no number", "١": "no number", "0x1": "no number", "1,5": "no number",
        "inf": "infinite", "-Infinity": "infinite", "1e39": "too large", "1e999": "too large", "True": "no number",
    }.items():  # fmt: skip
        with pytest.raises(ValueError, match=said):
            number_of(text)
    assert has_comma(["1,5", ""]) and not has_comma(["1", "2"]) and not has_comma(["1,234.5"])
    assert may_be_thousands(["1,234", "-12,345"]) and not may_be_thousands(["0,125"])
    assert inexact(np.array([2.0**24, 2**24 + 1, NAN, 1.7e12 + 1])).tolist() == [False, True, False, True]


def test_what_is_no_sequence_is_refused():
    for given, said in {
        "a": "expected numbers, with blanks", "1,2 3": "different widths", "": "expected numbers", "1 inf": "infinite",
    }.items():  # fmt: skip
        with pytest.raises(RnnkitError, match=said):
            steps_of(given)
    for given, said in (
        ([], r"float64 \[0\]; expected numbers"), (np.zeros((2, 3, 4)), r"\[2, 3, 4\]"), ([[1], [2, 3]], "expected"),
        (["a"], "expected numbers"), ([[np.inf]], "inf at step 1, channel 1 is infinite or too large"),
        ([[0], [1e300]], "1e[+]300 at step 2"), ([16777217], "16777217 at step 1, channel 1 is changed by float32"),
        (None, "expected numbers"), (7, "expected numbers"), ([{}], "expected numbers"), ([1 + 2j], "complex"),
    ):  # fmt: skip
        with pytest.raises(RnnkitError, match=said):
            values_of(given, "It")


def test_one_sequence_or_several():
    assert is_one_sequence([1.0, 2.0], 1) and is_one_sequence(((1, 2), (3, 4)), 2) and is_one_sequence("1 2", 3)
    assert not is_one_sequence([[1.0, 2.0], [3.0]], 1) and not is_one_sequence(["1 2"], 1)
    assert not is_one_sequence([[[1.0], [2.0]]], 1) and not is_one_sequence([[np.zeros(2)]], 2)
    assert not is_one_sequence([], 1) and not is_one_sequence(np.zeros((1, 2, 3)), 3)
