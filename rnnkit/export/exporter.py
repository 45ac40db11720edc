"""`export`: one call from a trained task to a checked file of any format."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.remembered import default_tell
from rnnkit.errors import DisagreementError, RnnkitError
from rnnkit.export import flatbuffer
from rnnkit.export.bundle import finish_bundle, write_bundle
from rnnkit.export.choices import FORMATS, TARGETS, check, check_length, choices, require_text
from rnnkit.export.contract import Exporter
from rnnkit.export.convert import QUANTIZATIONS, convert
from rnnkit.export.keras_file import export_keras
from rnnkit.export.micro.target import export_micro, micro_choices
from rnnkit.export.parity import Agreement
from rnnkit.export.places import held
from rnnkit.export.stages import Stages, stages
from rnnkit.files.disk import scratch
from rnnkit.files.writing import new_folder
from rnnkit.layers.device_loop import on_device
from rnnkit.run.folder import LITE, MICRO
from rnnkit.training.stepping import require_tensorflow


def export(
    task: Any,
    folder: Path,
    *,
    format: str = "tflite",
    target: str = LITE,
    quantize: str = "auto",
    strategy: str = "auto",
    length: int = 0,
    rows: Any = None,
    overwrite: bool = False,
    examples: Sequence[Any] = (),
) -> dict[str, Any]:
    """Export a trained task and compare the result with Keras on real rows.

    Args:
        task: A trained task.
        folder: The Run's folder, or a new one.
        format: "tflite" (`lite/`, for phones), "web" (a page with it, for any static host), "saved_model" (for servers)
            or "keras".
        target: For TFLite: "lite" (phones, browsers, servers) or "micro" (microcontrollers, with C++ source).
        quantize: For TFLite: "none", "float16", "dynamic", "int8", or "auto": dynamic, and float16 where that does not
            answer as Keras does; for microcontrollers int8.
        strategy: For TFLite: "padded" (one length, of which only the real steps cost time), "loop" (any length),
            "unroll" (one length, runs in MediaPipe), "fused" (plain LSTM only, smallest) or "auto". For
            microcontrollers: "step" (one step, its states beside it), "unroll" or "loop".
        length: Steps of a padded file; 0: those that suit the task.
        rows: Encoded examples to compare on; by default the validation rows of the preceding training, otherwise
            synthetic ones.
        overwrite: Whether an earlier export in another folder than the task's own may be replaced, or one written into
            another Run.
        examples: Inputs that a page offers.

    Returns:
        A summary: path, bytes, strategy, quantize and the agreement with Keras.

    Raises:
        RnnkitError: For an unknown format and the like, a folder that holds an export or a Run already, on JAX (except
            "keras"), for a model TFLite rejects, or an export that does not agree; then nothing is written.
    """
    check("format", format, FORMATS)
    check("target", target, TARGETS)
    check("quantize", quantize, ("auto", *QUANTIZATIONS))
    if format == "web" and target == LITE:
        from rnnkit.export.web import export_site

        how = {"quantize": quantize, "strategy": strategy, "length": length, "rows": rows}
        return export_site(task, folder, examples, overwrite, **how)
    exporter = task.exporter()
    choose = micro_choices if target == MICRO else choices
    is_chosen = quantize != "auto" or "float16" not in exporter.quantizations
    quantize, strategy = choose(exporter, format, quantize, strategy)
    if task.network is None:
        raise RnnkitError("This task is not trained; call fit() or rnnkit.load() before export().")
    if format != "keras":
        require_tensorflow("Exporting")
    compared, source = _comparison(exporter, rows)
    if length:
        check_length(exporter, length, strategy if format == "tflite" else format, target)
        exporter.length = length
    if format == "tflite" and target == LITE:
        compared = exporter.fitting(compared, strategy)
    if quantize == "int8" and source == "made up":
        raise RnnkitError("int8 calibrates its ranges on real rows, and there are none. Give some with --data FILE.")
    if format == "saved_model":
        require_text(folder)
    with held(folder, MICRO if target == MICRO else format, task.folder, overwrite):
        if target == MICRO:
            return export_micro(exporter, folder, quantize, strategy, compared, source)
        if format == "keras":
            with stages(1) as shown:
                shown.begin("writing the model and comparing it")
                return export_keras(exporter, folder, compared, source)
        if format == "saved_model":
            with stages(1) as shown:
                shown.begin("writing the SavedModel and comparing it")
                return exporter.saved_model(folder, compared, source)
        try:
            return _export_tflite(exporter, folder, quantize, strategy, compared, source)
        except DisagreementError as error:
            if is_chosen:
                raise
            default_tell(f"{str(error).partition(' Nothing was')[0]} One of half precision (float16) is made instead.")
            return _export_tflite(exporter, folder, "float16", strategy, compared, source)


def _comparison(exporter: Exporter, rows: Any) -> tuple[Any, str]:
    """The encoded rows to compare on, and their origin."""
    if rows is not None:
        return exporter.sample(rows), "given"
    parts = exporter.task.parts
    if parts is not None and len(parts.validation):
        return exporter.sample(parts.validation), "validation"
    return exporter.task.made_up_rows(), "made up"


def _export_tflite(
    exporter: Exporter, folder: Path, quantize: str, strategy: str, compared: Any, source: str
) -> dict[str, Any]:
    servables = exporter.servables(strategy)
    with stages(2 * len(servables) + 2) as shown:
        return _in_stages(shown, exporter, servables, folder, quantize, strategy, compared, source)


def _in_stages(
    shown: Stages,
    exporter: Exporter,
    servables: Mapping[str, Any],
    folder: Path,
    quantize: str,
    strategy: str,
    compared: Any,
    source: str,
) -> dict[str, Any]:
    models = {
        name: _converted(shown, name, exporter, each, quantize, strategy, compared) for name, each in servables.items()
    }
    operators = sum((flatbuffer.operators(model) for model in models.values()), Counter())
    description = {
        "strategy": strategy,
        "quantize": quantize,
        "fixed_length": all(each.fixed_length for each in servables.values()),
        "resets_state": strategy == "fused",
        "inputs": [given for each in servables.values() for given in each.inputs],
        "operators": dict(operators),
        **({} if exporter.runner == exporter.task.key else {"runner": exporter.runner}),
        **exporter.describe(),
    }
    with new_folder(folder / LITE) as new:
        write_bundle(new, exporter.task, models, description)
        agreement, others, milliseconds = _agreement(shown, exporter, new, compared, source)
        for each in (agreement, *others):
            exporter.compares_as.require(each, quantize, strategy)
        measured = {
            "agreement": agreement.to_dict(),
            "milliseconds": milliseconds,
            "bytes": sum(map(len, models.values())),
        }
        path = finish_bundle(new, folder / LITE, **measured)
    return {"path": str(path), "strategy": strategy, "quantize": quantize, **measured}


def _converted(
    shown: Stages, name: str, exporter: Exporter, servable: Any, quantize: str, strategy: str, compared: Any
) -> bytes:
    """One TFLite file of a task."""
    quantize = servable.quantized.get(quantize, quantize)
    with scratch() as place:
        shown.begin(f"saving the {name}")
        with on_device(servable.longest):
            servable.save(place / "saved_model")
        advice = "Try --quantize dynamic." if quantize == "int8" else "Try another --strategy."
        rows = exporter.inputs(compared, servable.fixed_length) if quantize == "int8" else []
        shown.begin(f"converting the {name}")
        model = convert(place / "saved_model", quantize, rows, servable.input_name, advice)
    foreign = flatbuffer.non_builtin(model)
    if foreign:
        raise RnnkitError(
            f"The {strategy} export needs {', '.join(foreign)}, which phones do not have. Use another --strategy."
        )
    return exporter.finish(flatbuffer.strip_names(model), strategy)


def _agreement(
    shown: Stages, exporter: Exporter, bundle: Path, compared: Any, source: str
) -> tuple[Agreement, list[Agreement], float]:
    """Run the bundle as a phone would and compare it with Keras, and so its other functions; also the median
    milliseconds per row on one thread."""
    import rnnkit.lite

    runner = rnnkit.lite.load(bundle)
    outputs, seconds = [], []
    rows = exporter.rows(compared)
    for row in shown.each(f"running it on {len(rows)} {exporter.row_noun}", rows, len(rows)):
        began = time.perf_counter()
        outputs.append(runner.run([row]))
        seconds.append(time.perf_counter() - began)
    shown.begin("answering with Keras")
    agreement = exporter.agreement(compared, np.concatenate(outputs), source)
    pair = exporter.other_outputs(runner, compared)
    others = [] if pair is None else [exporter.compares_as.compare(pair[1], pair[0], None, source)]
    return agreement, others, round(1000 * float(np.median(seconds)), 3)
