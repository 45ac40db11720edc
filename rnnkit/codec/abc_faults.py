"""Why a tune in ABC notation is left out: what one voice in letters and accidentals cannot keep."""

import re
from collections.abc import Iterator, Mapping, Sequence

from rnnkit.codec.abc_keys import MOVING_KEY, NotAKey, moves, read_key
from rnnkit.codec.abc_tokens import abc_tokens

VOICES = "several voices"
BRACKETS = "brackets that are not understood"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_VOICE = re.compile(r"^V:([^\n]*)|\[V:([^\[\]\n]*)\]", re.MULTILINE)
_STAVES = re.compile(r"%%(?:score|staves)\b(.*)")
_PROPERTY = re.compile(r"\b([a-z]+)=(\"[^\"]*\"|[^\s\"]*)")
_CLEF_MOVES = re.compile(r"\b(?:treble|bass|alto|tenor|soprano)[1-5]?[+-](?:8|15)\b")
_DIRECTIVES = {
    re.compile(r"(?:%%|I:)\s*propagate-accidentals\s+(?!pitch\b)"): "accidentals that do not hold for the whole bar",
    re.compile(r"(?:%%|I:)\s*MIDI\s+r?transpose\b"): MOVING_KEY,
}
#: What only a look at the tokens can tell: quarter tones, changes of key, voices, brackets.
_SUSPECT = re.compile(r"[\^_=](?![\^_=A-Ga-g])|K:|[&+\[\]{}]")
_NOTES = re.compile(r"\+(?=[^+]*[A-G])[\^_=A-Ga-g,'\d/\[\]]+\+")


def fault(header: Mapping[str, str], body: str, voices: Sequence[str], directives: Sequence[str]) -> tuple[str, str]:
    """Why a tune cannot be kept as it sounds.

    Args:
        header: Its fields.
        body: The music below `K:`.
        voices: What stands behind each `V:` of its header.
        directives: The lines of its header that begin with `%%` or `I:`.

    Returns:
        The reason, and what in the tune is meant; both "" where it can be kept.

    Example:

    >>> fault({"K": "D flat"}, "DEF|", [], [])
    ('a key that is not understood', 'K:D flat')
    >>> fault({"K": "D"}, "[V:1]DEF|", ["1 clef=treble"], []), fault({"K": "D"}, "D^/F|", [], [])
    (('', ''), ('accidentals that are no half tones', '^/F'))
    """
    if _CONTROL.search(body) or any(map(_CONTROL.search, header.values())):
        return "control characters", ""
    said = [*directives, *(line for line in body.split("\n") if line.startswith(("%%", "I:")))]
    all_voices = [*voices, *(match[1] or match[2] or "" for match in _VOICE.finditer(body))]
    found = next(_faults(header, body, all_voices, said), ("", ""))
    if not any(found) and not re.search("[A-Ga-g]", re.sub(r"(?m)^(?:[A-Za-z+]:(?![|:])|%).*|\"[^\"\n]*\"", "", body)):
        return "no notes", ""
    return found


def _faults(
    header: Mapping[str, str], body: str, voices: Sequence[str], directives: Sequence[str]
) -> Iterator[tuple[str, str]]:
    names = {voice.split()[0] for voice in voices if voice.split()} - {"*"}
    staves = [match[1] for match in map(_STAVES.match, directives) if match]
    if len(names) > 1 or any(len(re.findall(r"[^\s(){}\[\]|*]+", each)) > 1 for each in staves):
        yield VOICES, ""
    for voice in voices:
        if _CLEF_MOVES.search(voice) or any(moves(name, value) for name, value in _PROPERTY.findall(voice)):
            yield MOVING_KEY, f"V:{voice.strip()}"
    for line in directives:
        yield from ((reason, line) for pattern, reason in _DIRECTIVES.items() if pattern.match(line))
    yield from _key_fault(header.get("K", ""))
    if _SUSPECT.search(body):
        yield from _token_faults(body)


def _token_faults(body: str) -> Iterator[tuple[str, str]]:
    before = ""  # unknown characters right before a token
    last = ""  # the kind of the token before that
    for kind, text in abc_tokens(body):
        if before.endswith(("[", "{")) and kind != "text":  # `["Coda"` labels a section
            yield BRACKETS, before[-1]
        if kind in ("field", "inline") and text.lstrip("[").startswith("K:"):
            yield from _key_fault(text.strip("[]")[2:])
        elif kind == "overlay":
            yield VOICES, text
        elif kind == "note" and text[0] not in "^_=" and re.fullmatch(r"[\^_=]+[\d/]+", before):
            yield "accidentals that are no half tones", before + text
        elif kind == "unknown" and text == "]" and not before.endswith(":") and last in ("note", "chord", "rest"):
            yield BRACKETS, text
        elif kind == "decoration" and _NOTES.fullmatch(text):
            yield "chords between + signs, which are [ ] today", text
        before, last = (before + text, last) if kind == "unknown" else ("", kind)


def _key_fault(text: str) -> Iterator[tuple[str, str]]:
    try:
        read_key(text)
    except NotAKey as reason:
        yield str(reason), f"K:{text.strip()}"
