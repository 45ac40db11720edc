"""Do the bars of a tune fill its metre? By hand, and against music21."""

import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from rnnkit.codec.abc import parse_tune
from rnnkit.codec.abc_text import join_tunes, tunes_from_text
from rnnkit.tasks.music_model.bars import check_bars
from rnnkit.tasks.music_model.sample import load_music_sample
from rnnkit.tasks.music_model.source import read_tunes


@pytest.mark.parametrize(
    ("music", "lengths"),
    [
        ("A2 B/ c// d3/2 z/4|", "2 1/2 1/4 3/2 1/4"),
        ("A>B c<d e>>f g<<a|", "3/2 1/2 1/2 3/2 7/4 1/4 1/4 7/4"),
        ("A3>B {cd}e|", "9/2 1/2 1"),
        ("(3ABc (2AB (4ABcd (3:2:2A2B|", "2/3 2/3 2/3 3/2 3/2 3/4 3/4 3/4 3/4 4/3 2/3"),
        ('[CEG]2 [C2E2]/ "Am"!f!~A-A x|', "2 1 1 1 1"),
        ("[L:1/4]A [L:1/8]A|", "2 1"),
    ],
)
def test_lengths(music, lengths):
    (bar,) = check_bars(parse_tune(f"M:none\nL:1/8\nK:C\n{music}")).bars
    assert bar.length * 8 == sum(map(Fraction, lengths.split()))


@pytest.mark.parametrize(
    ("music", "wrong"),
    [
        ("ABcd|ABcd|", []),
        ("d|ABcd|ABc:|", []),  # the last bar and the pickup are a whole one
        ("d|ABcd|ABcd|", []),  # a pickup that is not made up for
        ("d|ABcd|ABc:|d|ABcd|ABc|]", []),
        ("ABcd|AB||cd|ABcd|", []),  # a bar cut in two by a double bar
        ("|:d|ABcd|1 ABc:|2 AB c|]", []),
        ("ABcd|ABc|ABcd|", [2]),
        ("ABcd|ABcde|ABcd|", [2]),
        ("ABcd|AB:|", [2]),
        ("ABcd|Z2|[M:3/4]ABcdef|", []),
        ("ABcd|(6ABcABc|ABcd|", [2]),
    ],
)
def test_pickups_and_faults(music, wrong):
    assert check_bars(parse_tune(f"M:2/4\nL:1/8\nK:C\n{music}")).wrong == wrong


def test_what_is_not_understood_is_no_full_tune():
    assert not check_bars(parse_tune("M:2/4\nL:1/8\nK:C\nABcd#|")).all_full
    assert not check_bars(parse_tune("M:99999/4\nL:1/8\nK:C\nABcd|")).all_full
    assert check_bars(parse_tune("M:C|\nK:C\nABcdABcd|")).all_full
    assert check_bars(parse_tune("M:(2+3)/8\nK:C\nABcde|")).all_full


def against_music21(tunes):
    """Of how many tunes music21 has the same bars; those are left out that have a longer one, which it cuts in two."""
    music21 = pytest.importorskip("music21", reason="the other reader of note lengths")
    same = compared = 0
    for tune in tunes:
        bars = check_bars(tune).bars
        if any(bar.metre and bar.length > bar.metre for bar in bars):
            continue
        body = tune.body.replace("::", ":||:").replace("x", "z")  # it loses the note before ::, and does not know x
        read = music21.abcFormat.ABCFile().readstr(replace(tune, body=body).abc)
        score = music21.abcFormat.translate.abcToStreamScore(read)
        lengths = [
            Fraction(sum(Fraction(note.quarterLength) for note in measure.notesAndRests)).limit_denominator(960) / 4
            for measure in score.parts[0].getElementsByClass(music21.stream.Measure)
        ]
        compared += 1
        same += [bar.length for bar in bars] == [length for length in lengths if length]
    return same, compared


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_lengths_are_those_of_music21_in_the_sample():
    pytest.importorskip("music21", reason="the sample is read from it")
    tunes, _ = load_music_sample()
    plain, _ = tunes_from_text(join_tunes(random.Random(0).sample(tunes, 200)))
    same, compared = against_music21(plain)
    assert compared >= 180 and same >= 0.98 * compared, (same, compared)


@pytest.mark.slow
def test_most_tunes_of_the_sample_have_full_bars():
    pytest.importorskip("music21", reason="the sample is read from it")
    tunes, _ = load_music_sample()
    share = sum(check_bars(tune).all_full for tune in tunes) / len(tunes)
    assert 0.88 < share < 0.93


@pytest.mark.data
@pytest.mark.filterwarnings("ignore")
def test_lengths_are_those_of_music21_in_ones_own_tunes():
    folder = os.environ.get("RNNKIT_ABC")
    if not folder or not Path(folder).exists():
        pytest.skip("needs a folder of ABC tunes in RNNKIT_ABC")
    tunes = read_tunes(folder).tunes
    plain, _ = tunes_from_text(join_tunes(random.Random(0).sample(tunes, min(200, len(tunes)))))
    same, compared = against_music21(plain)
    assert same >= 0.98 * compared, (same, compared)
