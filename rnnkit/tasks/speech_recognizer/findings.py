"""Findings of `rnnkit check` on recordings and transcripts, before training."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnkit.data.findings import Finding, counted, reading_warnings, some_of
from rnnkit.data.sound_findings import sound_goods, sound_warnings
from rnnkit.decoding.ctc import min_frames
from rnnkit.errors import RnnkitError
from rnnkit.metrics.transcripts import normalised
from rnnkit.tasks.shared.hearing import Heard, Hearing
from rnnkit.tasks.shared.recordings import Recordings

_FEWEST, _FEW_MINUTES = 3, 10.0
_RARE = 3  # times that a letter is spoken
_FAST = 25.0  # letters a second, which hardly anybody speaks
_SHOWN = 20


def speech_findings(found: Recordings, options: Any) -> list[Finding]:
    """Findings on recordings and transcripts: failures first, then warnings, then what is good.

    Every recording is decoded.

    Args:
        found: What `open_speech` gave.
        options: `SpeechRecognizerOptions`, of which those of frames are read.

    Example:

    >>> from rnnkit.tasks.speech_recognizer.options import SpeechRecognizerOptions
    >>> from rnnkit.tasks.speech_recognizer.source import open_speech
    >>> source = open_speech([("no_such_file.wav", "yes")])
    >>> [finding.level for finding in speech_findings(source, SpeechRecognizerOptions())]
    ['fail']
    """
    hearing = Hearing(options)
    try:
        found.is_frames  # noqa: B018
        hearing.choose(found.rows, "utterance")
    except RnnkitError as error:
        return [Finding("fail", str(error))]
    heard = hearing.read(found.rows, cached=False)
    texts = [normalised(found.rows[place].target or "", options.transcripts) for place in heard.places]
    fails = [Finding("fail", f"{found.name}: {line}") for line in _fails(found, heard, texts)]
    if not len(heard.places):
        return fails
    seconds = heard.static.lengths * hearing.seconds_a_frame
    warnings = [
        *(f"left out: {line}" for line in list(heard.faults.values())[:_SHOWN]),
        *(sound_warnings(heard.facts, options.rate) if hearing.reads_samples else ()),
        *_warnings(found, heard, texts, seconds, options),
    ]
    goods = [*sound_goods(heard.facts), *_goods(found, texts, seconds)]
    return [*fails, *(Finding("warn", line) for line in warnings), *(Finding("good", line) for line in goods)]


def _fails(found: Recordings, heard: Heard, texts: list[str]) -> Iterator[str]:
    if len(heard.faults) > len(heard.places):
        first = next(iter(heard.faults.values()))
        yield f"{len(heard.faults):,} of {counted(len(found), 'recording')} cannot be read, the first one: {first}"
    elif len(set(heard.digests)) < _FEWEST:
        few = counted(len(set(heard.digests)), "recording")
        yield f"{few}; {_FEWEST} or more are needed, to train, choose and test on."
    elif not any(texts):
        yield "no transcript has a word."


def _warnings(found: Recordings, heard: Heard, texts: list[str], seconds: np.ndarray, options: Any) -> Iterator[str]:
    for reason, count in found.dropped.items():
        if count:
            yield f"{counted(count, 'row')} left out: {reason}."
    yield from reading_warnings(found.oddities, found.encoding, len(found))
    names = [found.rows[place].name for place in heard.places]
    if twins := len(heard.digests) - len(set(heard.digests)):
        yield f"{counted(twins, 'recording')} with the content of another one, of which the first is kept."
    if empty := [name for name, text in zip(names, texts, strict=True) if not text]:
        yield f"{counted(len(empty), 'recording')} with an empty transcript, learnt as silence: {some_of(empty)}"
    steps = heard.static.lengths // options.stride
    letters = [[*text] for text in texts]
    short = [name for name, n, each in zip(names, steps, letters, strict=True) if n < min_frames(list(map(ord, each)))]
    if short:
        yield f"{counted(len(short), 'recording')} with more letters than the network has steps for: {some_of(short)}"
    fast = [
        name
        for name, each, time in zip(names, letters, seconds, strict=True)
        if len(each) > _FAST * time and name not in short
    ]
    if fast:
        many = counted(len(fast), "recording")
        yield f"{many} of more than {_FAST:g} letters a second; is it the right text? {some_of(fast)}"
    counts = Counter(letter for text in texts for letter in text)
    if rare := sorted(letter for letter, count in counts.items() if count <= _RARE):
        yield f"{counted(len(rare), 'letter')} in at most {_RARE} places, which cannot be learnt: {' '.join(rare[:40])}"
    if (minutes := float(seconds.sum()) / 60) < _FEW_MINUTES:
        yield f"Only {minutes:.1f} minutes of speech; expect {_FEW_MINUTES:g} or more for a useful model."
    groups = {row.group for row in found.rows}
    if groups == {""}:
        yield "No speaker is named (column group), so the same voice may be in training and test."


def _goods(found: Recordings, texts: list[str], seconds: np.ndarray) -> Iterator[str]:
    words = Counter(word for text in texts for word in text.split())
    letters = sorted({letter for word in words for letter in word})
    columns = ", ".join(f"{role} = {column!r}" for role, column in found.columns.items())
    yield (
        f"{counted(len(texts), 'transcript')} of {sum(words.values()):,} words, {len(words):,} different, in "
        f"{counted(len(letters), 'letter')}: {' '.join(letters[:60])}{'; ' * bool(columns)}{columns}"
    )
    if speakers := len({row.group for row in found.rows} - {""}):
        apart = ", each in one part alone" if speakers >= _FEWEST else ", too few to keep them apart"
        yield f"{counted(speakers, 'speaker')}{apart}; {float(seconds.sum()) / 60:,.1f} minutes."
