"""How fast are CTC's loss and searches, and do they agree with others'?

Loss: a step (loss and gradient with respect to the logits) for 32 utterances of 400 frames, 30 labels and 40 classes,
of rnnkit, of the same recursion differentiated by TensorFlow, and of `tf.nn.ctc_loss` with sparse labels (its C++
kernel) and with dense ones; in one process, taking turns, by the processor's time. Agreement: the same utterances by
PyTorch in float64. Searches: one thread, 40 s of frames with doubts, as a share of the time that they take to be said.

    TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/ctc.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import torch

from rnnkit import lite
from rnnkit.decoding.ctc import GreedySearch
from rnnkit.decoding.ctc_alignment import align
from rnnkit.decoding.ctc_beam import PrefixBeamSearch
from rnnkit.decoding.lexicon import Lexicon, WordBoundaries
from rnnkit.layers import ctc
from rnnkit.layers.time_loop import time_loop
from rnnkit.lite.language_scorer import language_scorer

ROWS, FRAMES, LABELS, CLASSES, SEED = 32, 400, 30, 40, 1
TURNS, STEPS = 25, 4
RATES = (100, 50, 25)
SECONDS, WORDS = 40, 5000
UNITS = ["", *"abcdefghijklmnopqrstuvwxyz' "]
LETTERS = len(UNITS) - 2

Step = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def main() -> None:
    from _record import record

    logits, labels = utterances()
    result = {"step": steps(logits, labels), "agreement": agreement(logits, labels), "search": searches()}
    print(record("ctc", result, seed=SEED, packages=("torch",)))


def utterances() -> tuple[np.ndarray, np.ndarray]:
    """Random logits, and 10 to 30 labels."""
    random = np.random.default_rng(SEED)
    labels = random.integers(1, CLASSES, (ROWS, LABELS)).astype(np.int32)
    labels[np.arange(LABELS) >= random.integers(10, LABELS + 1, (ROWS, 1))] = 0
    return random.normal(size=(ROWS, FRAMES, CLASSES)), labels


def losses(labels: np.ndarray) -> dict[str, Callable[[tf.Tensor], tf.Tensor]]:
    """From logits to the sum of all losses."""
    counts, frames = tf.constant((labels > 0).sum(1), tf.int32), tf.fill([ROWS], FRAMES)
    sparse = tf.SparseTensor(np.argwhere(labels > 0), labels[labels > 0], labels.shape)
    how = {"logit_length": frames, "logits_time_major": False, "blank_index": 0}
    return {
        "rnnkit": lambda x: -tf.reduce_sum(ctc.log_likelihood(labels, tf.nn.log_softmax(x))),
        "differentiated": lambda x: -tf.reduce_sum(differentiated(labels, tf.nn.log_softmax(x))),
        "tf_sparse": lambda x: tf.reduce_sum(tf.nn.ctc_loss(sparse, x, label_length=None, **how)),
        "tf_dense": lambda x: tf.reduce_sum(tf.nn.ctc_loss(labels, x, label_length=counts, **how)),
    }


def differentiated(labels: np.ndarray, log_probs: tf.Tensor) -> tf.Tensor:
    """log p of each row by the forward recursion alone, whose gradient is left to TensorFlow."""
    padded = np.pad(labels, ((0, 0), (1, 0)))
    emitted = tf.transpose(tf.gather(log_probs, padded, axis=2, batch_dims=1), (1, 0, 2))
    never = tf.fill((ROWS, 1), ctc.NEVER)

    def step(carry: tuple[Any, ...], at: Any) -> tuple[tuple[Any, ...], Any]:
        (in_label, in_blank), (now,) = carry, at
        either = ctc._log_add(in_label, in_blank)
        source = tf.where(labels == padded[:, :-1], in_blank[:, :-1], either[:, :-1])
        label = ctc._log_add(in_label, tf.concat([never, source], axis=1)) + now
        return (label, either + now[:, :1]), label

    first = np.where(np.arange(LABELS + 1) == 0, 0, ctc.NEVER).astype(np.float32) + np.zeros((ROWS, 1), np.float32)
    carry = (tf.fill((ROWS, LABELS + 1), ctc.NEVER), tf.constant(first))
    (label, blank), _ = time_loop(step, carry, [emitted], reverse=False, collect=False, unroll=False)
    return tf.gather(ctc._log_add(label, blank), (labels > 0).sum(1), axis=1, batch_dims=1)


def step_of(loss: Callable[[tf.Tensor], tf.Tensor]) -> Step:
    @tf.function(autograph=False)
    def step(x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            found = loss(x)
        return found, tape.gradient(found, x)

    return step


def steps(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Milliseconds of a step, medians over turns in which each is asked once."""
    x = tf.constant(logits, tf.float32)
    made = {name: step_of(loss) for name, loss in losses(labels).items()}
    for step in made.values():
        step(x)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in made}
    for _ in range(TURNS):
        for name, step in made.items():
            began, busy = time.perf_counter(), time.process_time()
            for _ in range(STEPS):
                step(x)[1].numpy()
            passed, worked = time.perf_counter() - began, time.process_time() - busy
            times[name].append((1000 * passed / STEPS, 1000 * worked / STEPS))
    medians = {name: np.median(each, axis=0) for name, each in times.items()}
    return {
        "shape": {"rows": ROWS, "frames": FRAMES, "labels": LABELS, "classes": CLASSES},
        "threads": int(os.environ.get("TF_NUM_INTRAOP_THREADS", 0)) or "all",
        "milliseconds": {name: round(float(each[0]), 1) for name, each in medians.items()},
        "processor_milliseconds": {name: round(float(each[1]), 1) for name, each in medians.items()},
        "of": {
            name: round(float(medians["rnnkit"][1] / each[1]), 3) for name, each in medians.items() if name != "rnnkit"
        },
    }


