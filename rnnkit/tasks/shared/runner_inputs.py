"""What the runner of a bundle hears of a file that it does not read itself."""

from typing import Any

from rnnkit.tasks.shared.hearing import Hearing


def preprocessing_of(task_class: Any, runner: Any) -> Any:
    """The preprocessing of a task that hears, with the front end and the limits of a bundle.

    Args:
        task_class: The task's class.
        runner: What `rnnkit.lite.load` returned.
    """
    learnt = task_class.preprocessing_class(task_class.options_class(stride=runner.stride))
    hearing = learnt.hearing = Hearing(learnt.options, runner.front)
    a_second = runner.front.rate if hearing.reads_samples else 1 / hearing.seconds_a_frame
    learnt.options.longest = runner.bundle.max_length / a_second
    return learnt
