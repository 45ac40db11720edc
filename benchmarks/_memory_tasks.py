"""Tasks that need a long memory, synthetic or shipped with scikit-learn, so that they need no network."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Data = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class MemoryTask:
    """A task, its data and how it is scored.

    Attributes:
        steps: Length of the sequences.
        features: Width of the inputs.
        outputs: Width of the network's output.
        answers: How many steps at the end are answered; 0 for one answer to the whole sequence.
        loss: "mse" or "sparse_categorical_crossentropy".
        sample: `(random generator, rows) -> inputs, targets`: training rows.
        validation: Rows to choose by.
        test: Rows read once, at the end.
        enough: A validation score at which training stops.
        chance: The score of a network that remembers nothing.
    """

    steps: int
    features: int
    outputs: int
    answers: int
    loss: str
    sample: Callable[[np.random.Generator, int], Data]
    validation: Data
    test: Data
    enough: float
    chance: float


def adding(steps: int = 400) -> MemoryTask:
    """Two of `steps` random numbers are marked; the answer is their sum (Hochreiter & Schmidhuber 1997, section 5.4).

    Score: mean squared error. Always answering 1 gives 1/6.
    """

    def sample(random: np.random.Generator, rows: int) -> Data:
        values, marks = random.uniform(size=(rows, steps)), np.zeros((rows, steps))
        first = random.integers(0, steps // 2, rows)
        second = random.integers(steps // 2, steps, rows)
        marks[np.arange(rows), first] = marks[np.arange(rows), second] = 1
        inputs = np.stack([values, marks], axis=-1).astype("float32")
        return inputs, (values * marks).sum(axis=1, keepdims=True).astype("float32")

    held = [sample(np.random.default_rng(seed), rows) for seed, rows in ((10_001, 500), (10_002, 1_000))]
    return MemoryTask(steps, 2, 1, 0, "mse", sample, *held, enough=0.005, chance=1 / 6)


def copy(delay: int = 50, symbols: int = 5, kinds: int = 8) -> MemoryTask:
    """Symbols, then blanks, then a sign to say the symbols again (Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016).

    Score: share of symbols that are right.
    """
    steps = symbols + delay + symbols

    def sample(random: np.random.Generator, rows: int) -> Data:
        said = random.integers(0, kinds, (rows, symbols))
        numbers = np.full((rows, steps), kinds)  # blanks
        numbers[:, :symbols] = said
        numbers[:, -symbols] = kinds + 1  # the sign
        return np.eye(kinds + 2, dtype="float32")[numbers], said.astype("int32")

    held = [sample(np.random.default_rng(seed), rows) for seed, rows in ((10_001, 500), (10_002, 1_000))]
    loss = "sparse_categorical_crossentropy"
    return MemoryTask(steps, kinds + 2, kinds, symbols, loss, sample, *held, enough=0.999, chance=1 / kinds)


def digits(permuted: bool = False) -> MemoryTask:
    """scikit-learn's 1,797 handwritten digits read pixel by pixel, 64 steps, in rows or in a fixed random order.

    Score: share of digits that are right.
    """
    from sklearn.datasets import load_digits

    loaded = load_digits()
    images, labels = loaded.images.reshape(-1, 64, 1) / 16, loaded.target.astype("int32")
    if permuted:
        images = images[:, np.random.default_rng(92_916).permutation(64)]
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order].astype("float32"), labels[order]

    def sample(random: np.random.Generator, rows: int) -> Data:
        chosen = random.integers(0, 1_200, rows)
        return images[chosen], labels[chosen]

    validation, test = ((images[part], labels[part]) for part in (slice(1_200, 1_400), slice(1_400, None)))
    return MemoryTask(
        64, 1, 10, 0, "sparse_categorical_crossentropy", sample, validation, test, enough=0.995, chance=0.1
    )


TASKS: dict[str, Callable[[], MemoryTask]] = {
    "adding": adding,
    "copy": copy,
    "digits": digits,
    "permuted_digits": lambda: digits(permuted=True),
}
