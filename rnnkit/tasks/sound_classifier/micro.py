"""`SoundClassifier` on a microcontroller: the samples of a step and the states in, probabilities out.

The front end is in the file, by products with small matrices, since TFLite Micro has no Fourier transform. It stays in
float32; int8 takes the network's products alone, whose matrices are larger.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from keras import ops

from rnnkit.export.micro.contract import STEP, Calls, MicroExporter
from rnnkit.export.servable import Input, ServableParts, Signature, named
from rnnkit.lite.answers.silent_labels import silent_labels
from rnnkit.lite.step_file import STATE
from rnnkit.lite.tasks.sound_classifier import PROBABILITIES, SAMPLES
from rnnkit.tasks.shared.hearing import SPECTROGRAM_FILE
from rnnkit.tasks.shared.sound_batches import float_samples
from rnnkit.tasks.sound_classifier.network import Stepping

Tensor = Any


class SoundClassifierMicro(MicroExporter):
    """The file of a `SoundClassifier` for microcontrollers.

    Args:
        task: The trained task, which can run as samples come.
    """

    #: More than a matrix of the front end has (`rnnkit.layers.small_products`).
    fewest_weights: ClassVar[int] = 1024

    def __init__(self, task: Any) -> None:
        self.task = task

    @property
    def strategies(self) -> tuple[str, ...]:
        return (STEP,)

    def _stepping(self) -> Stepping:
        return Stepping(self.task.network, self.task.options, self.task.preprocessing.front, products=True)

    def servable(self, strategy: str) -> ServableParts:
        stepping = self._stepping()
        names, start = list(stepping.sizes), stepping.start()
        begun = [np.asarray(ops.convert_to_numpy(start[name])) for name in names]
        pools = stepping.pool.width + 1 if stepping.pool is not None else 0

        def step(samples: Tensor, *given: Tensor) -> dict[str, Tensor]:
            states = list(given)
            for place, first in enumerate(begun):
                if first.any() and place >= len(begun) - pools:  # an empty pool, for which zeros stand
                    states[place] = ops.where(ops.greater(states[-1], 0.0), states[place], first)
                elif first.any():
                    states[place] = states[place] + first
            logits, after = stepping.step(samples, dict(zip(names, states, strict=True)))
            new = [
                after[name] - first if first.any() and place < len(begun) - pools else after[name]
                for place, (name, first) in enumerate(zip(names, begun, strict=True))
            ]
            return {PROBABILITIES: ops.softmax(logits), **named(STATE, new)}

        shapes = enumerate(stepping.sizes.values())
        carried = [Input(f"{STATE}_{number}", (1, *shape), "float32") for number, shape in shapes]
        signature = Signature(step, (Input(SAMPLES, (1, stepping.samples), "float32"), *carried))
        return ServableParts(self.task.network, {STEP: signature})

    def calls(self, examples: Any, strategy: str) -> list[Calls]:
        stepping = self._stepping()
        size, front, stride = stepping.samples, self.task.preprocessing.front, self.task.options.stride
        found: list[Calls] = []
        for place in range(len(examples)):
            samples = float_samples(examples, place)
            steps = len(samples) // size
            last = (steps + 1) * stride - stepping.front.hops  # the frame that one more step would keep
            if last >= 0 and last * front.hop_size + front.window_size <= len(samples):
                steps += 1
            padded = np.pad(samples, (0, max(steps * size - len(samples), 0)))
            found.append([{SAMPLES: padded[None, k * size : (k + 1) * size]} for k in range(steps)])
        return found

    def outputs(self, answers: Sequence[dict[str, np.ndarray]]) -> np.ndarray:
        return answers[-1][PROBABILITIES]

    def describe(self, strategy: str) -> dict[str, Any]:
        task = self.task
        return {
            "max_length": int(task.options.longest * task.preprocessing.front.rate),
            "labels": "labels.txt",
            "spectrogram": SPECTROGRAM_FILE,
            "stride": task.options.stride,
        }

    def about(self) -> list[str]:
        front, size = self.task.preprocessing.front, self._stepping().samples
        return [
            f"samples: {size} of one channel at {front.rate} a second, from -1 to 1 (an int16 divided by 32768).",
            "Until the first frame is whole the answers mean nothing.",
        ]

    def lists(self) -> list[tuple[str, Sequence[str] | Sequence[bool]]]:
        labels = self.task.labels
        silent = silent_labels(labels)
        return [("kLabels", labels), ("kIsSilent", [label in silent for label in labels])]
