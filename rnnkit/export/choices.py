"""What an export may be asked for: formats, targets, strategies, and how "auto" is resolved."""

from pathlib import Path

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.export.contract import Exporter
from rnnkit.run.folder import LITE, MICRO

FORMATS = ("tflite", "web", "saved_model", "keras")
TARGETS = (LITE, MICRO)
_LONGEST = 1_000_000
STRATEGIES = ("auto", "padded", "loop", "unroll", "fused")


def choices(exporter: Exporter, format: str, quantize: str, strategy: str) -> tuple[str, str]:
    """The quantization and strategy, "auto" resolved; refuses what the task cannot be exported as."""
    key, quantize = exporter.task.key, "dynamic" if quantize == "auto" else quantize
    if quantize not in exporter.quantizations:
        known = ", ".join(exporter.quantizations)
        raise RnnkitError(f"{key} cannot be exported as {quantize}; expected one of {known}.")
    check("strategy", strategy, STRATEGIES)
    if strategy not in ("auto", *exporter.strategies):
        raise RnnkitError(
            f"A {key} cannot be exported with the strategy {strategy!r}: its file runs one step, or any number "
            "of them. Leave --strategy out."
        )
    return quantize, choose_strategy(quantize, strategy, exporter.strategies)


def check_length(exporter: Exporter, length: int, form: str, target: str) -> None:
    """Refuse a length that the file of this form cannot have."""
    which = ("unroll", "loop") if target == MICRO else ("padded",)
    if form not in which or not exporter.takes_length:
        what = exporter.task.key if not exporter.takes_length else f"file of the form {form}"
        raise RnnkitError(
            f"A {what} has no length to set: --length is for --strategy {' or '.join(which)}. Leave it out."
        )
    if not 1 <= length <= _LONGEST:
        raise RnnkitError(f"length is {length:,}; expected 1 to {_LONGEST:,} steps.")


def require_text(folder: Path) -> None:
    """Require a UTF-8 folder name, the only kind TensorFlow accepts."""
    try:
        str(folder.absolute()).encode("utf-8")
    except UnicodeEncodeError:
        raise RnnkitError(f"{folder} is not a UTF-8 name, as a SavedModel needs. Give another with --to.") from None


def check(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse an unknown value of an argument."""
    if value not in known:
        other = " Microcontrollers have a target of their own: --target micro." if value == "micro" else ""
        mend = other or did_you_mean(value, known)
        raise RnnkitError(f"{name} is {value!r}; expected one of {', '.join(known)}.{mend}")


def choose_strategy(quantize: str, strategy: str, possible: tuple[str, ...] = STRATEGIES[1:]) -> str:
    """Resolve "auto": to the padded form, which every runtime takes without a resize, and which is as fast and about as
    small as the loop of an open length (`benchmarks/fixed_shapes.py`); for int8 to the unrolled form, the only one that
    converts.
    """
    loops = strategy in ("padded", "loop")
    if "unroll" in possible and loops and quantize == "int8":
        raise RnnkitError(
            f"int8 cannot be combined with --strategy {strategy}: the TFLite converter crashes on it. Use --strategy "
            "unroll, or --quantize dynamic, which is as small."
        )
    if strategy != "auto":
        return strategy
    if "unroll" in possible and quantize == "int8":
        return "unroll"
    return "padded" if "padded" in possible else "loop"
