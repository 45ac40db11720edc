"""Tunes in other keys: the same melody, as an independent reader of ABC hears it."""

import warnings

import pytest

from rnnkit.codec.abc import Tune, parse_tune
from rnnkit.tasks.music_model.performance import perform
from rnnkit.tasks.music_model.transpose import in_other_keys, transposed

HARD = parse_tune(
    "M:4/4\nL:1/8\nK:D\n"
    '"D"d2 ^d=f|"F#m/C#"c\'C,2 _B|[DFA]2 {^g}a4|(3ABc ^e2|[K:G]f2 =f^f C,|\nK:Bm\n^A2 B^^c d2|"Bb"z2 x2 __b2 |]'
)
PLAIN = parse_tune("M:6/8\nL:1/8\nK:Em\nB,|E2F G2A|B^cd e2^d|e3 E2:|")


def heard(tune):
    """The pitches by music21, in semitones."""
    music21 = pytest.importorskip("music21", reason="music21 is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notes = music21.converter.parse(tune.abc, format="abc").flatten().notes
    return [pitch.ps for note in notes if not isinstance(note, music21.harmony.ChordSymbol) for pitch in note.pitches]


@pytest.mark.parametrize(
    "tune, keys", [(HARD, ("G", "A", "C", "E", "F", "Bb", "Eb")), (PLAIN, ("Am", "Bm", "Gm", "F#m"))]
)
def test_every_pitch_moves_by_the_same_interval(tune, keys):
    before = heard(tune)
    assert len(before) > 10
    for key in keys:
        moved = transposed(tune, key)
        assert moved is not None and moved.header["K"] == key
        intervals = {new - old for old, new in zip(before, heard(moved), strict=True)}
        assert len(intervals) == 1 and abs(intervals.pop()) <= 6


def test_there_and_back_is_the_tune_itself():
    for tune, keys in ((HARD, ("G", "A", "E")), (PLAIN, ("Am", "Gm"))):
        for key in keys:
            back = transposed(transposed(tune, key), tune.header["K"])
            assert back.body == tune.body and back.header == tune.header


def test_what_cannot_be_written_is_left_out():
    assert transposed(PLAIN, "G") is None  # another mode
    assert transposed(PLAIN, "H") is None and transposed(Tune({"K": "none"}, "abc"), "C") is None
    assert transposed(Tune({"K": "C"}, "^^c2|"), "C#") is None
    assert transposed(Tune({"K": "B"}, "^^e|"), "C#") is None


def test_copies_are_in_keys_that_are_there_and_follow_from_the_seed():
    tunes = [Tune({"K": key}, "GAB|") for key in ("G", "G", "D", "A minor", "Em", "none")]
    copies = in_other_keys(tunes, 3, seed=1)
    assert sorted(tune.header["K"] for tune in copies) == ["Am", "D", "D", "Em", "G"]
    assert copies == in_other_keys(tunes, 3, seed=1) and in_other_keys(tunes, 0) == []


def test_keys_with_accidentals_move_with_them():
    tune = parse_tune('M:4/4\nL:1/4\nK:Dphr^F\n_B E=F f|"A7"[K:Gm]^F-|F =B|[K:D exp _b ^f][!f!FB] c ^c|[K:bass]F|')
    for key, added, interval in (("Ephr", "^g", 2), ("Cphr", "=e", -2), ("Gphr", "=b", 5), ("Aphr", "^c", -5)):
        moved = transposed(tune, key)
        assert moved is not None and moved.header["K"] == f"{key} {added}"
        before, after = (perform(each).notes for each in (tune, moved))
        assert {new.pitch - old.pitch for old, new in zip(before, after, strict=True)} == {interval}
        assert [note.start for note in before] == [note.start for note in after] and "!f!" in moved.body
    assert transposed(parse_tune("K:Em\nE[K:HP]F|"), "Am") is None and transposed(parse_tune("K:HP\nE|"), "Am") is None
    copies = in_other_keys([tune, parse_tune("K:Ephr\nE|"), parse_tune("K:D exp ^f\nE|")], 3)
    assert [copy.header["K"] for copy in copies] == ["Ephr ^g", "Dphr"]
