"""The score of a tune in ABC notation by music21, with the keys and accidentals that the tune has."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rnnkit.codec.abc import Tune
from rnnkit.codec.abc_keys import LETTERS, names_key, read_key
from rnnkit.codec.abc_tokens import abc_tokens
from rnnkit.tasks.music_model.pitches import with_all_accidentals

_MAJOR = ("Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#")  # by sharps, from -7
_SIGNATURES = {tuple(sorted(read_key(key).signature.items())): key for key in _MAJOR}
_KNOWN_MODES = ("", "m", "mix", "dor", "phr", "lyd")  # to music21 10.5
_DECORATIONS = "!.~KMTkuv"  # of others music21 10.5 makes notes, or none of the notes behind them
_WITHOUT = "VP"  # fields of voices and parts, which music21 would make scores of their own
_SIGNS = {-2: "--", -1: "-", 0: "", 1: "#", 2: "##"}  # in music21's names


def score_of(music21: Any, tune: Tune) -> Any:
    """The tune as a `music21.stream.Score`; music21's own errors may rise.

    music21 is asked for durations, bars and layout only: every accidental is written out for it, changes of key and
    metre stand on lines of their own, and key signatures that it does not know are put in afterwards.

    Args:
        music21: The package.
        tune: The tune.

    Raises:
        RnnkitError: A key is not understood.
    """
    keys = [tune.header.get("K", "")]
    body = "".join(_tokens(with_all_accidentals(tune), keys))
    header = {letter: value for letter, value in tune.header.items() if letter not in _WITHOUT}
    header |= {"K": _known(keys[0]), **({"M": _metre(header["M"])} if "M" in header else {})}
    read = music21.abcFormat.ABCFile().readstr("%abc-2.1\n" + replace(tune, header=header, body=body).abc)
    score = music21.abcFormat.translate.abcToStreamScore(read)
    _set_keys(music21, score, keys)
    for part in score.parts:
        _show_accidentals(music21, part)
    return score


def _tokens(tune: Tune, keys: list[str]) -> Iterator[str]:
    """The music as music21 reads it; keys that it changes to are added to `keys`, the last of each bar."""
    held, words, fields = "", "", ""  # bar lines, words behind them, and the fields that music21 would lose there
    fresh = True  # whether no note stands between the last bar line and here
    for kind, text in abc_tokens(tune.body):
        if kind in ("field", "inline") and not text.startswith("%"):
            letter, value = (text[0], text[2:]) if kind == "field" else (text[1], text[3:-1])
            if letter == "K" and names_key(value):
                keys[-1:] = [value] if fresh else [keys[-1], value]
                fields += f"K:{_known(value)}\n"
                fresh = True
            elif letter in "MLQ":
                fields += f"{letter}:{_metre(value) if letter == 'M' else value}\n"
            elif kind == "field" and letter not in (*_WITHOUT, "K"):
                yield text
        elif kind in ("bar", "ending"):
            yield "" if held else _flushed("", fields)
            held, fields = held + text, fields if held else ""
            fresh = False
        elif kind in ("blank", "line_end", "comment", "continuation") and (held or fields):
            yield text if not held else ""
        elif kind == "text" and held:
            words += text
        else:
            yield _flushed(held, fields) + words + _readable(kind, text)
            held = words = fields = ""
            fresh = False
    yield _flushed(held, fields)


def _readable(kind: str, text: str) -> str:
    """A token as music21 reads it, without those of which it makes notes."""
    if kind in ("unknown", "layout", "spacer", "overlay") or (kind == "decoration" and text[0] not in _DECORATIONS):
        return ""
    return text.replace("x", "z") if kind == "rest" else text


def _flushed(held: str, fields: str) -> str:
    """Bar lines and the fields behind them, with another bar line between these and the music."""
    if not fields:
        return held.replace("::", ":||:")  # music21 10.5 loses the note before `::`
    if not held:
        return f"\n{fields}"
    number = re.search(r"\d.*", held)
    after = f"[{number[0]}" if number else "|:" if held.endswith(":") else "|"
    return f"{':|' if held.startswith(':') else '|'}\n{fields}{after}"


def _metre(metre: str) -> str:
    """A metre in one number of beats, since music21 reads `2+2+3/8` as 223/8."""
    match = re.fullmatch(r"\(?(\d{1,3}(?:\+\d{1,3})+)\)?(/\d{1,3})", re.sub(r"\s", "", metre))
    return f"{sum(map(int, match[1].split('+')))}{match[2]}" if match else metre


def _known(text: str) -> str:
    """The key, or else the major key with its signature; where there is none, C."""
    key = read_key(text)
    if key.mode in _KNOWN_MODES and key.tonic[:1] in LETTERS and key.tonic and not key.accidentals:
        return key.plain
    return _SIGNATURES.get(tuple(sorted(key.signature.items())), "C")


def _set_keys(music21: Any, score: Any, keys: list[str]) -> None:
    """Give the score the signatures that no major key has."""
    found = list(score.recurse().getElementsByClass(music21.key.KeySignature))
    for text in keys:
        signature = read_key(text).signature
        if not found or found[0].sharps != sum(read_key(_known(text)).signature.values()):
            continue  # two within one bar, of which music21 keeps one: the notes have their accidentals in any case
        there = found.pop(0)
        if tuple(sorted(signature.items())) not in _SIGNATURES:
            own = music21.key.KeySignature(None)
            own.alteredPitches = [letter + _SIGNS[number] for letter, number in signature.items() if number]
            there.activeSite.replace(there, own)


def _show_accidentals(music21: Any, part: Any) -> None:
    """Show the accidentals that a reader of the score needs: what the key and the bar do not say already."""
    bars = list(part.getElementsByClass(music21.stream.Measure)) or [part]
    signature: dict[str, float] = {}
    for bar in bars:
        heard: dict[str, float] = {}  # by letter and octave, and by letter alone
        for element in bar.flatten():
            if isinstance(element, music21.key.KeySignature):
                signature = {pitch.step: pitch.alter for pitch in element.alteredPitches}
            elif isinstance(element, music21.note.NotRest) and not isinstance(element, music21.harmony.Harmony):
                held = element.tie is not None and element.tie.type in ("stop", "continue")
                for pitch in element.pitches:
                    usual = heard.get(pitch.nameWithOctave[0] + str(pitch.octave), signature.get(pitch.step, 0.0))
                    needed = pitch.alter != usual or pitch.alter != heard.get(pitch.step, pitch.alter)
                    if pitch.accidental is None and needed:
                        pitch.accidental = music21.pitch.Accidental(0)
                    if pitch.accidental is not None:
                        pitch.accidental.displayStatus = needed and not held
                    heard[pitch.nameWithOctave[0] + str(pitch.octave)] = heard[pitch.step] = pitch.alter
