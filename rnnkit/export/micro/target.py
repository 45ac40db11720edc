"""`--target micro`: a Run as a file and C++ source for a microcontroller, compared with Keras in its interpreter."""

import time
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.export import flatbuffer
from rnnkit.export.bundle import finish_bundle, write_bundle
from rnnkit.export.contract import Exporter
from rnnkit.export.convert import convert
from rnnkit.export.micro.contract import STEP, Calls, MicroExporter
from rnnkit.export.micro.interface import Interface
from rnnkit.export.micro.interpreter import MicroModel, require_micro
from rnnkit.export.micro.operators import adapted, require_operators
from rnnkit.export.micro.products import quantize_products
from rnnkit.export.micro.source import sources
from rnnkit.export.stages import Stages, stages
from rnnkit.files.disk import scratch
from rnnkit.files.writing import new_folder, write_text
from rnnkit.layers.device_loop import on_device
from rnnkit.run.folder import MICRO

#: What a file for microcontrollers can be quantized to.
QUANTIZATIONS = ("int8", "none")
_STEPS = 50_000  # calls in a comparison, at most
_CALIBRATED = 10_000  # calls that int8 is calibrated on, at most


def micro_choices(exporter: Exporter, format: str, quantize: str, strategy: str) -> tuple[str, str]:
    """The quantization and strategy of an export for microcontrollers, "auto" resolved.

    Raises:
        RnnkitError: The task does not run on microcontrollers, or not so; or their interpreter is not installed.
    """
    key, micro = exporter.task.key, exporter.micro()
    if micro is None:
        raise RnnkitError(
            f"A {key} has no export for microcontrollers; classifiers of sequences and sounds have, and single layers "
            "(rnnkit.export.micro). Leave --target micro out."
        )
    if format != "tflite":
        raise RnnkitError(f"--target micro writes a TFLite file, and --format is {format}. Leave one of them out.")
    if quantize not in ("auto", *QUANTIZATIONS):
        raise RnnkitError(
            f"TFLite Micro does not run {quantize} files: its kernels take whole numbers or floats, no mixture. Take "
            "--quantize int8, whose products alone are whole numbers, or none."
        )
    known = ("auto", *micro.strategies)
    if strategy not in known:
        raise RnnkitError(
            f"For a microcontroller this {key} cannot be exported with the strategy {strategy!r}; expected one of "
            f"{', '.join(known)}.{did_you_mean(strategy, known)}"
        )
    strategy = micro.strategies[0] if strategy == "auto" else strategy
    if strategy == "loop" and quantize == "int8":
        raise RnnkitError(f"int8 cannot be calibrated within a loop. Take --strategy {micro.strategies[0]}, or none.")
    require_micro()
    return ("none" if strategy == "loop" else "int8") if quantize == "auto" else quantize, strategy


