"""The repository's own rules, as tests whose failure says how to mend it."""

import ast
import functools
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import rnnkit
from rnnkit import cells, tasks

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(rnnkit.__file__).resolve().parent
#: The Runs that every install carries, and the most bytes that each may have.
SHIPPED = {
    "imdb_sentiment": 6_000_000, "conll_ner": 8_000_000, "translation_en_de": 12_000_000, "char_text": 6_000_000,
    "char_music": 6_000_000, "image_captioning": 12_000_000,
    "gestures": 2_000_000, "sales_forecast": 2_000_000, "speech_digits": 4_000_000,
}  # fmt: skip
FOLDERS = (".ci", "benchmarks", "docs", "pipelines", "rnnkit", "tests", *(f"saved_models/{run}" for run in SHIPPED))
BUILT = ("rnnkit", "page", "built")  # by `make web`
HEAVY = ("tensorflow", "keras", "pandas", "matplotlib", "tensorflow_datasets")

# The brackets keep these patterns from finding themselves. ./path, https://host/path and a/path are no machine paths.
OWN_PATHS = re.compile(
    rb"(?<![\w.:/-])/(?:wor[k]|roo[t]|opt/pyp[i]|tmp/bas[e]|(?:hom[e]|User[s])/(?!you\b)\w+)/|share[d]/data|h-see[d]"
)


def project_files() -> list[Path]:
    """Every file that belongs to the project; Runs of one's own, caches, what is built and what is hidden do not."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        found += (path for path in (ROOT / folder).rglob("*") if path.is_file() and not _apart(path))
    return found


def _apart(path: Path) -> bool:
    folders = path.relative_to(ROOT).parts[:-1]
    return any(part == "__pycache__" or part.startswith(".") for part in folders) or folders[:3] == BUILT


def modules() -> list[Path]:
    """The package's Python files."""
    found = sorted(PACKAGE.rglob("*.py"))
    assert len(found) >= 20, f"{PACKAGE} holds {len(found)} Python files; these rules look in the wrong place."
    return found


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(PACKAGE)) for path in paths]


def test_no_file_names_a_machine() -> None:
    found = []
    for path in project_files():
        if path.name == "vocab.txt":  # a word list may hold anything
            continue
        if match := OWN_PATHS.search(path.read_bytes()):
            found.append(f"{path.relative_to(ROOT)}: {match[0].decode()}")
    assert not found, f"Paths of one machine; use relative paths, TFDS_DATA_DIR or /home/you instead: {found}"


@pytest.mark.parametrize("path", modules(), ids=names(modules()))
def test_module_is_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines < 260, f"{path.name} has {lines} lines; the target is 200: move one of its ideas to a file of its own."


@pytest.mark.parametrize("path", modules(), ids=names(modules()))
def test_module_has_a_docstring(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), (
        f"{path.name} does not say what it is for: begin it with a docstring of one line."
    )


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("rnnkit", (*HEAVY, "numpy", "rich", "typer")),
        ("rnnkit.cells", HEAVY),
        ("rnnkit.cli", HEAVY),
        ("rnnkit.codec.pieces", HEAVY),
        ("rnnkit.codec.tokenizer", HEAVY),
        ("rnnkit.codec.vocabulary", HEAVY),
        ("rnnkit.decoding", HEAVY),
        ("rnnkit.lite", (*HEAVY, "rich", "typer")),
        ("rnnkit.lite.answers.translations", (*HEAVY, "rich", "typer", "sacrebleu", "sentencepiece")),
        ("rnnkit.lite.tasks.translator", (*HEAVY, "rich", "typer", "sacrebleu", "sentencepiece")),
        ("rnnkit.lite.tasks.image_captioner", (*HEAVY, "rich", "typer", "sentencepiece", "PIL")),
    ],
)
def test_import_is_light(module: str, unwanted: tuple[str, ...]) -> None:
    program = f"import sys, {module}; print([name for name in {unwanted!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]", (
        f"`import {module}` also imports {done.stdout.strip()}; import them inside the functions that use them."
    )


def imported(path: Path) -> Iterator[str]:
    """The top-level names of the packages a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_imports_are_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for name, lines in project["optional-dependencies"].items() if name != "dev" for line in lines]
    declared = {
        re.split(r"[\[<>=~! ;]", line)[0].lower().replace("-", "_") for line in project["dependencies"] + extras
    }
    declared |= {"rnnkit", "jax", "PIL"}  # jax: only where a user has chosen it as Keras's backend
    found = {name for path in modules() for name in imported(path)} - declared - set(sys.stdlib_module_names)
    assert not found, f"Imported by rnnkit but not among pyproject.toml's dependencies: {sorted(found)}"


@functools.cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def users(module: str) -> set[str]:
    """The folders of rnnkit that use a module; each task's is one of them."""
    found = set()
    for path in modules():
        place = path.relative_to(PACKAGE)
        named = module in (text := text_of(path)) and re.search(rf"\b{re.escape(module)}\b", text)
        if named and f"rnnkit.{'.'.join(place.with_suffix('').parts)}" != module:
            found.add("/".join(place.parts[: 2 if place.parts[0] == "tasks" else 1]))
    return found


@pytest.mark.parametrize("folder", ["data", "codec"])
def test_what_all_share_is_not_one_tasks_own(folder: str) -> None:
    for path in sorted((PACKAGE / folder).glob("[a-z]*.py")):
        module = f"rnnkit.{folder}.{path.stem}"
        using = users(module)
        own = len(using) == 1 and next(iter(using)) in {f"tasks/{key}" for key in tasks.names()}
        assert not own, f"{module} is used by {sorted(using)} alone: move it there."


def test_an_upward_import_is_refused_by_name(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "rnnkit", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "rnnkit" / "codec" / "vocabulary.py").open("a", encoding="utf-8") as file:
        file.write("\n\nfrom rnnkit.tasks.translator import network  # noqa\n")
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(lint, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "rnnkit.codec.vocabulary -> rnnkit.tasks.translator.network" in done.stdout


def test_cells_are_found() -> None:
    assert len(cells.names()) >= 7, f"The scan of rnnkit/cells finds only {cells.names()}."


def test_files_are_small() -> None:
    shipped = ROOT / "saved_models"
    large = [str(path) for path in project_files() if shipped not in path.parents and path.stat().st_size > 1_000_000]
    assert not large, f"Over 1 MB; keep figures and small samples, not raw results: {large}"


@pytest.mark.parametrize("run", SHIPPED)
def test_shipped_run_is_small_and_in_the_wheel(run: str) -> None:
    files = [path for path in (ROOT / "saved_models" / run).rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    assert 0 < size < SHIPPED[run], f"{run} has {size:,} bytes; every install carries it."
    names = {path.name for path in files}
    assert {"config.json", "metrics.json", "model.keras", "bundle.json"} <= names
    assert "model.tflite" in names or {"encoder.tflite", "decoder.tflite"} <= names
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"saved_models/{run}"' in project and f'"/saved_models/{run}"' in project
