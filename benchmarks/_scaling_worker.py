"""One process of benchmarks/scaling.py: alone, or a worker of two. It is told in a JSON file what to measure.

Each time is measured twice: on the clock, and as the processor time of this process. The second does not count what
other programs of the machine do meanwhile; with one core and one thread it is the time that an idle machine takes.
"""

import json
import os
import sys
import tempfile
import time
import tracemalloc
from functools import partial
from pathlib import Path
from typing import Any

DIMENSION = 64  # of the word vectors


def main(path: Path) -> None:
    job = json.loads(path.read_text())
    os.sched_setaffinity(0, {job["core"]})
    with Path(job["to"]).open("w") as found:
        for what in job["measure"]:
            began = time.perf_counter()
            measured = MEASURES[what["kind"]](**{name: value for name, value in what.items() if name != "kind"})
            found.write(json.dumps({**what, "lengths": None, "found": measured}) + "\n")
            found.flush()
            print(what["kind"], what.get("name", ""), f"{time.perf_counter() - began:.0f} s", flush=True)


def now() -> tuple[float, float]:
    """The clock, and the processor time of this process."""
    return time.perf_counter(), time.process_time()


def since(begin: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - begin[0], time.process_time() - begin[1]


def repeated(do: Any, repeats: int) -> dict[str, list[float]]:
    """Times of a call that has been made once before."""
    do()
    times = []
    for _ in range(repeats):
        begin = now()
        do()
        times.append(since(begin))
    return {"wall": [each[0] for each in times], "processor": [each[1] for each in times]}


def made(units: int, words: int, lengths: list[int], batch_size: int, epochs: int = 1) -> Any:
    """A task with its network, and examples of these lengths, whose words are as frequent as Zipf's law says."""
    import keras
    import numpy as np

    from rnnkit.codec.vocabulary import Vocabulary
    from rnnkit.data.ragged import Ragged
    from rnnkit.tasks.base.build import Build
    from rnnkit.tasks.base.examples import Encoded
    from rnnkit.tasks.text_classifier.task import TextClassifier

    keras.utils.set_random_seed(1)
    task = TextClassifier(
        units=units, embedding_size=DIMENSION, vocabulary_size=words, batch_size=batch_size, epochs=epochs, seed=1
    )
    task.preprocessing.vocabulary = Vocabulary([f"w{number}" for number in range(words - 3)])
    task.preprocessing.labels = ["no", "yes"]
    task.network = task.build(Build(training=True))
    random = np.random.default_rng(1)
    chances = 1 / np.arange(1, words - 2)
    ids = 3 + random.choice(words - 3, sum(lengths), p=chances / chances.sum())
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    encoded = Encoded(Ragged(ids.astype(np.int32), offsets), random.integers(0, 2, len(lengths)).astype(np.int32))
    return task, encoded


def shapes(units: int, words: int, grid: list[tuple[int, int]], repeats: int, name: str = "") -> dict[str, Any]:
    """Training steps and validation steps of one worker, for batches of these rows and widths; a checkpoint."""
    import numpy as np

    from rnnkit.tasks.base.replicated import trained_network
    from rnnkit.training.checkpoint import Progress, save_checkpoint
    from rnnkit.training.one_trace import traced_once
    from rnnkit.training.replicas import ONE, build

    task, _ = made(units, words, [4], 64)
    model = trained_network(task, ONE, 1000)
    random = np.random.default_rng(2)
    steps, validation = [], []
    for rows, width in grid:
        batch = random.integers(3, words, (rows, width)).astype(np.int32), np.zeros(rows, np.int32)
        if not steps:
            build(model, batch)
        with traced_once(model, rows):
            steps.append([rows, width, repeated(partial(model.train_on_batch, *batch, return_dict=True), repeats)])
            validation.append([rows, width, repeated(partial(model.test_on_batch, *batch, return_dict=True), repeats)])
    with tempfile.TemporaryDirectory() as folder:
        best = model.get_weights()
        checkpoint = repeated(lambda: save_checkpoint(Path(folder, "c.npz"), model, best, Progress()), 3)
    embedding = words * DIMENSION
    dense = sum(int(np.prod(each.shape)) for each in model.trainable_variables) - embedding
    batch = np.full((8, 8), 3, np.int32), np.zeros(8, np.int32)
    traced = []
    for _ in range(3):
        begin = now()
        with traced_once(model):
            model.test_on_batch(*batch, return_dict=True)
        traced.append(since(begin)[1])
    figures = {"checkpoint": checkpoint, "dense_bytes": 4 * dense, "trace_processor": traced}
    return {"steps": steps, "validation": validation, **figures}


def apply(units: int, words: int, counts: list[int], repeats: int) -> list[Any]:
    """Clipping and applying a gradient whose word vectors have so many rows: what every worker does with all rows."""
    import tensorflow as tf

    from rnnkit.tasks.base.replicated import trained_network
    from rnnkit.training.replicas import ONE

    task, _ = made(units, words, [4], 64)
    model = trained_network(task, ONE, 1000)
    model.optimizer.build(model.trainable_variables)
    vectors = model.trainable_variables[0]
    assert tuple(vectors.shape) == (words, DIMENSION), vectors.shape

    @tf.function(input_signature=[tf.TensorSpec([None, DIMENSION]), tf.TensorSpec([None], tf.int32)], autograph=False)
    def applied(values: Any, ids: Any) -> None:
        rest = [tf.zeros_like(each.value) for each in model.trainable_variables[1:]]
        slices = tf.IndexedSlices(values, ids, tf.constant([words, DIMENSION]))
        model.optimizer.apply([slices, *rest], model.trainable_variables)

    found = []
    for count in counts:
        values, ids = tf.zeros([count, DIMENSION]), tf.random.uniform([count], 0, words, tf.int32)
        found.append([count, repeated(partial(applied, values, ids), repeats)])
    return found


def inputs(lengths: list[int], batch_size: int, counts: list[int]) -> dict[str, Any]:
    """Seconds a row to make batches, and to put so many rows into the order of an epoch."""
    import numpy as np

    from rnnkit.data.bucketing import LengthBuckets

    task, encoded = made(8, 5000, lengths, batch_size)
    batches = task.batches(encoded)
    made_batches = repeated(lambda: sum(1 for _ in batches.shuffled(0)), 5)
    random, order = np.random.default_rng(0), []
    for count in counts:
        buckets = LengthBuckets(random.choice(lengths, count), 64)
        order.append([count, repeated(partial(buckets.epoch, 0), 3)])
    tracemalloc.start()
    LengthBuckets(random.choice(lengths, counts[-1]), 64).epoch(0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"rows": len(lengths), "batches": made_batches, "order": order, "bytes_a_row": peak / counts[-1]}


def encoding(texts: int) -> dict[str, Any]:
    """Reading a file, learning its vocabulary and encoding its rows, which each worker does with all of them."""
    import numpy as np
    import pandas as pd

    from rnnkit.data.tfds import load_imdb
    from rnnkit.tasks.base.kept_parts import learnt
    from rnnkit.tasks.text_classifier.task import TextClassifier

    rows = load_imdb(None, say=lambda line: None)["train"][:texts]
    task = TextClassifier()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "reviews.csv")
        pd.DataFrame(list(rows), columns=["text", "label"]).to_csv(file, index=False)
        times = repeated(lambda: learnt(task.preprocessing, task.read(file, None), None, None), 2)
        size = file.stat().st_size
        train = learnt(task.preprocessing, task.read(file, None), None, None).train.inputs
    random, distinct = np.random.default_rng(0), []
    for count in (64, 256, 1024):
        taken = [train[i] for i in random.choice(len(train), count, replace=False)]
        distinct.append([count, int(sum(map(len, taken))), len(np.unique(np.concatenate(taken)))])
    lengths = [int(each) for each in train.lengths]
    return {"rows": len(rows), "bytes": size, "distinct": distinct, "train_lengths": lengths, **times}


