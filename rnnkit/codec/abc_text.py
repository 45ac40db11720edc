"""The plain form of ABC that a network learns to write, and the way back to tunes."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from rnnkit.codec.abc import FIELDS, Skipped, Tune, split_tunes, unit_length
from rnnkit.codec.abc_keys import NotAKey, names_key, plain_key, read_key
from rnnkit.codec.abc_tokens import abc_tokens
from rnnkit.errors import RnnkitError

#: The fields that are written above each tune, in this order; the key is the last, as the standard wants it.
ORDER = "MLK"
#: What stands between two tunes.
BETWEEN = "\n\n"
_KEPT_INSIDE = "MLK"  # fields that may change within a tune
_CHORD = re.compile(r'"[A-G][#b]?(?:m|min|maj|dim|aug|sus|add|[+°ø\d()#b-]|M)*(?:/[A-G][#b]?)?"')
_MARKS = ("decoration", "slur")
_LAYOUT = ("comment", "layout", "spacer", "continuation", "overlay", "unknown")
_METRE = re.compile(r"\d{1,2}/(?:1|2|4|8|16|32)|C\|?|none")
_LETTERS = {name: letter for letter, name in FIELDS.items()}


def plain_text(tune: Tune, order: str = ORDER, marks: bool = False) -> str:
    """A tune as a network learns it: a few fields, then the music without comments, words and layout.

    Kept are notes, rests, chords and chord symbols, grace notes, tuplets, ties, bars, repeats, and changes of metre,
    length and key. Blanks stay where they part beams, line ends where the source has them.

    Args:
        tune: The tune.
        order: Letters of the fields written above the music, "K" the last; "TRMLK" also writes title and rhythm.
            Fields that a tune does not have are left out; a missing length is what the metre makes it.
        marks: Also keep decorations, slurs and remarks in quotes.

    Returns:
        Lines, without a blank one and without a line end at the end.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> tune = parse_tune('T:Short\\nM:2/4\\nK:D\\n"D"(d2 .f>a) | % a remark\\n"slow"A4 |]')
    >>> print(plain_text(tune))
    M:2/4
    L:1/16
    K:D
    "D"d2 f>a|
    A4|]
    """
    check_order(order)
    fields = {"L": unit_length(tune.header.get("M", "")), **tune.header, "K": plain_key(tune.header.get("K", ""))}
    lines = [_field(letter, fields[letter]) for letter in order if fields.get(letter)]
    return "\n".join([*lines, *_music(tune.body, marks)])


def tunes_from_text(text: str) -> tuple[list[Tune], Skipped]:
    """Tunes in a network's output, separated by blank lines; anything else is counted.

    Example:

    >>> tunes, skipped = tunes_from_text("M:2/4\\nL:1/16\\nK:D\\nd2f2|\\n\\nM:2/4\\nL:1/8")
    >>> tunes[0].header["K"], skipped.counts
    ('D', {'no K: field': 1})
    """
    skipped = Skipped()
    tunes: list[Tune] = []
    for number, piece in enumerate(filter(str.strip, re.split(r"\n[ \t]*\n", text.replace("\r", ""))), 1):
        tunes += split_tunes(["X:1", *piece.strip("\n").split("\n")], f"tune {number}", skipped)
    return tunes, skipped


def join_tunes(tunes: Sequence[Tune], order: str = ORDER, marks: bool = False) -> str:
    """The plain text of tunes, one blank line between them; the arguments are those of `plain_text`."""
    return "".join(plain_text(tune, order, marks) + BETWEEN for tune in tunes)


def header_prompt(wanted: Mapping[str, str], tunes: Sequence[Tune], order: str = ORDER) -> str:
    """The prompt for a tune in this key, metre or length, or with this title.

    Since fields stand in a fixed order, those before the last one that is asked for are needed too: they become what
    they are in most tunes that have what is asked for.

    Args:
        wanted: "key", "metre", "length", "rhythm", "title" or "tempo" (or the letters) to what it shall be.
        tunes: Those that the network has learnt from.
        order: As they were written (`plain_text`).

    Returns:
        Whole lines; "" where nothing is asked for.

    Raises:
        RnnkitError: A field is not known, or the network has not learnt it.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> header_prompt({"metre": "6/8"}, [parse_tune("M:6/8\\nK:G\\nGAB|")])
    'M:6/8\\n'
    """
    return prompt_of(wanted, header_counts(tunes, order), order)


def header_counts(tunes: Sequence[Tune], order: str = ORDER) -> list[tuple[dict[str, str], int]]:
    """The headers of tunes with their counts, most frequent first, without titles.

    Example:

    >>> from rnnkit.codec.abc import parse_tune
    >>> header_counts([parse_tune("M:6/8\\nK:G\\nGAB|")])
    [({'M': '6/8', 'L': '1/8', 'K': 'G'}, 1)]
    """
    check_order(order)
    letters = [letter for letter in order if letter != "T"]
    counts = Counter(tuple((letter, _value(tune.header, letter)) for letter in letters) for tune in tunes)
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [({letter: value for letter, value in header if value}, count) for header, count in ranked]


def prompt_of(wanted: Mapping[str, str], headers: Sequence[tuple[Mapping[str, str], int]], order: str = ORDER) -> str:
    """The prompt for a header from `header_counts`."""
    check_order(order)
    _check_wanted(wanted)
    asked = {
        letter: _field(letter, value)[2:]
        for letter, value in ((_letter(name, order), value) for name, value in wanted.items() if value)
    }
    if not asked:
        return ""
    lines = []
    for letter in order[: max(map(order.index, asked)) + 1]:
        alike = [
            each for each in headers if all(each[0].get(key) == value for key, value in asked.items() if key != "T")
        ]
        values = Counter[str]()
        for header, count in alike or headers:
            values[header.get(letter, "")] += count
        usual = asked.get(letter) or next((value for value, _ in values.most_common(1)), "")
        if usual:
            lines.append(f"{letter}:{usual}\n")
            asked.setdefault(letter, usual)
    return "".join(lines)


def _check_wanted(wanted: Mapping[str, str]) -> None:
    """Refuse an invalid ABC key or metre."""
    for name, value in wanted.items():
        if not isinstance(value, str):
            raise RnnkitError(f"The {name} is a {type(value).__name__}; expected a text.")
    key, metre = wanted.get("key", ""), wanted.get("metre", "")
    try:
        named = not key or bool(read_key(key).tonic)
    except NotAKey:
        named = False
    if not named:
        raise RnnkitError(f"The key is {key!r}; expected one such as G, Am, Bb or Dmix.")
    if metre and not _METRE.fullmatch(metre):
        raise RnnkitError(f"The metre is {metre!r}; expected one such as 4/4, 6/8 or C.")


def check_order(order: str) -> None:
    """Refuse fields that cannot stand above a tune.

    Raises:
        RnnkitError: A letter is unknown or there twice, or the last one is not K.
    """
    if not order.endswith("K") or len(set(order)) != len(order) or not set(order) <= set(FIELDS):
        known = ", ".join(f"{letter} ({name})" for letter, name in FIELDS.items())
        raise RnnkitError(f"The header's fields are {order!r}; give each of {known} once at most, K as the last.")


def _music(body: str, marks: bool) -> list[str]:
    """The lines of the music."""
    pieces: list[str] = []
    bar = ""  # the bar line that stands at the end of the pieces, if there is one
    joined = False  # whether the next line end is none
    for kind, text in abc_tokens(body):
        if kind == "continuation":
            joined = True
        elif joined and kind == "line_end":
            joined = False
            continue
        text = _plain(kind, text, marks)
        if not text:
            continue
        if kind in ("bar", "ending"):
            if pieces and pieces[-1] == " ":
                pieces.pop()
            if bar and kind == "ending" and bar in ("|", ":|"):
                text = text[1:]
            elif bar == "|":
                pieces.pop()
            bar = text
        elif text == " " and (bar or not pieces or pieces[-1] in (" ", "\n")):
            continue
        else:
            bar = ""
        pieces.append(text)
    return [line.strip() for line in "".join(pieces).split("\n") if line.strip()]


def _plain(kind: str, text: str, marks: bool) -> str:
    """A token in its plain form; "" for what is left out."""
    if kind == "field":
        return f"\n{_field(text[0], text[2:])}" if _kept(text) else ""
    if kind == "inline":
        return f"[{_field(text[1], text[3:-1])}]" if _kept(text[1:-1]) else ""
    if kind == "text":
        return text if marks or _CHORD.fullmatch(text) else ""
    if kind == "chord" and not marks:
        return re.sub(r"\"[^\"]*\"|![^!]*!|[~.()H-Wh-w ]", "", text)
    if kind in ("blank", "continuation"):
        return " "
    if kind in _MARKS:
        return text if marks else ""
    return "" if kind in _LAYOUT else text


def _kept(field: str) -> bool:
    """Whether a field within a tune is learnt; a `K:` that names a clef alone is not."""
    return field[0] in _KEPT_INSIDE and (field[0] != "K" or names_key(field[2:]))


def _field(letter: str, value: str) -> str:
    return f"{letter}:{plain_key(value) if letter == 'K' else _tidy(value)}"


def _tidy(value: str) -> str:
    """A field on one line with single blanks, without a trailing remark."""
    return " ".join(re.sub(r"(?<!\\)%.*", "", value).split())


def _letter(name: str, order: str) -> str:
    letter = name if name in FIELDS else _LETTERS.get(name.lower(), "")
    if letter not in order or not letter:
        known = ", ".join(FIELDS[letter] for letter in order)
        raise RnnkitError(f"A tune's {name!r} cannot be asked for; what this network has learnt: {known}.")
    return letter


def _value(header: Mapping[str, str], letter: str) -> str:
    value = header.get(letter) or (unit_length(header.get("M", "")) if letter == "L" else "")
    return _field(letter, value)[2:] if value or letter == "K" else ""
