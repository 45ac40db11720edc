"""LiteRT's `CompiledModel` in the place of its interpreter, without a resize: `rnnkit.lite` runs on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from ai_edge_litert.compiled_model import CompiledModel
from ai_edge_litert.options import CpuOptions, HardwareAccelerator, Options

from rnnkit.lite.interpreter import OPENER, open_here


@contextmanager
def compiled(threads: int) -> Iterator[None]:
    """A context in which bundles are opened with `CompiledModel`."""

    def opened(model: bytes, num_threads: int, delegate: bool) -> Any:
        return Compiled(model, threads)

    token = OPENER.set(opened)
    try:
        yield
    finally:
        OPENER.reset(token)


class Compiled:
    """What `rnnkit.lite` needs of an interpreter. Inputs of another shape than the file's are refused."""

    def __init__(self, model: bytes, threads: int) -> None:
        self._details = open_here(model, 1, True)  # names and shapes alone
        self._model = CompiledModel.from_buffer(
            model,
            options=Options(hardware_accelerators=HardwareAccelerator.CPU, cpu_options=CpuOptions(num_threads=threads)),
        )
        self._given: dict[int, np.ndarray] = {}
        self._made: dict[int, np.ndarray] = {}
        self.get_signature_list = self._details.get_signature_list
        self.get_input_details = self._details.get_input_details
        self.get_output_details = self._details.get_output_details
        self.get_tensor_details = self._details.get_tensor_details
        self.reset_all_variables = lambda: None

    def get_signature_runner(self, name: str | None = None) -> "Runner":
        name = name or next(iter(self.get_signature_list()))
        return Runner(self._details.get_signature_runner(name), partial(self._call, name))

    def set_tensor(self, index: int, value: np.ndarray) -> None:
        self._given[index] = value

    def invoke(self) -> None:
        runner = self.get_signature_runner()
        names = {details["index"]: name for name, details in runner.get_input_details().items()}
        made = runner(**{names[index]: value for index, value in self._given.items()})
        (self._made[self.get_output_details()[0]["index"]],) = made.values()

    def get_tensor(self, index: int) -> np.ndarray:
        return self._made[index]

    def _call(self, signature: str, given: dict[str, Any], made: dict[str, Any], tensors: dict[str, np.ndarray]) -> Any:
        inputs, outputs = {}, {}
        for name, value in tensors.items():
            assert value.shape == tuple(given[name]["shape"]), f"{name} is {value.shape}: a resize is needed"
            inputs[name] = self._model.create_input_buffer_by_name(signature, name)
            inputs[name].write(np.ascontiguousarray(value, given[name]["dtype"]).ravel())
        for name in made:
            outputs[name] = self._model.create_output_buffer_by_name(signature, name)
        self._model.run_by_name(signature, inputs, outputs)
        shapes = {name: tuple(details["shape"]) for name, details in made.items()}
        return {
            name: np.array(outputs[name].read(int(np.prod(shape)), made[name]["dtype"])).reshape(shape)
            for name, shape in shapes.items()
        }


class Runner:
    """One signature."""

    def __init__(self, details: Any, call: Any) -> None:
        self._given, self._made = details.get_input_details(), details.get_output_details()
        self._call = call

    def get_input_details(self) -> dict[str, Any]:
        return self._given

    def get_output_details(self) -> dict[str, Any]:
        return self._made

    def __call__(self, **tensors: np.ndarray) -> dict[str, np.ndarray]:
        made: dict[str, np.ndarray] = self._call(self._given, self._made, tensors)
        return made
