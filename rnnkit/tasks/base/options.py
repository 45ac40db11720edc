"""Options: a task's constructor arguments, the command line's flags and the content of `config.json` in one."""

from dataclasses import dataclass
from os import PathLike
from typing import Any, ClassVar

from rnnkit.cells._layers import cell_and_layers
from rnnkit.errors import RnnkitError
from rnnkit.options import FILE as FILE
from rnnkit.options import CheckedOptions as CheckedOptions
from rnnkit.options import Names
from rnnkit.options import option as option
from rnnkit.options import panels as panels
from rnnkit.options import usual_options as usual_options
from rnnkit.options import value_type as value_type
from rnnkit.training.budget import MOST_EPOCHS
from rnnkit.training.omega_rules import refuse_with_omega


class _Cells(Names):
    """Names of cells: a key, or the Python file of your own."""

    def key(self, text: str) -> str:
        from rnnkit import cells

        return cells.key_of(text)

    def require(self, key: Any, folder: PathLike[str]) -> None:
        from rnnkit import cells
        from rnnkit.cells._own import OWN

        if key not in cells.names():
            raise OWN.unknown(key, folder, cells.names())


#: Marks an option that names a cell.
CELL = _Cells()
CELL_HELP = (
    "recurrent cell (rnnkit cells lists them), or a file with your own: FILE.py; min_gru:3 is three layers of it"
)


@dataclass(kw_only=True)
class RecurrentOptions(CheckedOptions):
    """Options of a task's recurrent part."""

    panel: ClassVar[str] = "Recurrent network"
    usual: ClassVar[tuple[str, ...]] = ("cell", "units", "layers")

    cell: str = option("gru", CELL_HELP, names=CELL)
    units: int = option(128, "width of the recurrent state", low=1, high=4096, search=4)
    layers: int = option(1, "number of stacked recurrent layers", low=1, high=16, search=(1, 3))
    bidirectional: bool = option(False, "bidirectional recurrent layers")
    residual: bool = option(False, "shortcuts: add each layer's input to its output, from the second layer on")
    block: int = option(
        0,
        "residual blocks: normalisation before each layer, a shortcut and an MLP behind it, this many times as wide as "
        "units; what deep stacks of linear cells need; 0: none",
        low=0,
        high=16,
    )
    input_dropout: float = option(0.0, "dropout rate of the recurrent layers' inputs", low=0, high=0.95)
    recurrent_dropout: float = option(0.0, "dropout rate of the recurrent state", low=0, high=0.95)
    variational: bool = option(True, "one dropout mask for all time steps instead of a new one at each")
    zoneout: float = option(0.0, "probability that a unit keeps its old state for a step", low=0, high=0.95)
    dropout_between: float = option(0.0, "dropout rate between recurrent layers", low=0, high=0.95, search=(0, 0.7))
    input_layers: int = option(0, "fully connected layers before each recurrent layer", low=0, high=16)
    transition_layers: int = option(0, "the same between one step and the next", low=0, high=16)
    output_layers: int = option(0, "the same after each recurrent layer", low=0, high=16)
    depth_activation: str = option(
        "tanh", "activation of those layers", choices=("tanh", "relu", "elu", "gelu", "silu", "sigmoid")
    )

    def check(self) -> None:
        if isinstance(self.cell, str):
            cell, layers = cell_and_layers(self.cell)
            if layers and self.layers not in (1, layers):
                raise RnnkitError(f"cell is {self.cell!r} and layers {self.layers}; say the number of layers once.")
            self.cell, self.layers = cell, layers or self.layers
        super().check()
        if self.block and self.residual:
            raise RnnkitError("residual and block are both on; a block has shortcuts of its own. Leave residual out.")


