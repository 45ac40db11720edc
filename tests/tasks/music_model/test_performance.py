"""How tunes sound: pitches and times by hand, and against abc2midi."""

import os
import re
from pathlib import Path

import pytest
from abc_judge import NEEDED, alike, as_written, judged, notes_of

from rnnkit.codec.abc import Skipped, Tune, parse_tune, split_tunes
from rnnkit.codec.abc_text import plain_text
from rnnkit.errors import RnnkitError
from rnnkit.tasks.music_model.notation import midi_bytes
from rnnkit.tasks.music_model.performance import perform
from rnnkit.tasks.music_model.repeats import repeats_are_clear
from rnnkit.tasks.music_model.transpose import transposed


def pitches(abc):
    return [note.pitch for note in perform(parse_tune(abc)).notes]


def played(body, metre="4/4", unit="1/4", key="C"):
    notes = perform(parse_tune(f"M:{metre}\nL:{unit}\nK:{key}\n{body}")).notes
    return [(float(4 * note.start), note.pitch) for note in notes]


def test_an_accidental_holds_to_the_end_of_the_bar():
    assert pitches("M:4/4\nL:1/4\nK:Eb\n_G =E D G|G4|") == [66, 64, 62, 66, 67]
    assert pitches("K:C\n^F f F,|F") == [66, 78, 54, 65]  # in every octave
    assert pitches("K:C\n^^F __B [^CE] C|{^f}g f|\n") == [67, 69, 61, 64, 61, 78, 79, 78]


@pytest.mark.parametrize("change", ["[K:F]", "\nK:F\n", "[K: F major clef=treble]"])
def test_the_key_changes_within_a_tune(change):
    assert pitches(f"M:4/4\nL:1/4\nK:G\nFGAB|{change}FGAB|") == [66, 67, 69, 71, 65, 67, 69, 70]


def test_keys_with_accidentals_sound_with_them():
    heard = {key: pitches(f"K:{key}\nDEFGAB c") for key in ("Dphr^F", "D exp _b _e ^f", "Ador ^d", "HP", "Hp", "none")}
    assert heard["Dphr^F"] == heard["D exp _b _e ^f"] == [62, 63, 66, 67, 69, 70, 72]
    assert heard["Ador ^d"] == [63, 64, 66, 67, 69, 71, 72]
    assert heard["HP"] == heard["Hp"] == [62, 64, 66, 67, 69, 71, 73]
    assert heard["none"] == [62, 64, 65, 67, 69, 71, 72]


def test_one_voice_is_read():
    assert len(pitches("X:1\nM:4/4\nL:1/8\nV:1 clef=treble\nK:G\nGABc d2e2|")) == 6
    assert pitches("%%score 1\nV:1\nK:C\nV:1\nA[V:1]B|") == [69, 71]


def test_ties_are_one_note_and_carry_their_accidental_over_the_bar_line():
    notes = perform(parse_tune("L:1/4\nK:C\n^F-|F F|[C-E]C|")).notes
    assert [(note.pitch, float(4 * note.length)) for note in notes] == [(66, 2), (65, 1), (60, 2), (64, 1)]


def test_grace_notes_take_their_time_from_the_note_behind_them():
    assert played("{ag}c2 d|") == [(0, 81), (0.25, 79), (0.5, 72), (2, 74)]
    assert played("{abcd}c/ d|")[-1] == (0.5, 74)


def test_a_repeat_goes_back_to_the_key_and_length_that_it_had():
    assert played("|:F[K:D]F[L:1/8]F:|") == [(0, 65), (1, 66), (2, 66), (2.5, 65), (3.5, 66), (4.5, 66)]


def test_parts_are_played_in_the_order_of_the_header():
    tune = "P:A(BA)2\nL:1/4\nK:C\nP:A\nC|\nP:B\n|:D:|\n"
    assert pitches(tune) == [60, 62, 62, 60, 62, 62, 60]
    assert "\nP:A(BA)2\n" in parse_tune(tune).abc


@pytest.mark.parametrize(("tempo", "seconds"), [("1/4=60", 2), ("120", 2), ("3/8=60", 4 / 3), ('"Allegro"', 1)])
def test_tempo(tempo, seconds):
    pretty_midi = pytest.importorskip("pretty_midi", reason="of the extra music")
    import io

    song = pretty_midi.PrettyMIDI(io.BytesIO(midi_bytes(f"L:1/8\nQ:{tempo}\nK:C\nC4|")))
    assert song.get_end_time() == pytest.approx(seconds, abs=0.001)


def test_what_midi_cannot_hold_is_refused():
    for abc in ("K:C\nC,,,,,,,", "K:C\nc''''''''"):
        with pytest.raises(RnnkitError, match="beyond the pitches of MIDI"):
            midi_bytes(abc)
    with pytest.raises(RnnkitError, match="a key that is not understood: K:Q"):
        midi_bytes(Tune({"K": "Q"}, "abc"))


