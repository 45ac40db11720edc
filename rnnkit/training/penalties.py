"""Penalties: terms that training adds to a network's loss, any number of kinds at once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, ClassVar, Generic, TypeVar

import keras

from rnnkit.errors import RnnkitError
from rnnkit.training.stepping import require_tensorflow

Tensor = Any
Seen = TypeVar("Seen")


class Penalty(ABC, Generic[Seen]):
    """One term beside the loss, made from a pass of the network and from the loss's gradients in it.

    It keeps no state of a model, so that one object may serve several.

    Attributes:
        noun: The penalty as the beginning of a sentence, for refusals.
    """

    noun: ClassVar[str]

    @abstractmethod
    def check(self, model: keras.Model) -> None:
        """Refuse a model that the penalty has no meaning for.

        Raises:
            RnnkitError: Saying what the model lacks.
        """

    @abstractmethod
    def watching(self, model: keras.Model, watch: Callable[[Tensor], Any]) -> AbstractContextManager[Seen]:
        """Enter a context for the pass whose loss is the plain one; it yields what `sources` and `term` are given.

        Args:
            model: The network.
            watch: To be called with each tensor of `sources` before it is used: the `watch` of a `tf.GradientTape`.
        """

    @abstractmethod
    def sources(self, seen: Seen) -> list[Tensor]:
        """The tensors inside the network whose gradient `term` needs."""

    @abstractmethod
    def term(
        self, seen: Seen, gradients: Sequence[Tensor | None], loss_again: Callable[[], Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The term and what is reported of it.

        Args:
            seen: From `watching`.
            gradients: Of the loss with respect to each of `sources`; None where there is none. Under mixed precision
                they may be scaled.
            loss_again: Runs the network on the batch once more and returns its loss.

        Returns:
            A scalar that is added to the loss, and figures by name.
        """


class PenalisedModel(keras.Model):
    """A functional Keras model that is trained on its loss and a list of penalties.

    Made as `keras.Model(inputs, outputs)` is; the layers may be those of another model. Each penalty is worked out
    from the plain loss, not from another penalty: the gradient of a step is that of the loss and of each term, added.
    `fit` and `train_on_batch` report the plain loss as `loss`. Each penalty makes a training step about as much
    longer as a plain step takes. TensorFlow only.

    Args:
        penalties: One of each kind at most.

    Raises:
        RnnkitError: On another Keras backend than TensorFlow, with two penalties of one kind, or with a penalty that
            does not fit the model.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SimpleRNN
    >>> from rnnkit.training.omega import Omega
    >>> inputs = keras.Input((None, 3))
    >>> model = PenalisedModel(inputs, keras.layers.Dense(1)(SimpleRNN(4)(inputs)), penalties=[Omega(1.0)])
    >>> model.compile("sgd", "mse")
    >>> sorted(model.train_on_batch(np.ones((2, 5, 3)), np.ones((2, 1)), return_dict=True))
    ['loss', 'omega']
    """

    def __init__(self, *arguments: Any, penalties: Sequence[Penalty[Any]], **more: Any) -> None:
        require_tensorflow(penalties[0].noun if penalties else "A PenalisedModel")
        super().__init__(*arguments, **more)
        self.penalties = tuple(penalties)
        for place, penalty in enumerate(self.penalties):
            if any(type(penalty) is type(other) for other in self.penalties[:place]):
                raise RnnkitError(f"{penalty.noun} is given twice; expected one penalty of each kind.")
            penalty.check(self)

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of the optimizer on a batch."""
        import tensorflow as tf

        if not self.penalties:
            return super().train_step(data)
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        variables = [variable.value for variable in self.trainable_variables]

        def scored() -> tuple[Tensor, Tensor]:
            answers = self(x, training=True)
            return answers, self.compute_loss(x=x, y=y, y_pred=answers, sample_weight=weights, training=True)

        with tf.GradientTape() as tape, ExitStack() as stack:
            seen = [stack.enter_context(penalty.watching(self, tape.watch)) for penalty in self.penalties]
            answers, loss = scored()
            scaled = self.optimizer.scale_loss(loss)
        sources = [penalty.sources(each) for penalty, each in zip(self.penalties, seen, strict=True)]
        of_loss, *of_sources = tape.gradient(scaled, [variables, *sources])
        figures: dict[str, Tensor] = {}
        with tf.GradientTape() as tape:
            terms = []
            for penalty, each, gradients in zip(self.penalties, seen, of_sources, strict=True):
                term, said = penalty.term(each, gradients, lambda: scored()[1])
                terms.append(self.optimizer.scale_loss(term))
                figures |= said
        of_terms = tape.gradient(terms, variables)  # of their sum
        self.optimizer.apply(list(map(_sum, of_loss, of_terms)), self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
        return {**self.compute_metrics(x, y, answers, sample_weight=weights), **figures}


def with_penalties(inputs: Any, outputs: Any, penalties: Sequence[Penalty[Any]], name: str) -> keras.Model:
    """A functional model: a `PenalisedModel`, or without penalties a plain one, which every Keras backend trains."""
    if penalties:
        return PenalisedModel(inputs, outputs, penalties=penalties, name=name)
    return keras.Model(inputs, outputs, name=name)


def _sum(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    import tensorflow as tf

    if one is None or other is None:
        return other if one is None else one
    return tf.convert_to_tensor(one) + tf.convert_to_tensor(other)  # word vectors' gradients may be sparse
