"""Training by `keras.distribution`: JAX shares each batch among the devices of this machine."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import keras

from rnnkit.data.batches import Batch, Batches
from rnnkit.training.replicas import Replicas, Size, Step
from rnnkit.training.several import Several


def open_sharded() -> Replicas | None:
    """The devices of this machine that JAX has; None for one."""
    devices = keras.distribution.list_devices()
    return Sharded(devices) if len(devices) > 1 else None


class Rows(keras.distribution.DataParallel):
    """Data parallelism in which a batch whose rows cannot be divided evenly, such as an epoch's last, is computed whole
    on every device; the result is the same."""

    def get_data_layout(self, data_shape: Any) -> Any:
        if data_shape and data_shape[0] % self.device_mesh.shape[0] == 0:
            return super().get_data_layout(data_shape)
        return keras.distribution.TensorLayout([None] * len(data_shape), self.device_mesh)


class Sharded(Several):
    """Devices among which JAX divides the rows of each batch.

    Args:
        devices: Their names.
    """

    def __init__(self, devices: list[str]) -> None:
        super().__init__()
        self.distribution = Rows(devices=devices, auto_shard_dataset=False)
        self.said = f"{len(devices)} devices: each takes a part of every batch"

    def scope(self) -> AbstractContextManager[Any]:
        return self.distribution.scope()  # type: ignore[no-any-return]

    def batches(self, training: Batches, epoch: int) -> Iterator[Any]:
        self.reset_states()
        return super().batches(training, epoch)

    @contextmanager
    def steps(self, model: keras.Model, training: Batches, size: Size) -> Iterator[Step]:
        with super().steps(model, training, size) as take:

            def taken(batch: Batch) -> tuple[Mapping[str, float], int]:
                with self.scope():
                    return take(batch)

            with self.training_of(model):
                yield taken