JUDGED = [
    *(
        f"M:4/4\nL:1/4\nK:{key}\nCDEF|GABc|"
        for key in (
            "G",
            "AM",
            "A minor",
            "Bb Lydian",
            "F# dorian",
            "C#",
            "Cb",
            "Bloc",
            "Amix",
            "Ephr",
            "HP",
            "Hp",
            "none",
            "Dphr^F",
            "D exp _b _e ^f",
            "D =c",
            "Am ^g ^f",
            "G ^c treble",
            "D exp ^^f __b",
            "none ^f",
        )
    ),
    *(
        f"M:4/4\nL:1/4\nK:C\n{body}"
        for body in (
            "^F f F|F",
            "^F,F|f",
            "^F-|F F|F",
            "^F=F_F^^F|__F F f|",
            "[^FA] F|f",
            "{^f}g f|",
            "(3^FFF F|",
            "=F[K:D]F F|F",
            "^F||F",
            "^F:|F",
            "^F\nF",
            "^F|1 F:|2 F|",
            "_B b =B b|",
            "F>F F<F F>>F|",
            "(2AB (4ABcd (3:2:2A2B|",
            "[CEG]2A|",
            "[C-EG]C A|",
            "[CEG]-[CEG]A|",
            "|:A|[1 B:|[2 c|]d|",
            "|:A::B::c:|",
            "|:A|[1,2 B:|[3 c|]",
            "z2 A|Z|A|Z2|A|",
            "|:AB|[K:D]CF:|EF|",
            "|:AB|[L:1/8]CF:|EF|",
            "A2>B2 c|",
            "F[K:clef=bass]FC|",
            "[V:1]A B|",
            "{ABc}d2 e|",
        )
    ),
    "M:6/8\nL:1/8\nK:C\n(5ABcde(7ABcdefg|",
    "M:7/8\nK:Gm\nB2AG^F2=F|",
    "M:2+2+3/8\nL:1/8\nK:D\nFGAFGAF|",
    "M:C|\nK:G\nFf|",
    "M:2/4\nK:C\nAB[M:4/4]AB|\nM:3/4\nAB|",
    "M:2/4\nL:1/4\nP:A3(AB)2\nK:C\nP:A\n|:AB|1c:|2d||\nP:B\ncd|",
    "M:4/4\nL:1/8\nV:1 name=Fiddle\nK:Bb\n=e-|e2 e|e",
]


@pytest.mark.interop
@NEEDED
@pytest.mark.parametrize("tune", JUDGED)
def test_tunes_sound_as_abc2midi_has_them(tune, tmp_path):
    abc = f"X:1\nT:t\n{tune}\n"
    assert alike(notes_of(midi_bytes(abc)), judged(abc, tmp_path)), abc


@pytest.mark.interop
@NEEDED
def test_transposed_tunes_sound_the_same_higher(tmp_path):
    tune = parse_tune('M:4/4\nL:1/4\nK:Dphr^F\n_B E=F f|"A7"[K:Gm]^F-|F =B|[K:D exp _b ^f]FB c ^c|')
    moved = transposed(tune, "Ephr")
    assert moved is not None and moved.header["K"] == "Ephr ^g" and "[K:E exp ^g ^f]" in moved.body
    before, after = judged(tune.abc, tmp_path), judged(moved.abc, tmp_path)
    assert {new[1] - old[1] for old, new in zip(before, after, strict=True)} == {2}


@pytest.mark.data
@pytest.mark.slow
@NEEDED
def test_ones_own_tunes_sound_as_abc2midi_has_them(tmp_path):
    folder = os.environ.get("RNNKIT_ABC")
    if not folder or not Path(folder).exists():
        pytest.skip("needs a folder of ABC tunes in RNNKIT_ABC")
    others = []
    for file in sorted(Path(folder).glob("*.abc")):
        for text in re.split(r"(?m)^(?=X:)", file.read_text(encoding="utf-8"))[1:]:
            abc = re.split(r"\n\s*\n", text)[0] + "\n"
            for tune in split_tunes(abc.splitlines(), file.name, Skipped()):
                once = as_written(abc)
                learnt = f"X:1\nT:t\n{plain_text(parse_tune(once))}\n"
                if not all(alike(notes_of(midi_bytes(each)), judged(each, tmp_path)) for each in (once, learnt)):
                    others.append(f"{tune.place} {tune.header.get('T')}, as written")
                if repeats_are_clear(tune) and not alike(notes_of(midi_bytes(tune)), judged(abc, tmp_path)):
                    others.append(f"{tune.place} {tune.header.get('T')}, repeats")
    # The judge plays a repeat behind second endings once, and does not hold a tie into a second ending.
    assert [name for name in others if "as written" in name] == [] and len(others) <= 2, others
