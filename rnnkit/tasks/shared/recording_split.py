"""Training, validation and test parts of recordings, in which no speaker and no recording is twice."""

from collections.abc import Sequence

import numpy as np

from rnnkit.data.findings import counted
from rnnkit.data.group_split import split_by_group
from rnnkit.data.remembered import default_tell
from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.recordings import Recording

TRAIN, VALIDATION, TEST = "train", "validation", "test"


def split_recordings(
    rows: Sequence[Recording],
    digests: Sequence[str],
    labels: Sequence[str],
    *,
    share: float,
    test_share: float,
    seed: int,
    name: str,
    known: Sequence[str] = (),
) -> dict[str, np.ndarray]:
    """The places of each part's recordings, int64, ascending.

    A recording with a part keeps it. What has none goes to the parts that are missing: whole speakers where they are
    known, otherwise single recordings, each label with its share. Fewer speakers than missing parts cannot be kept
    apart; a line says so. Of recordings with the same content the first stays.

    Args:
        rows: The recordings.
        digests: Of the content of each.
        labels: That of each; the same for all where there are none.
        share: Of the validation part.
        test_share: Of the test part; 0 for none, as where test data are given apart.
        seed: Of the division.
        name: What messages call the data.
        known: Digests of recordings in test data that are given apart, which are left out here.

    Raises:
        RnnkitError: A part would be empty.

    Example:

    >>> rows = [Recording("", "a", str(n), group="pqrs"[n % 4]) for n in range(20)]
    >>> parts = split_recordings(
    ...     rows, [str(n) for n in range(20)], ["a"] * 20, share=0.25, test_share=0.25, seed=1, name="The list"
    ... )
    >>> [len({rows[place].group for place in places}) for places in parts.values()]
    [2, 1, 1]
    """
    seen, first = set(known), dict[str, list[int]]()
    for place, (row, digest) in enumerate(zip(rows, digests, strict=True)):
        if digest not in seen:
            seen.add(digest)
            first.setdefault(row.part, []).append(place)
    wanted = {TRAIN: 0.0, VALIDATION: share, **({TEST: test_share} if test_share else {})}
    parts = {part: list(first.get(part, [])) for part in wanted}
    missing = {part: size for part, size in wanted.items() if part == TRAIN or not parts[part]}
    missing[TRAIN] = 1 - sum(missing.values())
    free = np.array(first.get("", []) or (parts.pop(TRAIN) if len(missing) > 1 else []), np.int64)
    if len(free):
        groups = [rows[place].group or f"\0{place}" for place in free]
        given = [labels[place] for place in free]
        speakers, grouped = len(set(groups)), any(rows[place].group for place in free)
        if grouped and speakers < len(missing) <= len(free):
            default_tell(
                f"{name}: {counted(speakers, 'speaker')} for {len(missing)} parts, too few to keep them apart; the "
                "test figure is that of voices that were learnt."
            )
            grouped = False
        if grouped:
            chosen = split_by_group(given, groups, missing, seed)
        else:
            chosen = stratified_split(np.array(given), missing, seed)
        for part, places in chosen.items():
            parts[part] = [*parts.get(part, []), *free[places].tolist()]
    if empty := [part for part in wanted if not parts.get(part)]:
        few = counted(len(free), "different recording")
        if count := len({rows[place].group for place in free} - {""}):
            few += f" of {counted(count, 'speaker')}"
        leaves = "leaves" if len(free) == 1 else "leave"
        raise RnnkitError(f"{name}: {few} {leaves} none for {' and '.join(empty)}; add some.")
    return {part: np.array(sorted(parts[part]), np.int64) for part in wanted}
