"""How a network is to be built: for training, for answering, or for one of the exported forms."""

from dataclasses import dataclass

from rnnkit.tasks.base.options import TrainingOptions


@dataclass(frozen=True)
class Build:
    """The form of a network; the default is the one that answers.

    Args:
        unroll: As `Recurrent` takes it; True fixes the length.
        masked: Hides padding; without a mask the network takes examples of their own length only.
        training: Adds penalties, and computes in bfloat16 where `options.mixed_precision` says so.
    """

    unroll: bool | int = False
    masked: bool = True
    training: bool = False

    def policy(self, options: TrainingOptions) -> str:
        """The Keras dtype policy.

        Example:

        >>> from rnnkit.tasks.base.options import Options
        >>> Build().policy(Options(mixed_precision=True)), Build(training=True).policy(Options(mixed_precision=True))
        ('float32', 'mixed_bfloat16')
        """
        return "mixed_bfloat16" if self.training and options.mixed_precision else "float32"


#: The network that answers, float32.
INFERENCE = Build()
