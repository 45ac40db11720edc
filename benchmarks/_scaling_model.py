"""A simulation of training on several machines, from what benchmarks/scaling.py measured on one and two workers.

A step ends when the slowest worker has made its part of the batch and taken its gradient, the gradients have been
exchanged, and each worker has applied them. TensorFlow's sources (ring_alg.cc, cross_device_utils.py) say how N CPUs
exchange them: all dense gradients go round one ring, 2(N-1) hops in which each worker sends 2(N-1)/N of their bytes;
those of word vectors are gathered, N-1 hops each for their lengths, values and numbers, so that each worker receives
those of all others; and the figures of the step go round one more ring.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

DIMENSION = 64  # of the word vectors
ROW_BYTES = 4 * DIMENSION + 4  # a row of their gradient, and its number
HOPS = 2 * 2 + 3  # messages one after another in a step, times N-1: two rings and three gatherings
PADDING = 8  # a width is a multiple of it
BLUR = 0.05  # share of a length by which the order of an epoch is blurred
TERMS = ("input", "compute", "slowest", "latency", "dense", "sparse", "apply")


@dataclass(frozen=True)
class Network:
    """How messages travel.

    Args:
        fixed: Seconds of each step.
        latency: Seconds a message takes beside its bytes.
        per_dense: Seconds a byte that is sent and added up.
        per_sparse: Seconds a byte that is gathered.
    """

    fixed: float
    latency: float
    per_dense: float
    per_sparse: float

    def of(self, gigabits: float, latency: float) -> Self:
        """The same programs on a real network: its latency comes on top, and no byte is faster than it.

        Args:
            gigabits: A second.
            latency: Seconds a message.
        """
        least = 8 / (gigabits * 1e9)
        return replace(
            self,
            latency=self.latency + latency,
            per_dense=max(self.per_dense, least),
            per_sparse=max(self.per_sparse, least),
        )


@dataclass(frozen=True)
class Machine:
    """What a worker's steps take, in seconds.

    Args:
        fixed: Of each step.
        per_width: For each time step of a batch.
        per_word: For each time step of each row.
        per_row: To make a batch, for each row.
        per_gathered: To apply a row of the word vectors' gradient.
        dense_bytes: Of the gradient without that of word vectors.
        validate: `fixed`, `per_width` and `per_word` of a batch that is only scored.
        travels: Share of the rows of the word vectors' gradient that is exchanged; 1: a row for each word of a batch.
        spread: How steps vary: times of the same step, as shares of their median.
        overlaps: Whether batches are made on a core of their own.
    """

    fixed: float
    per_width: float
    per_word: float
    per_row: float
    per_gathered: float
    dense_bytes: float
    validate: tuple[float, float, float]
    travels: float = 1.0
    spread: tuple[float, ...] = (1.0,)
    overlaps: bool = False

    def faster(self, times: float) -> Self:
        """A machine that computes so many times as fast, and makes its batches meanwhile, as fast as before."""
        names = ("fixed", "per_width", "per_word", "per_gathered")
        quick: dict[str, Any] = {name: getattr(self, name) / times for name in names}
        fixed, width, word = self.validate
        return replace(self, **quick, validate=(fixed / times, width / times, word / times), overlaps=True)


def padded(longest: np.ndarray) -> np.ndarray:
    """The widths of batches whose longest rows have these lengths."""
    return np.maximum(-(-longest // PADDING), 1) * PADDING


def steps(
    machine: Machine, network: Network, rows: np.ndarray, widths: np.ndarray, seed: int = 0
) -> dict[str, np.ndarray]:
    """The seconds of each step, in all and of each term.

    Args:
        machine: What each worker is.
        network: Between them.
        rows: `[steps, workers]`, of each worker's part.
        widths: `[steps, workers]`, of these, padded.
        seed: Decides how steps vary.
    """
    workers = rows.shape[1]
    others = workers - 1
    vary = np.random.default_rng(seed).choice(machine.spread, rows.shape)
    compute = (machine.fixed + widths * (machine.per_width + rows * machine.per_word)) * vary * (rows > 0)
    made = machine.per_row * rows
    own = np.maximum(made, compute) if machine.overlaps else made + compute
    most = (rows * widths).max(1) * machine.travels  # rows of word vectors; the shorter parts are padded to the longest
    found = {
        "input": (own - compute).mean(1),
        "compute": compute.mean(1),
        "slowest": own.max(1) - own.mean(1),
        "latency": np.full(len(rows), network.fixed * (others > 0) + HOPS * others * network.latency),
        "dense": np.full(len(rows), 2 * others / workers * machine.dense_bytes * network.per_dense),
        "sparse": others * most * ROW_BYTES * network.per_sparse,
        "apply": others / workers * (rows * widths).sum(1) * machine.travels * machine.per_gathered,
    }
    return {**found, "step": sum(found[name] for name in TERMS)}


def drawn(lengths: np.ndarray, workers: int, each: float, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows and widths of the parts of batches of very many examples: those of a batch are of like lengths, as far as
    the blur of the order leaves them.

    Args:
        lengths: From which they are drawn.
        workers: Among which each batch is divided.
        each: Examples of each worker's part, also less than 1.
        count: Batches.
        seed: Decides what is drawn.
    """
    random = np.random.default_rng(seed)
    pool = random.choice(lengths, 2**18)
    blurred = pool * random.uniform(1 - BLUR, 1 + BLUR, len(pool)) + random.random(len(pool))
    pool = pool[np.argsort(blurred)]
    window = 2**8
    batch = max(round(workers * each), 1)
    sizes = np.array([len(part) for part in np.array_split(np.arange(batch), workers)])
    starts = np.linspace(0, len(pool) - window, count).astype(int)
    widths = np.zeros((count, workers), np.int64)
    for place, start in enumerate(starts):
        rows = pool[start + random.integers(0, window, batch)]
        ends = np.minimum(np.cumsum(sizes) - sizes, batch - 1)
        widths[place] = padded(np.maximum.reduceat(rows, ends))
    return np.broadcast_to(sizes, widths.shape), np.where(sizes > 0, widths, 0)


