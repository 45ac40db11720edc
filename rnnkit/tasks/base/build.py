"""The purpose for which a network is built: training, inference, or one of the exported forms."""

from dataclasses import dataclass

from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.options import TrainingOptions


@dataclass(frozen=True)
class Build:
    """The form of a network; the default is for inference.

    Args:
        unroll: As in `Recurrent`; True fixes the length.
        masked: Whether to mask padding; without a mask the network accepts unpadded examples only.
        training: Whether to add penalties, and to compute in bfloat16 with `options.mixed_precision`.
        parts: In how many parts each batch is divided, of which the network sees one.
    """

    unroll: bool | int = False
    masked: bool = True
    training: bool = False
    parts: int = 1

    def rows(self, batch_size: int) -> int:
        """The rows of a part of a batch, for a network that needs their number.

        Raises:
            RnnkitError: The parts would not be equal.

        Example:

        >>> Build(parts=2).rows(64)
        32
        """
        if batch_size % self.parts:
            raise RnnkitError(
                f"batch_size is {batch_size}, which {self.parts} devices cannot divide evenly. Give a multiple."
            )
        return batch_size // self.parts

    def policy(self, options: TrainingOptions) -> str:
        """The Keras dtype policy.

        Example:

        >>> from rnnkit.tasks.base.options import Options
        >>> Build().policy(Options(mixed_precision=True)), Build(training=True).policy(Options(mixed_precision=True))
        ('float32', 'mixed_bfloat16')
        """
        return "mixed_bfloat16" if self.training and options.mixed_precision else "float32"


#: The network for inference, in float32.
INFERENCE = Build()