def agreement(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Largest differences from PyTorch in float64: of the losses' sum, relative, and of any number of the gradient."""
    given = torch.tensor(logits, requires_grad=True)
    lengths = torch.full((ROWS,), FRAMES), torch.tensor((labels > 0).sum(1))
    total = torch.nn.functional.ctc_loss(
        given.log_softmax(-1).transpose(0, 1), torch.tensor(labels).long(), *lengths, reduction="sum"
    )
    total.backward()
    exact, gradient = float(total.detach()), given.grad.numpy()
    found = {}
    asked = {name: (loss, tf.float32) for name, loss in losses(labels).items() if name != "differentiated"}
    for name, (loss, dtype) in {**asked, "rnnkit_float64": (losses(labels)["rnnkit"], tf.float64)}.items():
        value, of_logits = step_of(loss)(tf.constant(logits, dtype))
        found[name] = {
            "loss": float(f"{abs(float(value) / exact - 1):.1e}"),
            "gradient": float(f"{np.abs(of_logits.numpy() - gradient).max():.1e}"),
        }
    return found


def searches() -> dict[str, Any]:
    """Seconds of work for a second of sound, at so many frames a second."""
    model = lite.load(Path(__file__).parents[1] / "saved_models" / "char_text" / "lite")
    random = np.random.default_rng(SEED)
    words = {tuple(random.integers(1, LETTERS + 1, random.integers(2, 9)).tolist()) for _ in range(WORDS)}
    lexicon = Lexicon(sorted(words), WordBoundaries(len(UNITS), separator=len(UNITS) - 1))
    scorer = language_scorer(model, UNITS)
    ways: dict[str, Callable[[], Any]] = {
        "greedy": GreedySearch,
        "beam_8": lambda: PrefixBeamSearch(beam_width=8),
        "beam_32": PrefixBeamSearch,
        "beam_100": lambda: PrefixBeamSearch(beam_width=100),
        "beam_32_words": lambda: PrefixBeamSearch(lexicon=lexicon),
        "beam_32_language_model": lambda: PrefixBeamSearch(scorer=scorer),
    }
    found: dict[str, Any] = {"classes": len(UNITS), "words": len(words), "share_of_real_time": {}}
    for rate in RATES:
        frames = doubtful(rate * SECONDS)
        shares = {}
        for name, make in ways.items():
            search, busy = make(), time.process_time()
            search.feed(frames)
            heard = search.finish()[0].units
            shares[name] = float(f"{(time.process_time() - busy) / SECONDS:.2g}")
        busy = time.process_time()
        align(frames, heard)
        shares["align"] = float(f"{(time.process_time() - busy) / SECONDS:.2g}")
        found["share_of_real_time"][str(rate)] = shares
        print(rate, shares, flush=True)
    return found


def doubtful(count: int) -> np.ndarray:
    """Frames with a blank in most; in the others a letter, and others that may be it."""
    random = np.random.default_rng(SEED)
    logits = random.normal(scale=2.5, size=(count, len(UNITS)))
    said = np.arange(count) % 4 == 0
    logits[:, 0] += np.where(said, -2.0, 9.0)
    logits[said, random.integers(1, len(UNITS), said.sum())] += 5.0
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
