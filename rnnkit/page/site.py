"""A site: the page, a bundle, and what describes the bundle to the page."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import rnnkit
from rnnkit.errors import RnnkitError
from rnnkit.files.disk import disk_errors
from rnnkit.files.reading import inside
from rnnkit.files.writing import new_folder, replace_folder
from rnnkit.lite.bundle import FILE_NAME, read_bundle
from rnnkit.page.assets import START, page_files, runs_in_browser
from rnnkit.run.folder import read_json
from rnnkit.run.target import held_folder

#: The bundle's folder in a site, what the page reads of it, and what keeps the site for when there is no network.
BUNDLE, ABOUT, MANIFEST, WORKER = "bundle", "site.json", "manifest.webmanifest", "sw.js"
FORMAT = "rnnkit-site"
_ADVICE = "Give another folder with --to."
Content = Path | bytes


def site(bundle: Path, name: str, examples: Sequence[Any] = (), offline: bool = False) -> dict[str, Content]:
    """All files of a site by their addresses, as paths or as bytes.

    Args:
        bundle: What `rnnkit export` wrote.
        name: What the page calls it.
        examples: Inputs that the page offers, in JSON's kinds.
        offline: Whether a browser is to keep it for when there is no network.

    Raises:
        RnnkitError: The page is not built, or the bundle is none, or none that a browser takes.
    """
    found = read_bundle(bundle)
    if not runs_in_browser(found):
        raise RnnkitError(
            f"{bundle} has files that browsers refuse: of an open length, or of an earlier rnnkit. Export it again."
        )
    found.check_texts()
    files: dict[str, Content] = dict(page_files())
    about = {
        "format": FORMAT,
        "name": name,
        "task": found.task,
        "offline": offline,
        "version": rnnkit.__version__,
        "examples": list(examples),
    }
    files[ABOUT] = _json(about)
    files[MANIFEST] = _json(_manifest(name))
    for file in (FILE_NAME, *found.setting("sha256", dict)):
        path = bundle / file
        if Path(file).name != file or not inside(bundle, path) or not path.is_file():
            raise RnnkitError(f"{path} is no file of the bundle's own folder. Export it again.")
        files[f"{BUNDLE}/{file}"] = path
    worker = files.pop(WORKER)
    if offline:
        kept = sorted(set(files) - {START} | {"./"})
        listed = {"version": _digest(files), "files": kept}
        files[WORKER] = f"const SITE = {json.dumps(listed)};\n".encode() + _content(worker)
    return files


def write_site(files: Mapping[str, Content], folder: Path, overwrite: bool = False) -> Path:
    """Write a site, whole or not at all.

    Args:
        files: What `site` gave.
        folder: A new folder, or that of an earlier site.
        overwrite: Whether an earlier site may be replaced, with its folders; files of other names that its owner put
            beside its start page are kept.

    Raises:
        RnnkitError: The folder holds an earlier site, or something else, or cannot be written.
    """
    refuse_occupied(folder, overwrite)
    with held_folder(folder) as place, disk_errors(folder, _ADVICE), new_folder(place) as new:
        for address, content in files.items():
            path = new / address
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_content(content))
        refuse_occupied(place, overwrite)  # it may have come to hold something else
        replace_folder(new, place, {address.partition("/")[0] for address in files})
    return folder


def refuse_occupied(folder: Path, overwrite: bool = False) -> None:
    """Refuse a folder that a site may not be written to.

    Args:
        folder: The folder, which need not be there.
        overwrite: Whether an earlier site may be replaced.

    Raises:
        RnnkitError: It holds an earlier site, or something else.
    """
    if folder.name in ("", "..") or "\0" in str(folder):
        raise RnnkitError(f"{str(folder)!r} cannot be the name of a site. {_ADVICE}")
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not is_site(folder):
        raise RnnkitError(f"{folder} exists and is no site of rnnkit; nothing was written. {_ADVICE}")
    if not overwrite:
        raise RnnkitError(
            f"{folder} holds a site already; nothing was written. Give another folder with --to, or replace it with "
            "--overwrite (Python: overwrite=True)."
        )


def is_site(folder: Path) -> bool:
    """Whether a folder holds what `write_site` wrote."""
    if not (folder / ABOUT).is_file():
        return False
    try:
        found = read_json(folder / ABOUT)
    except RnnkitError:
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def _manifest(name: str) -> dict[str, Any]:
    """What a phone needs to put the page on its home screen."""
    icons = [{"src": f"icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png"} for side in (192, 512)]
    return {
        "name": name,
        "short_name": name[:24],
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#f6f5f1",
        "theme_color": "#f6f5f1",
        "icons": icons,
    }


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def _content(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _digest(files: Mapping[str, Content]) -> str:
    found = hashlib.sha256()
    for address in sorted(files):
        found.update(hashlib.sha256(_content(files[address])).digest() + address.encode("utf-8", "replace"))
    return found.hexdigest()[:16]
