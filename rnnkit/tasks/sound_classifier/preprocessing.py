"""Labelled sounds as numbers: the part of `SoundClassifier` for parts, the front end and labels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.data.bucketing import Ragged
from rnnkit.data.findings import counted
from rnnkit.data.labels import normalise_label, normalise_labels, sort_labels
from rnnkit.data.remembered import default_tell
from rnnkit.data.sound_findings import SoundFacts, tell_rate
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.digest import digest_of
from rnnkit.tasks.base.examples import UNKNOWN, Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.shared.hearing import Heard, Hearing
from rnnkit.tasks.shared.labelled import Labelled
from rnnkit.tasks.shared.recording_split import TEST, TRAIN, split_recordings
from rnnkit.tasks.shared.recordings import Recording, Recordings
from rnnkit.tasks.shared.sound_batches import EncodedSounds, float_samples
from rnnkit.tasks.shared.sound_lengths import read_longest, write_longest
from rnnkit.tasks.shared.words_and_labels import TEST_SHARE
from rnnkit.tasks.sound_classifier.backgrounds import is_background
from rnnkit.tasks.sound_classifier.findings import failures
from rnnkit.tasks.sound_classifier.steps import waits_for_the_end

_SHOWN = 5  # faults of files


class LabelledSounds(Labelled):
    """Sounds with a label each: frames of the front end, and the index of the label."""

    noun = "sounds"

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self.hearing = Hearing(options)
        #: Weight of each label in the loss; None where all are equal.
        self.class_weights: np.ndarray | None = None
        #: Training recordings without words, to mix in.
        self.backgrounds: list[np.ndarray] = []
        #: How long the longest training sound is.
        self.seconds = 0.0
        #: What is known of the files that were opened last.
        self.facts: list[SoundFacts] = []

    @property
    def front(self) -> Spectrogram:
        """The front end."""
        front = self.hearing.front
        assert isinstance(front, Spectrogram)  # others are refused where data are learnt
        return front

    # ------------------------------------------------------------------ learning

    def learn(self, source: Recordings, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        for message in failures(source):
            raise RnnkitError(f"{source.name}: {message}")
        known = parent.hearing.front if isinstance(parent, LabelledSounds) else None
        self.hearing = Hearing(self.options, known)
        if known is None:
            auto = "utterance" if waits_for_the_end(self.options) else "corpus"
            self.hearing.choose(source.rows, auto)
        given = source.part(TEST) if test is None and any(row.part == TEST for row in source) else test
        mine = source.with_rows([row for row in source if row.part != TEST])
        rows, heard = self._heard(mine)
        if known is None:
            tell_rate(self.facts, self.front.rate)
        tested = None if given is None else self._heard(given.scored)
        names = self._spelled([*rows, *(tested[0] if tested else [])], parent)
        self.choose_labels(sort_labels(set(names.values())), parent)
        places = split_recordings(
            rows,
            heard.digests,
            [names[str(row.target)] for row in rows],
            share=self.options.validation_share,
            test_share=0.0 if tested else TEST_SHARE,
            seed=self.options.seed,
            name=source.name,
            known=tested[1].digests if tested else (),
        )
        if known is None:
            self.hearing.learn_scales(heard.static.take(places[TRAIN]))
        parts = {name: self._encoded(rows, heard, names, source.name, some) for name, some in places.items()}
        if tested:
            parts[TEST] = self._encoded(*tested, names, given.name)
        train = parts[TRAIN]
        background = {self.labels.index(label) for label in self.labels if is_background(label)}
        self.backgrounds = [
            float_samples(train, int(place)) for place in np.flatnonzero(np.isin(train.targets, [*background]))
        ]
        assert train.samples is not None
        self.seconds = round(float(train.samples.lengths.max()) / self.front.rate, 4)
        self.class_weights = self._class_weights(train.targets) if self.options.class_weights else None
        counts = Counter(names[str(row.target)] for row in (*rows, *(tested[0] if tested else [])))
        seconds = heard.static.lengths * self.hearing.seconds_a_frame
        report: dict[str, Any] = {"name": source.name, **{name: len(part) for name, part in parts.items()}}
        report |= {"labels": {label: counts[label] for label in self.labels if label in counts}}
        report |= {"seconds": f"{seconds.min():.2f} to {seconds.max():.2f}", "rate": self.front.rate}
        if speakers := {row.group for row in rows} - {""}:
            report["groups"] = len(speakers)
        report |= {"normalise": self.front.normalise, "encoding": source.encoding}
        report["left_out"] = (
            sum(source.dropped.values()) + len(heard.faults) + len(rows) - sum(map(len, places.values()))
        )
        words = [*heard.digests, *(f"{row.target} {row.group} {row.part}" for row in rows)]
        words += [*tested[1].digests, *(str(row.target) for row in tested[0])] if tested else []
        return Splits(**parts, digest=digest_of(words=words), report=report)

    def _heard(self, source: Recordings) -> tuple[list[Recording], Heard]:
        """The recordings that can be read, and what is heard in them; the others are told."""
        heard = self.hearing.read(source.rows, keep_samples=True, silent=True, cached=False)
        front, stride = self.front, self.options.stride
        first = front.first_frame(stride)
        short = [place for place, count in zip(heard.places, heard.static.lengths, strict=True) if count <= first]
        least = 1000 * front.shortest(stride) / front.rate
        faults = {
            **heard.faults,
            **{int(place): f"{source.rows[place].name} is shorter than {least:g} ms." for place in short},
        }
        if len(faults) == len(source):
            raise RnnkitError(
                f"{source.name}: none of its {len(source):,} recordings can be used. {next(iter(faults.values()))}"
            )
        for fault in list(faults.values())[:_SHOWN]:
            default_tell(f"Left out: {fault}")
        if len(faults) > _SHOWN:
            default_tell(f"Left out: {counted(len(faults) - _SHOWN, 'more recording')}.")
        keep = np.flatnonzero(~np.isin(heard.places, short))
        self.facts = heard.facts
        samples = None if heard.samples is None else heard.samples.take(keep)
        kept = Heard(heard.places[keep], heard.static.take(keep), samples, [heard.digests[k] for k in keep], faults)
        return [source.rows[place] for place in kept.places], kept

    def _spelled(self, rows: Sequence[Recording], parent: Preprocessing | None) -> dict[str, str]:
        """The name of each raw label; those of the network that goes on keep theirs."""
        spelled = normalise_labels(dict.fromkeys(str(row.target) for row in rows))
        known = parent.labels if isinstance(parent, LabelledSounds) else self.labels
        return {raw: normalise_label(raw) if normalise_label(raw) in known else name for raw, name in spelled.items()}

    def _class_weights(self, targets: np.ndarray) -> np.ndarray:
        counts = np.bincount(targets, minlength=len(self.labels))
        return (counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))).astype(np.float32)

    # ------------------------------------------------------------------ encoding

    def _encoded(
        self,
        rows: Sequence[Recording],
        heard: Heard,
        names: Mapping[str, str],
        name: str,
        places: np.ndarray | None = None,
    ) -> EncodedSounds:
        places = np.arange(len(rows)) if places is None else places
        mine = [rows[int(place)] for place in places]
        targets = [self.label_number(names[str(row.target)], name) for row in mine]
        samples = None if heard.samples is None else heard.samples.take(places)
        frames = self.hearing.finish(heard.static.take(places))
        return EncodedSounds(frames, np.array(targets, np.int32), [row.name for row in mine], None, samples)

    def encode(self, inputs: list[Any]) -> EncodedSounds:
        samples = [self.opened(given, f"Sound {number}") for number, given in enumerate(inputs, 1)]
        frames = Ragged.from_iterable(self.front.encode(each) for each in samples)
        return EncodedSounds(
            frames, np.full(len(inputs), UNKNOWN, np.int32), [str(n) for n in range(1, len(inputs) + 1)]
        )

    def opened(self, given: Any, place: str) -> np.ndarray:
        """The samples of what a user gives for a sound, float32 `[time]`.

        Args:
            given: A file, samples at the front end's rate, or a pair of samples and their rate.
            place: What messages call it, unless it is a file.

        Raises:
            RnnkitError: It cannot be read, is too short or too long.
        """
        place = str(given) if isinstance(given, str | Path) else place
        samples: np.ndarray = self.hearing.samples_of(given, place)
        front = self.front
        if len(samples) < (least := front.shortest(self.options.stride)):
            raise RnnkitError(
                f"{place} has {counted(len(samples), 'sample')}, {1000 * len(samples) / front.rate:.3g} ms; expected "
                f"{least:,} or more, {1000 * least / front.rate:g} ms."
            )
        return samples

    def encode_rows(self, source: Recordings) -> EncodedSounds:
        rows, heard = self._heard(source.scored)
        return self._encoded(rows, heard, self._spelled(rows, None), source.name)

    def made_up(self, count: int = 100) -> EncodedSounds:
        """Random noise of like lengths."""
        random, front = np.random.default_rng(self.options.seed), self.front
        sizes = random.integers(front.rate // 3, front.rate, count)
        samples = [np.round(3000 * random.normal(size=size)).astype(np.int16) for size in sizes]
        frames = Ragged.from_iterable(front.encode(each / np.float32(32_767)) for each in samples)
        names = [f"noise {number}" for number in range(1, count + 1)]
        return EncodedSounds(frames, np.full(count, UNKNOWN, np.int32), names, None, Ragged.from_iterable(samples))

    def save(self, folder: Path) -> None:
        super().save(folder)
        self.hearing.save(folder)
        write_longest(folder, self.seconds)

    def load(self, folder: Path) -> None:
        super().load(folder)
        self.hearing.load(folder)
        self.seconds = read_longest(folder)