def exchange(sizes: list[tuple[int, int]], repeats: int) -> list[Any]:
    """The collectives of a training step, of so many bytes of dense gradient and so many rows of word vectors."""
    import tensorflow as tf

    from rnnkit.training.replicas import open_replicas

    replicas: Any = open_replicas()
    total = tf.distribute.ReduceOp.SUM

    def exchanged(count: int, rows: int) -> Any:
        @tf.function(autograph=False)
        def step() -> Any:
            def replica() -> Any:
                context = tf.distribute.get_replica_context()
                dense = [tf.zeros([count])] if count else []
                ids = tf.zeros([rows], tf.int32)
                slices = tf.IndexedSlices(tf.zeros([rows, DIMENSION]), ids, tf.constant([5000, DIMENSION]))
                *sums, size = context.all_reduce(total, [*dense, slices, tf.constant(1.0)])
                figures = context.all_reduce(total, tf.fill([4], size))
                return figures + sum(tf.reshape(getattr(each, "values", each), [-1])[0] for each in sums)

            return replicas.strategy.run(replica)

        return step

    found = []
    for size, rows in sizes:
        found.append([size, rows, repeated(exchanged(size // 4, rows), repeats)])
    return found


def epochs(
    name: str, units: int, words: int, lengths: list[int], batch_size: int, repeats: int, validation: list[int]
) -> dict[str, Any]:
    """The same epoch several times, by rnnkit's own loop; times of each step and of what comes after the last one."""
    import keras

    from rnnkit.data.batches import WHOLE, Batches
    from rnnkit.tasks.base.replicated import trained_network, validating
    from rnnkit.training.loop import run_epochs
    from rnnkit.training.replicas import open_replicas

    replicas = open_replicas()
    task, encoded = made(units, words, lengths, batch_size, repeats)
    _, held_out = made(units, words, validation, batch_size)
    trained = trained_network(task, replicas, 1000)
    training, thread, rows = task.batches(encoded), list[float](), list[Any]()
    usual = training.shuffled

    def same(epoch: int, part: Any = WHOLE) -> Any:
        """Those of epoch 0, with the processor time of this thread, the one that makes batches ahead."""
        begin = time.thread_time()
        yield from usual(0, part)
        thread.append(time.thread_time() - begin)

    Batches.shuffled, kept = lambda self, epoch, part=WHOLE: same(epoch, part), Batches.shuffled  # type: ignore
    usual = kept.__get__(training)

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            rows.append({"steps": []})
            self.began = now()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            rows[-1]["steps"].append(since(self.began))
            self.began = now()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            rows[-1]["after"] = since(self.began)

    try:
        run_epochs(
            trained, training, validating(task, replicas, trained, held_out), [Clock()], 0, repeats, replicas,
            task.loss_size,
        )  # fmt: skip
    finally:
        Batches.shuffled = kept  # type: ignore[method-assign]
    return {"epochs": rows[1:], "input_processor": thread[-repeats + 1 :]}


MEASURES = {each.__name__: each for each in (shapes, apply, inputs, encoding, exchange, epochs)}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
