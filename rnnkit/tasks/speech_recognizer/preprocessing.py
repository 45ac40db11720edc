"""Recordings and their transcripts as numbers: the part of `SpeechRecognizer` for parts, frames and units."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.codec.transcript_units import TranscriptUnits, units_of
from rnnkit.data.bucketing import Ragged
from rnnkit.data.findings import counted
from rnnkit.data.learn_pieces import learn_pieces, more_pieces
from rnnkit.data.sound_findings import tell_rate
from rnnkit.decoding.ctc import min_frames
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import read_json
from rnnkit.metrics.transcripts import normalised
from rnnkit.run import folder as runs
from rnnkit.tasks.base.digest import digest_of
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.shared.hearing import Heard, Hearing
from rnnkit.tasks.shared.recording_split import split_recordings
from rnnkit.tasks.shared.recordings import Recording, Recordings
from rnnkit.tasks.shared.sound_lengths import LENGTHS_FILE, read_longest, write_longest
from rnnkit.tasks.shared.sound_options import changes_sounds
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE
from rnnkit.tasks.speech_recognizer.encoded import EncodedSpeech
from rnnkit.training.bars import console

#: The file of units and words, in a Run and in a bundle.
UNITS_FILE, WORDS_FILE = "units.json", "words.json"
_SPECIALS = 4  # of `Pieces`
_SHOWN = 5  # recordings that are left out, in lines


class SpokenText(Preprocessing):
    """Frames of recordings, and transcripts as classes of units."""

    #: Recordings of the last `encode_rows` that could not be read.
    unscored = 0

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.hearing = Hearing(options)
        self.units = TranscriptUnits("character", [" "])
        #: The words of the training transcripts, sorted.
        self.words: list[str] = []
        #: How long the longest training recording is; 0 where an earlier rnnkit did not note it.
        self.seconds = 0.0

    # ------------------------------------------------------------------ learning

    def learn(self, source: Recordings, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        source.is_frames  # noqa: B018  refuses sounds and frames together
        if isinstance(parent, SpokenText):
            self.hearing = Hearing(self.options, parent.hearing.front)
        else:
            self.hearing = Hearing(self.options)
            normalise, tail = ("utterance", 0.0) if self.options.bidirectional else ("running", self.options.tail)
            self.hearing.choose(source.rows, normalise, tail)
        heard = self._heard(source)
        if parent is None and len(heard.facts) == len(heard.places):  # of frames that are cached nothing is known
            tell_rate(heard.facts, self.options.rate)
        rows = [source.rows[place] for place in heard.places]
        tested = None if test is None else self._heard(test.scored)
        parts = split_recordings(
            rows,
            heard.digests,
            [""] * len(rows),
            share=self.options.validation_share,
            test_share=0.0 if test is not None else TEST_SHARE,
            seed=self.options.seed,
            name=source.name,
            known=() if tested is None else tested.digests,
        )
        train = [rows[place] for place in parts["train"]]
        self._learn_units([self.spelt(row) for row in train], parent)
        if not isinstance(parent, SpokenText):
            self.hearing.learn_scales(heard.static[int(place)] for place in parts["train"])
        made = {name: self._encoded(rows, heard, places) for name, places in parts.items()}
        if test is not None and tested is not None:
            apart = [test.scored.rows[place] for place in tested.places]
            made["test"] = self._encoded(apart, tested, np.arange(len(apart)))
        made["train"], short = self._that_fit(made["train"], source.name)
        longest = float(made["train"].inputs.lengths.max()) * self.hearing.seconds_a_frame
        self.seconds = max(round(longest, 4), parent.seconds if isinstance(parent, SpokenText) else 0.0)
        self._keep_for_changes(made["train"])
        words = [line for name, part in made.items() for line in _lines_of(name, part)]
        every = [*heard.digests, *(tested.digests if tested is not None else [])]
        report: dict[str, Any] = {"name": source.name, **{name: len(part) for name, part in made.items()}}
        report |= {"frames": len(made["train"].inputs.flat), "features": self.hearing.front.features}
        report |= {"minutes": round(len(heard.static.flat) * self.hearing.seconds_a_frame / 60, 1)}
        report |= {"units": len(self.units.units), "words": len(self.words)}
        if (speakers := len({row.group for row in rows} - {""})) > 2:
            report["groups"] = speakers
        report |= {"encoding": source.encoding, "left_out": len(source) - len(rows), "texts_too_long": short}
        unknown = sum(self.units.unknown(text) for text in made["validation"].texts)
        known = sum(map(len, made["validation"].targets))
        report[f"unknown_{self.units.kind}s"] = round(unknown / max(unknown + known, 1), 4)
        if isinstance(parent, SpokenText):
            texts = made["train"].texts
            unknown, known = sum(map(parent.units.unknown, texts)), sum(len(parent.units.encode(t)) for t in texts)
            report["unknown_rate_before"] = round(unknown / max(unknown + known, 1), 4)
        return Splits(**made, digest=digest_of(words=[*every, *words]), report=report)

    def spelt(self, row: Recording) -> str:
        """The transcript of a recording as it is learnt and compared."""
        return normalised(row.target or "", self.options.transcripts)

    def _heard(self, source: Recordings) -> Heard:
        """The recordings that can be read; what is wrong with the others is said."""
        heard = self.hearing.read(source.rows)
        if not len(heard.places):
            first = next(iter(heard.faults.values()))
            raise RnnkitError(f"{source.name}: none of its {counted(len(source), 'recording')} can be read: {first}")
        for line in list(heard.faults.values())[:_SHOWN]:
            _say(f"left out: {line}")
        if (more := len(heard.faults) - _SHOWN) > 0:
            _say(f"left out: {counted(more, 'more recording')} that cannot be read")
        return heard

    def _learn_units(self, texts: Sequence[str], parent: Preprocessing | None) -> None:
        kind, most = self.options.unit, self.options.vocabulary_size
        counts = Counter(word for text in texts for word in text.split())
        if not counts:
            raise RnnkitError("No training transcript has a word, so there is nothing to learn to write.")
        known = parent.units.units if isinstance(parent, SpokenText) else ()
        if kind == "subword":
            pieces = learn_pieces(texts, "bpe", most + _SPECIALS)
            if isinstance(parent, SpokenText) and parent.units.pieces is not None:
                pieces = more_pieces(parent.units.pieces, texts, max(most - len(known), 0))
            found = list(pieces.pieces[_SPECIALS:])
        elif kind == "word":
            found = sorted(word for word, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:most])
        else:
            found = sorted({letter for word in counts for letter in word} | {" " for text in texts if " " in text})
        self.units = TranscriptUnits(kind, [*known, *(unit for unit in found if unit not in known)])
        before = parent.words if isinstance(parent, SpokenText) else []
        self.words = sorted({*counts, *before})

    # ------------------------------------------------------------------ encoding

    def _encoded(self, rows: Sequence[Recording], heard: Heard, places: np.ndarray) -> EncodedSpeech:
        mine = [rows[int(place)] for place in places]
        static, texts = heard.static.take(places), [self.spelt(row) for row in mine]
        names, given = [row.name for row in mine], [row.given for row in mine]
        targets = Ragged.from_iterable(self.units.encode(text) for text in texts)
        return EncodedSpeech(self.hearing.finish(static), targets, names, static, texts=texts, rows=given)

    def _that_fit(self, part: EncodedSpeech, name: str) -> tuple[EncodedSpeech, int]:
        """The recordings that have enough frames for their transcript, and how many have not."""
        steps = part.inputs.lengths // self.options.stride
        needed = np.array([min_frames(labels.tolist()) for labels in part.targets])
        fits = np.flatnonzero((steps >= needed) & (steps > 0))
        if not len(fits):
            raise RnnkitError(
                f"{name}: every transcript has more units than its recording has steps, such as {needed[0]} in "
                f"{steps[0]}. Check that texts and recordings belong together, or lower --stride or --hop."
            )
        return (part, 0) if len(fits) == len(part) else (part.take(fits), len(part) - len(fits))

    def _keep_for_changes(self, part: EncodedSpeech) -> None:
        """Give the training part the samples or static frames that changes in training start from."""
        options = self.options
        if self.hearing.reads_samples and changes_sounds(options):
            rows = [Recording(given, None, name) for given, name in zip(part.rows, part.names, strict=True)]
            heard = self.hearing.read(rows, keep_samples=True)
            if heard.faults:
                raise RnnkitError(f"A recording changed while it was read: {next(iter(heard.faults.values()))}")
            part.samples = heard.samples
        if self.hearing.reads_samples or not options.speed:
            part.static = None

    def encode(self, inputs: list[Any]) -> EncodedSpeech:
        names = [str(given) if isinstance(given, str | Path) else f"Recording {n}" for n, given in enumerate(inputs, 1)]
        front = self.hearing.front
        rows = [front.encode(self.opened(given, name), name) for given, name in zip(inputs, names, strict=True)]
        targets = Ragged(np.zeros(0, np.int32), np.zeros(len(rows) + 1, np.int64))
        return EncodedSpeech(Ragged.from_iterable(rows), targets, names, texts=[""] * len(rows), rows=list(inputs))

    def opened(self, given: Any, place: str) -> np.ndarray:
        """The samples of what a user gives for a recording, float32 `[time]`, or its ready-made frames.

        Args:
            given: A file, samples at the front end's rate, a pair of samples and their rate, or ready-made frames.
            place: What messages call it, unless it is a file.

        Raises:
            RnnkitError: It cannot be read, or has not even one step of the network.
        """
        place = str(given) if isinstance(given, str | Path) else place
        front, made = self.hearing.front, self.hearing.samples_of(given, place)
        count = front.frames(len(made)) if isinstance(front, Spectrogram) else len(made)
        if count < self.options.stride:
            raise RnnkitError(f"{place} has {count} frames; this network reads {self.options.stride} at a time.")
        return made

    def encode_rows(self, source: Recordings) -> EncodedSpeech:
        scored = source.scored
        heard = self._heard(scored)
        long = np.flatnonzero(heard.static.lengths >= self.options.stride)
        self.unscored = len(scored) - len(long)
        if not len(long):
            raise RnnkitError(f"{scored.name}: its recordings are all shorter than one step of the network.")
        made = self._encoded([scored.rows[place] for place in heard.places], heard, long)
        made.static = None
        return made

    def made_up(self, count: int = 20) -> EncodedSpeech:
        """Noise of many lengths."""
        random, front = np.random.default_rng(self.options.seed), self.hearing.front
        most = np.clip(round(self.seconds / self.hearing.seconds_a_frame) or 200, self.options.stride + 1, 200)
        frames = random.integers(max(min(20, most - 1), self.options.stride), most, count)
        if self.hearing.reads_samples:
            sizes = [front.window_size + int(each) * front.hop_size for each in frames]  # type: ignore[union-attr]
            return self.encode([random.normal(0, 0.1, size).astype(np.float32) for size in sizes])
        return self.encode([random.normal(size=(int(each), front.static)).astype(np.float32) for each in frames])

    def save(self, folder: Path) -> None:
        self.hearing.save(folder)
        runs.write_json(folder / UNITS_FILE, self.units.content())
        runs.write_json(folder / WORDS_FILE, self.words)
        if self.seconds:
            write_longest(folder, self.seconds)

    def load(self, folder: Path) -> None:
        self.hearing = Hearing(self.options)
        self.hearing.load(folder)
        self.units = units_of(read_json(folder / UNITS_FILE), str(folder / UNITS_FILE))
        self.words = words_of(read_json(folder / WORDS_FILE), str(folder / WORDS_FILE))
        self.seconds = read_longest(folder) if (folder / LENGTHS_FILE).is_file() else 0.0


def words_of(content: Any, where: str) -> list[str]:
    """The words of a Run's file, which may come from anyone.

    Raises:
        RnnkitError: It is no list of texts.
    """
    if not isinstance(content, list) or not all(isinstance(word, str) for word in content):
        raise RnnkitError(f"{where} is no list of words. The Run is broken; copy it again.")
    return content


def _say(line: str) -> None:
    console.print(line, soft_wrap=True)


def _lines_of(name: str, part: EncodedSpeech) -> list[str]:
    """A line for each recording of a part, for the digest of the data."""
    return [f"{name} {recording} {text}" for recording, text in zip(part.names, part.texts, strict=True)]
