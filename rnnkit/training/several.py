"""What all kinds of several devices share: a network of their own, which carries states and gives its weights back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras

from rnnkit.layers.weights import copy_lasting_weights
from rnnkit.training.replicas import Replicas
from rnnkit.training.truncated import reset_states


class Several(Replicas):
    """Several devices, with a network that they share beside the ordinary one."""

    def __init__(self) -> None:
        self._models = list[keras.Model]()  # those that are being trained

    def trained(self, network: keras.Model, make: Callable[[int], keras.Model]) -> keras.Model:
        made = make(self.count)
        copy_lasting_weights(network, made)
        return made

    def give_back(self, trained: keras.Model, network: keras.Model) -> None:
        copy_lasting_weights(trained, network)

    def reset_states(self) -> None:
        """Set the states that the trained networks carry to zero, as at the beginning of an epoch."""
        for model in self._models:
            reset_states(model)

    @contextmanager
    def training_of(self, model: keras.Model) -> Iterator[None]:
        """A context in which `reset_states` reaches a network."""
        self._models.append(model)
        try:
            yield
        finally:
            self._models.remove(model)
