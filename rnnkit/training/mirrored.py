"""Training by `tf.distribute`: on several devices of this machine, or on the workers of a cluster."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import keras
import numpy as np

from rnnkit.data.batches import Batches, Part
from rnnkit.errors import LostWorkerError, RnnkitError
from rnnkit.training.bars import console
from rnnkit.training.cluster import Cluster
from rnnkit.training.mirrored_step import MirroredStep
from rnnkit.training.replicas import Replicas, Size, Step, build
from rnnkit.training.several import Several
from rnnkit.wrapping import print_wrapped

_CHARACTERS = 12  # of a digest that are compared: as a number it fits into 64 bits


def open_mirrored(cluster: Cluster | None) -> Replicas | None:
    """The replicas of a cluster, or of several devices of this machine; None for one device.

    Args:
        cluster: The workers that TF_CONFIG names.

    Raises:
        RnnkitError: TensorFlow has already begun to work, or the other workers do not come.
    """
    import tensorflow as tf

    if cluster is not None:
        print_wrapped(console, f"{cluster.name}: waiting until all workers are there")
        with others_of(cluster):
            try:
                return Mirrored(tf.distribute.MultiWorkerMirroredStrategy(), cluster)
            except RuntimeError as error:
                raise RnnkitError(
                    f"TF_CONFIG names a cluster, and TensorFlow has already begun to work alone ({error!s:.80}). Train "
                    "first thing in the process, or unset TF_CONFIG."
                ) from None
    names = [device.name for kind in ("GPU", "CPU") for device in tf.config.list_logical_devices(kind)]
    alike = [name for name in names if ("GPU" in name) == ("GPU" in names[0])]
    return Mirrored(tf.distribute.MirroredStrategy(alike), None) if len(alike) > 1 else None


@contextmanager
def others_of(cluster: Cluster | None) -> Iterator[None]:
    """Say in a line that another worker is gone.

    Raises:
        LostWorkerError: It is.
    """
    import tensorflow as tf

    errors = tf.errors
    try:
        yield
    except (errors.UnavailableError, errors.AbortedError, errors.CancelledError, errors.DeadlineExceededError) as error:
        if cluster is None:
            raise
        where = next((address for address in cluster.addresses if address in str(error)), "")
        raise LostWorkerError(
            f"Another worker {f'({where}) ' * bool(where)}is gone; what it printed last says why. The training is kept "
            "up to its last whole epoch: start all workers again with --resume."
        ) from None


class Mirrored(Several):
    """Replicas with variables that `tf.distribute` keeps alike.

    Args:
        strategy: Of `tf.distribute`.
        cluster: The workers; None for the devices of this process alone.
    """

    def __init__(self, strategy: Any, cluster: Cluster | None) -> None:
        super().__init__()
        self.strategy, self.cluster = strategy, cluster
        self.count = int(strategy.num_replicas_in_sync)
        workers = len(cluster.addresses) if cluster else 1
        self.number, self._local = cluster.number if cluster else 0, self.count // workers
        self.is_chief, self._first = self.number == 0, self.number * self._local
        self._parts = [Part(self._first + place, self.count) for place in range(self._local)]
        devices = f"{self.count} devices" if cluster is None or self._local > 1 else f"{workers} workers"
        self._sums: dict[Any, Any] = {}
        self.said = f"{devices}: each takes a part of every batch"
        if cluster is not None:
            self.said += f"; this is {cluster.name}" + (", which writes the Run" if self.is_chief else "")

    def scope(self) -> AbstractContextManager[Any]:
        return self.strategy.scope()  # type: ignore[no-any-return]

    def batches(self, training: Batches, epoch: int) -> Iterator[Any]:
        self.reset_states()
        return zip(*(training.shuffled(epoch, part) for part in self._parts), strict=True)

    @contextmanager
    def steps(self, model: keras.Model, training: Batches, size: Size) -> Iterator[Step]:
        spare = next((part for parts in self.batches(training, 0) for part in parts if part is not None), None)
        if spare is None:
            raise RnnkitError(
                f"No batch has an example for each of {self.count} devices. Give a larger --batch-size, or train on "
                "fewer."
            )
        usual = [len(part.of_rows(np.arange(training.usual_rows or 0))) for part in self._parts]
        with self.scope():
            build(model, spare)
        step = MirroredStep(self.strategy, model, size, self._first, spare, usual)

        def taken(parts: Any) -> tuple[Mapping[str, float], int]:
            with others_of(self.cluster):
                return step(parts)

        with self.training_of(model):
            yield taken

    # ------------------------------------------------------------------ what the chief says

    def from_chief(self, content: Any) -> Any:
        if self.cluster is None:
            return content
        text = np.frombuffer(json.dumps(content if self.is_chief else None, default=_plain).encode(), np.uint8).astype(
            np.int32
        )
        length = int(self._sum(np.array(len(text) * self.is_chief, np.int32)))
        sent = text if self.is_chief else np.zeros(length, np.int32)
        return json.loads(self._sum(sent).astype(np.uint8).tobytes().decode())

    def require_same(self, settings: Mapping[str, Any], digest: str) -> None:
        if self.cluster is None:
            return
        known = json.dumps(settings, sort_keys=True).encode()
        found = [int(each[:_CHARACTERS], 16) for each in (hashlib.sha256(known).hexdigest(), digest)]
        table = np.zeros((len(self.cluster.addresses), len(found)), np.int64)
        table[self.number] = found
        for place, what in enumerate(("settings", "data")):
            column = self._sum(table)[:, place]
            if (column != column[0]).any():
                other = int(np.argmax(column != column[0]))
                raise RnnkitError(
                    f"Worker {other} ({self.cluster.addresses[other]}) was started with other {what} than worker 0. "
                    "Start all workers with the same command and the same files."
                )

    def share(self, model: keras.Model, best: Sequence[Any]) -> Sequence[Any]:
        if self.cluster is None:
            return best
        for variable in [*model.variables, *model.optimizer.variables]:
            variable.assign(self._array_from_chief(keras.ops.convert_to_numpy(variable)))
        weights = model.get_weights()
        return [self._array_from_chief(each) for each in (best if self.is_chief else weights)]

    def _array_from_chief(self, value: np.ndarray) -> np.ndarray:
        wide = np.int64 if value.dtype.kind in "iub" else value.dtype
        return self._sum(value.astype(wide) if self.is_chief else np.zeros(value.shape, wide)).astype(value.dtype)

    def _sum(self, value: np.ndarray) -> np.ndarray:
        """The sum over workers, each of which gives an array of the same shape."""
        import tensorflow as tf

        def summed(given: Any) -> Any:
            def replica() -> Any:
                context = tf.distribute.get_replica_context()
                mine = tf.get_static_value(context.replica_id_in_sync_group) == self._first
                own = tf.identity(given) if mine else tf.zeros_like(given)  # on the device of this replica
                return context.all_reduce(tf.distribute.ReduceOp.SUM, own)

            return self.strategy.run(replica)

        kind = (value.dtype.str, value.shape)
        if kind not in self._sums:
            self._sums[kind] = tf.function(summed, autograph=False)
        with others_of(self.cluster):
            found = self._sums[kind](tf.constant(value))
            return np.asarray(self.strategy.experimental_local_results(found)[0])


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