def export_micro(
    exporter: Exporter, folder: Path, quantize: str, strategy: str, compared: Any, source: str
) -> dict[str, Any]:
    """Write `micro/`: the model, its C++ source and `bundle.json`.

    Args:
        exporter: The exporter of a trained task.
        folder: The Run's folder, or another one.
        quantize: "int8" or "none".
        strategy: One of the task's for microcontrollers.
        compared: Encoded examples to compare on, and for int8 to calibrate on.
        source: Their origin.

    Returns:
        As `rnnkit.export.export`, and the bytes of the arena.

    Raises:
        RnnkitError: TFLite Micro cannot run the file, or it does not agree with Keras; then nothing is written.
    """
    micro = exporter.micro()
    assert micro is not None
    compared = _some(micro.fitting(compared, strategy))
    calls = micro.calls(compared, strategy)
    with stages(5) as shown:
        model = _converted(shown, exporter, micro, strategy, quantize, calls)
        shown.begin("opening it in TFLite Micro")
        run = MicroModel(model, _advice(quantize, strategy))
        theirs, milliseconds = _answers(shown, run, micro, calls, exporter.row_noun)
        shown.begin("answering with Keras")
        agreement = exporter.agreement(compared, theirs, source)
    if fault := exporter.compares_as.fault(agreement, quantize):
        other = "Try --quantize none." if quantize == "int8" else "Please report this: it should not happen."
        raise RnnkitError(
            f"The {quantize} / {strategy} export does not agree with Keras on {agreement.rows} rows: {fault}. Nothing "
            f"was written. {other}"
        )
    measured = {"agreement": agreement.to_dict(), "milliseconds": milliseconds, "bytes": len(model)}
    sizes = {"arena": run.arena, "states": len(run.interface.states)}
    description = {
        "target": MICRO,
        "runner": MICRO,
        "strategy": strategy,
        "quantize": quantize,
        "fixed_length": strategy != STEP,
        "resets_state": False,
        **_tensors(run.interface),
        "operators": dict(flatbuffer.operators(model)),
        **micro.describe(strategy),
        **sizes,
    }
    name = exporter.task.folder.name if exporter.task.folder is not None else folder.name
    about = [f"{name}: a {exporter.task.key} for TFLite Micro, {strategy}, {quantize}.", *micro.about()]
    with new_folder(folder / MICRO) as new:
        texts = sources(model, name, run.interface, run.arena, about=about, lists=micro.lists())
        for file, text in texts.items():
            write_text(new / file, text)
        write_bundle(new, exporter.task, {"model": model}, description)
        path = finish_bundle(new, folder / MICRO, **measured)
    files = sorted(file for file in texts if file.endswith(".h"))
    timed = "a step" if strategy == STEP else exporter.timed
    summary = {"path": str(path), "strategy": strategy, "quantize": quantize, **measured, **sizes}
    return {**summary, "headers": files, "timed": timed}


def _some(examples: Any) -> Any:
    """As many of the first examples as can be run in a while, one at least."""
    steps = np.cumsum(examples.inputs.lengths)
    return examples.some(max(int((steps <= _STEPS).sum()), 1))


def _converted(
    shown: Stages, exporter: Exporter, micro: MicroExporter, strategy: str, quantize: str, calls: list[Calls]
) -> bytes:
    servable = micro.servable(strategy)
    with scratch() as place:
        shown.begin("saving the model")
        with on_device(servable.longest):
            servable.save(place / "saved_model")
        shown.begin("converting the model")
        model = convert(place / "saved_model", "none", [], servable.input_name, _advice(quantize, strategy))
    model = adapted(flatbuffer.strip_names(model))
    require_operators(model, _advice(quantize, strategy))
    if quantize == "int8":
        enough = int((np.cumsum([len(row) for row in calls]) <= _CALIBRATED).sum())
        model = quantize_products(model, calls[: max(enough, 1)], micro.fewest_weights)
    return model


def _advice(quantize: str, strategy: str) -> str:
    """What to choose where TFLite Micro cannot run a file."""
    return (
        "Train with another cell (gru, lstm and min_gru run), or run it on a phone: leave --target micro out."
        if quantize == "none" or strategy != STEP
        else "Try --quantize none, or train with another cell (gru, lstm and min_gru run)."
    )


def _answers(
    shown: Stages, run: MicroModel, micro: MicroExporter, calls: list[Calls], noun: str
) -> tuple[np.ndarray, float]:
    """The answers to all examples, and the median milliseconds of a call on this machine."""
    found, seconds = [], []
    for row in shown.each(f"running it on {len(calls)} {noun}", calls, len(calls)):
        began = time.perf_counter()
        answers = run.run(row)
        seconds.append((time.perf_counter() - began) / len(row))
        found.append(micro.outputs(answers))
    return np.concatenate(found), round(1000 * float(np.median(seconds)), 4)


def _tensors(interface: Interface) -> dict[str, Any]:
    """The inputs and outputs as `bundle.json` describes them."""
    return {
        name: [{"name": port.name, "shape": list(port.shape), "dtype": port.dtype.__name__} for port in ports]
        for name, ports in (("inputs", interface.inputs), ("outputs", interface.outputs))
    }
