"""Findings of `rnnkit check` on labelled sequences, and those that forbid training."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from rnnkit.codec.channels import Channels
from rnnkit.data.findings import Finding, counted, few_rows, name_warnings
from rnnkit.data.labels import MOST_LABELS, normalise_labels, too_many
from rnnkit.tasks.sequence_classifier.sequences import Sequences, cut_text, is_irregular, is_labelled, label_counts

_FEW = 10  # sequences of a label
_IMBALANCE = 10
_LONG = 500  # steps that a fixed-length file for a phone writes out
_MUCH_MISSING = 0.3
_TOLD = 5  # channels in a line
_FAR = 1e4  # spreads from 0
_LEAST_LIKE_CHANCE = 0.15  # by which a length tells labels better than the most frequent one


def failures(source: Sequences) -> Iterator[str]:
    """What forbids training.

    Args:
        source: The opened sequences.
    """
    counts = label_counts(source)
    labelled = sum(map(is_labelled, source.labels))
    if not counts:
        yield "none of its sequences has a label. Fill them, or name another column: --label COLUMN"
    elif source.lengths.max() == 1:
        yield "every sequence has one step. Name the column that tells sequences apart: --sequence COLUMN"
    elif len(counts) == 1:
        yield f"every label is {next(iter(counts))!r:.60}; at least 2 labels are needed."
    elif fault := too_many(len(counts), MOST_LABELS, "label"):
        yield fault
    elif len(counts) > 20 and len(counts) > labelled / 2 and not _by_step(source):
        yield f"{len(counts):,} different labels of {labelled:,} sequences; labels repeat. Is the right column read?"
    elif lone := [name for name, count in counts.items() if count == 1 and not _by_step(source)]:
        names = ", ".join(f"{name!r:.40}" for name in lone[:_TOLD])
        which = f"the label {names} has" if len(lone) == 1 else f"each of the labels {names} has"
        yield f"{which} only one sequence. Add sequences, or merge such labels."


def sequence_findings(source: Sequences, max_length: int) -> list[Finding]:
    """Findings on opened sequences: failures, then warnings, then what is in order.

    Args:
        source: The sequences.
        max_length: Steps that are read of each.

    Example:

    >>> from rnnkit.tasks.sequence_classifier.source import open_sequences
    >>> rows = [([n, n + 1.5][: 1 + n % 2], "ab"[n % 2]) for n in range(40)]
    >>> [finding.message[:44] for finding in sequence_findings(open_sequences(rows), 100)][0]
    'No column says which sequences belong togeth'
    """
    fails = [Finding("fail", f"{source.name}: {message}") for message in failures(source)]
    warns = [] if fails else [Finding("warn", line) for line in (*_of_data(source), *_of_labels(source))]
    warns += [] if fails else [Finding("warn", line) for line in _of_lengths(source, max_length)]
    return fails + warns + [Finding("good", line) for line in _goods(source)]


def _by_step(source: Sequences) -> bool:
    return any(isinstance(label, tuple) for label in source.labels)


def _of_data(source: Sequences) -> Iterator[str]:
    values = np.concatenate(source.values).astype(np.float64)
    seen = ~np.isnan(values)
    low, high = np.where(seen, values, np.inf).min(axis=0), np.where(seen, values, -np.inf).max(axis=0)
    names = np.array(source.channels)
    if len(constant := names[low >= high]):
        yield f"{_named(constant)} never changes; leave such channels out by --channels."
    if len(still := names[_still(source) & (low < high)]):
        yield (
            f"{_named(still)} is the same at every step of each sequence, as what describes a recording is; it may "
            "tell labels without what was measured. Leave such channels out by --channels."
        )
    whole = (values == np.round(values)).all(axis=0) & (low < high)
    rising = [name for name, row in zip(names[whole], values.T[whole], strict=True) if bool((np.diff(row) >= 0).all())]
    if rising:
        yield (
            f"{_named(rising)} counts up over the whole table, as a row's number or an identifier does. If it is one: "
            "--channels with the others."
        )
    missing = 1 - seen.mean(axis=0)
    if len(much := names[missing > _MUCH_MISSING]):
        yield f"{_named(much)}: {missing.max():.0%} of the values are missing; leave such channels out, or fill them."
    elif missing.any():
        yield f"{missing.mean():.1%} of the values are missing; the network is told which, and since when."
    if values.shape[1] > 3 * np.median(source.lengths):
        yield (
            f"{values.shape[1]} channels of {np.median(source.lengths):.0f} steps: more channels than steps. Are "
            "they the other way round?"
        )
    farthest, spread = np.maximum(np.abs(low), np.abs(high)), Channels.learnt(source.channels, source.values).std
    if len(far := names[(farthest > _FAR * np.array(spread)) & (low < high)]):
        yield f"{_named(far)} is far from 0 and hardly changes, as a date or an identifier does. Is it a channel?"
    yield from _repeats(source)


def _still(source: Sequences) -> np.ndarray:
    """Which channels never change within a sequence, bool `[channels]`; none where sequences have a step each."""
    longer = [each for each in source.values if len(each) > 1]
    with np.errstate(invalid="ignore"):
        moved = [(np.fmax.reduce(each) > np.fmin.reduce(each)) for each in longer]
    return ~np.any(moved, axis=0) if longer else np.zeros(len(source.channels), bool)


def _repeats(source: Sequences) -> Iterator[str]:
    digests = source.digests()
    if repeated := len(digests) - len(set(digests)):
        yield f"{counted(repeated, 'sequence')} left out: equal to an earlier one."
    if source.test is not None and (both := len(set(digests) & set(source.test.digests()))):
        yield f"{counted(both, 'training sequence')} left out: also in the test part."
    if source.test is not None and (shared := set(source.groups or ()) & set(source.test.groups or ())):
        yield f"{counted(len(shared), 'group')} in both the training and the test part, such as {min(shared)!r:.40}."
    if source.groups is None:
        yield (
            "No column says which sequences belong together. Where several come from one person or device, name it "
            "with --group, or the test figure is that of persons who were learnt."
        )


def _of_labels(source: Sequences) -> Iterator[str]:
    counts = label_counts(source)
    if unlabelled := len(source) - sum(map(is_labelled, source.labels)):
        yield f"{counted(unlabelled, 'sequence')} left out: no label."
    yield from (line.replace("Few rows", "Few sequences") for line in few_rows(counts, _FEW, "a useful model"))
    if max(counts.values()) > _IMBALANCE * min(counts.values()):
        most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        yield f"Uneven labels: {most!r:.60} {counts[most]:,}, {least!r:.60} {counts[least]:,}: --class-weights"
    yield from name_warnings(normalise_labels(source.places_by_label()), counts)
    if source.groups is not None and not _by_step(source):
        pairs = Counter(zip(source.groups, map(str, source.labels), strict=True))
        groups = Counter(source.groups)
        if len(groups) > 1 and all(count == groups[group] for (group, _), count in pairs.items()):
            yield "Every group has one label alone, so that a group held out has a label that was not learnt."
        if len(groups) < 5:
            yield f"Only {len(groups)} groups; the figure depends on which of them are tested: --folds {len(groups)}"


def _of_lengths(source: Sequences, max_length: int) -> Iterator[str]:
    lengths = source.lengths
    if cut := int((lengths > max_length).sum()):
        yield cut_text(cut, max_length)
    if lengths.max() > _LONG:
        yield (
            f"The longest has {lengths.max():,} steps. Long ones train slowly, and only loops (rnnkit export's "
            "usual form) run them on a phone. A convolution and fewer steps a second help."
        )
    if _by_step(source) or lengths.min() == lengths.max():
        return
    labels = np.array([str(label) for label in source.labels])
    best = [Counter(labels[lengths == length]).most_common(1)[0][1] for length in set(lengths.tolist())]
    told, usual = sum(best) / len(labels), Counter(labels.tolist()).most_common(1)[0][1] / len(labels)
    repeated = len(labels) / len(best)
    if told > usual + _LEAST_LIKE_CHANCE and repeated >= 3 and told > 0.9:
        yield f"The length alone tells labels apart: {told:.0%} of them. Cut all alike, or that is what is learnt."


def _goods(source: Sequences) -> Iterator[str]:
    columns = ", ".join(f"{role} = {name!r:.40}" for role, name in source.reading.get("columns", {}).items())
    if columns:
        yield f"Columns: {columns}; encoding {source.encoding}."
    lengths, counts = source.lengths, label_counts(source)
    shares = ", ".join(f"{name!r:.60} {count:,}" for name, count in list(counts.items())[:10])
    steps = (
        f"{lengths.min():,} to {lengths.max():,} steps" if lengths.min() < lengths.max() else f"{lengths.max():,} steps"
    )
    tested = f", {len(source.test):,} to test on" if source.test is not None else ""
    yield (
        f"{counted(len(source), 'sequence')} of {steps} and {counted(len(source.channels), 'channel')}{tested}; "
        f"{counted(len(counts), 'label')}: {shares}."
    )
    if source.elapsed is not None:
        kind = "regular, and so no feature"
        if is_irregular(source.elapsed):
            kind = "irregular, and so a feature (rnnkit cells --family clocks has cells that also count it)"
        yield f"The time between steps is {kind}."


def _named(names: object) -> str:
    listed = [str(name) for name in names]  # type: ignore[attr-defined]
    more = f" and {len(listed) - _TOLD} more" if len(listed) > _TOLD else ""
    return ", ".join(f"{name!r:.40}" for name in listed[:_TOLD]) + more