def validation_seconds(machine: Machine, lengths: np.ndarray, rows: float, batch: int) -> float:
    """What the chief needs to score so many rows, in batches of like lengths."""
    fixed, width, word = machine.validate
    mean = float(padded(lengths).mean())
    made, scored = rows * machine.per_row, rows / batch * (fixed + mean * width) + rows * mean * word
    return float(max(made, scored) if machine.overlaps else made + scored)


@dataclass(frozen=True)
class Serial:
    """What each worker, or the chief alone, does with all rows, however many workers there are.

    Args:
        per_sorted: Seconds for each row and each doubling of the rows, to put an epoch into its order.
        checkpoint: Seconds of each epoch.
        validated: Rows that the chief scores after each epoch, as a share of those that are trained on.
    """

    per_sorted: float
    checkpoint: float
    validated: float

    def order(self, rows: float) -> float:
        """Seconds to put so many rows into an order."""
        return self.per_sorted * rows * float(np.log2(rows))


def epoch(
    machine: Machine,
    network: Network,
    serial: Serial,
    lengths: np.ndarray,
    *,
    rows: float,
    workers: int,
    each: float,
    count: int = 200,
) -> dict[str, float]:
    """Seconds of an epoch, in all and of each term.

    Args:
        machine: What each worker is.
        network: Between them.
        serial: What is not divided.
        lengths: Of the examples.
        rows: Examples that are trained on.
        workers: Among which each batch is divided.
        each: Examples of a batch for each worker.
        count: Batches that are drawn.
    """
    batch = max(round(workers * each), 1)
    found = steps(machine, network, *drawn(lengths, workers, each, count))
    seconds = {name: float(value.mean()) * rows / batch for name, value in found.items()}
    seconds["order"] = serial.order(rows)
    seconds["validation"] = validation_seconds(machine, lengths, rows * serial.validated, batch)
    seconds["checkpoint"] = serial.checkpoint
    total = seconds["step"] + seconds["order"] + seconds["validation"] + seconds["checkpoint"]
    return {**seconds, "epoch": total}


def stops_at(seconds: dict[int, float], least: float = 1.3) -> int | None:
    """The number of workers whose doubling makes an epoch less than `least` times as fast; None where none does.

    Example:

    >>> stops_at({1: 10.0, 2: 6.0, 4: 5.0})
    2
    """
    counts = sorted(seconds)
    pairs = zip(counts, counts[1:], strict=False)
    return next((one for one, two in pairs if seconds[one] / seconds[two] < least), None)
