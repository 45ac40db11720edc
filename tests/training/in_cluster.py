"""Trainings in processes of their own: alone, on several devices, or as the workers of a cluster on this machine."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

_SECONDS = 300
_CALM = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "2"}


def train(folder, jobs, environments):
    """Run trainings side by side.

    Args:
        folder: For what they write; it is not there yet.
        jobs: What `main` takes, for each.
        environments: Variables of each, beside those of this process.

    Returns:
        The exit status and what was printed, on one line, of each.
    """
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        running = []
        for place, (job, variables) in enumerate(zip(jobs, environments, strict=True)):
            (folder / f"{place}.json").write_text(json.dumps({**job, "weights": str(folder / f"{place}.npz")}))
            said = stack.enter_context((folder / f"{place}.txt").open("wb"))
            command = [sys.executable, __file__, str(folder / f"{place}.json")]
            known = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
            one = subprocess.Popen(command, stdout=said, stderr=said, env={**known, **_CALM, **variables})
            stack.callback(one.kill)
            running.append(one)
        ended = [one.wait(_SECONDS) for one in running]
    said = [(folder / f"{place}.txt").read_text(errors="replace") for place in range(len(jobs))]
    return [(code, " ".join(text.split())) for code, text in zip(ended, said, strict=True)]


def cluster(count):
    """The variables of each worker of a cluster on this machine."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in taken]
    tasks = [{"type": "worker", "index": number} for number in range(count)]
    return [{"TF_CONFIG": json.dumps({"cluster": {"worker": addresses}, "task": each})} for each in tasks]


def main(job):
    """Train as told.

    Args:
        job: task; file; options; to (or None); resume; devices: how many CPU devices TensorFlow makes; dies: None, or
            the epoch and the step in which the process kills itself; weights: the file for those of the last step.
    """
    import keras
    import numpy as np

    from rnnkit import tasks

    if job["devices"] > 1:
        import tensorflow as tf

        device = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [device] * job["devices"])

    class Watching(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            if job["dies"] == [self.epoch, batch]:
                os.kill(os.getpid(), signal.SIGKILL)

        def on_train_end(self, logs=None):
            np.savez(job["weights"], *[keras.ops.convert_to_numpy(each) for each in self.model.trainable_variables])

    task = tasks.get(job["task"])(**job["options"])
    task.fit(Path(job["file"]), to=job["to"], resume=job["resume"], callbacks=(Watching(),))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
