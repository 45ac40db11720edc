"""Splice junctions of DNA: UCI's file of primates, or made-up sequences with the same two signals."""

import csv
import random
from pathlib import Path

from rnnkit.data.tables import Rows
from rnnkit.data.textfile import check_file, find_encoding, text_lines
from rnnkit.errors import RnnkitError

#: The choice of made-up sequences.
SAMPLE = "sample"
#: The settings with which the sequences are learnt: 60 letters, and where they stand counts.
SETTINGS = {
    "cell": "gru",
    "units": 64,
    "bidirectional": True,
    "layers": 2,
    "dropout_between": 0.3,
    "pooling": "attention",
    "embedding_size": 16,
    "word_dropout": 0.25,
    "embedding_dropout": 0.1,
    "batch_size": 32,
    "learning_rate": 0.005,
    "epochs": 60,
    "patience": 20,
    "average": 0.99,
}
_ROLES = ("text", "label")
_KINDS = ("EI", "IE", "N")
_FIELDS = 3  # kind, name, sequence
_MADE = 3_000
_HALF = 30  # letters before a junction, and after it


def splice_rows(choice: str = SAMPLE) -> Rows:
    """Sequences of 60 letters and their kinds: in the middle an exon ends ("EI"), begins ("IE"), or neither ("N").

    Args:
        choice: "sample", or UCI's file `splice.data`: a kind, a name and a sequence on each line.

    Raises:
        RnnkitError: The file cannot be read, or a line of it is another one.

    Example:

    >>> rows = list(splice_rows())
    >>> len(rows), sorted({kind for _, kind in rows})
    (3000, ['EI', 'IE', 'N'])
    """
    if choice == SAMPLE:
        return Rows(list(map(_made, range(_MADE))), _ROLES, "made-up splice junctions (offline sample)")
    path = Path(choice)
    path = path / "splice.data" if path.is_dir() else path
    check_file(path, "splice junctions")
    rows = []
    for number, fields in enumerate(csv.reader(text_lines(path, find_encoding(path))), 1):
        stripped = [field.strip() for field in fields]
        if len(stripped) != _FIELDS or stripped[0] not in _KINDS or not stripped[2].isalpha():
            raise RnnkitError(
                f"{path} line {number} is {','.join(fields)!r:.60}; expected a kind ({', '.join(_KINDS)}), a name and "
                "a sequence of letters, as in UCI's splice.data."
            )
        rows.append((stripped[2], stripped[0]))
    return Rows(rows, _ROLES, path.name)


def _made(number: int) -> tuple[str, str]:
    """A sequence with a donor's or an acceptor's signal in its middle, or with one of them elsewhere."""
    chance, kind = random.Random(f"splice {number}"), _KINDS[min(number % 4, 2)]
    letters = chance.choices("ACGT", k=2 * _HALF)
    place = _HALF if kind != "N" else chance.choice([*range(12, _HALF - 6), *range(_HALF + 6, 2 * _HALF - 8)])
    if kind == "EI" or (kind == "N" and chance.random() < 0.5):
        letters[place - 2 : place + 6] = f"{chance.choice('AC')}GGT{chance.choice('AG')}AGT"
    else:
        letters[place - 10 : place - 4] = chance.choices("CTTC", k=6)
        letters[place - 3 : place + 1] = f"{chance.choice('CT')}AGG"
    return "".join(letters), kind
