"""The search for sentences, shared by tasks that write them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rnnkit.codec.vocabulary import PAD
from rnnkit.lite.searching import search_of, usual_search

if TYPE_CHECKING:
    import keras


class SearchingTask:
    """A task whose options include `rnnkit.lite.searching.BeamOptions` and `label_smoothing`."""

    options: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._searches: dict[tuple[tuple[str, Any], ...], tuple[keras.Model, Callable[..., Any]]] = {}

    def loss(self, network: "keras.Model") -> Callable[[Any, Any], Any]:
        from rnnkit.tasks.shared.sequence_loss import loss_of

        return loss_of(self.options.label_smoothing)

    def watched(self, network: "keras.Model") -> "list[str | keras.Metric] | None":
        import keras

        from rnnkit.layers.attention.attention_loss import AttentionLoss
        from rnnkit.training.loop import DATA_LOSS

        more = any(isinstance(layer, AttentionLoss) for layer in network.layers)
        return [keras.metrics.MeanMetricWrapper(self.loss(network), name=DATA_LOSS)] if more else None

    def loss_size(self, batch: tuple[Any, ...]) -> float:
        """The targets that are not padding."""
        return float((batch[1] != PAD).sum())

    def search(self, **how: Any) -> dict[str, Any]:
        """The decoding arguments of `rnnkit.decoding.decode`: the task's options, overridden by `how`."""
        return search_of(usual_search(self.options), how)

    def _compiled(
        self, network: "keras.Model", how: dict[str, Any], make: Callable[[dict[str, Any]], Callable[..., Any]]
    ) -> Callable[..., Any]:
        """The result of `make` for these decoding arguments, cached for each of them and each network."""
        how = {name: value for name, value in how.items() if name != "seed"}  # its random numbers are passed in
        key = tuple(sorted(how.items()))
        if key not in self._searches or self._searches[key][0] is not network:
            self._searches[key] = network, make({"max_length": self.options.max_length, **how})
        return self._searches[key][1]
