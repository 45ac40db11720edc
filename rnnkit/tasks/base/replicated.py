"""The network that is trained: a task's own, or on several devices one that they share."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.base.examples import Encoded
from rnnkit.tasks.base.task import Task
from rnnkit.training.one_trace import traced_once
from rnnkit.training.progress import console
from rnnkit.training.replicas import Replicas, open_replicas
from rnnkit.wrapping import print_wrapped


def replicas_for(task: Task) -> Replicas:
    """The devices to train a task on.

    Raises:
        RnnkitError: As `open_replicas`; or an option is on whose gradient is not the sum of those of a batch's parts.
    """
    replicas = open_replicas()
    omega = getattr(task.options, "omega", 0.0)
    if replicas.count > 1 and omega:
        raise RnnkitError(
            f"omega is {omega:g}: that penalty looks at the gradient of a whole batch, of which each of "
            f"{replicas.count} devices sees a part. Set it to 0, or train on one device."
        )
    return replicas


def trained_network(task: Task, replicas: Replicas, steps: int) -> Any:
    """The network that is trained, compiled, with the weights of the task's own.

    Args:
        task: A task with its network built.
        replicas: The devices.
        steps: Training steps in all.
    """
    if replicas.said:
        print_wrapped(console, replicas.said)
    with replicas.scope():
        trained = replicas.trained(task.network, lambda parts: task.build(Build(training=True, parts=parts)))
        task.compile(trained, steps)
    if trained is not task.network:
        task.compile(task.network, steps)
    return trained


def validating(task: Task, replicas: Replicas, trained: Any, encoded: Encoded) -> Callable[[], dict[str, float]]:
    """The figures of the validation part, each time with the weights as they are then.

    Args:
        task: The task.
        replicas: The devices.
        trained: The network that is trained.
        encoded: The validation part.
    """

    def validate() -> dict[str, float]:
        replicas.give_back(trained, task.network)
        with nullcontext() if trained is task.network else traced_once(task.network):
            return task.validate(task.network, encoded)

    return validate
