"""How a task shows itself: in a terminal, in a notebook, and at the Tab key."""

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from rnnkit.errors import RnnkitError
from rnnkit.run.figures import figures_of, key_figure, shown
from rnnkit.tasks.base.doubts import doubts_of

if TYPE_CHECKING:
    import keras

#: What a user of a task calls and reads, where the task has it; all else is for those who write tasks.
_FOR_USERS = (
    "calibrate", "check", "evaluate", "explain", "export", "finetune", "fit", "folder", "generate", "history", "key",
    "labels", "load", "model", "options", "perplexity", "plot", "predict", "preprocessing", "probabilities", "read",
    "results", "save", "summary",
)  # fmt: skip


class Shown:
    """What a task says about itself; a base of `Task`."""

    network: Any
    options: Any
    results: Any
    folder: Any

    @property
    def model(self) -> "keras.Model | None":
        """The Keras model of the trained task, for `model.summary()` or a training loop of one's own; None before."""
        return self.network  # type: ignore[no-any-return]

    def summary(self, **arguments: Any) -> None:
        """Print the network's layers, as `keras.Model.summary`.

        Raises:
            RnnkitError: The task is not trained.
        """
        self.require_trained()
        self.network.summary(**arguments)

    def require_trained(self) -> None:
        """Refuse a task without a trained network.

        Raises:
            RnnkitError: It has none.
        """
        if self.network is None:
            raise RnnkitError("This task is not trained; call fit() or rnnkit.load() first.")

    def doubts(self, best_epoch: int) -> Iterator[str]:
        """Lines about a training that ended without success; the kept epoch counts from 1."""
        return doubts_of(self.results["validation"], getattr(self, "labels", ()))

    def __repr__(self) -> str:
        said = [f"{name} {value}" for name, value in _facts(self)]
        return f"<{type(self).__name__}: {', '.join(said)}>"

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        tested = figures_of(self.results.get("test"))
        rows = [*_facts(self, figure=False), *((f"test {figure.name}", shown(figure.value)) for figure in tested)]
        left = 'style="text-align:left"'
        cells = [f"<th {left}>{escape(name)}</th><td {left}>{escape(str(value))}</td>" for name, value in rows]
        lines = "".join(f"<tr>{each}</tr>" for each in cells)
        return f"<table><caption>{escape(type(self).__name__)}</caption>{lines}</table>"

    def __dir__(self) -> list[str]:
        """The names a user needs, and what this object was given beside; `dir(type(task))` has the contract's too."""
        own = type(self)
        known = {name for base in own.__mro__ if base.__module__.startswith("rnnkit.") for name in vars(base)}
        added = {name for name in (*vars(own), *vars(self)) if name not in known and name not in _OF_BASE}
        dunder = [name for name in object.__dir__(self) if name.startswith("_")]
        return sorted({*(name for name in _FOR_USERS if hasattr(own, name) or name in vars(self)), *added, *dunder})


#: Attributes of an object that are the base's and not a user's.
_OF_BASE = ("network", "parts", "reading")


def _facts(task: Any, figure: bool = True) -> list[tuple[str, object]]:
    """Names and values: network, data, parameters, figures and folder, as far as they are known."""
    options, data = task.options, task.results.get("data", {})
    said: list[tuple[str, object]] = []
    if cell := getattr(options, "cell", None):
        said.append(("cell", f"{cell} x {options.units}" if hasattr(options, "units") else cell))
    if task.network is None:
        return [*said, ("not", "trained")]
    if data.get("name"):
        said.append(("data", f"{data['name']} ({data['train']:,} {task.example_noun} to train on)"))
    if "parameters" in task.results:
        said.append(("parameters", f"{task.results['parameters']:,}"))
    if figure and (key := key_figure(task.results.get("test"))):
        said.append(("test", str(key)))
    return [*said, ("in", task.folder)] if task.folder is not None else said
