"""A stream of speech says what the whole says, and costs as much at its end as at its beginning."""

from types import SimpleNamespace

import numpy as np
import pytest

from rnnkit.codec.transcript_units import TranscriptUnits
from rnnkit.errors import RnnkitError
from rnnkit.lite.speech_stream import SpeechStream
from rnnkit.lite.transcribing import TextSoFar, Transcriber

KINDS = {
    "character": TranscriptUnits("character", [" ", "a", "b", "c"]),
    "no blank sign": TranscriptUnits("character", ["東", "京", "都", "に"]),
    "subword": TranscriptUnits("subword", ["\u2581a", "b", "\u2581", "ab"]),
    "word": TranscriptUnits("word", ["yes", "no", "up", "down"]),
}
SEARCHES = [{}, {"beam_width": 4}, {"beam_width": 4, "lexicon": "words", "beta": 0.3}]


def frames_of(count, seed=0):
    made = np.random.default_rng(seed).normal(size=(count, 5)) * 3
    return (made - np.logaddexp.reduce(made, axis=1, keepdims=True)).astype(np.float32)


def runner_of(frames, units):
    """A network of one sample a step, which gives these rows whatever it hears."""
    return SimpleNamespace(
        units=units,
        **{"front": SimpleNamespace(hop_size=1, frames=lambda count: count), "hops": 1, "stride": 1, "step_size": 1},
        first_states=lambda: 0,
        next_states=lambda samples, place: (frames[place], place + 1),
    )


def transcriber_of(units, how):
    words = ["a", "ab", "cb"] if units.kind == "character" else ["yes", "no"]
    words = words if units is not KINDS["no blank sign"] else ["東京", "都"]
    return Transcriber(units, words, 0.1, how)


@pytest.mark.parametrize("how", SEARCHES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_stream_says_is_what_the_whole_says(kind, how):
    if kind == "subword" and "lexicon" in how:
        how = {**how, "lexicon": ""}
    units, frames = KINDS[kind], frames_of(120)
    transcriber = transcriber_of(units, how)
    stream = SpeechStream(runner_of(frames, units), transcriber)
    reference = transcriber.search()
    for frame in frames:
        said = stream.step(np.zeros(1, np.float32))
        reference.feed(frame[None])
        assert said == stream.text == units.decode(reference.partial().units)
    assert len(said) > 1
    assert stream.finish() == transcriber.answer(frames)
    blind = SpeechStream(runner_of(frames, units), transcriber, keep=False)
    blind.step(np.zeros(len(frames), np.float32))
    assert blind.finish_text() == transcriber.answer(frames).text and len(blind.log_probs) == 0


def test_a_beam_that_keeps_nothing_has_no_times():
    units = KINDS["word"]
    stream = SpeechStream(runner_of(frames_of(3), units), transcriber_of(units, SEARCHES[1]), keep=False)
    with pytest.raises(RnnkitError, match="keeps no log-probabilities; expected keep=True, or finish_text"):
        stream.finish()


@pytest.mark.parametrize("how", SEARCHES[:2])
@pytest.mark.parametrize("kind", ["character", "no blank sign"])
def test_a_long_stream_reads_each_unit_about_once(kind, how, monkeypatch):
    read, part = [], TranscriptUnits.part
    monkeypatch.setattr(TranscriptUnits, "part", lambda units, one: read.append(one) or part(units, one))
    units, frames = KINDS[kind], frames_of(3000)
    stream = SpeechStream(runner_of(frames, units), transcriber_of(units, how), keep=False)
    for _ in frames:
        stream.step(np.zeros(1, np.float32))
    count = len(stream._search.partial().units)
    assert count > 1500 and count <= len(read) < 2 * count
    assert stream._rows == []


def test_greedy_keeps_no_rows_and_a_beam_does_unless_told():
    for how, keep, expected in [({}, None, 0), ({}, True, 9), (SEARCHES[1], None, 9), (SEARCHES[1], False, 0)]:
        stream = SpeechStream(runner_of(frames_of(9), KINDS["word"]), transcriber_of(KINDS["word"], how), keep)
        stream.step(np.zeros(9, np.float32))
        assert stream.log_probs.shape == (expected, 5)


def test_a_text_loses_what_the_search_takes_back():
    told = iter([(0, [2, 1, 3]), (1, [1]), (2, [4]), (0, []), (0, [1, 2])])
    text = TextSoFar(SimpleNamespace(changes=lambda: next(told)), KINDS["character"])
    assert [text() for _ in range(5)] == ["a b", "a", "a c", "", "a"]
