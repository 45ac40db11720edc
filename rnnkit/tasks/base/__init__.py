"""The contract of every task, its options, and fitting, saving and loading, which no task implements itself.

Everything that a custom task needs can be imported from here (docs/own_task.md).
"""

from typing import TYPE_CHECKING

from rnnkit.registry import lazy_names

if TYPE_CHECKING:
    from rnnkit.data.bucketing import Ragged as Ragged
    from rnnkit.data.bucketing import pad as pad
    from rnnkit.layers.padding import NaNMasking as NaNMasking
    from rnnkit.metrics.bootstrap import sums as sums
    from rnnkit.tasks.base.build import INFERENCE as INFERENCE
    from rnnkit.tasks.base.build import Build as Build
    from rnnkit.tasks.base.digest import digest_of as digest_of
    from rnnkit.tasks.base.example_files import ExampleFiles as ExampleFiles
    from rnnkit.tasks.base.examples import Encoded as Encoded
    from rnnkit.tasks.base.examples import Splits as Splits
    from rnnkit.tasks.base.examples import split_examples as split_examples
    from rnnkit.tasks.base.learnt import learnt as learnt
    from rnnkit.tasks.base.options import Options as Options
    from rnnkit.tasks.base.options import TrainingOptions as TrainingOptions
    from rnnkit.tasks.base.options import option as option
    from rnnkit.tasks.base.preprocessing import Preprocessing as Preprocessing
    from rnnkit.tasks.base.recurrent_part import recurrent as recurrent
    from rnnkit.tasks.base.recurrent_part import recurrent_model as recurrent_model
    from rnnkit.tasks.base.task import Task as Task

_LAZY = {
    "Build": "rnnkit.tasks.base.build",
    "Encoded": "rnnkit.tasks.base.examples",
    "ExampleFiles": "rnnkit.tasks.base.example_files",
    "INFERENCE": "rnnkit.tasks.base.build",
    "NaNMasking": "rnnkit.layers.padding",
    "Options": "rnnkit.tasks.base.options",
    "Preprocessing": "rnnkit.tasks.base.preprocessing",
    "Ragged": "rnnkit.data.bucketing",
    "Splits": "rnnkit.tasks.base.examples",
    "Task": "rnnkit.tasks.base.task",
    "TrainingOptions": "rnnkit.tasks.base.options",
    "digest_of": "rnnkit.tasks.base.digest",
    "learnt": "rnnkit.tasks.base.learnt",
    "option": "rnnkit.tasks.base.options",
    "pad": "rnnkit.data.bucketing",
    "recurrent": "rnnkit.tasks.base.recurrent_part",
    "recurrent_model": "rnnkit.tasks.base.recurrent_part",
    "split_examples": "rnnkit.tasks.base.examples",
    "sums": "rnnkit.metrics.bootstrap",
}
__all__ = list(_LAZY)  # noqa: PLE0605
__getattr__, __dir__ = lazy_names(__name__, _LAZY)
