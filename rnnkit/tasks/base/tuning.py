"""A search of settings: trainings, each with what the finished ones suggest."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnkit.errors import RnnkitError
from rnnkit.quiet import load_keras
from rnnkit.run.tuning import TUNING
from rnnkit.tasks.base.on_ray import require_ray
from rnnkit.tasks.base.ray_trials import Cluster
from rnnkit.tasks.base.scoring import opened
from rnnkit.tasks.base.search_space import space_of
from rnnkit.tasks.base.study import require_optuna
from rnnkit.training.cluster import refuse_cluster

if TYPE_CHECKING:
    from rnnkit.tasks.base.task import Task

#: What may be asked for: a better score on the validation part, a smaller file, a faster answer.
GOALS = ("score", "bytes", "milliseconds")
MOST_TRIALS = 100_000


def tune(
    task: "Task",
    source: Any,
    targets: Any = None,
    *,
    to: str | PathLike[str],
    trials: int = 20,
    minutes: float = 0.0,
    over: Sequence[str] = (),
    fixed: Sequence[str] = (),
    goals: Sequence[str] = ("score",),
    resume: bool = False,
    overwrite: bool = False,
    columns: dict[str, str | None] | None = None,
    ray: str | None = None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Search the settings of a task, and keep the best Run.

    The first trial has the task's own options; the others are suggested by a tree-structured Parzen estimator. With one
    goal a trial is given up where it is worse than half of the others after as many epochs. Data and split are the same
    for all. Killed and resumed, a search ends as if it had not been.

    Args:
        task: A task with the options to search around; it stays untrained.
        source: As for `fit`.
        targets: Where `source` is a list of inputs, as many targets.
        to: A folder for `tuning.json`, `tuning.csv`, the study (`study.sqlite3`, of Optuna), its pictures, and the Runs
            that are kept: the best, or with several goals those that no other beats in all of them.
        trials: How many trainings.
        minutes: After which no further one begins; 0: no limit.
        over: The options to search; by default all whose declaration says what to try, but for those `fixed`.
        fixed: Options that keep the task's values.
        goals: Of `GOALS`, one or more.
        resume: Whether to go on with the search in that folder.
        overwrite: Whether to replace it instead, with its Runs.
        columns: As for `fit`.
        ray: A Ray cluster to train on: "local", "auto" or host:port. Data and `to` are under the same names for all of
            its machines.
        workers: Of `ray`: how many trainings at once; None for as many as it has GPUs, or else CPUs. With several, what
            is suggested depends on which end first.

    Returns:
        The content of `tuning.json`: "settings", "space", "results" (a row for each trial) and "kept" (names of Runs).

    Raises:
        RnnkitError: For options that cannot be searched, data that cannot be used, a folder that holds a search already
            or one of other settings, or where all trials failed; or Optuna is not installed, or with `ray` Ray.

    Example:

    >>> import rnnkit
    >>> rows = [(f"{word} film {i}", word) for i in range(15) for word in ("good", "bad")]
    >>> task = rnnkit.TextClassifier(epochs=2)
    >>> rnnkit.tune(task, rows, to="search", trials=3, over=["units"])["kept"]  # doctest: +SKIP
    ['trial_001']

    Reference:
        Bergstra et al., Algorithms for Hyper-Parameter Optimization, NeurIPS 2011 (the estimator); Akiba et al.,
        Optuna, KDD 2019; Golovin et al., Google Vizier, KDD 2017 (the median rule).
    """
    if unknown := [goal for goal in goals if goal not in GOALS]:
        raise RnnkitError(f"The goal {unknown[0]!r:.40} is unknown; expected some of {', '.join(GOALS)}.")
    if not goals or len(set(goals)) < len(goals):
        raise RnnkitError(f"goals are {list(goals)!r:.60}; expected one or more different ones of {', '.join(GOALS)}.")
    if type(trials) is not int or not 1 <= trials <= MOST_TRIALS:
        raise RnnkitError(f"trials is {trials!r:.40}; expected a whole number from 1 to {MOST_TRIALS:,}.")
    refuse_cluster("A search of settings")
    require_optuna()
    if workers is not None and (ray is None or type(workers) is not int or workers < 1):
        raise RnnkitError(f"workers is {workers!r:.40}; expected a whole number from 1, and ray beside it.")
    if ray is not None:
        require_ray("")
    folder, space = Path(to), space_of(task.options, over, fixed)
    task.options.check_new()
    TUNING.refuse(folder, resume, overwrite)
    load_keras()
    from rnnkit.tasks.base.search import Search

    if ray is not None and isinstance(source, str | PathLike):
        source = Path(source).absolute()  # which holds on other machines, and in other folders
    rows = opened(task, source, columns if targets is None else targets)
    with TUNING.claimed(folder, resume, overwrite):
        if not resume:
            TUNING.clear(folder)
        cluster = None if ray is None else Cluster(ray, workers)
        return Search(task, rows, folder, space, tuple(goals), resume).of(trials, 60 * minutes, cluster)
