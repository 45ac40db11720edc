"""A training on the workers of a Ray cluster: Ray starts them, replaces those that are lost, and keeps checkpoints."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from rnnkit.data.findings import counted
from rnnkit.errors import LostWorkerError, RnnkitError
from rnnkit.files.writing import new_folder
from rnnkit.installed import missing
from rnnkit.run import folder as runs
from rnnkit.run import target as targets
from rnnkit.run.finished import identity_of
from rnnkit.tasks.base.ray_lines import Lines, printed, quietly_started, sent

#: Losses of workers after which Ray gives up.
LOSSES = 5
_RUN, _NAME, _ERROR = "run", "rnnkit", "error"
_SETTINGS = ("KERAS_BACKEND", "RNNKIT_CELLS", "RNNKIT_MAX_SIZE", "RNNKIT_TASKS")  # variables that workers get


def require_ray(part: str = "train.tensorflow") -> Any:
    """Ray with one of its parts.

    Args:
        part: Its module, without "ray."; "" for Ray's core alone.

    Raises:
        RnnkitError: It is not installed.
    """
    os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "1")
    try:
        if part:
            import_module(f"ray.{part}")
        return import_module("ray")
    except ModuleNotFoundError as error:
        absent = (error.name or "").partition(".")[0]
        if absent not in ("ray", "fsspec", "pyarrow", "pydantic", "requests"):
            raise
        raise missing(absent, "--ray") from None


@dataclass
class Wanted:
    """A training as a worker is told of it.

    Args:
        task: The task's key, or the file of one's own.
        options: Its options.
        file: The data, under a name that every worker can read.
        columns: As for `Task.fit`.
        encoding: As for `Task.read`.
        delimiter: As for `Task.read`.
    """

    task: str
    options: dict[str, Any]
    file: str
    columns: dict[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None


def connected(address: str, part: str = "train.tensorflow") -> Any:
    """Ray, connected to a cluster.

    Args:
        address: "local" for one on this machine, "auto" for a running one, or host:port.
        part: As for `require_ray`.

    Raises:
        RnnkitError: Ray is not installed, or there is no cluster.
    """
    ray = require_ray(part)
    if not ray.is_initialized():
        quiet = {"logging_level": "ERROR", "log_to_driver": False, "include_dashboard": False}
        settings = {name: os.environ[name] for name in _SETTINGS if name in os.environ and address != "local"}
        try:
            with quietly_started():
                ray.init(address=address, runtime_env={"env_vars": settings} if settings else None, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            first = str(error).partition("\n")[0]
            raise RnnkitError(
                f"There is no Ray cluster at {address!r:.80} ({first:.120}). Give local, auto, or host:port."
            ) from None
    return ray


def room_for(ray: Any, workers: int | None, named: str, one: str) -> tuple[int, bool]:
    """How many workers work at once on a cluster, and whether each takes a GPU.

    Args:
        ray: Ray, connected.
        workers: How many are wanted; None for as many as the cluster has GPUs, or else CPUs.
        named: What the user calls their number.
        one: What one of them is, for a message.

    Raises:
        RnnkitError: The cluster has fewer; some would wait for ever.
    """
    gpus = int(ray.cluster_resources().get("GPU", 0))
    most = gpus or max(1, int(ray.cluster_resources().get("CPU", 1)))
    if workers is not None and workers > most:
        has = counted(most, "GPU" if gpus else "CPU")
        raise RnnkitError(f"{named} is {workers}, and the cluster has {has}; {one} takes one.")
    return workers or most, bool(gpus)


def fit_on_ray(
    wanted: Wanted, to: Path, *, address: str, workers: int, resume: bool = False, overwrite: bool = False
) -> Path:
    """Train on a Ray cluster, and write the Run here.

    After each epoch the first worker hands its checkpoint to Ray. Where a worker is lost, Ray starts all of them anew,
    and they go on from there.

    Args:
        wanted: What is trained.
        to: The Run's folder. Beside it, `TO.ray` holds what Ray keeps meanwhile; on a cluster of several machines both
            are on a disk that all share.
        address: As for `connected`.
        workers: How many.
        resume: Whether to go on with a training that broke off here, such as when this process was killed.
        overwrite: Whether a finished Run may be replaced.

    Raises:
        RnnkitError: As `Task.fit`, or the training was given up.
    """
    ray = connected(address)
    gpus = int(ray.cluster_resources().get("GPU", 0))
    keeps = Path(f"{to}.ray").absolute()
    with targets.claimed(to, overwrite=overwrite, resume=resume) as place:
        there = identity_of(place)
        _require_ours(keeps)
        if not resume:
            shutil.rmtree(keeps / _NAME, ignore_errors=True)
        trains = ray.train
        lines = Lines.opened(ray)
        trainer = trains.tensorflow.TensorflowTrainer(
            _train,
            train_loop_config={"wanted": vars(wanted), "lines": lines},
            scaling_config=trains.ScalingConfig(num_workers=workers, use_gpu=gpus >= workers),
            run_config=trains.RunConfig(
                name=_NAME, storage_path=str(keeps), failure_config=trains.FailureConfig(max_failures=LOSSES)
            ),
        )
        try:
            with printed(ray, lines):
                result = trainer.fit()
        except Exception as error:  # of Ray, around what a worker said
            raise said_by(error, "The training on Ray failed") from None
        if said := (result.metrics or {}).get(_ERROR):
            raise RnnkitError(said)
        with result.checkpoint.as_directory() as folder, new_folder(place) as new:
            if not runs.is_run(Path(folder, _RUN)):
                raise RnnkitError("The training on Ray ended without a Run; what its workers printed says why.")
            shutil.copytree(Path(folder, _RUN), new, dirs_exist_ok=True)
            targets.finish(new, place, there)
    shutil.rmtree(keeps / _NAME, ignore_errors=True)
    with suppress(OSError):
        keeps.rmdir()  # unless its owner has put something there
    return place


def _require_ours(keeps: Path) -> None:
    """Refuse a folder in which there is something else than what Ray keeps of a training.

    Raises:
        RnnkitError: There is.
    """
    if os.path.lexists(keeps) and (not keeps.is_dir() or any(path.name != _NAME for path in keeps.iterdir())):
        raise RnnkitError(
            f"{keeps} is in the way: Ray would keep the training there. Move it away, or give another --to."
        )


def said_by(error: BaseException, failed: str) -> RnnkitError:
    """What a worker said, out of what Ray wraps around it: an error that is one of ours, too, but has a traceback as
    its text, and ours as its cause.

    Args:
        error: Ray's.
        failed: What failed, for an error that is not ours.
    """
    cause: BaseException | None = error
    while cause is not None:
        within = getattr(cause, "cause", None)
        if isinstance(cause, RnnkitError) and within is None:
            return RnnkitError(str(cause))
        cause = within or cause.__cause__
    lines = [line for line in str(error).splitlines() if line.strip()]
    return RnnkitError(f"{failed}: {lines[-1] if lines else type(error).__name__:.300}")


def _train(given: Mapping[str, Any]) -> None:
    """What each worker does: train as under TF_CONFIG, which Ray has set, and report each epoch."""
    import keras

    from rnnkit import tasks

    trains = require_ray().train
    wanted, first = Wanted(**given["wanted"]), trains.get_context().get_world_rank() == 0
    with tempfile.TemporaryDirectory() as folder, sent(given["lines"]) if first else nullcontext():
        work = Path(folder, _RUN)
        before = trains.get_checkpoint()
        if before is not None and first:
            before.to_directory(folder)

        class Reports(keras.callbacks.Callback):
            def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
                figures = {"epoch": epoch + 1, **{name: float(value) for name, value in (logs or {}).items()}}
                trains.report(figures, checkpoint=trains.Checkpoint.from_directory(folder) if first else None)

        try:
            task = tasks.get(wanted.task)(**wanted.options)
            columns: dict[str, str | None] = {**wanted.columns}
            rows = task.read(wanted.file, columns or None, wanted.encoding, wanted.delimiter)
            task.fit(rows, to=work if first else None, resume=before is not None, callbacks=(Reports(),))
        except LostWorkerError:
            raise  # Ray starts all anew
        except RnnkitError as error:  # which would come again
            trains.report({_ERROR: str(error)})
            return
        trains.report({"finished": True}, checkpoint=trains.Checkpoint.from_directory(folder) if first else None)
