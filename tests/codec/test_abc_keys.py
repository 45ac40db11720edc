"""Keys of tunes: what is understood, what is refused by name, and what is learnt of them."""

import pytest

from rnnkit.codec.abc import Skipped, parse_tune, split_tunes
from rnnkit.codec.abc_keys import NotAKey, plain_key, read_key
from rnnkit.codec.abc_text import header_prompt, join_tunes, plain_text, tunes_from_text
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.findings import tune_findings


def altered(key):
    return {letter: number for letter, number in read_key(key).signature.items() if number}


def test_signatures():
    for key, letters in {"C": "", "G": "F", "Bm": "FC", "Edor": "FC", "F": "B", "Cm": "BEA", "F#": "FCGDAE"}.items():
        assert set(altered(key)) == set(letters), key
    assert altered("Dphr^F") == altered("D exp _b _e ^f") == {"B": -1, "E": -1, "F": 1}
    assert altered("Ador ^d") == {"F": 1, "D": 1} and altered("D =c") == {"F": 1} and altered("HP") == {"F": 1, "C": 1}
    assert altered("B♭ Aeolian") == altered("BbMIN") == dict.fromkeys("BEADG", -1)


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        ("Amix", "Amix"),
        ("D minor", "Dm"),
        ("HP", "HP"),
        ("Hp", "Hp"),
        ("Dmix=c", "Dmix =c"),
        ("Am=f", "Am =f"),
        ("A m=B", "A"),
        ("none", "none"),
        ("", "none"),
        ("D exp ^f_b", "D exp ^f _b"),
        ("G ^c", "G ^c"),
        ("Dphr^F clef=bass", "Dphr ^f"),
        ("E minor % slow", "Em"),
        ("Bb treble octave=0", "Bb"),
        ("C  Ionian", "C"),
        ("F#Locrian middle=d", "F#loc"),
    ],
)
def test_plain_keys_mean_what_the_field_says(key, plain):
    assert plain_key(key) == plain and plain_key(plain) == plain
    assert read_key(plain).signature == read_key(key).signature


@pytest.mark.parametrize(
    "key", ["g", "H", "B flat", "Gxyz", "G#", "Fb", "^f", "exp ^f", "Gm7", "A Harmonic minor", "G C"]
)
def test_what_is_no_key_is_refused(key):
    with pytest.raises(NotAKey, match="a key that is not understood"):
        read_key(key)


@pytest.mark.parametrize(
    ("tune", "reason"),
    [
        ("K:D flat\nDEF|", "a key that is not understood"),
        ("K:D\nDEF|[K:Dx]DEF|", "a key that is not understood"),
        ("K:D\nDEF|\nK:^c\nDEF|", "a key that is not understood"),
        ("K:C transpose=-2\nDEF|", "a key or clef that moves all pitches"),
        ("K:G clef=treble-8\nDEF|", "a key or clef that moves all pitches"),
        ("V:1 octave=1\nK:G\nDEF|", "a key or clef that moves all pitches"),
        ("K:G\n%%MIDI transpose 2\nDEF|", "a key or clef that moves all pitches"),
        ("V:1\nV:2\nK:G\n[V:1]DEF|", "several voices"),
        ("K:G\n[V:A]DEF|[V:B]DEF|", "several voices"),
        ("%%score (1 2)\nK:G\nDEF|", "several voices"),
        ("K:G\nDEF & G3|", "several voices"),
        ("K:G\nD^/FG|", "accidentals that are no half tones"),
        ("K:G\nD_3/2F|", "accidentals that are no half tones"),
        ("K:G\n[DF G|", "brackets that are not understood"),
        ("K:G\nDF] G|", "brackets that are not understood"),
        ("K:G\n{DF G|", "brackets that are not understood"),
        ("K:G\n+DFA+ G|", "chords between + signs, which are [ ] today"),
        ("I:propagate-accidentals not\nK:G\nDEF|", "accidentals that do not hold for the whole bar"),
    ],
)
def test_what_cannot_be_kept_is_left_out_by_name(tune, reason):
    skipped = Skipped()
    assert list(split_tunes(["X:1", *tune.splitlines()], "mine.abc", skipped)) == []
    assert skipped.counts == {reason: 1} and "mine.abc line 1" in skipped.lines()[0]
    with pytest.raises(RnnkitError, match="is no tune in ABC notation"):
        parse_tune(tune)


def test_what_is_left_out_is_shown_with_what_is_meant():
    with pytest.raises(RnnkitError, match=r"a key that is not understood \(K:D flat\)"):
        parse_tune("K:D flat\nDEF|")


def test_what_does_not_move_a_pitch_is_passed_over():
    for tune in (
        'V:1 clef=treble name="A & B"\nK:G\nV:1\nDEF|',
        "K:G octave=0\n%%MIDI program 3\nDEF|",
        '%%score 1\nK:G\n"A&B"DEF|',
        'K:G\nABc =20\n=\n|} :] ["Coda"DEF|',
        "%%begintext\nAny words\n\n%%endtext\nK:G\nw:a & b\nDEF|",
        "I:propagate-accidentals pitch\nK:G\n+trill+DEF|",
    ):
        assert parse_tune(tune).body.endswith("DEF|"), tune
    tune = parse_tune("K:G\n%%begintext\nABC are letters\n\nof words\n%%endtext\nDEF|")
    assert tune.body == "DEF|"


def test_tunes_are_learnt_with_their_keys():
    tune = parse_tune("M:4/4\nL:1/8\nK:Dphr^F clef=treble\nDEFG|[K:clef=bass]A4|[K: A minor ^g]A4|\nK:bass")
    assert plain_text(tune) == "M:4/4\nL:1/8\nK:Dphr ^f\nDEFG|A4|[K:Am ^g]A4|"
    assert "\nK:HP\n" in plain_text(parse_tune("K:C\nA|\nK:HP\nB|"))
    assert plain_text(parse_tune("K:\nA|")).splitlines()[1] == "K:none"
    again, skipped = tunes_from_text(join_tunes([tune]))
    assert plain_text(again[0]) == plain_text(tune) and not skipped.counts
    assert header_prompt({"key": "D Phrygian ^F"}, [tune]).endswith("K:Dphr ^f\n")
    with pytest.raises(RnnkitError, match="expected one such as G, Am"):
        header_prompt({"key": "D flat"}, [tune])


def test_check_says_what_is_left_out_and_what_is_not_learnt():
    skipped = Skipped()
    lines = "X:1\nV:1\nV:2\nK:C\nA|\nX:2\nP:AB\nM:C3\nK:C\nP:A\nA#|\nP:B\n|:B|1C:|2D||E:|".splitlines()
    tunes = list(split_tunes(lines, "mine.abc", skipped))
    said = [finding.message for finding in tune_findings(tunes, skipped) if finding.level == "warn"]
    assert said[-5] == "1 tune left out: several voices (mine.abc line 1)"
    for line, words in zip(said[-4:], ("order of parts", "repeat that does not", "M:C3", "'#'"), strict=True):
        assert line.startswith("1 tune with ") and words in line and "mine.abc line 6" in line
