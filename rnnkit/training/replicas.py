"""The devices that a network is trained on: one, several of this machine, or those of several workers.

Each device has a replica of the network and takes a part of every batch; the gradient is that of the whole batch, so
the weights are those of one device with the same batches, to rounding. A batch stays as large as `batch_size` says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar

import keras

from rnnkit.data.batches import Batch, Batches, rows_of
from rnnkit.errors import RnnkitError
from rnnkit.training.cluster import own_cluster
from rnnkit.training.one_trace import traced_once

#: The mean figures of a batch, and its number of examples.
Step = Callable[[Any], tuple[Mapping[str, float], int]]
Size = Callable[[Batch], float]


class Replicas:
    """One device, and what several do otherwise.

    Attributes:
        count: Devices that take a part of each batch.
        is_chief: Whether this process validates, decides and writes the Run.
        said: What is printed of the devices; empty for one.
    """

    count: int = 1
    is_chief: bool = True
    said: str = ""

    def scope(self) -> AbstractContextManager[Any]:
        """The context in which the trained network is built and compiled."""
        return nullcontext()

    def trained(self, network: keras.Model, make: Callable[[int], keras.Model]) -> keras.Model:
        """The network that is trained in place of `network`, with its weights.

        Args:
            network: An ordinary one, which is validated and saved.
            make: Makes another for parts of batches, given in how many parts a batch is divided.
        """
        return network

    def give_back(self, trained: keras.Model, network: keras.Model) -> None:
        """Copy the weights of the trained network into the ordinary one."""

    def batches(self, training: Batches, epoch: int) -> Iterator[Any]:
        """What `steps` takes in an epoch."""
        return iter(training.shuffled(epoch))

    @contextmanager
    def steps(self, model: keras.Model, training: Batches, size: Size) -> Iterator[Step]:
        """A context with the training step.

        Args:
            model: The trained network, compiled.
            training: Its batches.
            size: What the loss of a batch is a mean over.
        """

        built = False

        def step(batch: Batch) -> tuple[Mapping[str, float], int]:
            nonlocal built
            if not built:
                build(model, batch)
                built = True
            model.reset_metrics()
            return model.train_on_batch(*batch, return_dict=True), rows_of(batch)

        with traced_once(model, training.usual_rows):
            yield step

    def from_chief(self, content: Any) -> Any:
        """What the chief gives, at every worker: content of JSON, or None."""
        return content

    def require_same(self, settings: Mapping[str, Any], digest: str) -> None:
        """Refuse workers that were started with other settings or other data.

        Args:
            settings: Plain content of JSON.
            digest: Of the data, hexadecimal.

        Raises:
            RnnkitError: Such a worker is there; all workers raise it.
        """

    def share(self, model: keras.Model, best: Sequence[Any]) -> Sequence[Any]:
        """Give every worker the chief's variables, of the network and its optimizer, and its best weights.

        Returns:
            The best weights.
        """
        return best


#: A training on one device.
ONE = Replicas()


def build(model: keras.Model, batch: Batch) -> None:
    """Make the variables of optimizer and metrics: made in the first step, they would have it compiled twice.

    `_symbolic_build` is Keras's own way to do so in `fit`; there is no public one (3.15).
    """
    model.optimizer.build(model.trainable_variables)
    model._symbolic_build(data_batch=(*batch, None, None)[:3])


class Opened:
    """The devices of this process, found once: TensorFlow takes part in a cluster only before it does anything else."""

    found: ClassVar[Replicas | None] = None


def open_replicas() -> Replicas:
    """The devices to train on: those of the cluster that TF_CONFIG names; else several accelerators of this machine, or
    CPU devices where there are several; else one.

    Raises:
        RnnkitError: TF_CONFIG is broken, cannot be followed on this backend, or TensorFlow has already begun to work.
    """
    if Opened.found is None:
        Opened.found = _opened()
    return Opened.found


def _opened() -> Replicas:
    cluster = own_cluster()
    if keras.backend.backend() == "tensorflow":
        from rnnkit.training.mirrored import open_mirrored

        return open_mirrored(cluster) or ONE
    if cluster is not None:
        raise RnnkitError(
            f"Workers by TF_CONFIG need Keras on TensorFlow, not on {keras.backend.backend()}. Set "
            "KERAS_BACKEND=tensorflow, or unset TF_CONFIG to train on the devices of this machine."
        )
    from rnnkit.training.sharded import open_sharded

    return open_sharded() or ONE
