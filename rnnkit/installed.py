"""Which part of rnnkit is installed, the runner alone or all of it, and the command that adds the rest."""

import json
import re
from pathlib import Path

from rnnkit.errors import RnnkitError

_NAME = "rnnkit"
#: The extra with everything but the runner, as pyproject.toml declares it.
TRAIN = "train"
_RUNNER = "Exported models run without it, by `python -m rnnkit.lite`."


def install_command(extra: str = TRAIN) -> str:
    """The command that adds an extra to this installation, from where it came: a checkout, a wheel or an index.

    Args:
        extra: The name of an extra in pyproject.toml.

    Example:

    >>> install_command().endswith('[train]"')
    True
    """
    return f"pip install {_origin(f'[{extra}]')}"


def missing(module: str, what: str) -> RnnkitError:
    """The error for a package of an extra that is not installed.

    Args:
        module: Its name, as it is imported.
        what: What needs it, the beginning of the message.

    Example:

    >>> str(missing("typer", "The command line"))[:62]
    'The command line needs the package typer, which is not install'
    """
    extra = extra_of(module)
    runner = f"{_RUNNER} " if extra == TRAIN else ""
    return RnnkitError(
        f"{what} needs the package {module}, which is not installed. {runner}Try: {install_command(extra)}"
    )


def extra_of(module: str) -> str:
    """The extra that brings a package; "train" where it is not declared.

    Example:

    >>> extra_of("music21"), extra_of("keras")
    ('music', 'train')
    """
    lines = " ".join(line for line in _requirements() if _module(line) == module.lower())
    extras = sorted({*re.findall(r"""\bextra == ['"](\w+)['"]""", lines)} - {"dev"})
    return extras[0] if extras and TRAIN not in extras else TRAIN  # one extra may hold another


def declared(module: str) -> bool:
    """Whether a package is among those that rnnkit or one of its extras declares.

    Example:

    >>> declared("pandas"), declared("rnnkit")
    (True, False)
    """
    return any(_module(line) == module.lower() for line in _requirements())


def _module(line: str) -> str:
    """The package of a requirement, spelt as it is imported."""
    return re.split(r"[^\w.-]", line, maxsplit=1)[0].lower().replace("-", "_")


def _requirements() -> list[str]:
    from importlib import metadata

    try:
        return metadata.requires(_NAME) or []
    except metadata.PackageNotFoundError:  # a source tree
        return []


def _origin(extra: str) -> str:
    """What pip installs rnnkit from, with an extra, as words of a command."""
    from importlib import metadata
    from urllib.parse import unquote, urlparse
    from urllib.request import url2pathname

    try:
        noted = metadata.distribution(_NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        tree = Path(__file__).parent.parent
        return f'-e "{tree}{extra}"' if (tree / "pyproject.toml").is_file() else f'"{_NAME}{extra}"'
    try:
        said = json.loads(noted) if noted else {}  # PEP 610; from an index there is none
        url, repository = str(said.get("url", "")), said.get("vcs_info", {})
        kind, revision = repository.get("vcs"), repository.get("requested_revision") or repository.get("commit_id")
    except (ValueError, AttributeError):  # broken, or no object
        url, kind, revision = "", None, None
    if not url or set(url) & set('"$`\\'):
        return f'"{_NAME}{extra}"'
    if kind:
        return f'"{_NAME}{extra} @ {kind}+{url}{f"@{revision}" if revision else ""}"'
    parsed = urlparse(url)
    if parsed.scheme != "file":
        return f'"{_NAME}{extra} @ {url}"'
    path = Path(url2pathname(unquote(parsed.path)))
    moved = not path.exists() and path.suffix in (".whl", ".gz", ".zip")
    shown = f"./{path.name}" if moved else str(path)  # never a bare name, which pip would look for on its index
    return f'{"-e " if said.get("dir_info", {}).get("editable") else ""}"{shown}{extra}"'
