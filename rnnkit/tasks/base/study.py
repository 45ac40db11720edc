"""A search of settings by Optuna, kept in an SQLite file, in which every suggestion is a function of what is finished.

So a search that was killed goes on as if nothing had happened: the sampler is made anew for each trial, from the seed
and the number of finished ones, and what a killed trial reported does not count.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rnnkit.errors import RnnkitError
from rnnkit.installed import missing
from rnnkit.tasks.base.search_space import Space, Span

_NAME = "rnnkit"
_MOST_SEED = 2**32
_STARTUP = 8  # trials before the sampler learns from others, and half of it before some are pruned


def require_optuna() -> Any:
    """Optuna, quiet.

    Raises:
        RnnkitError: It is not installed.
    """
    try:
        import optuna
    except ModuleNotFoundError as error:
        if error.name != "optuna":
            raise
        raise missing("optuna", "rnnkit tune") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


class Study:
    """A search in its file.

    Args:
        file: Of SQLite; made where it is not there.
        less_is_better: For each goal.
        space: What is tried.
        seed: Of the suggestions.
        prunes: Whether poor trials are given up.

    Raises:
        RnnkitError: The file is no study, or one with other goals.
    """

    def __init__(self, file: Path, less_is_better: Sequence[bool], space: Space, seed: int, prunes: bool) -> None:
        self._optuna = require_optuna()
        directions = ["minimize" if less else "maximize" for less in less_is_better]
        self.space, self.seed, self.prunes = space, seed, prunes
        self._directions, self._storage = directions, f"sqlite:///{quote(file.resolve().as_posix(), safe='/:')}"
        try:
            self._study = self._made()
            self._forget_running()
        except Exception as error:  # of SQLAlchemy, SQLite or Optuna, by what is broken
            raise RnnkitError(
                f"{file} is no search that can be gone on with ({type(error).__name__}). Delete its folder, or give "
                "another with --to."
            ) from None
        if [direction.name.lower() for direction in self._study.directions] != directions:
            raise RnnkitError(f"{file} is a search for other goals. Give another folder with --to.")

    def _made(self) -> Any:
        return self._optuna.create_study(
            storage=self._storage,
            study_name=_NAME,
            directions=self._directions,
            load_if_exists=True,
            pruner=self._optuna.pruners.MedianPruner(n_startup_trials=_STARTUP // 2, n_warmup_steps=1),
        )

    def _forget_running(self) -> None:
        states = self._optuna.trial.TrialState
        for trial in self._study.get_trials(deepcopy=False, states=(states.RUNNING,)):
            self._study.tell(trial.number, state=states.FAIL)

    def follow(self, results: Sequence[Mapping[str, Any]]) -> None:
        """Be the study of these finished trials and of no others, as where a kill came between the two files.

        Args:
            results: A row of the record for each: "settings", "pruned", "reported" (the score after each epoch), and
                "values" where it came to its end.
        """
        trials = self._optuna.trial
        states = (trials.TrialState.COMPLETE, trials.TrialState.PRUNED)
        count = sum(bool(one.get("values")) or one["pruned"] for one in results)
        if len(self._study.get_trials(deepcopy=False, states=states)) == count:
            return
        self._optuna.delete_study(study_name=_NAME, storage=self._storage)
        self._study = self._made()
        for one in results:
            ended = bool(one.get("values"))
            if ended or one["pruned"]:
                self._study.add_trial(
                    trials.create_trial(
                        state=states[0] if ended else states[1],
                        params=dict(one["suggested"]),
                        distributions={name: _distribution(self._optuna, tried) for name, tried in self.space.items()},
                        intermediate_values=dict(enumerate(one["reported"])) if self.prunes else None,
                        values=list(one["values"]) if ended else None,
                    )
                )

    def ask(self, done: int, first: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The next trial and its settings, of three digits.

        Args:
            done: How many are finished.
            first: The settings of the first trial.
        """
        seed = (self.seed * 1_000_003 + done) % _MOST_SEED
        self._study.sampler = self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=_STARTUP)
        if not done:
            self._study.enqueue_trial({name: first[name] for name in self.space})
        trial = self._study.ask()
        return trial, {name: _suggested(trial, name, tried) for name, tried in self.space.items()}

    def is_poor(self, trial: Any, value: float, epoch: int) -> bool:
        """Whether a trial with this score after an epoch, from 0, is to be given up."""
        if not self.prunes:
            return False
        trial.report(value, epoch)
        return bool(trial.should_prune())

    def tell(self, trial: Any, values: Sequence[float] | None, pruned: bool = False) -> None:
        """Tell how a trial ended: its goals; or None where it failed or was given up."""
        states = self._optuna.trial.TrialState
        if values is not None:
            self._study.tell(trial, list(values))
        else:
            self._study.tell(trial, state=states.PRUNED if pruned else states.FAIL)

    def importance(self) -> dict[str, float]:
        """The share of each option in what makes a trial good; empty where too few are finished.

        Reference:
            Watanabe, Bansal & Hutter, PED-ANOVA, IJCAI 2023 (arXiv:2304.10255).
        """
        importance = self._optuna.importance
        complete = self._study.get_trials(deepcopy=False, states=(self._optuna.trial.TrialState.COMPLETE,))
        if len(complete) < _STARTUP:
            return {}
        found = importance.get_param_importances(self._study, evaluator=importance.PedAnovaImportanceEvaluator())
        return {str(name): float(share) for name, share in found.items()}


def _distribution(optuna: Any, tried: Span | tuple[str, ...]) -> Any:
    kinds = optuna.distributions
    if not isinstance(tried, Span):
        return kinds.CategoricalDistribution(list(tried))
    if tried.whole:
        return kinds.IntDistribution(int(tried.low), int(tried.high), log=tried.log)
    return kinds.FloatDistribution(tried.low, tried.high, log=tried.log)


def _suggested(trial: Any, name: str, tried: Span | tuple[str, ...]) -> Any:
    if not isinstance(tried, Span):
        return trial.suggest_categorical(name, list(tried))
    if tried.whole:
        return trial.suggest_int(name, int(tried.low), int(tried.high), log=tried.log)
    return float(f"{trial.suggest_float(name, tried.low, tried.high, log=tried.log):.3g}")