@dataclass(kw_only=True)
class TrainingOptions(CheckedOptions):
    """Options of every task's training."""

    panel: ClassVar[str] = "Training"
    usual: ClassVar[tuple[str, ...]] = ("epochs",)

    epochs: int = option(
        0, "passes over the training data; 0: chosen by its size, with minutes as many as fit", low=0, high=MOST_EPOCHS
    )
    minutes: float = option(
        0.0, "minutes of training steps after which it ends, whatever the epoch; 0: no limit", low=0, high=100_000
    )
    batch_size: int = option(64, "examples per training step", low=1, high=65_536, search=4)
    learning_rate: float = option(2e-3, "peak learning rate of Adam", low=1e-8, high=10, search=4)
    schedule: str = option("cosine", "learning rate after the warm-up", choices=("cosine", "constant"))
    global_clipnorm: float = option(1.0, "maximum norm of the gradients of all weights together; 0: no clipping", low=0)
    clipnorm: float = option(0.0, "maximum norm of each weight's gradient, instead of the global one; 0: none", low=0)
    clipvalue: float = option(0.0, "maximum absolute value in a gradient, instead of norms; 0: none", low=0)
    average: float = option(
        0.0,
        "decay of a running average of the weights that is saved instead of them, such as 0.998; 0: none",
        low=0,
        high=0.99999,
    )
    patience: int = option(
        3, "epochs without a better validation score or a smaller validation loss before training stops", low=1
    )
    validation_share: float = option(0.1, "share of the training data held out for validation", low=0.01, high=0.5)
    seed: int = option(1, "random seed of the split, the weights, the order and the dropout", low=0, high=2**31 - 1)
    mixed_precision: bool = option(False, "compute in bfloat16 (faster on recent GPUs)")
    tensorboard: bool = option(False, "also write TensorBoard logs into the Run folder")

    def check(self) -> None:
        super().check()
        self.clipping()

    def clipping(self) -> dict[str, float]:
        """The active kind of gradient clipping, as arguments of a Keras optimizer; empty where all are off.

        Raises:
            RnnkitError: When more than one is on.

        Example:

        >>> Options().clipping(), Options(global_clipnorm=0).clipping()
        ({'global_clipnorm': 1.0}, {})
        """
        sizes = {name: getattr(self, name) for name in ("clipvalue", "clipnorm", "global_clipnorm")}
        on = {name: size for name, size in sizes.items() if size}
        if len(on) > 1:
            given = " and ".join(f"{name} {size:g}" for name, size in on.items())
            raise RnnkitError(f"{given} are both on; only one kind of clipping can be. Set the others to 0.")
        return on


@dataclass(kw_only=True)
class ThroughTimeOptions(RecurrentOptions):
    """Options of a recurrent part's learning through time."""

    panel: ClassVar[str] = "Learning through time"

    recurrent_initializer: str = option(
        "default",
        "initializer of the recurrent weights; default: as in the cell's paper",
        choices=("default", "orthogonal", "identity", "glorot_uniform", "small"),
    )
    initial_state: str = option(
        "zeros", "state before the first step; random: only in training", choices=("zeros", "random", "learned")
    )
    truncate: int = option(
        0, "steps between cuts of the gradient, from the start (truncated BPTT); 0: none", low=0, high=100_000
    )
    omega: float = option(0.0, "weight of a penalty on vanishing gradients, Omega; 0: none", low=0, high=1e4)

    def check(self) -> None:
        super().check()
        refuse_with_omega(
            self.omega, recurrent_dropout=self.recurrent_dropout, zoneout=self.zoneout, truncate=self.truncate
        )


@dataclass(kw_only=True)
class WordVectorOptions(CheckedOptions):
    """Options of the pretrained word vectors of a task that reads words."""

    panel: ClassVar[str] = "Pretrained"

    embeddings: str = option("", "file of pretrained word vectors (word2vec, GloVe or fastText, as text)", names=FILE)
    freeze_embeddings: bool = option(False, "do not train these vectors, including those of rare words")

    def check_new(self) -> None:
        super().check_new()
        if self.freeze_embeddings and not self.pretrained_from:
            raise RnnkitError("freeze_embeddings is on without pretrained vectors: name --embeddings FILE.")

    @property
    def pretrained_from(self) -> str:
        """The file or folder of the pretrained weights; "" for none."""
        return self.embeddings


@dataclass(kw_only=True)
class PretrainedOptions(WordVectorOptions):
    """The same for a task that can also start from a language model."""

    panel: ClassVar[str] = "Pretrained"

    init_from: str = option("", "Run of a pretrained language model (rnnkit pretrain)", names=FILE)

    def check(self) -> None:
        super().check()
        if self.embeddings and self.init_from:
            raise RnnkitError("embeddings and init_from are both given; a network can start from only one.")

    @property
    def pretrained_from(self) -> str:
        return self.embeddings or self.init_from


@dataclass(kw_only=True)
class Options(TrainingOptions, ThroughTimeOptions):
    """Options of training and a recurrent part. A task's own options extend this, or `TrainingOptions`."""
