"""Findings of `rnnkit check` on labelled sounds, and those that forbid training."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from rnnkit.data.findings import Finding, counted, few_rows, name_warnings
from rnnkit.data.labels import MOST_LABELS, normalise_labels, sort_labels, too_many
from rnnkit.data.sound_findings import SoundFacts, sound_goods, sound_warnings
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.silent_labels import silent_labels
from rnnkit.tasks.shared.hearing import Heard, Hearing
from rnnkit.tasks.shared.recordings import Recordings
from rnnkit.tasks.sound_classifier.backgrounds import is_background

_FEW = 10  # sounds of a label
_IMBALANCE = 10
_TOLD = 5
_LIKE_CHANCE, _TELLS = 0.15, 0.9  # by which a length tells labels better than chance, and of how many


def failures(source: Recordings) -> Iterator[str]:
    """What forbids training.

    Args:
        source: The opened sounds.
    """
    counts = label_counts(source)
    if not counts:
        yield "none of its sounds has a label. Fill them, or name another column: --label COLUMN"
    elif source.is_frames:
        yield "it has ready-made frames; a sound classifier hears the sounds themselves, since its exported files do."
    elif odd := [label for label in counts if any("\ud800" <= sign <= "\udfff" for sign in label)]:
        yield f"the label {odd[0]!r:.60} is no text: it is not in UTF-8. Rename the folder, or mend the table."
    elif len(counts) == 1:
        yield f"every label is {next(iter(counts))!r:.60}; at least 2 labels are needed."
    elif fault := too_many(len(counts), MOST_LABELS, "label"):
        yield fault
    elif len(counts) > 20 and len(counts) > len(source) / 2:
        yield f"{len(counts):,} different labels of {len(source):,} sounds; labels repeat. Is the right column read?"
    elif lone := [name for name, count in counts.items() if count == 1]:
        names = ", ".join(f"{name!r:.40}" for name in lone[:_TOLD])
        which = f"the label {names} has" if len(lone) == 1 else f"each of the labels {names} has"
        yield f"{which} only one sound. Add sounds, or merge such labels."


def label_counts(source: Recordings) -> dict[str, int]:
    """The labels in their order, with the number of sounds that have each."""
    raw = [row.target for row in source if row.target]
    names = normalise_labels(dict.fromkeys(raw))
    counts = Counter(names[label] for label in raw)
    return {label: counts[label] for label in sort_labels(counts)}


def sound_findings(source: Recordings, hearing: Hearing) -> list[Finding]:
    """Findings on opened sounds: failures, then warnings, then what is in order.

    Args:
        source: The sounds.
        hearing: Reads them; its front end is chosen.

    Example:

    >>> rows = [(np.random.default_rng(n).normal(0, 0.1, 8000), "ab"[n % 2]) for n in range(30)]
    >>> from rnnkit.tasks.sound_classifier.task import SoundClassifier
    >>> [finding.level for finding in SoundClassifier.check(rows)]
    ['warn', 'warn', 'good']
    """
    if fails := [Finding("fail", f"{source.name}: {message}") for message in failures(source)]:
        return fails
    try:
        found = hearing.read(source.rows, silent=True, cached=False)
    except RnnkitError as error:
        return [Finding("fail", str(error))]
    if not len(found.places):
        return [Finding("fail", f"{source.name}: no recording can be read. {next(iter(found.faults.values()))}")]
    warns = [f"Left out: {fault}" for fault in list(found.faults.values())[:_TOLD]]
    if len(found.faults) > _TOLD:
        warns.append(f"Left out: {counted(len(found.faults) - _TOLD, 'more recording')}.")
    facts = found.facts
    warns += [*sound_warnings(facts, hearing.options.rate), *_of_labels(source), *_of_content(source, found)]
    return [*(Finding("warn", line) for line in warns), *(Finding("good", line) for line in _goods(source, facts))]


def _of_labels(source: Recordings) -> Iterator[str]:
    counts = label_counts(source)
    if unlabelled := source.dropped.get("no label", 0):
        yield f"{counted(unlabelled, 'sound')} left out: no label."
    yield from (line.replace("Few rows", "Few sounds") for line in few_rows(counts, _FEW, "a useful model"))
    if max(counts.values()) > _IMBALANCE * min(counts.values()):
        most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        yield f"Uneven labels: {most!r:.60} {counts[most]:,}, {least!r:.60} {counts[least]:,}: --class-weights"
    yield from name_warnings(normalise_labels(dict.fromkeys(str(row.target) for row in source)), counts)
    silent = silent_labels(list(counts))
    if not any(is_background(label) for label in counts):
        yield (
            "No label is background: a network that runs on a stream hears nothing but its words then, and takes any "
            "noise for one. Add a folder or label 'background', and 'unknown' for other words."
        )
    elif len(counts) - len(silent) == 0:
        yield f"All labels ({', '.join(silent)}) are of what is never decided in a stream."


def _of_content(source: Recordings, found: Heard) -> Iterator[str]:
    if repeated := len(found.digests) - len(set(found.digests)):
        yield f"{counted(repeated, 'sound')} left out: equal to an earlier one."
    rows = [source.rows[place] for place in found.places]
    if not any(row.group for row in rows):
        yield (
            "No column says who speaks. Where several sounds come from one person or device, name it with --group, or "
            "the test figure is that of persons who were learnt."
        )
    else:
        groups = {row.group for row in rows} - {""}
        if len(groups) < 3:
            yield (
                f"Only {counted(len(groups), 'speaker')}, too few to keep them apart: the test figure is that of "
                "voices that were learnt."
            )
        elif len(groups) < 5:
            yield f"Only {len(groups)} speakers; the figure depends on which of them are tested: --folds {len(groups)}"
    lengths = found.static.lengths
    labels = np.array([str(row.target) for row in rows])
    best = sum(Counter(labels[lengths == length]).most_common(1)[0][1] for length in set(lengths.tolist()))
    told, usual = best / len(labels), Counter(labels.tolist()).most_common(1)[0][1] / len(labels)
    if told > usual + _LIKE_CHANCE and told > _TELLS and len(labels) >= 3 * len(set(lengths.tolist())):
        yield f"The length alone tells labels apart: {told:.0%} of them. Cut all alike, or that is what is learnt."


def _goods(source: Recordings, facts: list[SoundFacts]) -> Iterator[str]:
    counts = label_counts(source)
    if columns := ", ".join(f"{role} = {name!r:.40}" for role, name in source.columns.items()):
        yield f"Columns: {columns}; encoding {source.encoding}."
    shares = ", ".join(f"{name!r:.60} {count:,}" for name, count in list(counts.items())[:10])
    yield f"{counted(len(source), 'sound')}; {counted(len(counts), 'label')}: {shares}."
    yield from sound_goods(facts)
