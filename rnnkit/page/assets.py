"""The page itself, built by `make web` from web/page and carried by the wheel, and what it takes of bundles."""

from pathlib import Path

from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.model.model_file import read_model_file

#: Where `make web` puts it.
BUILT = Path(__file__).parent / "built"
START = "index.html"


def page_files() -> dict[str, Path]:
    """The page's files by their addresses below that of the page.

    Raises:
        RnnkitError: It is not built.
    """
    if not (BUILT / START).is_file():
        raise RnnkitError(
            f"The page is not built: there is no {BUILT}. `make web` builds it in a checkout, with Node 20 or later; "
            "wheels of rnnkit have it."
        )
    return {path.relative_to(BUILT).as_posix(): path for path in sorted(BUILT.rglob("*")) if path.is_file()}


def runs_in_browser(bundle: Bundle) -> bool:
    """Whether a browser's runtime takes a bundle's files: those of fixed shapes, without a state to reset, that give no
    tensor under two names, as files of earlier versions do.

    Args:
        bundle: As `rnnkit.lite.read_bundle` gives it.

    Raises:
        RnnkitError: A file is missing or damaged.
    """
    inputs = bundle.settings.get("inputs")
    if bundle.resets_state or not isinstance(inputs, list):
        return False
    shapes = [each.get("shape") if isinstance(each, dict) else None for each in inputs]
    if not all(isinstance(shape, list) and all(isinstance(side, int) for side in shape) for shape in shapes):
        return False
    models = [name for name, file in bundle.settings.items() if isinstance(file, str) and file.endswith(".tflite")]
    return all(_gives_each_once(bundle.read(name)) for name in models)


def _gives_each_once(model: bytes) -> bool:
    """Whether each function of a model gives different tensors under its different names."""
    outputs = read_model_file(model).signatures.outputs
    given = [outputs.of(function).tolist() for function in range(len(outputs.lengths))]
    return all(len(set(each)) == len(each) for each in given)
